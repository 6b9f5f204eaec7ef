"""Load balancers and VPC Lattice in front of functions."""

from collections.abc import Iterator

from buckler.model.functions import Trigger
from buckler.model.text import Text, join, shown
from buckler.model.unknown import Unknown
from buckler.sources.common import Common
from buckler.sources.terraform.common import absent, common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.invocation import invoked
from buckler.sources.terraform.locate import Located
from buckler.sources.terraform.node import MalformedError, Node

_LISTENERS = ("aws_lb_listener", "aws_alb_listener")
_GROUPS = ("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")
_AUTHENTICATES = {"authenticate-cognito", "authenticate-oidc", "jwt-validation"}


def read_balancers(draft: Draft) -> None:
    plan = draft.view.plan
    functions = _functions(draft)
    for kinds, read in (((*_LISTENERS,), _listener), (("aws_lb_listener_rule", "aws_alb_listener_rule"), _rule)):
        for node in draft.sound("triggers", plan.of(*kinds)):
            try:
                for trigger in read(draft, node, functions):
                    draft.add("triggers", trigger)
            except MalformedError as error:
                draft.malformed("triggers", node.resource, error)
    draft.each("triggers", plan.of("aws_vpclattice_target_group_attachment"), lambda node: _lattice(draft, node))


def _functions(draft: Draft) -> dict[Text, list[Located]]:
    """Group the functions behind load balancers by their target group."""
    found: dict[Text, list[Located]] = {}
    for node in draft.sound("triggers", draft.view.plan.of(*_GROUPS)):
        try:
            group, located = node.text("target_group_arn", to="arn"), invoked(node, "target_id")
        except MalformedError as error:
            draft.malformed("triggers", node.resource, error)
            continue
        if located is None or (located.is_certain and ":function:" not in shown(located.arn)):
            continue
        if located.is_certain and group is not None and group != node.child("target_group_arn").hole():
            found.setdefault(group, []).append(located)
        else:
            draft.incomplete("triggers", node, node.child("target_id").why())
    return found


def _forwards(draft: Draft, actions: tuple[Node, ...]) -> Iterator[Text]:
    """List the target groups that a listener's actions send to; one nobody knows leaves the triggers incomplete."""
    for action in actions:
        group = action.text("target_group_arn", to="arn")
        if group is not None:
            if group == action.child("target_group_arn").hole():
                draft.incomplete("triggers", action, action.child("target_group_arn").why())
            yield group
        forward = action.block("forward")
        weighted = forward.blocks("target_group") if isinstance(forward, Node) else ()
        for one in () if isinstance(weighted, Unknown) else weighted:
            arn = one.text("arn", to="arn")
            if arn is not None:
                yield arn


def _authorizer(actions: tuple[Node, ...]) -> Text | Unknown | None:
    """Name the action that authenticates before any forwards."""
    for action in actions:
        kind = action.text("type")
        if kind is None or not isinstance(kind, str):
            return action.child("type").why()
        if kind in _AUTHENTICATES:
            return kind
    return None


def _triggers(
    draft: Draft, node: Node, base: Common, actions: tuple[Node, ...], listener: Node | None, functions: dict[Text, list[Located]]
) -> Iterator[Trigger]:
    balancer_arn = listener.text("load_balancer_arn", to="arn") if listener else None
    balancer = draft.view.found(("aws_lb", "aws_alb"), balancer_arn, "arn") if balancer_arn is not None else None
    internal = balancer.boolean("internal") if balancer else None
    for group in dict.fromkeys(_forwards(draft, actions)):
        for located in functions.get(group, ()):
            yield Trigger(
                **base,
                kind="alb",
                function=located.qualified_arn,
                route=base["name"],
                authorizer=_authorizer(actions),
                is_private=(internal if internal is not None else False) if balancer else absent(node, "the load balancer"),
            )


def _listener(draft: Draft, node: Node, functions: dict[Text, list[Located]]) -> Iterator[Trigger]:
    actions = node.blocks("default_action")
    base = common(node)
    base["name"] = "default action"
    if isinstance(actions, Unknown):
        draft.incomplete("triggers", node, actions)
        return
    yield from _triggers(draft, node, base, actions, node, functions)


def _rule(draft: Draft, node: Node, functions: dict[Text, list[Located]]) -> Iterator[Trigger]:
    actions, conditions = node.blocks("action"), node.blocks("condition")
    if isinstance(actions, Unknown):
        draft.incomplete("triggers", node, actions)
        return
    listener = draft.view.found(_LISTENERS, node.text("listener_arn", to="arn") or "", "arn")
    base = common(node)
    base["name"] = "rule" if isinstance(conditions, Unknown) else _condition(conditions)
    yield from _triggers(draft, node, base, actions, listener, functions)


def _condition(conditions: tuple[Node, ...]) -> Text:
    """Write a rule's conditions as people name it: `GET shop.example /orders*`."""
    pieces: list[Text] = []
    for key in ("http_request_method", "host_header", "path_pattern"):
        for condition in conditions:
            block = condition.block(key)
            values = block.texts("values") if isinstance(block, Node) else ()
            for value in () if isinstance(values, Unknown) else values:
                pieces.extend((" ", value) if pieces else (value,))
    return join(*pieces) if pieces else "rule"


def _lattice(draft: Draft, node: Node) -> Trigger | None:
    """A Lambda target of VPC Lattice, reached through services of a network that VPCs join."""
    target = node.block("target")
    located = invoked(target, "id") if isinstance(target, Node) else None
    if located is None or (located.is_certain and ":function:" not in shown(located.arn)):
        return None
    if not located.is_certain:
        draft.incomplete("triggers", node, node.child("target").why())
    group = node.text("target_group_identifier", to="id")
    services = [draft.view.node(one) for one in draft.view.plan.of("aws_vpclattice_service")]
    kinds = [service.text("auth_type") or "NONE" for service in services]
    same = len(set(kinds)) == 1
    auth = (None if kinds[0] == "NONE" else kinds[0]) if same else absent(node, "the service")
    base = common(node)
    base["name"] = group or node.child("target_group_identifier").hole()
    return Trigger(**base, kind="lattice", function=located.qualified_arn, route=base["name"], authorizer=auth, is_private=True)
