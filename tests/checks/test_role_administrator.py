import pytest
from tests.estates import (
    ACCOUNT,
    DENIED,
    FUNCTION_ARN,
    OTHER,
    allow,
    ask,
    attached,
    function,
    on,
    parse_policy,
    policy,
    role,
    trigger,
    url,
    verdict,
)

from buckler.checks.role_administrator import role_administrator
from buckler.engines.iam import Answer, decide
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.origin import ApiOrigin
from buckler.model.severity import Severity
from buckler.model.text import Hole, Partial, hole

ADMIN = policy(allow("*"))
EC2_TRUST = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    },
    ApiOrigin(call="iam:GetAccountAuthorizationDetails", arn="arn"),
)


def deny(action, **more):
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (ADMIN,)}, Finding, id="everything"),
        pytest.param({"attached": (attached("arn:aws:iam::aws:policy/AdministratorAccess", ADMIN),)}, Finding, id="attached"),
        pytest.param({"inline": (policy(allow("iam:*")),)}, Finding, id="all-of-iam-is-everything"),
        pytest.param({"inline": (policy(allow("*:*")),)}, Finding, id="star-colon-star"),
        pytest.param(
            {"inline": (policy({"Effect": "Allow", "NotAction": "organizations:*", "Resource": "*"}),)}, Finding, id="all-but-organizations"
        ),
        pytest.param({"inline": (policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)}, None, id="power-user"),
        pytest.param({"inline": (policy(allow(["s3:*", "dynamodb:*"])),)}, None, id="all-of-two-services"),
        pytest.param({"inline": (policy(allow("iam:Get*")),)}, None, id="reads-iam"),
        pytest.param({"inline": (policy(allow("*", f"arn:aws:s3:::{ACCOUNT}/*")),)}, None, id="everything-on-one-bucket"),
        pytest.param({"inline": (policy(allow("*"), deny("iam:*")),)}, None, id="a-deny-takes-iam-back"),
        pytest.param(
            {
                "inline": (
                    policy(
                        allow(["iam:CreatePolicyVersion", "iam:AttachRolePolicy", "iam:PutRolePolicy"]),
                        allow(["iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:PassRole"]),
                    ),
                )
            },
            Finding,
            id="split-over-two-statements",
        ),
        pytest.param({"inline": (ADMIN,), "boundary": attached("arn", policy(allow(["s3:*", "logs:*"])))}, None, id="bounded"),
        pytest.param({"inline": (ADMIN,), "boundary": attached("arn", ADMIN)}, Finding, id="bounded-by-nothing"),
        pytest.param({"inline": (ADMIN,), "boundary": DENIED}, Gap, id="boundary-unreadable"),
        pytest.param({"inline": (ADMIN,), "boundary": attached("arn", DENIED)}, Gap, id="boundary-document-unreadable"),
        pytest.param({"boundary": DENIED}, None, id="boundary-unreadable-but-nothing-to-bound"),
        pytest.param({"inline": (ADMIN,), "attached": (attached("arn", DENIED),)}, Finding, id="proven-by-what-could-be-read"),
        pytest.param({"attached": (attached("arn", DENIED),)}, Gap, id="document-unreadable"),
        pytest.param({"inline": DENIED}, Gap, id="inline-policies-unreadable"),
        pytest.param({"inline": (policy(allow(hole("Actions", "--parameter Actions=..."))),)}, Gap, id="actions-a-parameter"),
        pytest.param({"inline": (policy(allow("*", hole("Table.Arn"))),)}, None, id="everything-on-a-table-of-the-template"),
        pytest.param(
            {"inline": (policy(allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),)}, None, id="needs-a-second-factor"
        ),
        pytest.param(
            {"inline": (policy(allow("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})),)}, Finding, id="in-its-region"
        ),
        pytest.param(
            {"inline": (policy(allow("*", Condition={"StringEquals": {"aws:ResourceTag/team": "shop"}})),)}, None, id="on-tagged-resources"
        ),
        pytest.param(
            {"inline": (policy(allow("*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),)}, Gap, id="from-one-vpc-is-undecided"
        ),
        pytest.param({"inline": (policy(allow("IAM:*")),)}, Finding, id="services-know-no-case"),
        pytest.param({"inline": (policy(allow("i?m:*")),)}, Finding, id="service-by-a-pattern"),
        pytest.param({"inline": (policy(allow("iam:*", "arn:aws:iam::*:user/*")),)}, None, id="all-of-iam-on-users-alone"),
        pytest.param({"inline": (policy(allow("iam:*", f"arn:aws:iam::{ACCOUNT}:*")),)}, Finding, id="all-of-iam-in-the-account"),
        pytest.param({"inline": (policy(allow("iam:*", f"arn:aws:iam::{OTHER}:*")),)}, None, id="all-of-iam-in-another-account"),
        pytest.param({"inline": (policy({**allow("*"), "Effect": "Deny"}),)}, None, id="everything-denied"),
        pytest.param({"inline": (policy({"Effect": "Allow", "Action": "*", "NotResource": "*"}),)}, None, id="everything-on-nothing"),
        pytest.param(
            {"inline": (policy(allow("*", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})),)},
            Gap,
            id="until-a-day",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_administrator, function(), role(**facts)) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"name": "spare"}, Finding, id="lambda-may-use-it"),
        pytest.param({"name": "deploy", "trust": EC2_TRUST}, Finding, id="it-may-change-functions"),
        pytest.param({"name": "AWSServiceRoleForX", "trust": EC2_TRUST, "is_service_linked": True}, None, id="service-linked"),
        pytest.param({"name": "sso", "trust": EC2_TRUST, "path": "/aws-reserved/sso.amazonaws.com/"}, None, id="of-single-sign-on"),
    ],
)
def test_roles_no_function_runs_as(facts, expected):
    assert verdict(role_administrator, role(inline=(ADMIN,), **facts)) is expected


def test_iam_without_functions_is_not_ours_to_judge():
    assert verdict(role_administrator, role("people", trust=EC2_TRUST, inline=(policy(allow("iam:*")),))) is None


def test_severity_follows_reach():
    open_url = {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal="*"))),)}
    severity = {
        "public": ask(role_administrator, function(**open_url), role(inline=(ADMIN,))),
        "route": ask(role_administrator, function(), trigger(authorizer=None), role(inline=(ADMIN,))),
        "closed": ask(role_administrator, function(), role(inline=(ADMIN,))),
        "deploys": ask(role_administrator, role("deploy", trust=EC2_TRUST, inline=(ADMIN,))),
    }
    assert {name: answers.findings[0].severity for name, answers in severity.items()} == {
        "public": Severity.CRITICAL,
        "route": Severity.CRITICAL,
        "closed": Severity.HIGH,
        "deploys": Severity.LOW,
    }


