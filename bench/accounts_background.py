"""What ordinary principals and resources of a synthetic account say: nothing here is an escalation.

Statements are drawn from a seeded generator. About a third carry a condition, the kinds of which are those that real accounts use.
"""

import random
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]

ACCOUNT = "111122223333"
PARTNERS = ("444455556666", "777788889999")
ORGANIZATION = "o-b3nchm4rk5"
REGIONS = ("eu-west-1", "eu-central-1")
TEAMS = ("payments", "orders", "catalog", "search", "billing", "identity", "shipping", "returns", "pricing", "media", "risk", "loyalty")
"""Teams whose functions deployers may change."""
SERVICES = ("api", "worker", "ingest", "export", "notify", "audit", "sync", "report")
_OFFICE = "203.0.113.0/24"


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> Document:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: str | list[str], resources: str | list[str], **more: Any) -> Document:
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def function_arn(name: str, region: str) -> str:
    return f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"


def role_arn(path: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role{path}{name}"


def conditioned(rng: random.Random, team: str, statement: Document) -> Document:
    """Put a condition on about a third of the statements."""
    drawn = rng.random()
    if drawn > 0.33:
        return statement
    conditions = (
        {"StringEquals": {"aws:ResourceTag/team": team}},
        {"StringEquals": {"aws:RequestedRegion": list(REGIONS)}},
        {"IpAddress": {"aws:SourceIp": [_OFFICE, "198.51.100.0/25"]}},
        {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"StringLike": {"aws:PrincipalTag/team": f"{team}*"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{team}/*"}},
        {"Bool": {"aws:SecureTransport": "true"}},
    )
    return {**statement, "Condition": rng.choice(conditions)}


def ordinary(rng: random.Random, team: str, number: int) -> Document:
    """Draw a statement of an application's role."""
    region = rng.choice(REGIONS)
    here = f"{region}:{ACCOUNT}"
    statements = (
        allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{team}-data-{number % 40}/*"),
        allow(["s3:ListBucket", "s3:GetBucketLocation"], [f"arn:aws:s3:::{team}-data-{number % 40}", f"arn:aws:s3:::{team}-logs-*"]),
        allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], f"arn:aws:dynamodb:{here}:table/{team}-{number % 25}*"),
        allow("dynamodb:*", f"arn:aws:dynamodb:{here}:table/{team}-cache-{number % 9}"),
        allow(["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"], f"arn:aws:sqs:{here}:{team}-queue-{number % 30}"),
        allow("sns:Publish", f"arn:aws:sns:*:{ACCOUNT}:{team}-*"),
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{here}:secret:{team}/db-{number % 12}-??????"),
        allow(["ssm:GetParameter", "ssm:GetParametersByPath"], f"arn:aws:ssm:{here}:parameter/{team}/*"),
        allow(
            ["kms:Decrypt", "kms:GenerateDataKey"],
            f"arn:aws:kms:{here}:key/*",
            Condition={"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        ),
        allow("lambda:InvokeFunction", function_arn(f"{team}-{rng.choice(SERVICES)}-*", region)),
        allow("events:PutEvents", f"arn:aws:events:{here}:event-bus/{team}"),
        allow(["xray:PutTraceSegments", "cloudwatch:PutMetricData"], "*"),
        allow(["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"], "*"),
        allow("states:StartExecution", f"arn:aws:states:{here}:stateMachine:{team}-flow-{number % 6}"),
        allow(["s3:GetObject*", "s3:List*"], ["arn:aws:s3:::shared-assets", "arn:aws:s3:::shared-assets/${aws:PrincipalTag/team}/*"]),
        deny("s3:DeleteObject", f"arn:aws:s3:::{team}-data-*/*"),
    )
    return conditioned(rng, team, rng.choice(statements))


def managed(rng: random.Random, number: int) -> Document:
    """Make a customer-managed policy that several roles share."""
    team = TEAMS[number % len(TEAMS)]
    logs = allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/lambda/{team}-*")
    return document(logs, *(ordinary(rng, team, number * 7 + one) for one in range(rng.randrange(1, 4))))


def deployer(team: str) -> list[Document]:
    """Say what a pipeline needs to deploy its team's functions: to change these, and to pass its team's roles, is no way to more."""
    mine = [function_arn(f"{team}-*", region) for region in REGIONS]
    return [
        allow(["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:PublishVersion", "lambda:UpdateAlias"], mine),
        allow("lambda:CreateFunction", mine),
        allow("iam:PassRole", role_arn(f"/{team}/", "*"), Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}),
        allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{team}-artifacts/*"),
    ]


def trusting(*services: str) -> Document:
    return document({"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"})


def trusting_principals(*arns: str, **more: Any) -> Document:
    return document({"Effect": "Allow", "Principal": {"AWS": list(arns)}, "Action": "sts:AssumeRole", **more})


def trusting_pipeline(team: str) -> Document:
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": f"repo:example/{team}-*:ref:refs/heads/main"}}
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}
    return document(statement)


def on_function(rng: random.Random, arn: str) -> Document:
    """Make the resource policy of a function: services with a source, another account, an organisation."""
    region = arn.split(":")[3]
    drawn = rng.random()
    principal: object = {"AWS": f"arn:aws:iam::{rng.choice(PARTNERS)}:root"}
    condition: Document = {}
    if drawn < 0.85:
        service, source = rng.choice(
            (
                ("s3", f"arn:aws:s3:::{rng.choice(TEAMS)}-data-{rng.randrange(40)}"),
                ("sns", f"arn:aws:sns:{region}:{ACCOUNT}:{rng.choice(TEAMS)}-topic-{rng.randrange(9)}"),
                ("events", f"arn:aws:events:{region}:{ACCOUNT}:rule/nightly-{rng.randrange(9)}"),
                ("apigateway", f"arn:aws:execute-api:{region}:{ACCOUNT}:a{rng.randrange(10**9):09}/*/GET/items"),
            )
        )
        principal = {"Service": f"{service}.amazonaws.com"}
        condition = {"ArnLike": {"AWS:SourceArn": source}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}}
    elif drawn > 0.95:
        principal, condition = "*", {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    statement = {"Sid": "invoke", "Effect": "Allow", "Principal": principal, "Action": "lambda:InvokeFunction", "Resource": arn}
    return document({**statement, "Condition": condition} if condition else statement)


def on_resource(rng: random.Random, number: int) -> tuple[str, Document]:
    """Make a bucket, queue, topic, secret or key, by its policy."""
    team, region = TEAMS[number % len(TEAMS)], rng.choice(REGIONS)
    here, serial = f"{region}:{ACCOUNT}", number // len(TEAMS)
    partner = {"AWS": f"arn:aws:iam::{rng.choice(PARTNERS)}:root"}
    kind = rng.choice(("bucket", "bucket", "queue", "topic", "secret", "key"))
    if kind == "bucket":
        arn = f"arn:aws:s3:::{team}-data-{serial}"
        insecure = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        read = {"Effect": "Allow", "Principal": partner, "Action": ["s3:GetObject"], "Resource": f"{arn}/shared/*"}
        return arn, document(insecure, read) if rng.random() < 0.3 else document(insecure)
    if kind == "queue":
        arn = f"arn:aws:sqs:{here}:{team}-queue-{serial}"
        source = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{here}:{team}-topic-{serial % 9}"}}
        send = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": source,
        }
        return arn, document(send)
    if kind == "topic":
        arn = f"arn:aws:sns:{here}:{team}-topic-{serial}"
        return arn, document({"Effect": "Allow", "Principal": partner, "Action": ["sns:Subscribe", "sns:Receive"], "Resource": arn})
    if kind == "secret":
        arn = f"arn:aws:secretsmanager:{here}:secret:{team}/db-{serial}-Ab3dE{number % 10}"
        outside = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
        }
        return arn, document(outside)
    arn = f"arn:aws:kms:{here}:key/{rng.getrandbits(32):08x}-0000-4000-8000-{number:012x}"
    owner = {"Sid": "owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    grant = {"Effect": "Allow", "Principal": partner, "Action": "kms:Decrypt", "Resource": "*"}
    return arn, document(owner, grant) if rng.random() < 0.2 else document(owner)


CONTROL_POLICIES: tuple[tuple[Document, ...], ...] = (
    (document(allow("*", "*")), document(deny("organizations:LeaveOrganization", "*"))),
    (
        document(allow("*", "*")),
        document(
            {
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*", "organizations:*", "route53:*", "cloudfront:*", "support:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(REGIONS)}},
            }
        ),
    ),
    (
        document(allow("*", "*")),
        document(
            deny(["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "*"),
            deny(
                ["iam:UpdateLoginProfile", "iam:CreateLoginProfile"],
                "*",
                Condition={"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/platform/break-glass"}},
            ),
        ),
    ),
)
"""Service control policies: the root's, the unit's, the account's."""
