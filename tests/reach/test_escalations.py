"""The ways of iam-vulnerable (BishopFox/iam-vulnerable 0f29866, MIT) by the actions each grants, and its look-alikes, for a user and a role."""

import pytest
from tests.checks.escalating import ADMIN, scheduled
from tests.estates import ACCOUNT, allow, function, on, policy, role
from tests.reach.attack import arn, deny, estate, group, managed, trust, user

from buckler.model.functions import LATEST
from buckler.reach.escalations import escalation_of

SERVICES = [
    f"{name}.amazonaws.com"
    for name in ("ec2", "datapipeline", "cloudformation", "lambda", "glue", "ecs-tasks", "codebuild", "sagemaker", "elasticmapreduce")
]
PASS = "iam:PassRole"
ISSUED = "aws:TokenIssueTime"


def judge(identity_kind, *statements, groups=()):
    document = managed("own-policy", *statements)
    boss = role("high-priv", inline=(ADMIN,), trust=trust(service=SERVICES))
    works = function("works", role=boss.arn, policies=(on(LATEST, scheduled()),))
    admins = group("admins", allow("iam:*"))
    # Somebody whose keys are worth making.
    other = user("other", inline=(ADMIN,))
    if identity_kind == "user":
        one = user("kim", attached=(document,), groups=groups)
        found = estate(boss, works, admins, one, other, group("team", allow("s3:Get*")))
    else:
        one = role("kim", attached=(document,), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))
        found = estate(boss, works, admins, one, other)
    return escalation_of(one, found)


@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize(
    ("actions", "technique"),
    [
        (["iam:CreatePolicyVersion"], "iam-001"),
        (["iam:SetDefaultPolicyVersion"], "iam-set-default-version"),
        ([PASS, "ec2:RunInstances"], "ec2-001"),
        (["iam:CreateAccessKey"], "iam-002"),
        (["iam:CreateLoginProfile"], "iam-004"),
        (["iam:UpdateLoginProfile"], "iam-006"),
        (["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"], "iam-012"),
        ([PASS, "lambda:CreateFunction", "lambda:InvokeFunction"], "lambda-001"),
        ([PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping"], "lambda-002"),
        (["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"], "lambda-003"),
        ([PASS, "glue:CreateDevEndpoint", "glue:GetDevEndpoint"], "glue-001"),
        (["glue:UpdateDevEndpoint", "glue:GetDevEndpoint"], "glue-002"),
        ([PASS, "cloudformation:CreateStack"], "cloudformation-001"),
        (["cloudformation:UpdateStack"], "cloudformation-002"),
        ([PASS, "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"], "datapipeline-001"),
        ([PASS, "codebuild:CreateProject", "codebuild:StartBuild"], "codebuild-001"),
        ([PASS, "sagemaker:CreateNotebookInstance"], "sagemaker-001"),
        ([PASS, "sagemaker:CreateTrainingJob"], "sagemaker-002"),
        ([PASS, "sagemaker:CreateProcessingJob"], "sagemaker-003"),
        (["sagemaker:CreatePresignedNotebookInstanceUrl"], "sagemaker-004"),
        (["ssm:StartSession"], "ssm-001"),
        (["ssm:SendCommand"], "ssm-002"),
        (["ec2-instance-connect:SendSSHPublicKey", "ec2:DescribeInstances"], "ec2instanceconnect-003"),
    ],
)
def test_a_way_of_both(kind, actions, technique):
    found = judge(kind, allow(actions))
    assert found is not None
    assert found.path.edges[0].technique == technique
    assert found.proof


@pytest.mark.parametrize(
    ("kind", "action", "technique"),
    [
        ("user", "iam:AttachUserPolicy", "iam-008"),
        ("user", "iam:AttachGroupPolicy", "iam-010"),
        ("user", "iam:PutUserPolicy", "iam-007"),
        ("user", "iam:PutGroupPolicy", "iam-011"),
        ("user", "iam:AddUserToGroup", "iam-013"),
        ("role", "iam:AttachRolePolicy", "iam-009"),
        ("role", "iam:PutRolePolicy", "iam-005"),
    ],
)
def test_a_way_for_itself(kind, action, technique):
    found = judge(kind, allow(action), groups=("team",))
    assert found is not None
    assert found.path.edges[0].technique == technique
    assert not found.is_for_others


@pytest.mark.parametrize(
    ("kind", "action"), [("role", "iam:AttachUserPolicy"), ("role", "iam:PutGroupPolicy"), ("user", "iam:AttachRolePolicy")]
)
def test_a_way_for_others(kind, action):
    found = judge(kind, allow(action))
    assert found is not None
    assert found.is_for_others
    assert found.proof


@pytest.mark.parametrize("kind", ["user", "role"])
@pytest.mark.parametrize(
    ("statements", "is_found"),
    [
        pytest.param([allow("iam:*"), deny("iam:*")], False, id="allowed-and-denied"),
        pytest.param([deny("iam:*")], False, id="denied"),
        pytest.param([allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/own-*")], False, id="a-policy-of-aws"),
        pytest.param([allow("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/own-*")], True, id="its-own-policy-by-pattern"),
        pytest.param(
            [allow("iam:CreatePolicyVersion", Condition={"DateLessThan": {ISSUED: "2020-01-01T00:00:01Z"}})], False, id="tokens-of-long-ago"
        ),
        pytest.param([allow(PASS, arn("role", "somebody")), allow("ec2:RunInstances")], False, id="passes-nobody-who-is-there"),
        pytest.param([allow(PASS), allow("ec2:RunInstances")], True, id="two-statements"),
    ],
)
def test_look_alikes(kind, statements, is_found):
    assert (judge(kind, *statements) is not None) is is_found


def test_policies_of_one_principal_are_judged_together():
    boss = role("high-priv", inline=(ADMIN,), trust=trust(service=SERVICES))
    one = user("kim", inline=(policy(allow(PASS)),), attached=(managed("runs", allow("ec2:RunInstances")),))
    assert escalation_of(one, estate(boss, one)) is not None
