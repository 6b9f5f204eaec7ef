"""REST APIs of API Gateway: methods as resources and in OpenAPI bodies."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.functions import Trigger
from buckler.model.policy import Policy
from buckler.model.text import Text, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.http import Api, belongs, invoked_function, is_private, known_or_hole, trigger
from buckler.sources.cfn.openapi import openapi_triggers
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_text, unknown


def rest_triggers(template: Template, names: FunctionNames) -> Iterator[Trigger]:
    apis = [_api(resource) for resource in template.of_type("AWS::ApiGateway::RestApi")]
    for api in apis:
        if api.resource.has("BodyS3Location"):
            why = unknown(f"the routes of `{api.resource.id}` are in a file that cannot be read here", "the file beside the template")
            template.gap("triggers", why, api.resource.origin("BodyS3Location"))
        yield from openapi_triggers(api, names)
    for method in template.of_type("AWS::ApiGateway::Method"):
        reference = method.text("RestApiId")
        owner = next((one for one in apis if belongs(template, reference, one.resource)), None)
        # A method on an API made elsewhere: whether that one is private, and its policy, the template does not tell.
        yield from _method(method, owner or Api(method, "rest", is_private=_outside(method), policy=_outside(method)), names)


def _outside(method: Resource) -> Unknown:
    from buckler.model.unknown import UnknownKind

    return Unknown(kind=UnknownKind.OUTSIDE, why=f"the API of `{method.id}` is not in this template", need="a live scan")


def _api(resource: Resource) -> Api:
    policy = resource.policy("Policy")
    if policy is None:
        body = resource.get("Body")
        document = body.get("x-amazon-apigateway-policy") if isinstance(body, Map) else None
        if document is not None:
            policy = resource.policy_in(document, name="", fallback=resource.origin("Body"))
    return Api(resource, "rest", is_private(resource), policy if isinstance(policy, Policy | Unknown) else None)


def _method(method: Resource, api: Api, names: FunctionNames) -> Iterator[Trigger]:
    integration = method.get("Integration")
    uri = to_text(integration.get("Uri")) if isinstance(integration, Map) else None
    if uri is None:
        return
    if isinstance(uri, Unknown):
        method.template.gap("triggers", unknown(f"what `{method.id}` invokes is not resolved", uri.need), method.origin("Integration"))
        return
    function = invoked_function(uri, names)
    if function is None:
        return
    kind = method.text("AuthorizationType")
    yield trigger(
        api,
        method=known_or_hole(method.text("HttpMethod"), f"{method.id}.HttpMethod"),
        path=_path(method.template, method.text("ResourceId")),
        function=function,
        authorizer=None if kind in {None, "NONE"} else kind,
        api_key=method.flag("ApiKeyRequired", default=False),
        origin=method.origin("AuthorizationType"),
        address=method.id,
    )


def _path(template: Template, reference: Text | Unknown | None) -> Text:
    """Follow the parents of a resource up to the root."""
    parts: list[Text] = []
    for _ in range(64):
        resource = next((one for one in template.of_type("AWS::ApiGateway::Resource") if belongs(template, reference, one)), None)
        if resource is None:
            break
        parts.append(known_or_hole(resource.text("PathPart"), f"{resource.id}.PathPart"))
        reference = resource.text("ParentId")
    pieces: list[Text] = []
    for part in reversed(parts):
        pieces.extend(("/", part))
    return join(*pieces) if pieces else "/"
