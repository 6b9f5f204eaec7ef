"""What a role needs for what its functions are configured to do: Lambda's own work with the role, told by the configuration alone."""

import re
from collections.abc import Iterator

from buckler.fixes._documents import Document
from buckler.model.functions import EventSourceMapping, Function
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis

# Source: Lambda Developer Guide, the page of each event source and "Defining Lambda function permissions with an execution role", and the
# managed policies AWSLambdaBasicExecutionRole, AWSLambdaVPCAccessExecutionRole and AWSXRayDaemonWriteAccess, read 2026-11-27.
NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_HOLES = re.compile(r"\$\{[^}]*\}")
_SEND = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
}
_READ = {
    "sqs": ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}


def needed(role: Role, analysis: Analysis) -> tuple[Document, ...]:
    """Write the statements that the functions of a role need by their configuration. Raises `Undecided` where that could not be read."""
    statements: dict[str, tuple[tuple[str, ...], list[str]]] = {}
    for function in analysis.functions_of_role.get(role.arn, ()):
        for actions, resource in _of(function, analysis):
            resources = statements.setdefault(" ".join(actions), (actions, []))[1]
            if resource not in resources:
                resources.append(resource)
    return tuple(
        {"Effect": "Allow", "Action": _plain(list(actions)), "Resource": _plain(sorted(resources))}
        for _, (actions, resources) in sorted(statements.items())
    )


def _plain(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _of(function: Function, analysis: Analysis) -> Iterator[tuple[tuple[str, ...], str]]:
    partition, region, account = part(shown(function.arn), 1), shown(function.region), shown(function.account)
    group = shown(known(function.logging).log_group or f"/aws/lambda/{shown(function.name)}")
    yield ("logs:CreateLogStream", "logs:PutLogEvents"), f"arn:{partition}:logs:{region}:{account}:log-group:{group}:*"
    yield ("logs:CreateLogGroup",), f"arn:{partition}:logs:{region}:{account}:log-group:{group}"
    if known(function.vpc) is not None:
        # These take no resource.
        yield NETWORK, "*"
    if function.tracing == "Active":
        yield ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), "*"
    if function.kms_key is not None:
        yield ("kms:Decrypt",), shown(known(function.kms_key))
    ends = [function.dead_letter, *(one.on_failure for one in known(function.event_invoke))]
    for mapping in _sources(function, analysis):
        ends.append(mapping.on_failure)
        source = shown(known(mapping.source)) if mapping.source is not None else ""
        service = part(source, 2)
        if service in _READ:
            yield _READ[service], source
    for end in ends:
        target = shown(known(end)) if end is not None else ""
        service = part(target, 2)
        if service in _SEND:
            yield (_SEND[service],), f"{target}/*" if service == "s3" else target


def part(arn: str, number: int) -> str:
    """Give a part of an ARN as it is shown, with its holes; empty where there is none."""
    # A hole has colons of its own: `${AWS::Partition}`.
    holes = _HOLES.findall(arn)
    parts = _HOLES.sub("\0", arn).split(":", 5)
    if parts[0] != "arn" or len(parts) <= number:
        return ""
    before = sum(one.count("\0") for one in parts[:number])
    for hole in holes[before : before + parts[number].count("\0")]:
        parts[number] = parts[number].replace("\0", hole, 1)
    return parts[number]


def _sources(function: Function, analysis: Analysis) -> Iterator[EventSourceMapping]:
    analysis.require("event_sources", function.account, function.region)
    own = shown(function.arn)
    for mapping in analysis.estate.event_sources:
        name = shown(mapping.function)
        if not isinstance(mapping.enabled, Unknown) and (name == own or name.startswith(f"{own}:")):
            yield mapping
