"""API Gateway REST APIs: methods that invoke functions."""

from buckler.model.functions import Trigger
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text, join
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import absent, common, default_bool
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.invocation import invoked, is_lost
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.openapi import body_triggers

_DEPTH = 32
"""API Gateway allows far fewer path segments."""


def read_rest_apis(draft: Draft) -> None:
    plan = draft.view.plan
    methods = _methods(draft)
    draft.each("triggers", plan.of("aws_api_gateway_integration"), lambda node: _trigger(draft, node, methods))
    for node in draft.sound("triggers", plan.of("aws_api_gateway_rest_api")):
        try:
            for trigger in body_triggers(draft, node, "rest", is_private=is_private(node), policy=_policy(draft, node)):
                draft.add("triggers", trigger)
        except MalformedError as error:
            draft.malformed("triggers", node.resource, error)


_Key = tuple[Text | None, Text | None, Text | None]


def _key(node: Node) -> _Key:
    return node.text("rest_api_id", to="id"), node.text("resource_id", to="id"), node.text("http_method", to="http_method")


def _methods(draft: Draft) -> dict[_Key, Node]:
    found: dict[_Key, Node] = {}
    for node in draft.sound("triggers", draft.view.plan.of("aws_api_gateway_method")):
        try:
            found.setdefault(_key(node), node)
        except MalformedError as error:
            draft.malformed("triggers", node.resource, error)
    return found


def _trigger(draft: Draft, node: Node, methods: dict[_Key, Node]) -> Trigger | None:
    located = invoked(node, "uri")
    kind = node.text("type")
    if located is None or kind in {"MOCK", "HTTP", "HTTP_PROXY"}:
        return None
    if is_lost(located, node, "uri"):
        draft.incomplete("triggers", node, node.child("uri").why())
    method = methods.get(_key(node))
    verb = node.text("http_method", to="http_method") or "ANY"
    route = join(verb, " ", _path(draft, node.text("resource_id", to="id"), 0))
    api = draft.view.found(("aws_api_gateway_rest_api",), node.text("rest_api_id", to="id") or "")
    base = common(node)
    base["name"] = route
    return Trigger(
        **base,
        kind="rest",
        function=located.qualified_arn,
        route=route,
        authorizer=_authorizer(method) if method else absent(node, "the method"),
        api_key_required=default_bool(method.boolean("api_key_required"), default=False) if method else absent(node, "the method"),
        is_private=is_private(api) if api else absent(node, "the API"),
        resource_policy=_policy(draft, api) if api else absent(node, "the API"),
    )


def _authorizer(method: Node) -> Text | Unknown | None:
    kind = method.text("authorization")
    if kind is None or kind == "":
        return method.child("authorization").why()
    return None if kind == "NONE" else kind


def _path(draft: Draft, resource_id: Text | None, depth: int) -> Text:
    """Put a resource's path together from its ancestors."""
    node = draft.view.found(("aws_api_gateway_resource",), resource_id) if resource_id is not None else None
    if node is None or depth > _DEPTH:
        root = resource_id is not None and draft.view.found(("aws_api_gateway_rest_api",), resource_id, "root_resource_id") is not None
        return ("/" if depth == 0 else "") if root or resource_id is None else _unknown_root(resource_id)
    whole = node.text("path")
    if isinstance(whole, str):
        return whole
    above = _path(draft, node.text("parent_id", to="root_resource_id"), depth + 1)
    return join(above, "/", node.text("path_part") or node.child("path_part").hole())


def _unknown_root(resource_id: Text) -> Text:
    # An API that is not in this plan: what stands above is not known.
    return resource_id if not isinstance(resource_id, str) else ""


def is_private(api: Node) -> bool | Unknown:
    """Say whether an API can be reached only from inside VPCs."""
    block = api.block("endpoint_configuration", computed=True)
    if block is None or isinstance(block, Unknown):
        return block if isinstance(block, Unknown) else False
    types = block.texts("types")
    return types if isinstance(types, Unknown) else "PRIVATE" in types


def _policy(draft: Draft, api: Node) -> Policy | Unknown | None:
    found = policy_of(api, "policy")
    beside = draft.beside("triggers", "aws_api_gateway_rest_api_policy", "rest_api_id", draft.view.attribute(api.resource, "id"))
    for other in beside:
        found = policy_of(other, "policy") or found
    stray = draft.stray("triggers", ("aws_api_gateway_rest_api_policy", "rest_api_id"))
    return found or (parse_policy(stray, api.origin("policy")) if stray else None)
