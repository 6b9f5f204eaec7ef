"""Escalations planted in a synthetic account, and look-alikes that are safe.

No name tells which is which: principals are called like all others. The statements of a plant stand among ordinary ones.
"""

from collections.abc import Callable
from typing import Final

from bench.accounts_background import ACCOUNT, Document, allow, deny, function_arn, role_arn

TO_LAMBDA: Final = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/boundaries/application"
BOUNDARY_ALLOWS: Final = (
    ["s3:*", "dynamodb:*", "sqs:*", "sns:*", "logs:*", "kms:Decrypt", "lambda:InvokeFunction", "iam:Get*", "iam:List*"],
    "*",
)

PLANTS: Final[dict[str, Callable[[str, str], list[Document]]]] = {
    # Given the ARNs of the role and of a customer-managed policy only it has.
    "CreatePolicyVersion on a policy it has": lambda _role, policy: [allow("iam:CreatePolicyVersion", policy)],
    "AttachRolePolicy on *": lambda _role, _policy: [allow(["iam:AttachRolePolicy", "iam:ListAttachedRolePolicies"], "*")],
    "PutRolePolicy on itself": lambda role, _policy: [allow("iam:PutRolePolicy", role)],
    "UpdateAssumeRolePolicy on *": lambda _role, _policy: [allow(["iam:UpdateAssumeRolePolicy", "iam:GetRole"], "*")],
    "PassRole to Lambda, CreateFunction, InvokeFunction": lambda _role, _policy: [
        allow("iam:PassRole", role_arn("/", "*"), Condition=TO_LAMBDA),
        allow(["lambda:CreateFunction", "lambda:InvokeFunction"], "*"),
    ],
    "PassRole, CreateFunction, CreateEventSourceMapping": lambda _role, _policy: [
        allow("iam:PassRole", "*"),
        allow(["lambda:CreateFunction", "lambda:CreateEventSourceMapping"], "*"),
    ],
    "PassRole, RunInstances": lambda _role, _policy: [
        allow(["iam:PassRole", "ec2:RunInstances", "ec2:DescribeInstances"], "*"),
    ],
    "UpdateFunctionCode on function:*": lambda _role, _policy: [allow("lambda:UpdateFunctionCode", function_arn("*", "*"))],
    "UpdateFunctionConfiguration with a layer": lambda _role, _policy: [
        allow("lambda:UpdateFunctionConfiguration", function_arn("*", "*")),
        allow("lambda:GetLayerVersion", "*"),
    ],
}

DECOYS: Final[dict[str, tuple[Callable[[str, str], list[Document]], ...]]] = {
    "taken back by a permission boundary": (
        lambda _role, _policy: [allow("iam:AttachRolePolicy", "*")],
        lambda _role, _policy: [allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction", "iam:PutRolePolicy"], "*")],
    ),
    "taken back by an explicit Deny": (
        lambda _role, policy: [allow("iam:*PolicyVersion", policy), deny(["iam:Create*", "iam:Set*"], "*")],
        # The service control policy of the account denies it to everyone but the break-glass role.
        lambda _role, _policy: [allow("iam:UpdateLoginProfile", f"arn:aws:iam::{ACCOUNT}:user/*")],
    ),
    "PassRole that leads nowhere": (
        lambda _role, _policy: [
            allow("iam:PassRole", role_arn("/platform/", "*"), Condition={"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}),
            allow(["lambda:CreateFunction", "lambda:InvokeFunction", "glue:CreateJob", "glue:StartJobRun"], "*"),
        ],
        lambda _role, _policy: [
            allow("iam:PassRole", role_arn("/catalog/", "*"), Condition=TO_LAMBDA),
            allow(["lambda:CreateFunction", "lambda:InvokeFunction"], "*"),
        ],
    ),
}
"""By what makes them safe."""
BOUNDED: Final = "taken back by a permission boundary"
