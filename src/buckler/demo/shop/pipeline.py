"""Webhooks that release into the payments account: one that ends as its administrator, and four of the same shape that do not.

Each hook is public, runs in the shop's account as a role of its own, and asks for a deployer in the payments account, which may make
functions there and hand them the role of an administrator. In four of the five one thing is different, and that is enough.
"""

from typing import Any, NamedTuple

from buckler.demo.shop.hands import Hands, document
from buckler.demo.shop.names import EU, PARTNER, SHOP, role_arn

Statement = dict[str, Any]

BOUNDARY = "deployer-boundary"
RUNTIME_ROLE = "settlement-runner-role"
"""The role that is handed over: `*` on `*` of the payments account, and Lambda may assume it."""
ANOTHER_ORGANIZATION = "o-zz9plural9"


class Line(NamedTuple):
    """A hook and its deployer."""

    name: str
    """`release` is the function `release-hook`, its role `release-hook-role`, and `release-deployer`."""
    trusts: str
    """The role of the shop that the deployer trusts."""
    wants: dict[str, Any] | None = None
    """A condition of that trust."""
    passes_to: str = "lambda.amazonaws.com"
    """The service it may pass the role to."""
    is_bounded: bool = False
    """Whether the boundary takes `iam:PassRole` away from it."""


LINES = (
    Line("release", "release-hook-role"),
    Line("preview", "preview-hook-role", is_bounded=True),
    Line("mirror", "tenant-provisioner-role"),
    Line("docs", "docs-hook-role", passes_to="ecs-tasks.amazonaws.com"),
    Line("beta", "beta-hook-role", wants={"StringEquals": {"aws:PrincipalOrgID": ANOTHER_ORGANIZATION}}),
)

# What the hooks' own roles may do.
STATEMENTS: dict[tuple[str, str], list[Statement]] = {
    (SHOP, f"{line.name}-hook-role"): [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn(f"{line.name}-deployer", PARTNER)}
    ]
    for line in LINES
}
# The signature of a webhook is checked with what is in here.
STATEMENTS[SHOP, "release-hook-role"].append(
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": f"arn:aws:secretsmanager:{EU}:{SHOP}:secret:shop/release/*"}
)


def deploy(hands: Hands) -> None:
    """Make the deployers; the hooks themselves stand in the catalog."""
    iam = hands.client("iam", account=PARTNER)
    iam.create_policy(
        PolicyName=BOUNDARY,
        PolicyDocument=document(
            {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}
        ),
    )
    for line in LINES:
        _deployer(iam, line)


def _deployer(iam: Any, line: Line) -> None:  # noqa: ANN401 - boto3's clients have no type
    name = f"{line.name}-deployer"
    trust: Statement = {"Effect": "Allow", "Principal": {"AWS": role_arn(line.trusts)}, "Action": "sts:AssumeRole"}
    if line.wants is not None:
        trust["Condition"] = line.wants
    bounded = {"PermissionsBoundary": f"arn:aws:iam::{PARTNER}:policy/{BOUNDARY}"} if line.is_bounded else {}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **bounded)
    functions = f"arn:aws:lambda:{EU}:{PARTNER}:function:{line.name}-*"
    iam.put_role_policy(
        RoleName=name,
        PolicyName="inline",
        PolicyDocument=document(
            {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": functions},
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": role_arn(RUNTIME_ROLE, PARTNER),
                "Condition": {"StringEquals": {"iam:PassedToService": line.passes_to}},
            },
        ),
    )
