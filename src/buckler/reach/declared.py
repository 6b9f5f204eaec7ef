"""What says that a function is meant to talk to something: a rule that names the other end, or its own settings and role.

A rule that lets in a range of addresses says nothing of who is meant; one that names a security group, or a single address, does.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from buckler.engines.net import Interface, World
from buckler.engines.net.gates import protocol_number
from buckler.engines.net.ranges import common, range_of, ranges_of
from buckler.engines.net.reachable import rule_ports
from buckler.model.functions import Function
from buckler.model.network import SecurityGroupRule
from buckler.model.reachability import NetReach, NetReport, NetTarget
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.network import SURE, sources_of
from buckler.reach.network_targets import world
from buckler.reach.once import once
from buckler.reach.roles import powers_of

_SQL: Final = "DB DATABASE SQL PG PGHOST POSTGRES POSTGRESQL MYSQL MARIADB ORACLE RDS AURORA JDBC DSN REDSHIFT"
# service -> words of variables' names, and actions of roles, by which people use it. Source: Service Authorization Reference.
_USES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "rds": (_SQL, ("rds-db:connect", "rds-data:ExecuteStatement")),
    "rds-proxy": (f"{_SQL} PROXY", ("rds-db:connect",)),
    "redshift": (_SQL, ("redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM", "redshift-data:ExecuteStatement")),
    "docdb": ("DB DATABASE MONGO MONGODB DOCDB", ()),
    "neptune": ("DB DATABASE NEPTUNE GRAPH", ("neptune-db:connect",)),
    "elasticache": ("REDIS VALKEY CACHE MEMCACHE MEMCACHED ELASTICACHE", ("elasticache:Connect",)),
    "memorydb": ("REDIS VALKEY CACHE MEMORYDB", ("memorydb:connect",)),
    "dax": ("DAX CACHE TABLE", ("dax:GetItem",)),
    "opensearch": ("OPENSEARCH ELASTIC ELASTICSEARCH ES SEARCH", ("es:ESHttpGet", "es:ESHttpPost")),
    "msk": ("KAFKA MSK BROKER BROKERS BOOTSTRAP", ("kafka-cluster:Connect",)),
    "mq": ("MQ RABBIT RABBITMQ ACTIVEMQ AMQP STOMP BROKER BROKERS", ()),
}
DATA_SERVICES: Final = frozenset(_USES)
"""Without EFS: what a function mounts is not read."""
_ANY_HOST: Final = "HOST HOSTNAME ENDPOINT ENDPOINTS URL URI SERVER CONNECTION SECRET CREDENTIALS PASSWORD"
"""Words of variables that may hold the address of anything, or what opens it."""
_READS_CREDENTIALS: Final = ("secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath")
_WORD: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")


def is_declared(function: Function, told: NetReach, analysis: Analysis) -> bool:
    """Say whether anything tells that a function is meant to talk to what it reaches.

    Raises `Undecided` where nothing does, and something that might could not be read.
    """
    if any(_named_by_rules(function, told, analysis)):
        return True
    environment = function.environment
    if not isinstance(environment, Unknown) and _named_by_settings(function, told.target):
        return True
    if told.target.service in _USES and _used(function, told.target.service, analysis):
        return True
    known(environment)
    return False


def doubt_of(report: NetReport, asked: Iterable[NetReach]) -> Unknown | None:
    """Give what keeps these from being told, or more of them from being seen; what is unread of other targets is no doubt here."""
    mine = [unknown for told in asked if told.verdict not in SURE for unknown in told.unknown]
    others = {(one.why, one.need) for told in report.reached for one in told.unknown}
    return next(iter(mine), None) or next((one for one in report.unknown if (one.why, one.need) not in others), None)


# --- rules -----------------------------------------------------------------------------------------------------------------


def _named_by_rules(function: Function, told: NetReach, analysis: Analysis) -> Iterator[bool]:
    there = world(analysis)
    sources = sources_of(function, analysis) or ()
    mine = {group for one in sources for group in one.groups}
    theirs = set(told.target.groups)
    for rule in _rules(there, mine, is_egress=True):
        yield _about(rule, told) and (_references(rule, theirs) or _is_one_of(rule, told.target.addresses))
    for rule in _rules(there, theirs, is_egress=False):
        yield _about(rule, told) and (_references(rule, mine) or _is_one_of(rule, _addresses(sources)))


def _rules(there: World, groups: Iterable[str], *, is_egress: bool) -> Iterator[SecurityGroupRule]:
    for name in sorted(groups):
        group = there.groups.get(name)
        if group is not None and not isinstance(group.rules, Unknown):
            yield from (rule for rule in group.rules if rule.is_egress == is_egress)


def _references(rule: SecurityGroupRule, groups: set[str]) -> bool:
    return any(shown(one) in groups for one in rule.groups)


def _is_one_of(rule: SecurityGroupRule, addresses: Sequence[str]) -> bool:
    wanted = set(ranges_of(addresses))
    return any(one.is_one and one in wanted for one in ranges_of(map(shown, rule.cidrs)))


def _addresses(sources: Iterable[Interface]) -> tuple[str, ...]:
    return tuple(str(one) for source in sources for one in source.addresses if one.is_one)


def _about(rule: SecurityGroupRule, told: NetReach) -> bool:
    """Say whether a rule opens any of the ports that are reached."""
    for one in told.protocols:
        ports = rule_ports(rule, protocol_number(one.protocol) or 0)
        if isinstance(ports, Unknown) or common(ports, one.ports):
            return True
    return False


# --- settings and role -----------------------------------------------------------------------------------------------------


def _named_by_settings(function: Function, target: NetTarget) -> bool:
    words, _ = _USES.get(target.service, ("", ()))
    wanted = {*words.split(), *_ANY_HOST.split()}
    for variable in known(function.environment):
        if wanted & {word.upper() for word in _WORD.findall(shown(variable.name))}:
            return True
        if isinstance(variable.value, str) and any(range_of(one).is_one and one in variable.value for one in target.addresses):
            return True
    return False


def _used(function: Function, service: str, analysis: Analysis) -> bool:
    """Say whether the function's role speaks of the service, or of where credentials lie, or the service starts the function."""
    if function.arn in _polling(analysis):
        return True
    powers = powers_of(analysis.role_of(function), analysis)
    if any(powers.speaks_of(action) for action in (*_USES[service][1], *_READS_CREDENTIALS)):
        return True
    powers.insist()
    analysis.require("event_sources", function.account, function.region)
    return False


@once
def _polling(analysis: Analysis) -> frozenset[str]:
    """Functions that something in a VPC starts: a broker, a cluster, a database."""
    kinds = {"kafka", "msk", "mq", "documentdb"}
    return frozenset(_unqualified(shown(one.function)) for one in analysis.estate.event_sources if one.source_kind in kinds)


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])
