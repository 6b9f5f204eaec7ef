"""HTTP and WebSocket APIs of API Gateway."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.functions import Trigger
from buckler.model.text import Text, same
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.http import Api, belongs, invoked_function, known_or_hole, trigger
from buckler.sources.cfn.openapi import openapi_triggers
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.values import unknown


def http_triggers(template: Template, names: FunctionNames) -> Iterator[Trigger]:
    """Give the routes of all HTTP and WebSocket APIs that invoke a function."""
    apis = [_api(resource) for resource in template.of_type("AWS::ApiGatewayV2::Api")]
    for api in apis:
        if api.resource.has("BodyS3Location"):
            why = unknown(f"the routes of `{api.resource.id}` are in a file that cannot be read here", "the file beside the template")
            template.gap("triggers", why, api.resource.origin("BodyS3Location"))
        yield from openapi_triggers(api, names)
        yield from _quick(api, names)
    routes = [(route, _of(template, apis, route)) for route in template.of_type("AWS::ApiGatewayV2::Route")]
    for route, api in routes:
        yield from _route(route, api, names, _gate(api, routes))


def _api(resource: Resource) -> Api:
    return Api(resource, "websocket" if resource.text("ProtocolType") == "WEBSOCKET" else "http")


def _of(template: Template, apis: list[Api], route: Resource) -> Api:
    reference = route.text("ApiId")
    found = next((api for api in apis if belongs(template, reference, api.resource)), None)
    key = route.text("RouteKey")
    is_http = isinstance(key, str) and (key == "$default" or " " in key)
    return found or Api(route, "http" if is_http else "websocket")


def _quick(api: Api, names: FunctionNames) -> Iterator[Trigger]:
    """`Target` makes an API with one route that invokes it."""
    target = api.resource.text("Target")
    if target is None or isinstance(target, Unknown):
        return
    function = invoked_function(target, names)
    if function is not None:
        key = known_or_hole(api.resource.text("RouteKey") or "$default", f"{api.resource.id}.RouteKey")
        method, path = _split(key)
        origin = api.resource.origin("Target")
        yield trigger(api, method=method, path=path, function=function, authorizer=None, origin=origin, address=api.resource.id)


def _gate(api: Api, routes: list[tuple[Resource, Api]]) -> Text | Unknown | None:
    """Give the authorizer of a WebSocket API: it has one on `$connect`, which lets in or keeps out for all routes."""
    if api.kind != "websocket":
        return None
    for route, owner in routes:
        if owner.resource is api.resource and route.text("RouteKey") == "$connect":
            return _authorizer(route)
    return Unknown(kind=UnknownKind.OUTSIDE, why="the API is not in this template", need="a live scan") if _is_foreign(api) else None


def _is_foreign(api: Api) -> bool:
    return api.resource.type != "AWS::ApiGatewayV2::Api"


def _authorizer(route: Resource) -> Text | Unknown | None:
    kind = route.text("AuthorizationType")
    return None if kind in {None, "NONE"} else kind


def _route(route: Resource, api: Api, names: FunctionNames, gate: Text | Unknown | None) -> Iterator[Trigger]:
    target = route.text("Target")
    if target is None:
        return
    uri = target if isinstance(target, Unknown) else _integration(route.template, target)
    if uri is None:
        return
    if isinstance(uri, Unknown):
        route.template.gap("triggers", unknown(f"what `{route.id}` invokes is not resolved", uri.need), route.origin("Target"))
        return
    function = invoked_function(uri, names)
    if function is None:
        return
    method, path = _split(known_or_hole(route.text("RouteKey"), f"{route.id}.RouteKey"))
    yield trigger(
        api,
        method=method,
        path=path,
        function=function,
        authorizer=_authorizer(route) or gate,
        api_key=route.flag("ApiKeyRequired", default=False),
        origin=route.origin("AuthorizationType"),
        address=route.id,
    )


def _integration(template: Template, target: Text) -> Text | Unknown | None:
    """Give the URI of the integration `integrations/ID` means."""
    reference = cut(target, "integrations/")[-1]
    for integration in template.of_type("AWS::ApiGatewayV2::Integration"):
        if belongs(template, reference, integration) or (same(reference, template.name(integration.id)) is True):
            return integration.text("IntegrationUri")
    return None


def _split(key: Text) -> tuple[Text, Text]:
    """Split a route key: `GET /orders` has a method, `$default` and `$connect` have none."""
    parts = cut(key, " ")
    return (parts[0], parts[1]) if len(parts) == 2 else ("", key)
