"""Load balancers as things that functions reach: where each stands and listens, and what stands behind it."""

from buckler.model.network import BalancerGroup, BalancerListener, BalancerRule, BalancerTarget, LoadBalancer
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.listener_rules import ASKS, condition, groups_named, in_order, keeps_by_default, listeners_in_order, weighted
from buckler.sources.terraform.common import absent, common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node

_BALANCERS = ("aws_lb", "aws_alb")
_LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")
_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
_ATTACHMENTS = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_FIELDS = {
    "path_pattern": "path-pattern",
    "host_header": "host-header",
    "http_request_method": "http-request-method",
    "http_header": "http-header",
    "query_string": "query-string",
}
_COLLECTION = "load_balancers"


def read_load_balancers(draft: Draft) -> None:
    """Read application and network load balancers; those of gateways are appliances."""
    draft.each(_COLLECTION, draft.view.plan.of(*_BALANCERS), lambda node: _balancer(draft, node))


def _balancer(draft: Draft, node: Node) -> LoadBalancer | None:
    kind = node.text("load_balancer_type") or "application"
    if not isinstance(kind, str):
        draft.incomplete(_COLLECTION, node, node.child("load_balancer_type").why())
        return None
    if kind not in {"application", "network"}:
        return None
    base = common(node)
    listeners = _listeners(draft, base["arn"])
    subnets, groups = _subnets(node), node.texts("security_groups", to="id")
    for told in (subnets, groups):
        if isinstance(told, Unknown):
            draft.incomplete(_COLLECTION, node, told)
    standing = () if isinstance(subnets, Unknown) or isinstance(groups, Unknown) else subnets
    home = next((found for one in standing if (found := draft.view.found(("aws_subnet", "aws_default_subnet"), one)) is not None), None)
    name = node.text("name")
    base["name"] = name if isinstance(name, str) else node.resource.address
    return LoadBalancer(
        **base,
        kind=kind,
        vpc_id=(home.text("vpc_id", to="id") if home is not None else None) or node.child("vpc_id").hole(),
        listeners=listeners,
        groups=_groups(draft, node, listeners, is_network=kind == "network"),
        subnet_ids=standing,
        security_group_ids=() if isinstance(groups, Unknown) else groups,
    )


def _subnets(node: Node) -> tuple[Text, ...] | Unknown:
    """Give the subnets, which are named in one of two ways, of which the provider fills in the other."""
    mapped = node.blocks("subnet_mapping", computed=True)
    if isinstance(mapped, tuple) and mapped:
        return tuple(one.text("subnet_id", to="id") or one.child("subnet_id").hole() for one in mapped)
    return node.texts("subnets", to="id")


# --- listeners and their rules -----------------------------------------------------------------------------------------------


def _listeners(draft: Draft, balancer: Text) -> tuple[BalancerListener, ...] | Unknown:
    stray = draft.stray(_COLLECTION, *((kind, "load_balancer_arn") for kind in _LISTENERS))
    if stray is not None:
        return stray
    found: list[BalancerListener] = []
    for kind in _LISTENERS:
        for node in draft.beside(_COLLECTION, kind, "load_balancer_arn", balancer):
            port, protocol = node.integer("port"), node.text("protocol") or "HTTP"
            if port is None or isinstance(port, Unknown) or not isinstance(protocol, str):
                return port if isinstance(port, Unknown) else node.child("port").why()
            found.append(BalancerListener(protocol=protocol, port=port, rules=_rules(draft, node)))
    return listeners_in_order(found)


_AFTER_ALL = 1 << 20


def _rules(draft: Draft, listener: Node) -> tuple[BalancerRule, ...] | Unknown:
    stray = draft.stray(_COLLECTION, *((kind, "listener_arn") for kind in _RULES))
    if stray is not None:
        return stray
    found: list[tuple[int, BalancerRule]] = []
    arn = common(listener)["arn"]
    for node in (one for kind in _RULES for one in draft.beside(_COLLECTION, kind, "listener_arn", arn)):
        priority = node.integer("priority")
        if isinstance(priority, Unknown):
            return priority
        read = _rule(draft, node, "action")
        if isinstance(read, Unknown):
            return read
        # "If unset, the next available priority after currently existing highest rule."
        found.append((_AFTER_ALL if priority is None else priority, read))
    if sum(priority == _AFTER_ALL for priority, _ in found) > 1:
        why = f"rules of `{listener.resource.address}` have no priority, and nobody knows which comes first"
        return Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="a priority for each rule")
    last = _rule(draft, listener, "default_action")
    return last if isinstance(last, Unknown) else (*in_order(found), last)


