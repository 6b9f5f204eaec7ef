import pytest
from tests.estates import ACCOUNT, DENIED, FUNCTION_ARN, OTHER, allow, analysis, ask, at, function, on, policy, role, scope, url, verdict

from buckler.checks import run
from buckler.checks.policy_open_to_account import policy_open_to_account
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.iam import Organization
from buckler.model.result import NotAsked
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Hole, Partial, hole


def to(principal, action="lambda:InvokeFunction", **condition):
    return allow(action, FUNCTION_ARN, Principal=principal, **({"Condition": condition} if condition else {}))


def latest(*statements):
    return {"policies": (on(LATEST, policy(*statements)),)}


OWN_ROOT = Partial(parts=("arn:aws:iam::", Hole(ref="AWS::AccountId"), ":root"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-policy"),
        pytest.param(latest(to({"AWS": OTHER})), Finding, id="another-account"),
        pytest.param(latest(to({"AWS": f"arn:aws:iam::{OTHER}:root"})), Finding, id="another-account-by-arn"),
        pytest.param(latest(to({"AWS": f"arn:aws:iam::{OTHER}:role/ci"})), Finding, id="a-role-of-another-account"),
        pytest.param(latest(to({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"})), None, id="our-own-role"),
        pytest.param(latest(to({"AWS": OWN_ROOT})), None, id="our-own-account-in-a-template"),
        pytest.param(latest(to({"AWS": hole("Caller.Arn")})), None, id="a-role-of-the-same-template"),
        pytest.param(latest(to({"AWS": "AROAEXAMPLE123456789"})), None, id="a-deleted-role"),
        pytest.param(latest(to({"Service": "s3.amazonaws.com"})), None, id="a-service"),
        pytest.param(latest(to("*")), None, id="anyone-is-another-question"),
        pytest.param(latest(to("*", StringEquals={"aws:PrincipalAccount": OTHER})), Finding, id="anyone-of-another-account"),
        pytest.param(latest(to("*", StringEquals={"aws:PrincipalAccount": ACCOUNT})), None, id="anyone-of-our-account"),
        pytest.param(latest(to("*", StringEquals={"aws:PrincipalOrgID": "o-elsewhere"})), NotAsked, id="an-organisation-nobody-read"),
        pytest.param(
            latest(to({"AWS": OTHER}), {"Effect": "Deny", "Principal": {"AWS": OTHER}, "Action": "*", "Resource": "*"}),
            None,
            id="taken-back-by-a-deny",
        ),
        pytest.param(latest(to({"AWS": OTHER}, "lambda:InvokeFunctionUrl")), None, id="half-a-permission-for-a-url"),
        pytest.param(
            latest(to({"AWS": OTHER}, "lambda:InvokeFunctionUrl"), to({"AWS": OTHER}, Bool={"lambda:InvokedViaFunctionUrl": "true"})),
            None,
            id="permissions-for-a-url-that-is-not-there",
        ),
        pytest.param(
            {
                "urls": (url("AWS_IAM"),),
                **latest(to({"AWS": OTHER}, "lambda:InvokeFunctionUrl"), to({"AWS": OTHER}, Bool={"lambda:InvokedViaFunctionUrl": "true"})),
            },
            Finding,
            id="a-url-for-another-account",
        ),
        pytest.param(latest(to({"AWS": hole("Partner", "--parameter Partner=...")})), Gap, id="principal-a-parameter"),
        pytest.param({"policies": (on(LATEST, DENIED),)}, Gap, id="policy-unreadable"),
        pytest.param(latest(to({"AWS": [ACCOUNT, OTHER]})), Finding, id="ours-and-another-account"),
        pytest.param(latest(to({"AWS": f"arn:aws-cn:iam::{OTHER}:root"})), Finding, id="another-account-of-the-china-partition"),
        pytest.param(latest(to({"AWS": OTHER}, "lambda:ListTags")), None, id="another-account-that-may-do-no-harm"),
        pytest.param(latest(to({"AWS": OTHER}, "LAMBDA:InvokeFunction")), Finding, id="actions-know-no-case"),
        pytest.param(
            latest(to({"AWS": OTHER}, DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})), None, id="a-permission-that-has-run-out"
        ),
        pytest.param(
            latest(to({"AWS": OTHER}, StringEquals={"aws:PrincipalAccount": ACCOUNT})),
            None,
            id="another-account-under-a-condition-it-cannot-meet",
        ),
        pytest.param(
            {
                "policies": (
                    on(LATEST, None),
                    on("live", policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal={"AWS": OTHER}))),
                )
            },
            Finding,
            id="only-by-an-alias",
        ),
        pytest.param({"policies": (on(LATEST, None), on("live", DENIED))}, Gap, id="policy-of-an-alias-unreadable"),
        pytest.param({"policies": DENIED}, Gap, id="policies-unreadable"),
        pytest.param(
            latest(to("*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"})),
            Finding,
            id="anyone-who-is-a-role-of-another-account",
        ),
        pytest.param(
            latest(to("*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"})), None, id="anyone-who-is-a-role-of-ours"
        ),
        pytest.param(
            latest(to("*", ArnNotLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"})), None, id="anyone-but-another-account"
        ),
        pytest.param(latest(to("*", Null={"aws:PrincipalOrgID": "false"})), None, id="any-organisation-is-another-question"),
        pytest.param(
            latest(to("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-elsewhere/r-ab12/*"}})),
            NotAsked,
            id="a-branch-nobody-read",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(policy_open_to_account, function(**facts)) is expected


ORGANIZATION = Organization(id="o-ours", management_account=ACCOUNT, accounts=(ACCOUNT, OTHER), policies=())


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ({"AWS": OTHER}, {}, []),
        ({"AWS": "111111111111"}, {}, ["account `111111111111` may invoke `$LATEST`"]),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}, []),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-elsewhere"}}, ["organisation `o-elsewhere` may invoke `$LATEST`"]),
        ({"AWS": "111111111111"}, {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}, []),
        ("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-ours/r-ab12/*"}}, []),
        ("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-elsewhere/*"}}, ["organisation `o-elsewhere` may invoke `$LATEST`"]),
        ("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}, []),
        ("*", {"Null": {"aws:PrincipalOrgID": "false"}}, []),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}}, []),
    ],
)
def test_members_of_our_organisation_are_ours(principal, condition, expected):
    estate = analysis(function(**latest(to(principal, **condition))), organizations=(ORGANIZATION,))
    answers = run([policy_open_to_account], estate)
    assert [finding.message for finding in answers.findings] == expected
    assert all(finding.confidence is Confidence.HIGH for finding in answers.findings)


def test_who_may_change_the_code_is_worse_and_a_second_scanned_account_is_ours():
    finding = ask(policy_open_to_account, function(**latest(to({"AWS": OTHER}, "lambda:*")))).findings[0]
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.MEDIUM)
    both = (scope(), scope(account=OTHER, name=f"{OTHER}/eu-west-1", origin=at("sts:GetCallerIdentity", "")))
    assert run([policy_open_to_account], analysis(function(**latest(to({"AWS": OTHER}))), role(), scopes=both)).findings == ()
