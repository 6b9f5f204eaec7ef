"""Load balancers as things that functions reach: where each listens, and what stands behind it.

One call for the balancers and one for the target groups of a region; one a balancer, and one or two a target group that is behind one.
"""

from buckler.model.estate import Estate
from buckler.model.network import BalancerGroup, BalancerListener, BalancerTarget, LoadBalancer
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, each, inner, strings
from buckler.sources.live.api import Pages, Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.triggers import BALANCERS, LISTENERS, TARGET_GROUPS, TARGETS

ATTRIBUTES = Collector("load balancers").call(
    "elbv2", "DescribeTargetGroupAttributes", "whether targets of network load balancers see their clients", result="Attributes"
)


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
    found = [BalancerListener(protocol=str(one.get("Protocol", "")), port=int(one["Port"])) for one in listeners if one.get("Port")]
    return LoadBalancer(
        arn=arn,
        name=entry["LoadBalancerName"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(BALANCERS, arn),
        kind=entry["Type"],
        vpc_id=entry.get("VpcId", ""),
        listeners=listeners.unknown or tuple(sorted(found, key=lambda one: (one.port, one.protocol))),
        groups=unread or tuple(_group(reader, one, is_network=entry["Type"] == "network") for one in groups),
    )


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