def test_the_witness_replays_with_a_template_s_holes():
    arn = Partial(parts=("arn:aws:iam::", Hole(ref="AWS::AccountId"), ":role/", Hole(ref="Role")))
    account = Partial(parts=(Hole(ref="AWS::AccountId"),))
    subject = role(
        arn=arn,
        name=hole("Role"),
        account=account,
        inline=(policy(allow("iam:*", Partial(parts=("arn:", Hole(ref="AWS::Partition"), ":iam::*:*")))),),
    )
    finding = ask(role_administrator, function(role=arn), subject).findings[0]
    assert finding.witness.requests[1].resource == "arn:aws:iam::111122223333:role/example-7q4z"


@pytest.mark.parametrize(
    ("partition", "expected"), [("aws", None), ("aws-cn", Finding), ("aws-us-gov", None)], ids=["aws", "its-own", "aws-us-gov"]
)
def test_a_role_is_asked_about_its_own_partition(partition, expected):
    arn = f"arn:aws-cn:iam::{ACCOUNT}:role/checkout-role"
    assert (
        verdict(
            role_administrator, function(role=arn), role(arn=arn, inline=(policy(allow("iam:*", f"arn:{partition}:iam::{ACCOUNT}:*")),))
        )
        is expected
    )


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        pytest.param("iam:*", None, id="control-policy-takes-iam-away"),
        pytest.param("iam:CreateAccessKey", Finding, id="what-nobody-in-the-account-may-do"),
        pytest.param("iam:*Policy*", None, id="every-way-to-grant-something"),
        pytest.param("s3:DeleteBucket", Finding, id="or-something-else"),
    ],
)
def test_control_policies_of_the_organisation_have_their_say(denied, expected):
    policies = (("all", allow("*")), ("no", deny(denied)))
    organization = Organization(
        id="o-1",
        management_account=OTHER,
        accounts=(ACCOUNT, OTHER),
        parents=((ACCOUNT, "r-1"), (OTHER, "r-1")),
        policies=tuple(
            OrgPolicy(id=f"p-{name}", name=name, kind="SERVICE_CONTROL_POLICY", targets=("r-1", ACCOUNT), document=policy(statement))
            for name, statement in policies
        ),
    )
    assert verdict(role_administrator, function(), role(inline=(ADMIN,)), organizations=(organization,)) is expected


def test_the_witness_holds_all_that_was_asked():
    """A boundary that leaves everything, and an organisation that forbids one of an administrator's powers."""
    document = policy(allow("*"), deny("iam:CreateAccessKey"))
    control = OrgPolicy(id="p-1", name="scp", kind="SERVICE_CONTROL_POLICY", targets=("r-root",), document=document)
    one = Organization(
        id="o-example1234", management_account=OTHER, accounts=(ACCOUNT, OTHER), parents=((ACCOUNT, "r-root"),), policies=(control,)
    )
    boundary = attached(f"arn:aws:iam::{ACCOUNT}:policy/edge", policy(allow("*")))
    subject = role(inline=(policy(allow("*")),), boundary=boundary)
    witness = ask(role_administrator, function(), subject, organizations=(one,)).findings[0].witness
    assert witness.layers.boundary is not None
    assert witness.layers.scp
    assert "iam:CreateAccessKey" not in {request.action for request in witness.requests}
    assert all(decide(request, witness.layers).answer is Answer.ALLOW for request in witness.requests)
