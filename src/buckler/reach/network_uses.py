"""What a function is configured to connect to: by its environment, by what its role allows, by the file systems it mounts.

What the Lambda service sends for a function passes no network interface of it and needs no rule: logs, events to destinations and
dead-letter queues, and the polling of event sources. (AWS Lambda Developer Guide: "Lambda automatically captures logs ... and sends them to
CloudWatch Logs"; "the event source mapping ... resides in another AWS-managed VPC owned by Lambda, separate from the VPC that contains your
function"; the X-Ray daemon is run by Lambda, aws/aws-xray-daemon issue 14. Read 2026-11-27.) Neither do names: "security groups cannot
block DNS requests to or from the Route 53 Resolver" (Amazon VPC User Guide).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from buckler.engines.net.ranges import Ports
from buckler.model.closing import NetUse, Uses
from buckler.model.functions import LATEST, EnvVar, EventSourceMapping, Function, Version
from buckler.model.iam import Role, ServiceUse
from buckler.model.origin import ApiOrigin, Origin, place
from buckler.model.policy import Statement
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.network_names import Named, named_in
from buckler.reach.roles import powers_of

NFS: Final[Ports] = ((2049, 2049),)
HTTPS: Final[Ports] = ((443, 443),)
SECRETS: Final = "secrets"
"""Of a use that is not read: what the secrets and parameters say that the role may read."""

_BY_LAMBDA: Final = re.compile(
    r"logs:(?:\*|CreateLogGroup|CreateLogStream|PutLogEvents|Describe\w+)"
    r"|ec2:(?:Create|Describe|Delete)NetworkInterfaces?|ec2:(?:Una|A)ssignPrivateIpAddresses"
    r"|ec2:Describe(?:Subnets|SecurityGroups|Vpcs)|ec2:GetSecurityGroupsForVpc",
    re.IGNORECASE,
)
"""Allowed so that the Lambda service does it."""
_TRACES: Final = re.compile(r"xray:(?:\*|PutTraceSegments|PutTelemetryRecords|GetSampling\w+)", re.IGNORECASE)
_READ: Final = re.compile(
    r"\*|secretsmanager:(?:\*|Get\*|GetSecretValue|BatchGetSecretValue)|ssm:(?:\*|Get\*|GetParameter\S*)", re.IGNORECASE
)
"""Allowed to read secrets and parameters, in which functions keep where their databases are."""
_POLLED: Final = {
    "sqs": r"sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes|ChangeMessageVisibility)",
    "kinesis": r"kinesis:(?:DescribeStream\w*|GetRecords|GetShardIterator|ListShards|ListStreams|SubscribeToShard)",
    "dynamodb": r"dynamodb:(?:DescribeStream|GetRecords|GetShardIterator|ListStreams)",
    "msk": r"kafka:\w+|kafka-cluster:\w+",
    "kafka": r"kafka-cluster:\w+",
    "mq": r"mq:Describe\w+",
    "documentdb": r"rds:Describe\w+",
}
"""What the poller of an event source needs, by its kind: it calls as the function's role, from a network of Lambda's own."""
_CONNECTIONS: Final = (
    (re.compile(r"rds-db:.+", re.IGNORECASE), "rds", (), False),
    (re.compile(r"kafka-cluster:.+", re.IGNORECASE), "msk", (), False),
    (re.compile(r"dax:.+", re.IGNORECASE), "dax", (), False),
    (re.compile(r"neptune-db:.+", re.IGNORECASE), "neptune", (), False),
    (re.compile(r"(?:elasticache|memorydb):Connect", re.IGNORECASE), "elasticache", (), False),
    (re.compile(r"(?:elasticache|memorydb):\*", re.IGNORECASE), "elasticache", (), True),
    (re.compile(r"es:ESHttp\w*\*?", re.IGNORECASE), "opensearch", HTTPS, False),
    (re.compile(r"es:\*", re.IGNORECASE), "opensearch", HTTPS, True),
)
"""Actions that are connections to things in a VPC: (action, kind of thing, ports, whether an API of AWS is called by them as well)."""
_NO_API: Final = re.compile(r"iam:PassRole|elasticfilesystem:Client\w+", re.IGNORECASE)
"""Allowed for what another call, or the mounting of a file system, does."""


def uses_of(function: Function, analysis: Analysis) -> Uses:
    """List what a function is configured to connect to. Raises `Undecided` where its environment or its role could not be read."""
    found: dict[NetUse, None] = {}
    doubts: dict[str, None] = {}
    for label, variables in _environments(function):
        _of_environment(label, variables, shown(function.region), found, doubts)
    for arn in known(function.file_systems):
        found[NetUse(kind="thing", to="efs", protocol="tcp", ports=NFS, why=f"it mounts `{shown(arn)}`", place=_at(function.origin))] = None
    seen: set[tuple[str, str]] = set()
    for role in _roles(function, analysis):
        for use in _of_role(function, role, analysis):
            # One action of a service is reason enough.
            if (use.kind, use.to) not in seen:
                seen.add((use.kind, use.to))
                found[use] = None
    return Uses(uses=tuple(found), doubts=tuple(doubts))


def _at(origin: Origin) -> str:
    return "" if isinstance(origin, ApiOrigin) else place(origin)


# --- environment -----------------------------------------------------------------------------------------------------------


def _environments(function: Function) -> Iterator[tuple[str, tuple[EnvVar, ...]]]:
    """Give the environment of `$LATEST` and of each version that an alias leads to: those keep their own."""
    yield "environment", known(function.environment)
    for version in _versions(function):
        yield f"environment of version {shown(version.version)},", known(version.environment)


def _versions(function: Function) -> Iterator[Version]:
    """Give the published versions that an alias leads to."""
    aliases = known(function.aliases)
    wanted = {shown(one) for alias in aliases for one in (alias.version, *alias.routing)} - {LATEST}
    yield from (one for one in (known(function.versions) if wanted else ()) if shown(one.version) in wanted)


def _of_environment(label: str, variables: Iterable[EnvVar], region: str, found: dict[NetUse, None], doubts: dict[str, None]) -> None:
    listed = tuple(variables)
    beside = {shown(one.name): one.value for one in listed if isinstance(one.value, str)}
    for variable in listed:
        why, at = f"{label} `{shown(variable.name)}`", _at(variable.origin)
        named = named_in(variable, beside, region)
        if named is None:
            doubts[f"{why}{f' ({at})' if at else ''} is not read: what it names, if it names anything, is not kept"] = None
        for one in named or ():
            found[_use(one, why, at)] = None


def _use(named: Named, why: str, at: str) -> NetUse:
    return NetUse(kind=named.kind, to=named.to, protocol=named.protocol, ports=named.ports, is_guess=named.is_guess, why=why, place=at)


# --- role ------------------------------------------------------------------------------------------------------------------


def _roles(function: Function, analysis: Analysis) -> Iterator[Role]:
    """Give the role of the function, and those of versions that an alias leads to. Raises `Undecided`."""
    found = {function.role: analysis.role_of(function)}
    for version in _versions(function):
        if version.role is not None and version.role not in found:
            found[version.role] = analysis.role_of(replace(function, role=version.role))
    yield from found.values()


def _of_role(function: Function, role: Role, analysis: Analysis) -> Iterator[NetUse]:
    """List the services of AWS that the role allows requests to, without what the Lambda service does with it."""
    powers = powers_of(role, analysis)
    powers.insist()
    analysis.require("event_sources", function.account, function.region)
    polled = [_POLLED[one.source_kind] for one in analysis.estate.event_sources if _feeds(one, function) and one.source_kind in _POLLED]
    by_lambda = re.compile("|".join([_BY_LAMBDA.pattern, *polled]), re.IGNORECASE)
    sent = _destinations(function, [one for one in analysis.estate.event_sources if _feeds(one, function)])
    # Extensions are layers, and send traces themselves.
    traced = function.tracing == "Active" and function.layers == ()
    for statement in powers.statements():
        for action in _services(statement, by_lambda, sent, traced=traced) if statement.effect == "Allow" else ():
            yield from _by_action(action, role, _at(statement.origin))


def _by_action(action: str, role: Role, at: str) -> Iterator[NetUse]:
    why, service = f"its role allows `{action}`", action.partition(":")[0].lower()
    if _READ.fullmatch(action):
        said = f"{why}, and secrets tell where databases are"
        yield NetUse(kind="unread", to=SECRETS, protocol="tcp", ports=(), why=said, place=at)
    if service == "*":
        yield from _everything(role.services_used, why, at)
        return
    for pattern, thing, ports, calls_too in _CONNECTIONS:
        if pattern.fullmatch(action):
            yield NetUse(kind="thing", to=thing, protocol="tcp", ports=ports, why=why, place=at)
            if not calls_too:
                return
    yield NetUse(kind="service", to=service, protocol="tcp", ports=HTTPS, why=why, place=at)


def _services(statement: Statement, by_lambda: re.Pattern[str], sent: set[str], *, traced: bool) -> Iterator[str]:
    if statement.actions is None:
        yield "*"
        return
    only = {shown(one) for one in statement.resources} if statement.resources is not None else {"*"}
    for text in statement.actions:
        action = shown(text)
        if by_lambda.fullmatch(action) or _NO_API.fullmatch(action) or (traced and _TRACES.fullmatch(action)):
            continue
        if only <= sent and action.lower() in {"sqs:sendmessage", "sns:publish", "s3:putobject", "events:putevents"}:
            continue
        yield "*" if "*" in action.partition(":")[0] or "$" in action.partition(":")[0] else action


def _everything(used: tuple[ServiceUse, ...] | Unknown, why: str, at: str) -> Iterator[NetUse]:
    """Of a role that may do anything, what it did in the last 400 days, where AWS was asked."""
    if isinstance(used, Unknown):
        yield NetUse(kind="service", to="*", protocol="tcp", ports=HTTPS, why=why, place=at)
        return
    for one in used:
        if one.last is not None:
            said = f"{why}, and sent some on {one.last[:10]}"
            yield NetUse(kind="service", to=one.service, protocol="tcp", ports=HTTPS, why=said, place=at)


def _feeds(mapping: EventSourceMapping, function: Function) -> bool:
    return shown(mapping.function).startswith(shown(function.arn)) and mapping.enabled is not False


def _destinations(function: Function, mappings: Iterable[EventSourceMapping]) -> set[str]:
    """Give what the Lambda service sends to in the function's name."""
    found = {function.dead_letter, *(one.on_failure for one in mappings)}
    if not isinstance(function.event_invoke, Unknown):
        found |= {one.on_failure for one in function.event_invoke}
    return {shown(one) for one in found if one is not None and not isinstance(one, Unknown)}


def pollers_of(group: str, analysis: Analysis) -> tuple[EventSourceMapping, ...]:
    """List the event sources whose pollers Lambda puts into a security group: those of self-managed Kafka name theirs.

    Source: AWS Lambda Developer Guide, "Using Lambda with self-managed Apache Kafka" (`VPC_SECURITY_GROUP`).
    """
    found: list[EventSourceMapping] = []
    for one in analysis.estate.event_sources:
        for given in one.credentials:
            if shown(given.name) != "VPC_SECURITY_GROUP":
                continue
            # A value that was not kept may name any group.
            if not isinstance(given.value, str) or given.value.removeprefix("security_group:") == group:
                found.append(one)
    return tuple(found)
