"""Load balancers as things that functions reach: where each stands and listens, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.network import BalancerGroup, BalancerListener, BalancerRule, BalancerTarget, LoadBalancer
from buckler.model.text import Text, hole, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn.http import known_or_hole
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import Resolved, to_list, to_number, to_text, to_texts, unknown
from buckler.sources.listener_rules import ASKS, condition, groups_named, in_order, keeps_by_default, listeners_in_order, weighted

_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
_CONFIGS = ("SourceIpConfig", "PathPatternConfig", "HostHeaderConfig", "HttpRequestMethodConfig", "HttpHeaderConfig")


def load_balancers(template: Template) -> Iterator[LoadBalancer]:
    """Read application and network load balancers; those of gateways are appliances."""
    for resource in template.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        kind = resource.text("Type") or "application"
        if not isinstance(kind, str):
            template.note(f"what kind of load balancer `{resource.id}` is is not resolved, and it was not read", resource.origin("Type"))
        elif kind in {"application", "network"}:
            yield _balancer(resource, kind)


def _balancer(resource: Resource, kind: str) -> LoadBalancer:
    template = resource.template
    listeners = _listeners(resource)
    subnets, groups = _subnets(resource), resource.texts("SecurityGroups")
    for key, told in (("Subnets", subnets), ("SecurityGroups", groups)):
        if isinstance(told, Unknown):
            template.note(f"where `{resource.id}` stands is not resolved: {told.why}", resource.origin(key))
    standing = () if isinstance(subnets, Unknown) or isinstance(groups, Unknown) else subnets
    common = resource.common()
    name = resource.text("Name")
    common["name"] = name if isinstance(name, str) else resource.id
    return LoadBalancer(
        **common,
        kind=kind,
        vpc_id=_vpc(template, standing) or hole(f"{resource.id}.VpcId"),
        listeners=listeners,
        groups=_groups(template, listeners, is_network=kind == "network"),
        subnet_ids=standing,
        security_group_ids=() if groups is None or isinstance(groups, Unknown) else groups,
    )


def _subnets(resource: Resource) -> tuple[Text, ...] | Unknown:
    """Give the subnets, which are named in one of two ways."""
    named = resource.texts("Subnets")
    if named is not None:
        return named
    mapped = resource.list("SubnetMappings")
    if mapped is None or isinstance(mapped, Unknown):
        return mapped or ()
    return tuple(known_or_hole(to_text(one.get("SubnetId")), f"{resource.id}.SubnetId") for one in mapped if isinstance(one, Map))


def _vpc(template: Template, subnets: tuple[Text, ...]) -> Text | None:
    for one in template.of_type("AWS::EC2::Subnet"):
        if template.name(one.id) in subnets:
            return known_or_hole(one.text("VpcId"), f"{one.id}.VpcId")
    return None


def _is(reference: Text | Unknown | None, resource: Resource, attribute: str) -> bool:
    """Say whether a reference means a resource, by its name, its ARN, or the attribute that has the ARN."""
    template, identity = resource.template, resource.id
    return reference in {template.name(identity), template.arn(identity), hole(identity), hole(f"{identity}.{attribute}")}


# --- listeners and their rules -----------------------------------------------------------------------------------------------


def _listeners(balancer: Resource) -> tuple[BalancerListener, ...] | Unknown:
    found: list[BalancerListener] = []
    for listener in balancer.template.of_type(_LISTENER):
        owner = listener.text("LoadBalancerArn")
        if isinstance(owner, Unknown):
            return owner
        if not _is(owner, balancer, "LoadBalancerArn"):
            continue
        port, protocol = listener.number("Port"), listener.text("Protocol")
        if port is None or isinstance(port, Unknown) or not isinstance(protocol, str):
            return port if isinstance(port, Unknown) else unknown(f"the protocol and port of `{listener.id}` are not resolved")
        found.append(BalancerListener(protocol=protocol, port=port, rules=_rules(listener)))
    return listeners_in_order(found)


def _rules(listener: Resource) -> tuple[BalancerRule, ...] | Unknown:
    found: list[tuple[int, BalancerRule]] = []
    for rule in listener.template.of_type(_RULE):
        owner, priority = rule.text("ListenerArn"), rule.number("Priority")
        if isinstance(owner, Unknown):
            return owner
        if not _is(owner, listener, "ListenerArn"):
            continue
        if priority is None or isinstance(priority, Unknown):
            return priority or unknown(f"`{rule.id}` has no priority")
        read = _rule(rule, "Actions")
        if isinstance(read, Unknown):
            return read
        found.append((priority, read))
    last = _rule(listener, "DefaultActions")
    return last if isinstance(last, Unknown) else (*in_order(found), last)


def _rule(owner: Resource, key: str) -> BalancerRule | Unknown:
    actions, conditions = owner.list(key), owner.list("Conditions")
    groups: list[str] = []
    asks = ""
    for action in () if actions is None or isinstance(actions, Unknown) else actions:
        kind = to_text(action.get("Type")) if isinstance(action, Map) else None
        if not isinstance(action, Map) or not isinstance(kind, str):
            return unknown(f"an action of `{owner.id}` is not resolved")
        asks = kind if kind in ASKS else asks
        sent = _forwards(owner, action) if kind == "forward" else []
        if isinstance(sent, Unknown):
            return sent
        groups += sent
    if isinstance(actions, Unknown):
        return actions
    if isinstance(conditions, Unknown):
        return conditions
    sources: list[Text] = []
    said: list[str] = []
    for one in conditions or ():
        field, values = (to_text(one.get("Field")), _values(one)) if isinstance(one, Map) else (None, ())
        regexes = _told(one, "RegexValues") if isinstance(one, Map) else ()
        if isinstance(values, Unknown):
            return values
        if isinstance(regexes, Unknown):
            return regexes
        if not isinstance(one, Map) or not isinstance(field, str):
            return unknown(f"a condition of `{owner.id}` is not resolved")
        if field == "source-ip":
            sources += values
        else:
            header = one.get("HttpHeaderConfig")
            name = to_text(header.get("HttpHeaderName")) if isinstance(header, Map) else None
            said += condition(field, values, name if isinstance(name, str) else "", regexes=regexes)
    return BalancerRule(groups=tuple(dict.fromkeys(groups)), sources=tuple(sources), conditions=tuple(said), asks=asks)


def _forwards(owner: Resource, action: Map) -> list[str] | Unknown:
    config = action.get("ForwardConfig")
    entries = to_list(config.get("TargetGroups")) if isinstance(config, Map) else None
    if entries is None:
        direct = to_text(action.get("TargetGroupArn"))
        return [] if direct is None else direct if isinstance(direct, Unknown) else [_group_name(owner.template, direct)]
    named: list[tuple[str, int | None]] = []
    for entry in () if isinstance(entries, Unknown) else entries:
        arn = to_text(entry.get("TargetGroupArn")) if isinstance(entry, Map) else None
        if arn is None or isinstance(arn, Unknown):
            return unknown(f"a target group that `{owner.id}` forwards to is not resolved")
        weight = to_number(entry.get("Weight"))
        named.append((_group_name(owner.template, arn), None if isinstance(weight, Unknown) else weight))
    return entries if isinstance(entries, Unknown) else weighted(named)


def _group_name(template: Template, reference: Text) -> str:
    owner = next((one for one in template.of_type(_GROUP) if _is(reference, one, "TargetGroupArn")), None)
    return owner.id if owner is not None else shown(reference)


def _values(one: Map) -> tuple[Text, ...] | Unknown:
    """Give the values of a condition, which are written beside it or in its settings."""
    query = one.get("QueryStringConfig")
    if isinstance(query, Map):
        pairs = to_list(query.get("Values"))
        if isinstance(pairs, Unknown):
            return pairs
        texts = [(to_text(pair.get("Key")), to_text(pair.get("Value"))) for pair in pairs or () if isinstance(pair, Map)]
        return tuple("=".join(shown(text) for text in pair if text is not None and not isinstance(text, Unknown)) for pair in texts)
    return _told(one, "Values")


def _told(one: Map, key: str) -> tuple[Text, ...] | Unknown:
    places: list[Resolved] = [one, *(one.get(config) for config in _CONFIGS)]
    found: list[Text] = []
    for place in places:
        told = to_texts(place.get(key)) if isinstance(place, Map) else None
        if isinstance(told, Unknown):
            return told
        found += told or ()
    return tuple(dict.fromkeys(found))


# --- target groups -----------------------------------------------------------------------------------------------------------


def _groups(
    template: Template, listeners: tuple[BalancerListener, ...] | Unknown, *, is_network: bool
) -> tuple[BalancerGroup, ...] | Unknown:
    """Read the target groups that any rule names; those of functions are triggers."""
    named = groups_named(listeners)
    if isinstance(named, Unknown):
        return named
    there = {one.id: one for one in template.of_type(_GROUP)}
    found: list[BalancerGroup] = []
    for name in named:
        group = there.get(name)
        if group is None:
            why = unknown(f"the target group `{name}` is not in this template", "a live scan")
            found.append(BalancerGroup(name=name, targets=why, keeps_client_ip=why if is_network else False))
        elif group.text("TargetType") != "lambda":
            found.append(BalancerGroup(name=name, targets=_targets(group), keeps_client_ip=_keeps(group) if is_network else False))
    return tuple(found)


def _targets(group: Resource) -> tuple[BalancerTarget, ...] | Unknown:
    entries = group.list("Targets")
    if isinstance(entries, Unknown):
        return entries
    if not entries or any(
        _registers(one, group) for one in group.template.of_type("AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service")
    ):
        return unknown(f"what registers with `{group.id}` is not told by a template", "a live scan")
    usual = group.number("Port")
    found: list[BalancerTarget] = []
    for entry in entries:
        target = to_text(entry.get("Id")) if isinstance(entry, Map) else None
        port = (to_number(entry.get("Port")) if isinstance(entry, Map) else None) or usual
        if target is None or isinstance(target, Unknown) or not isinstance(port, int):
            return unknown(f"a target of `{group.id}` is not resolved")
        found.append(BalancerTarget(id=shown(target), port=port))
    return tuple(sorted(found, key=lambda one: (one.id, one.port)))


def _registers(owner: Resource, group: Resource) -> bool:
    """Say whether machines or tasks of something come and go in a target group."""
    if owner.type == "AWS::AutoScaling::AutoScalingGroup":
        named = owner.texts("TargetGroupARNs")
        return isinstance(named, Unknown) or any(_is(one, group, "TargetGroupArn") for one in named or ())
    entries = owner.list("LoadBalancers")
    if entries is None or isinstance(entries, Unknown):
        return isinstance(entries, Unknown)
    return any(isinstance(one, Map) and _is(to_text(one.get("TargetGroupArn")), group, "TargetGroupArn") for one in entries)


def _keeps(group: Resource) -> bool | Unknown:
    attributes = group.list("TargetGroupAttributes")
    if isinstance(attributes, Unknown):
        return attributes
    for one in attributes or ():
        if isinstance(one, Map) and to_text(one.get("Key")) == "preserve_client_ip.enabled":
            said = to_text(one.get("Value"))
            return said.lower() == "true" if isinstance(said, str) else unknown(f"an attribute of `{group.id}` is not resolved")
    kind, protocol = group.text("TargetType") or "instance", group.text("Protocol") or ""
    if not isinstance(kind, str) or not isinstance(protocol, str):
        return unknown(f"the kind of `{group.id}` is not resolved")
    return keeps_by_default(kind, protocol)
