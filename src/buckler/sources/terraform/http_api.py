"""API Gateway HTTP and WebSocket APIs: routes that invoke functions."""

from buckler.model.functions import Trigger
from buckler.model.text import Partial, Text, join
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import absent, common, default_bool
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.invocation import invoked, is_lost, of_uri
from buckler.sources.terraform.node import MalformedError, Node, State
from buckler.sources.terraform.openapi import body_triggers


def read_http_apis(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("triggers", plan.of("aws_apigatewayv2_route"), lambda node: _route(draft, node))
    for node in draft.sound("triggers", plan.of("aws_apigatewayv2_api")):
        try:
            quick = _quick(node)
            if quick is not None:
                draft.add("triggers", quick)
            for trigger in body_triggers(draft, node, "http", is_private=False, policy=None):
                draft.add("triggers", trigger)
        except MalformedError as error:
            draft.malformed("triggers", node.resource, error)


def _route(draft: Draft, node: Node) -> Trigger | None:
    integration = _integration(draft, node)
    if integration is None:
        if node.child("target").state() is not State.UNSET:
            draft.incomplete("triggers", node, absent(node, "the integration"))
        return None
    located = invoked(integration, "integration_uri")
    if located is None:
        return None
    if is_lost(located, integration, "integration_uri"):
        draft.incomplete("triggers", integration, integration.child("integration_uri").why())
    api = draft.view.found(("aws_apigatewayv2_api",), node.text("api_id", to="id") or "")
    is_websocket = api is not None and api.text("protocol_type") == "WEBSOCKET"
    route = node.text("route_key") or node.child("route_key").hole()
    base = common(node)
    base["name"] = route
    return Trigger(
        **base,
        kind="websocket" if is_websocket else "http",
        function=located.qualified_arn,
        route=route,
        authorizer=_authorizer(_connect(draft, node) if is_websocket else node),
        api_key_required=default_bool(node.boolean("api_key_required"), default=False),
    )


def _connect(draft: Draft, node: Node) -> Node:
    """Give the route that authorizes a WebSocket: only `$connect` does, once, for all that is sent afterwards."""
    for other in draft.beside("triggers", "aws_apigatewayv2_route", "api_id", node.text("api_id", to="id") or ""):
        if other.text("route_key") == "$connect":
            return other
    return node


def _authorizer(node: Node) -> Text | Unknown | None:
    match node.child("authorization_type").state():
        case State.UNKNOWN | State.SENSITIVE:
            return node.child("authorization_type").why()
        case _:
            kind = node.text("authorization_type")
            return None if kind in {None, "", "NONE"} else kind


def _integration(draft: Draft, node: Node) -> Node | None:
    """Find the integration of a route: `target` is `integrations/` and its id."""
    target = node.child("target")
    if target.state() is State.UNKNOWN:
        targets = draft.view.references.targets(target) or []
        found = [one.resource for one in targets if one.resource.type == "aws_apigatewayv2_integration"]
        return draft.view.node(found[0]) if len(found) == 1 else None
    text = target.as_text()
    if isinstance(text, Partial) and text.parts[0] == "integrations/":
        # A configuration that was not planned names it: `integrations/${aws_apigatewayv2_integration.pay.id}`.
        return draft.view.found(("aws_apigatewayv2_integration",), join(*text.parts[1:]))
    return draft.view.found(("aws_apigatewayv2_integration",), text.removeprefix("integrations/")) if isinstance(text, str) else None


def _quick(node: Node) -> Trigger | None:
    """Read an API that is made with its one route: `target` is the function itself ("quick create")."""
    text = node.text("target", to="arn")
    located = of_uri(node, text) if text else None
    if located is None:
        return None
    route = node.text("route_key") or "$default"
    base = common(node)
    base["name"] = route
    return Trigger(**base, kind="http", function=located.qualified_arn, route=route, authorizer=None)
