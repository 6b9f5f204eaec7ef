"""Accounts like those that iam-vulnerable, CloudGoat and pathfinding.cloud set up, each beside one that only looks so.

One principal, `kim`, and an administrator role it would like to be. What each case grants is all there is besides.
"""

import pytest
from tests.checks.escalating import ADMIN
from tests.estates import ACCOUNT, OTHER, allow, policy, role
from tests.reach.attack import arn, deny, estate, graph, managed, techniques, trust, user
from tests.reach.test_control import ROOT, UNIT, control, organization

from buckler.reach.escalations import escalation_of

PASS = "iam:PassRole"
BOSS = arn("role", "boss")

# What runs as a passed role: the service that must be trusted, and the actions that start it.
RUNNERS = {
    "glue-003": ("glue.amazonaws.com", ["glue:CreateJob", "glue:StartJobRun"]),
    "sagemaker-001": ("sagemaker.amazonaws.com", ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"]),
    "codebuild-001": ("codebuild.amazonaws.com", ["codebuild:CreateProject", "codebuild:StartBuild"]),
    "datapipeline-001": (
        "datapipeline.amazonaws.com",
        ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"],
    ),
    "bedrock-001": (
        "bedrock-agentcore.amazonaws.com",
        [
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ],
    ),
    "apprunner-001": ("tasks.apprunner.amazonaws.com", ["apprunner:CreateService"]),
    "ecs-002": ("ecs-tasks.amazonaws.com", ["ecs:CreateCluster", "ecs:RegisterTaskDefinition", "ecs:RunTask"]),
    "cloudformation-001": ("cloudformation.amazonaws.com", ["cloudformation:CreateStack"]),
    "ec2-001": ("ec2.amazonaws.com", ["ec2:RunInstances"]),
    "lambda-001": ("lambda.amazonaws.com", ["lambda:CreateFunction", "lambda:InvokeFunction"]),
}


def escalates(*statements, more=(), boss=None, **about):
    boss = boss or role("boss", inline=(ADMIN,), trust=trust(service="lambda.amazonaws.com"))
    found = estate(boss, user("kim", *statements, **about), **dict(more))
    principal = next(one for one in found.estate.users if one.name == "kim")
    return escalation_of(principal, found) is not None


def ways(*statements, trusted="lambda.amazonaws.com", boss=None):
    boss = boss or role("boss", inline=(ADMIN,), trust=trust(service=trusted))
    return techniques(graph(boss, user("kim", *statements)), arn("user", "kim"))


@pytest.mark.parametrize("runner", RUNNERS)
class TestAPassedRole:
    def test_runs(self, runner):
        service, actions = RUNNERS[runner]
        assert runner in ways(allow(PASS, BOSS), allow(actions), trusted=service)

    def test_trusts_another_service(self, runner):
        _, actions = RUNNERS[runner]
        assert runner not in ways(allow(PASS, BOSS), allow(actions), trusted="edgelambda.amazonaws.com")

    def test_may_be_passed_to_another_service_only(self, runner):
        service, actions = RUNNERS[runner]
        passing = allow(PASS, BOSS, Condition={"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}})
        assert runner not in ways(passing, allow(actions), trusted=service)

    def test_may_be_passed_to_this_one(self, runner):
        service, actions = RUNNERS[runner]
        passing = allow(PASS, BOSS, Condition={"StringLike": {"iam:PassedToService": service}})
        assert runner in ways(passing, allow(actions), trusted=service)

    def test_is_another_one(self, runner):
        service, actions = RUNNERS[runner]
        assert runner not in ways(allow(PASS, arn("role", "bossy")), allow(actions), trusted=service)

    def test_is_denied_with_all_that_is_not_of_the_service(self, runner):
        service, actions = RUNNERS[runner]
        fence = {"Effect": "Deny", "NotAction": actions, "Resource": "*"}
        assert runner not in ways(allow(PASS, BOSS), allow(actions), fence, trusted=service)

    def test_is_left_out_of_a_deny_by_not_action(self, runner):
        service, actions = RUNNERS[runner]
        fence = {"Effect": "Deny", "NotAction": [PASS, *actions], "Resource": "*"}
        assert runner in ways(allow("*"), fence, trusted=service)

    def test_lacks_one_of_the_actions(self, runner):
        service, actions = RUNNERS[runner]
        assert runner not in ways(allow(PASS, BOSS), allow(actions), deny(actions[0]), trusted=service)

    def test_is_bounded_to_nothing_of_worth(self, runner):
        service, actions = RUNNERS[runner]
        lame = role("boss", inline=(ADMIN,), trust=trust(service=service), boundary=managed("fence", allow("logs:*")))
        assert not escalates(allow(PASS, BOSS), allow(actions), boss=lame)


ASSUME = "sts:AssumeRole"


@pytest.mark.parametrize(
    ("statements", "about", "is_found"),
    [
        pytest.param([allow("iam:*")], {"boundary": managed("fence", allow("s3:*"))}, False, id="bounded"),
        pytest.param(
            [allow("iam:*")],
            {"boundary": managed("fence", allow("s3:*"), allow("iam:DeleteUserPermissionsBoundary"))},
            True,
            id="deletes-its-own-boundary",
        ),
        pytest.param(
            [allow("iam:PutUserPolicy")],
            {"boundary": managed("fence", allow("*"), deny(["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"]))},
            True,
            id="a-boundary-that-guards-only-itself",
        ),
        pytest.param([allow("iam:DeleteUserPermissionsBoundary")], {}, False, id="a-boundary-delete-without-more"),
        pytest.param([allow("iam:PutUserPolicy", arn("user", "kim"))], {}, True, id="its-own-inline-policy"),
        pytest.param([allow("iam:PutUserPolicy", arn("user", "kimberley"))], {}, False, id="somebody-else's-inline-policy"),
        pytest.param([allow("iam:PutUserPolicy", arn("user", "${aws:username}"))], {}, True, id="its-own-by-variable"),
        pytest.param([allow("iam:PutUserPolicy", arn("user", "kim", OTHER))], {}, False, id="of-another-account"),
        pytest.param(
            [allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}})],
            {},
            False,
            id="attaches-one-harmless-policy",
        ),
        pytest.param(
            [allow("iam:AttachUserPolicy", Condition={"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}})],
            {},
            True,
            id="attaches-any-of-aws",
        ),
        pytest.param(
            [
                allow("iam:AttachUserPolicy", Condition={"ArnNotLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}),
                deny("iam:CreatePolicy*"),
            ],
            {},
            False,
            id="attaches-none-of-aws-and-has-no-other",
        ),
        pytest.param(
            [allow("iam:*"), {"Effect": "Deny", "NotAction": "iam:Get*", "Resource": "*"}], {}, False, id="all-denied-but-reading"
        ),
        pytest.param([{"Effect": "Allow", "NotAction": "s3:*", "Resource": arn("user", "kim")}], {}, True, id="all-of-itself-but-s3"),
        pytest.param([allow("iam:CreateAccessKey", arn("user", "kim"))], {}, False, id="keys-of-its-own"),
        pytest.param([allow("iam:UpdateAssumeRolePolicy", BOSS), allow(ASSUME, BOSS)], {}, True, id="rewrites-a-trust-policy"),
        pytest.param([allow("iam:UpdateAssumeRolePolicy", arn("role", "b")), allow(ASSUME)], {}, False, id="rewrites-that-of-nobody"),
        pytest.param([allow(ASSUME, BOSS)], {}, False, id="assumes-whom-it-is-not-trusted-by"),
    ],
)
def test_of_one_user(statements, about, is_found):
    assert escalates(*statements, **about) is is_found


@pytest.mark.parametrize(
    ("document", "statements", "is_found"),
    [
        pytest.param(trust(aws=f"arn:aws:iam::{ACCOUNT}:root"), [allow(ASSUME, BOSS)], True, id="trusts-the-account"),
        pytest.param(trust(aws=f"arn:aws:iam::{ACCOUNT}:root"), [], False, id="and-the-user-may-not"),
        pytest.param(trust(aws=arn("user", "kim")), [], True, id="trusts-the-user-itself"),
        pytest.param(trust(aws=arn("user", "kimberley")), [allow(ASSUME)], False, id="trusts-somebody-else"),
        pytest.param(trust(aws=f"arn:aws:iam::{OTHER}:root"), [allow(ASSUME)], False, id="trusts-another-account"),
        pytest.param(
            trust(aws="*", Condition={"ArnEquals": {"aws:PrincipalArn": arn("role", "ci")}}),
            [allow(ASSUME)],
            False,
            id="trusts-one-by-condition",
        ),
        pytest.param(trust(aws=arn("user", "kim")), [deny(ASSUME)], False, id="trusted-and-denied"),
        pytest.param(
            trust(aws=arn("user", "kim"), Condition={"StringEquals": {"aws:PrincipalArm": "x"}}), [], False, id="by-a-misspelt-condition"
        ),
    ],
)
def test_of_trust(document, statements, is_found):
    assert escalates(*statements, boss=role("boss", inline=(ADMIN,), trust=document)) is is_found


@pytest.mark.parametrize(
    ("fence", "is_found"),
    [
        pytest.param(deny("iam:*"), False, id="all-of-iam"),
        pytest.param(deny("iam:PutUserPolicy", NotResource=arn("user", "kim")), True, id="all-but-this-user"),
        pytest.param(
            deny("iam:*", Condition={"ArnNotLike": {"aws:PrincipalArn": arn("user", "admin")}}), False, id="all-but-an-administrator"
        ),
        pytest.param(
            deny("iam:*", Condition={"ArnNotLike": {"aws:PrincipalArn": arn("user", "ki*")}}), True, id="and-it-is-one-by-pattern"
        ),
        pytest.param(deny("iam:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), True, id="where-iam-is-not"),
    ],
)
def test_under_a_service_control_policy(fence, is_found):
    if "NotResource" in fence:
        fence = {key: value for key, value in fence.items() if key != "Resource"}
    over = organization(control("full", (ROOT, UNIT, ACCOUNT), policy(allow("*"))), control("fence", (ROOT,), policy(fence)))
    assert escalates(allow("iam:PutUserPolicy"), more={"organizations": (over,)}) is is_found