def _rule(draft: Draft, node: Node, key: str) -> BalancerRule | Unknown:
    actions, conditions = node.blocks(key), node.blocks("condition")
    if isinstance(actions, Unknown):
        return actions
    if isinstance(conditions, Unknown):
        return conditions
    groups: list[str] = []
    asks = ""
    for action in actions:
        kind = action.text("type")
        if not isinstance(kind, str):
            return action.child("type").why()
        asks = kind if kind in ASKS else asks
        sent = _forwards(draft, action) if kind == "forward" else []
        if isinstance(sent, Unknown):
            return sent
        groups += sent
    sources: list[Text] = []
    said: list[str] = []
    for one in conditions:
        told = _condition(one)
        if isinstance(told, Unknown):
            return told
        sources += told[0]
        said += told[1]
    return BalancerRule(groups=tuple(dict.fromkeys(groups)), sources=tuple(sources), conditions=tuple(said), asks=asks)


def _condition(node: Node) -> tuple[tuple[Text, ...], tuple[str, ...]] | Unknown:
    """Give the ranges of a condition on the sender's address, or what else it asks for in words."""
    source = node.block("source_ip")
    if isinstance(source, Unknown):
        return source
    if source is not None:
        ranges = source.texts("values")
        if isinstance(ranges, Unknown):
            return ranges
        return ranges, ()
    for key, field in _FIELDS.items():
        blocks = node.blocks(key)
        if isinstance(blocks, Unknown):
            return blocks
        if field == "query-string" and blocks:
            return (), condition(field, ("=".join(shown(text) for text in (one.text("key"), one.text("value")) if text) for one in blocks))
        for one in blocks:
            values, regex = one.texts("values"), one.texts("regex_values")
            if isinstance(values, Unknown):
                return values
            if isinstance(regex, Unknown):
                return regex
            return (), condition(field, values, shown(one.text("http_header_name") or ""), regexes=regex)
    return Unknown(
        kind=UnknownKind.UNRESOLVED, why=f"`{node.address}` is no condition that is known", need="a condition of Elastic Load Balancing's"
    )


def _forwards(draft: Draft, action: Node) -> list[str] | Unknown:
    direct = action.text("target_group_arn", to="arn")
    if direct is not None:
        return [_group_name(draft, direct)]
    forward = action.block("forward")
    told = forward.blocks("target_group") if isinstance(forward, Node) else forward or ()
    if isinstance(told, Unknown):
        return told
    named: list[tuple[str, int | None]] = []
    for one in told:
        arn, weight = one.text("arn", to="arn"), one.integer("weight")
        if arn is None:
            return one.child("arn").why()
        named.append((_group_name(draft, arn), None if isinstance(weight, Unknown) else weight))
    return weighted(named)


def _group_name(draft: Draft, arn: Text) -> str:
    owner = draft.view.found(_GROUPS, arn, "arn")
    return owner.resource.address if owner is not None else shown(arn)


# --- target groups -----------------------------------------------------------------------------------------------------------


def _groups(
    draft: Draft, node: Node, listeners: tuple[BalancerListener, ...] | Unknown, *, is_network: bool
) -> tuple[BalancerGroup, ...] | Unknown:
    """Read the target groups that any rule names; those of functions are triggers."""
    named = groups_named(listeners)
    if isinstance(named, Unknown):
        return named
    there = {resource.address: draft.view.node(resource) for resource in draft.view.plan.of(*_GROUPS)}
    found: list[BalancerGroup] = []
    for name in named:
        group = there.get(name)
        if group is None:
            why = absent(node, f"the target group `{name}`")
            found.append(BalancerGroup(name=name, targets=why, keeps_client_ip=why if is_network else False))
        elif group.text("target_type") != "lambda":
            found.append(BalancerGroup(name=name, targets=_targets(draft, group), keeps_client_ip=_keeps(group) if is_network else False))
    return tuple(found)


def _targets(draft: Draft, group: Node) -> tuple[BalancerTarget, ...] | Unknown:
    stray = draft.stray(_COLLECTION, *((kind, "target_group_arn") for kind in _ATTACHMENTS))
    if stray is not None:
        return stray
    arn = common(group)["arn"]
    usual = group.integer("port")
    found: list[BalancerTarget] = []
    for node in (one for kind in _ATTACHMENTS for one in draft.beside(_COLLECTION, kind, "target_group_arn", arn)):
        target, port = node.text("target_id", to="id"), node.integer("port") or usual
        if target is None or not isinstance(port, int):
            return port if isinstance(port, Unknown) else node.child("target_id").why()
        found.append(BalancerTarget(id=shown(target), port=port))
    if not found:
        # A scaling group or a service of ECS registers what it starts.
        why = f"what registers with `{group.resource.address}` is not told by a plan"
        return Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a live scan")
    return tuple(sorted(found, key=lambda one: (one.id, one.port)))


def _keeps(group: Node) -> bool | Unknown:
    said = group.boolean("preserve_client_ip")
    if said is not None:
        return said
    kind, protocol = group.text("target_type") or "instance", group.text("protocol") or ""
    if not isinstance(kind, str) or not isinstance(protocol, str):
        return group.child("target_type").why()
    return keeps_by_default(kind, protocol)
