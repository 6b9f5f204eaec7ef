"""Execution roles: too mighty, too trusting, left behind; and their careful neighbours."""

from typing import Any

from buckler.demo.shop import pipeline
from buckler.demo.shop.catalog import FUNCTIONS
from buckler.demo.shop.hands import Hands, document
from buckler.demo.shop.names import AUDIT_ROLE, EU, PARTNER, SHOP, STRANGER, function_arn, role_arn

Statement = dict[str, Any]

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
VPC = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BOUNDARY = f"arn:aws:iam::{SHOP}:policy/sandbox-boundary"

TRUST: Statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def allow(action: str | list[str], resource: str | list[str], **more: object) -> Statement:
    """An Allow."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


# (account, role) -> its inline statements. Every role of a function that is not here may only write its log.
STATEMENTS: dict[tuple[str, str], list[Statement]] = {
    (SHOP, "admin-panel-role"): [allow("s3:*", "*")],
    (SHOP, "report-api-role"): [allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::shop-reports", "arn:aws:s3:::shop-reports/*"])],
    (SHOP, "nightly-cleanup-role"): [allow("iam:PassRole", "*"), allow(["lambda:CreateFunction", "lambda:InvokeFunction"], "*")],
    (SHOP, "audit-writer-role"): [
        allow(
            "iam:PassRole", role_arn("audit-export-task"), Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        ),
        allow("sqs:SendMessage", f"arn:aws:sqs:{EU}:{SHOP}:audit-dead-letters"),
    ],
    (SHOP, "config-sync-role"): [allow("sts:AssumeRole", "*")],
    (SHOP, "partner-sync-role"): [allow("sts:AssumeRole", role_arn("ledger-reader", PARTNER))],
    (SHOP, "payments-webhook-role"): [
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{EU}:{SHOP}:secret:shop/payments/database-??????"),
    ],
    (SHOP, "sandbox-runner-role"): [],
    (SHOP, "catalog-ingest-role"): [allow("lambda:UpdateFunctionCode", function_arn("report-api"))],
    (SHOP, "loyalty-points-role"): [allow("lambda:UpdateFunctionCode", function_arn("loyalty-points"))],
    (PARTNER, "settlement-runner-role"): [allow("*", "*")],
    **pipeline.STATEMENTS,
    (PARTNER, "card-tokenizer-role"): [allow(["kms:Encrypt", "kms:GenerateDataKey"], f"arn:aws:kms:{EU}:{PARTNER}:key/*")],
}
MANAGED: dict[tuple[str, str], list[str]] = {
    (SHOP, "shop-admin"): [ADMINISTRATOR],
    (SHOP, "sandbox-runner-role"): [ADMINISTRATOR],
    (SHOP, "session-store-role"): [VPC],
    (SHOP, "payments-webhook-role"): [VPC],
}
BOUNDARIES: dict[tuple[str, str], str] = {(SHOP, "sandbox-runner-role"): BOUNDARY}
TRUSTS: dict[tuple[str, str], list[Statement]] = {
    (SHOP, "tenant-provisioner-role"): [
        TRUST,
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root", "Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    ],
    (SHOP, "edge-auth-role"): [
        {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}, "Action": "sts:AssumeRole"},
    ],
}
# Trusts Lambda, but the function it was made for is gone.
ORPHAN = "refund-worker-role"


def deploy(hands: Hands) -> None:
    """Create every role, in both accounts."""
    shop = hands.client("iam")
    only_logs = document(allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"))
    shop.create_policy(PolicyName="sandbox-boundary", PolicyDocument=only_logs)
    for account in (SHOP, PARTNER):
        iam = hands.client("iam", account=account)
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHOP}:root"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=AUDIT_ROLE, AssumeRolePolicyDocument=document(trust))
        iam.attach_role_policy(RoleName=AUDIT_ROLE, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
        names = {planted.role for planted in FUNCTIONS if planted.account == account}
        for name in sorted(names | ({ORPHAN} if account == SHOP else set())):
            _role(iam, account, name)
    pipeline.deploy(hands)


def _role(iam: Any, account: str, name: str) -> None:  # noqa: ANN401 - boto3's clients have no type
    key = (account, name)
    bounded = {"PermissionsBoundary": BOUNDARIES[key]} if key in BOUNDARIES else {}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*TRUSTS.get(key, [TRUST])), **bounded)
    for arn in MANAGED.get(key, [BASIC]):
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    if STATEMENTS.get(key):
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*STATEMENTS[key]))
