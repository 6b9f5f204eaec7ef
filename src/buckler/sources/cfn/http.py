"""Ways in over HTTP: what all of them share."""

from __future__ import annotations

from typing import Literal, NamedTuple

from buckler.model.functions import Trigger
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy
from buckler.model.text import Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.values import to_texts


class Api(NamedTuple):
    """An API, as its routes see it."""

    resource: Resource
    kind: Literal["rest", "http", "websocket"]
    is_private: bool | Unknown = False
    policy: Policy | Unknown | None = None

    @property
    def id(self) -> Text:
        return self.resource.template.name(self.resource.id)


def invoked_function(uri: Text, names: FunctionNames) -> Text | None:
    """Give the ARN of the function an integration invokes; None when it is no function.

    The URI is `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION/invocations`; HTTP APIs also take the function's ARN.
    """
    parts = cut(uri, "/functions/")
    if len(parts) == 2:
        return names.find(cut(parts[1], "/invocations")[0]).invoked
    pieces = cut(uri)
    if len(pieces) >= 7 and pieces[2] == "lambda" and pieces[5] == "function":
        return names.find(uri).invoked
    target = names.find(uri)
    return target.invoked if target.function is not None else None


def trigger(
    api: Api,
    *,
    method: Text,
    path: Text,
    function: Text,
    authorizer: Text | Unknown | None,
    origin: FileOrigin,
    address: str,
    api_key: bool | Unknown = False,
) -> Trigger:
    """Make the trigger of one route."""
    template = api.resource.template
    verb = "*" if method == "ANY" else method
    # $default and $connect have no method.
    route = join(method, " ", path) if method else path
    tail = join(verb, path) if method else path
    arn = join("arn:", template.partition, ":execute-api:", template.region, ":", template.account, ":", api.id, "/*/", tail)
    return Trigger(
        arn=arn,
        name=join(known_or_hole(api.resource.text("Name") or api.resource.id, api.resource.id), " ", route),
        account=template.account,
        region=template.region,
        origin=origin,
        address=address,
        kind=api.kind,
        function=function,
        route=route,
        authorizer=authorizer,
        api_key_required=api_key,
        is_private=api.is_private,
        resource_policy=api.policy,
    )


def is_private(resource: Resource) -> bool | Unknown:
    """Say whether a REST API is reachable only inside a VPC."""
    configuration = resource.get("EndpointConfiguration")
    if configuration is None or isinstance(configuration, Unknown):
        return False if configuration is None else configuration
    kinds = to_texts(configuration.get("Types")) if hasattr(configuration, "get") else None
    return kinds if isinstance(kinds, Unknown) else "PRIVATE" in (kinds or ())


def belongs(template: Template, reference: Text | Unknown | None, resource: Resource) -> bool:
    """Say whether a reference (`RestApiId`, `ApiId`, `Listener`) means a resource of this template."""
    return reference is not None and not isinstance(reference, Unknown) and reference in {template.name(resource.id), hole(resource.id)}


def known_or_hole(value: Text | Unknown | None, ref: str) -> Text:
    return hole(ref, value.need if isinstance(value, Unknown) else "") if value is None or isinstance(value, Unknown) else value
