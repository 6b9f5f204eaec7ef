import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, ask, function, policy, role, verdict

from buckler.checks.role_trust_beyond_lambda import role_trust_beyond_lambda
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.severity import Severity
from buckler.model.text import Hole, Partial, hole, join

LAMBDA = {"Service": "lambda.amazonaws.com"}


def trust(*principals, action="sts:AssumeRole", **condition):
    return policy(
        *(
            {"Effect": "Allow", "Principal": one, "Action": action, **({"Condition": condition} if condition and one != LAMBDA else {})}
            for one in principals
        )
    )


OWN_ROOT = Partial(parts=("arn:", Hole(ref="AWS::Partition"), ":iam::", Hole(ref="AWS::AccountId"), ":root"))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(trust(LAMBDA), None, id="only-lambda"),
        pytest.param(trust({"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}), None, id="lambda-at-edge"),
        pytest.param(trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}), Finding, id="another-service"),
        pytest.param(trust(LAMBDA, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), Finding, id="our-account"),
        pytest.param(trust(LAMBDA, {"AWS": OWN_ROOT}), Finding, id="our-account-in-a-template"),
        pytest.param(trust(LAMBDA, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}), Finding, id="a-user-of-ours"),
        pytest.param(trust(LAMBDA, {"AWS": OTHER}), Finding, id="another-account"),
        pytest.param(trust(LAMBDA, "*"), Finding, id="anyone"),
        pytest.param(
            trust(LAMBDA, "*", StringEquals={"aws:PrincipalOrgID": "o-ours"}), NotAsked, id="anyone-of-an-organisation-nobody-read"
        ),
        pytest.param(trust(LAMBDA, {"AWS": "AIDAEXAMPLE123456789"}), None, id="a-deleted-user"),
        pytest.param(
            trust(LAMBDA, {"Federated": "cognito-identity.amazonaws.com"}, action="sts:AssumeRoleWithWebIdentity"), Finding, id="federated"
        ),
        pytest.param(trust(LAMBDA, {"AWS": hole("Who", "--parameter Who=...")}), Gap, id="principal-a-parameter"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param(
            trust({"Service": "lambda.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT}), None, id="lambda-of-our-account"
        ),
        pytest.param(trust({"Service": join("lambda.", hole("AWS::URLSuffix"))}), None, id="lambda-in-a-template"),
        pytest.param(trust({"Service": "lambda.amazonaws.com.cn"}), None, id="lambda-in-china"),
        pytest.param(trust({"Service": "lambda-x.amazonaws.com"}, LAMBDA), Finding, id="a-service-with-a-longer-name"),
        pytest.param(trust(LAMBDA, {"AWS": f"arn:aws-us-gov:iam::{OTHER}:root"}), Finding, id="another-account-of-another-partition"),
        pytest.param(
            policy(
                {"Effect": "Allow", "Principal": {"AWS": "*", **LAMBDA}, "Action": "sts:AssumeRole"},
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
                },
            ),
            None,
            id="anyone-taken-back-by-a-deny",
        ),
        pytest.param(
            trust(LAMBDA, {"AWS": "*"}, StringEqualsIfExists={"aws:PrincipalOrgID": "o-ours"}), Finding, id="anyone-who-has-no-organisation"
        ),
        pytest.param(trust(LAMBDA, {"AWS": "*"}, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}), Finding, id="a-role-of-anyone"),
        pytest.param(
            trust(LAMBDA, {"AWS": "*"}, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}),
            Finding,
            id="anyone-of-another-account-by-arn",
        ),
        pytest.param(trust(LAMBDA, "*", StringEquals={"aws:PrincipalAccount": OTHER}), Finding, id="anyone-of-another-account"),
    ],
)
def test_verdict(document, expected):
    assert verdict(role_trust_beyond_lambda, function(), role(trust=document)) is expected


def test_roles_that_have_nothing_to_do_with_lambda_are_not_asked():
    assert verdict(role_trust_beyond_lambda, role("bastion", trust=trust({"Service": "ec2.amazonaws.com"}, "*"))) is None


@pytest.mark.parametrize(
    ("principal", "condition", "severity"),
    [
        ("*", {}, Severity.HIGH),
        ({"AWS": OTHER}, {}, Severity.HIGH),
        ({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "x"}}, Severity.MEDIUM),
        ({"AWS": ACCOUNT}, {}, Severity.MEDIUM),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}, {}, Severity.LOW),
        ({"Service": "ec2.amazonaws.com"}, {}, Severity.LOW),
    ],
)
def test_severity_says_who(principal, condition, severity):
    findings = ask(role_trust_beyond_lambda, function(), role(trust=trust(LAMBDA, principal, **condition))).findings
    assert [finding.severity for finding in findings] == [severity]
