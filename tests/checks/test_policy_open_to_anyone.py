import pytest
from tests.estates import DENIED, FUNCTION_ARN, allow, ask, function, on, policy, url, verdict

from buckler.checks.policy_open_to_anyone import policy_open_to_anyone
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.text import hole


def invoke(action="lambda:InvokeFunction", principal="*", **condition):
    return allow(action, FUNCTION_ARN, Principal=principal, **({"Condition": condition} if condition else {}))


def latest(*statements):
    return {"policies": (on(LATEST, policy(*statements)),)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-policy"),
        pytest.param(latest(invoke()), Finding, id="open"),
        pytest.param(latest(invoke(principal={"AWS": "*"})), Finding, id="open-to-all-of-aws"),
        pytest.param(latest(invoke(principal={"AWS": ["210987654321", "*"]})), Finding, id="open-among-others"),
        pytest.param(latest(invoke("lambda:GetFunction")), Finding, id="open-to-readers"),
        pytest.param(latest(invoke("lambda:UpdateFunctionCode")), Finding, id="open-to-writers"),
        pytest.param(latest(invoke(principal={"Service": "s3.amazonaws.com"})), None, id="a-service-is-not-anyone"),
        pytest.param(latest(invoke(principal={"AWS": "210987654321"})), None, id="one-account-is-not-anyone"),
        pytest.param(latest(invoke(StringEquals={"aws:PrincipalOrgID": "o-abc"})), None, id="only-an-organisation"),
        pytest.param(latest(invoke(StringEquals={"aws:SourceAccount": "123456789012"})), None, id="only-services-for-an-account"),
        pytest.param(latest(invoke(ArnLike={"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:t"})), None, id="only-a-source"),
        pytest.param(latest(invoke(Bool={"lambda:InvokedViaFunctionUrl": "true"})), None, id="only-through-a-url"),
        pytest.param(latest(invoke(IpAddress={"aws:SourceIp": "203.0.113.0/24"})), None, id="only-from-a-network"),
        pytest.param(latest(invoke(IpAddress={"aws:SourceIp": "0.0.0.0/0"})), Finding, id="from-any-network"),
        pytest.param(latest(invoke(StringNotEquals={"aws:PrincipalAccount": "210987654321"})), Finding, id="everyone-but-one-account"),
        pytest.param(latest(invoke(StringEqualsIfExists={"aws:SourceArn": "x"})), Finding, id="a-condition-that-an-absent-key-meets"),
        pytest.param(
            latest(
                invoke(),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "lambda:*",
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}},
                },
            ),
            None,
            id="taken-back-by-a-deny",
        ),
        pytest.param(
            latest({"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "lambda:InvokeFunction", "Resource": "*"}),
            Finding,
            id="everyone-but",
        ),
        pytest.param(latest(invoke(StringEquals={"aws:UserAgent": "secret"})), Gap, id="what-a-stranger-may-choose-is-undecided"),
        pytest.param(latest(invoke(principal={"AWS": hole("Who", "--parameter Who=...")})), Gap, id="principal-a-parameter"),
        pytest.param({"policies": (on(LATEST, DENIED),)}, Gap, id="policy-unreadable"),
        pytest.param({"policies": DENIED}, Gap, id="policies-unreadable"),
        pytest.param(
            {
                "urls": (url("AWS_IAM"),),
                **latest(invoke("lambda:InvokeFunctionUrl"), invoke(Bool={"lambda:InvokedViaFunctionUrl": "true"})),
            },
            Finding,
            id="a-url-that-takes-any-signature",
        ),
        pytest.param(
            latest(invoke("lambda:InvokeFunctionUrl"), invoke(Bool={"lambda:InvokedViaFunctionUrl": "true"})),
            None,
            id="permissions-for-a-url-that-is-not-there",
        ),
        pytest.param({"policies": (on(LATEST, None), on("live", policy(invoke())))}, None, id="only-an-alias-is-another-question"),
        pytest.param(latest(invoke("lambda:ListTags")), None, id="anyone-may-do-no-harm"),
        pytest.param(latest(invoke("LAMBDA:INVOKEFUNCTION")), Finding, id="actions-know-no-case"),
        pytest.param(latest(invoke("lambda:Invoke?unction")), Finding, id="action-by-a-pattern"),
        pytest.param(latest({**invoke(), "Effect": "Deny"}), None, id="a-deny-opens-nothing"),
        pytest.param(latest(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}-v2", Principal="*")), None, id="another-function-is-named"),
        pytest.param(latest(invoke(principal={"AWS": "arn:aws:iam::210987654321:root"})), None, id="one-account-by-arn"),
        pytest.param(latest(invoke(StringLike={"aws:PrincipalOrgID": "o-*"})), Finding, id="every-organisation"),
        pytest.param(latest(invoke(StringEquals={"AWS:principalorgid": "o-abc"})), None, id="keys-know-no-case"),
        pytest.param(
            latest(invoke(IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]})), Finding, id="from-both-halves-of-the-internet"
        ),
        pytest.param(latest(invoke(Null={"aws:PrincipalOrgID": "false"})), Finding, id="any-organisation-at-all"),
        pytest.param(latest(invoke(Bool={"aws:SecureTransport": "true"})), Finding, id="over-tls"),
        pytest.param(latest(invoke(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})), None, id="a-permission-that-has-run-out"),
        pytest.param(
            latest(invoke(**{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc"}})),
            Finding,
            id="who-has-no-organisation-meets-all-values",
        ),
        pytest.param(
            latest(invoke(StringEqualsIfExists={"aws:PrincipalOrgID": "o-abc"})), Finding, id="who-has-no-organisation-meets-if-exists"
        ),
        pytest.param(latest(invoke(Null={"aws:PrincipalOrgID": "true"})), Finding, id="only-who-has-no-organisation"),
        pytest.param(latest(invoke(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"})), Finding, id="a-stranger-may-be-a-role"),
        pytest.param(latest(invoke(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"})), Finding, id="a-stranger-may-call-a-role-so"),
        pytest.param(
            latest(invoke(ArnLike={"aws:PrincipalArn": "arn:aws:iam::210987654321:role/*"})), None, id="only-roles-of-one-account"
        ),
        pytest.param(
            latest(
                invoke(),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}},
                },
            ),
            None,
            id="taken-back-from-all-but-an-organisation",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(policy_open_to_anyone, function(**facts)) is expected


@pytest.mark.parametrize(
    ("action", "verb"),
    [("lambda:InvokeFunction", "invoke"), ("lambda:Get*", "read the code and environment of"), ("lambda:*", "change the code of")],
)
def test_message_names_the_worst(action, verb):
    answers = ask(policy_open_to_anyone, function(**latest(invoke(action))))
    assert answers.findings[0].message == f"anyone with an AWS account may {verb} `$LATEST`"


def test_an_alias_as_open_as_latest_is_reported_here():
    alias_policy = policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal="*"))
    fn = function(policies=(on(LATEST, policy(invoke())), on("live", alias_policy)))
    assert [finding.key for finding in ask(policy_open_to_anyone, fn).findings] == [LATEST, "live"]


def test_an_unresolved_statement_leaves_a_gap_beside_a_proven_finding():
    from buckler.model.unknown import Unknown, UnknownKind

    unread = Unknown(kind=UnknownKind.UNRESOLVED, why="the principal of `P` is not resolved", need="--parameter P=...")
    assert verdict(policy_open_to_anyone, function(**latest(unread))) is Gap
    assert verdict(policy_open_to_anyone, function(**latest(unread, invoke()))) is Finding
