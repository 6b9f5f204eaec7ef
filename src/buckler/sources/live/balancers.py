"""Load balancers as things that functions reach: where each listens, and what stands behind it.

One call for the balancers and one for the target groups of a region; one a balancer, one a listener of an application load balancer,
and one or two a target group that is behind one.
"""

from buckler.model.estate import Estate
from buckler.model.network import BalancerGroup, BalancerListener, BalancerRule, BalancerTarget, LoadBalancer
from buckler.model.unknown import Unknown
from buckler.sources.listener_rules import ASKS, condition, in_order, listeners_in_order, weighted
from buckler.sources.live.answers import Answer, each, inner, strings
from buckler.sources.live.api import Pages, Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.triggers import BALANCERS, LISTENERS, RULES, TARGET_GROUPS, TARGETS

ATTRIBUTES = Collector("load balancers").call(
    "elbv2", "DescribeTargetGroupAttributes", "whether targets of network load balancers see their clients", result="Attributes"
)

_AFTER_ALL = 1 << 20
_CONFIGS = ("SourceIpConfig", "PathPatternConfig", "HostHeaderConfig", "HttpRequestMethodConfig", "HttpHeaderConfig")


def collect(reader: Reader) -> Estate:
    """Read application and network load balancers; those of gateways are appliances."""
    pages = reader.pages(BALANCERS, PageSize=400)
    entries = [entry for entry in pages if entry.get("Type") in {"application", "network"}]
    behind: dict[str, list[Answer]] = {}
    groups: Pages | None = None
    if entries:
        groups = reader.pages(TARGET_GROUPS, PageSize=400)
        for group in groups:
            for arn in strings(group, "LoadBalancerArns") if group.get("TargetType") != "lambda" else ():
                behind.setdefault(arn, []).append(group)
    unread = groups.unknown if groups is not None else None
    return Estate(
        load_balancers=tuple(_balancer(reader, entry, behind.get(entry["LoadBalancerArn"], []), unread) for entry in entries),
        missing=pages.missing("load_balancers"),
    )


def _balancer(reader: Reader, entry: Answer, groups: list[Answer], unread: Unknown | None) -> LoadBalancer:
    arn: str = entry["LoadBalancerArn"]
    listeners = reader.pages(LISTENERS, LoadBalancerArn=arn)
    found = [_listener(reader, one, is_network=entry["Type"] == "network") for one in listeners if one.get("Port")]
    return LoadBalancer(
        arn=arn,
        name=entry["LoadBalancerName"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(BALANCERS, arn),
        kind=entry["Type"],
        vpc_id=entry.get("VpcId", ""),
        listeners=listeners.unknown or listeners_in_order(found),
        groups=unread or tuple(_group(reader, one, is_network=entry["Type"] == "network") for one in groups),
        subnet_ids=tuple(str(zone["SubnetId"]) for zone in each(entry, "AvailabilityZones") if zone.get("SubnetId")),
        security_group_ids=strings(entry, "SecurityGroups"),
    )


def _listener(reader: Reader, entry: Answer, *, is_network: bool) -> BalancerListener:
    """Read a listener; one of a network load balancer has its default action only."""
    protocol, port = str(entry.get("Protocol", "")), int(entry["Port"])
    if is_network:
        return BalancerListener(protocol=protocol, port=port, rules=(_rule(entry, "DefaultActions"),))
    pages = reader.pages(RULES, ListenerArn=entry["ListenerArn"])
    rules = [(_AFTER_ALL if one.get("IsDefault") else int(one["Priority"]), _rule(one, "Actions")) for one in pages]
    return BalancerListener(protocol=protocol, port=port, rules=pages.unknown or in_order(rules))


def _rule(entry: Answer, key: str) -> BalancerRule:
    groups: list[str] = []
    asks = ""
    for action in each(entry, key):
        kind = str(action.get("Type", ""))
        asks = kind if kind in ASKS else asks
        told = [(str(one["TargetGroupArn"]), one.get("Weight")) for one in each(inner(action, "ForwardConfig"), "TargetGroups")]
        groups += weighted(told) or ([str(action["TargetGroupArn"])] if action.get("TargetGroupArn") else [])
    conditions = each(entry, "Conditions")
    return BalancerRule(
        groups=tuple(dict.fromkeys(_name(arn) for arn in groups)),
        sources=tuple(cidr for one in conditions if one.get("Field") == "source-ip" for cidr in _values(one)),
        conditions=tuple(said for one in conditions if one.get("Field") != "source-ip" for said in _said(one)),
        asks=asks,
    )


def _name(group: str) -> str:
    """Take the name of a target group out of its ARN, `...:targetgroup/NAME/0123456789abcdef`."""
    return group.rpartition(":targetgroup/")[2].partition("/")[0]


def _said(one: Answer) -> tuple[str, ...]:
    field = str(one.get("Field", ""))
    if field == "query-string":
        pairs = each(inner(one, "QueryStringConfig"), "Values")
        return condition(
            field, (f"{pair['Key']}={pair.get('Value', '')}" if pair.get("Key") else str(pair.get("Value", "")) for pair in pairs)
        )
    name = str(inner(one, "HttpHeaderConfig").get("HttpHeaderName", ""))
    return condition(field, _values(one), name, regexes=_values(one, "RegexValues"))


def _values(one: Answer, key: str = "Values") -> tuple[str, ...]:
    """Give the values of a condition, which old ones have beside and new ones in its settings."""
    return tuple(value for config in _CONFIGS for value in strings(inner(one, config), key)) or strings(one, key)


def _group(reader: Reader, entry: Answer, *, is_network: bool) -> BalancerGroup:
    arn: str = entry["TargetGroupArn"]
    answer = reader.read(TARGETS, TargetGroupArn=arn)
    return BalancerGroup(
        name=entry["TargetGroupName"],
        targets=answer if isinstance(answer, Unknown) else _targets(answer, int(entry.get("Port") or 0)),
        keeps_client_ip=_keeps_client_ip(reader, arn) if is_network else False,
    )


def _targets(answer: Answer, port: int) -> tuple[BalancerTarget, ...]:
    found = [inner(one, "Target") for one in each(answer, "TargetHealthDescriptions")]
    targets = [BalancerTarget(id=str(one["Id"]), port=int(one.get("Port") or port)) for one in found]
    return tuple(sorted(targets, key=lambda one: (one.id, one.port)))


def _keeps_client_ip(reader: Reader, group: str) -> bool | Unknown:
    answer = reader.read(ATTRIBUTES, TargetGroupArn=group)
    if isinstance(answer, Unknown):
        return answer
    told = {one.get("Key"): one.get("Value") for one in each(answer, "Attributes")}
    return told.get("preserve_client_ip.enabled") == "true"
