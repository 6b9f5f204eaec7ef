"""OpenAPI and Swagger bodies of APIs, written by hand or made by SAM: routes, what they invoke, who must sign in."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.functions import Trigger
from buckler.model.origin import FileOrigin
from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.http import Api, invoked_function, trigger
from buckler.sources.cfn.tree import Map, Node, Seq, mark_of
from buckler.sources.cfn.values import Resolved, first_hole, to_list, to_text, unknown

_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", _ANY})
_KINDS = {"cognito_user_pools": "COGNITO_USER_POOLS", "token": "CUSTOM", "request": "CUSTOM", "jwt": "JWT"}


def openapi_triggers(api: Api, names: FunctionNames) -> Iterator[Trigger]:
    """Give a trigger for each operation that invokes a function."""
    template = api.resource.template
    resolver = template.resolver
    for body in resolver.alternatives(api.resource.properties.get("Body")):
        if not isinstance(body, Map):
            if body is not None:
                template.gap("triggers", unknown(f"the routes of `{api.resource.id}` are not resolved"), api.resource.origin("Body"))
            continue
        paths_node = _raw_paths(api.resource.properties.get("Body"), body)
        for path, raw_item in paths_node.items():
            for item in resolver.alternatives(raw_item, mark_of(paths_node, path)):
                if isinstance(item, Map):
                    yield from _operations(api, names, body, path, item, raw_item)
                elif item is not None:
                    why = unknown(f"the route `{path}` of `{api.resource.id}` is not resolved")
                    template.gap("triggers", why, api.resource.origin("Body"))


def _raw_paths(raw_body: Node, body: Map) -> Map:
    """Give the paths before they are resolved, so that an undecided condition on one shows both its sides."""
    raw = raw_body.get("paths") if isinstance(raw_body, Map) else None
    if isinstance(raw, Map) and not any(key.startswith("Fn::") for key in raw):
        return raw
    resolved: Resolved = body.get("paths")
    return resolved if isinstance(resolved, Map) else Map()


def _operations(api: Api, names: FunctionNames, body: Map, path: str, item: Map, raw_item: Node) -> Iterator[Trigger]:
    template = api.resource.template
    for method, operation in item.items():
        verb = method.lower()
        if verb not in _METHODS:
            continue
        origin = _origin(api, path, method, item, raw_item)
        if isinstance(operation, Unknown):
            for found in _undecided(api, raw_item, method):
                yield from _operation(api, names, body, path, verb, found, origin)
            continue
        if isinstance(operation, Map):
            yield from _operation(api, names, body, path, verb, operation, origin)
        elif operation is not None:
            template.gap("triggers", unknown(f"the route `{path}` of `{api.resource.id}` is not resolved"), origin)


def _undecided(api: Api, raw_item: Node, method: str) -> Iterator[Map]:
    raw = raw_item.get(method) if isinstance(raw_item, Map) else None
    return (found for found in api.resource.template.resolver.alternatives(raw) if isinstance(found, Map))


def _operation(api: Api, names: FunctionNames, body: Map, path: str, verb: str, operation: Map, origin: FileOrigin) -> Iterator[Trigger]:
    integration: Resolved = operation.get(_INTEGRATION)
    uri = to_text(integration.get("uri")) if isinstance(integration, Map) else None
    if uri is None:
        return
    if isinstance(uri, Unknown):
        why = unknown(f"what the route `{path}` of `{api.resource.id}` invokes is not resolved", uri.need)
        api.resource.template.gap("triggers", why, origin)
        return
    function = invoked_function(uri, names)
    if function is None:
        return
    authorizer, api_key = _security(body, operation)
    method = "ANY" if verb == _ANY else verb.upper()
    is_default = path in {"/$default", "$default"}
    yield trigger(
        api,
        method="" if is_default else method,
        path="$default" if is_default else path,
        function=function,
        authorizer=authorizer,
        api_key=api_key,
        origin=origin,
        address=api.resource.id,
    )


def _origin(api: Api, path: str, method: str, item: Map, raw_item: Node) -> FileOrigin:
    template = api.resource.template
    if template.places is not None:
        mark = template.places.route(api.resource.id, path, method)
        if mark >= 0:
            return template.source.origin(mark)
    mark = mark_of(item, method)
    if mark < 0 and isinstance(raw_item, Map | Seq):
        mark = raw_item.mark
    return template.source.origin(mark) if mark >= 0 else api.resource.origin("Body")


def _security(body: Map, operation: Map) -> tuple[Text | Unknown | None, bool | Unknown]:
    """Say which authorizer an operation has, and whether it wants an API key. Its own `security` replaces that of the whole API."""
    declared: Resolved = operation.get("security") if "security" in operation else body.get("security")
    auth: Resolved = operation.get("x-amazon-apigateway-auth")
    if isinstance(auth, Map) and to_text(auth.get("type")) == "AWS_IAM":
        return "AWS_IAM", False
    requirements = to_list(declared)
    if isinstance(requirements, Unknown):
        return requirements, requirements
    schemes = _schemes(body)
    if isinstance(schemes, Unknown):
        return (schemes, schemes) if requirements else (None, False)
    authorizer: Text | Unknown | None = None
    api_key = False
    for requirement in requirements or ():
        if not isinstance(requirement, Map):
            why = to_text(requirement)
            authorizer = why if isinstance(why, Unknown) else unknown("a security requirement is not resolved")
            continue
        for name in requirement:
            kind = _scheme(name, schemes.get(name))
            if kind == "API_KEY":
                api_key = True
            elif kind is not None and authorizer is None:
                authorizer = kind
    return authorizer, api_key


def _schemes(body: Map) -> Map | Unknown:
    components: Resolved = body.get("components")
    found: Resolved = body.get("securityDefinitions")
    if found is None and isinstance(components, Map):
        found = components.get("securitySchemes")
    elif found is None:
        found = components
    if isinstance(found, Map) or found is None:
        return found if isinstance(found, Map) else Map()
    return found if isinstance(found, Unknown) else unknown("the security schemes are not resolved")


def _scheme(name: str, scheme: Resolved) -> Text | Unknown | None:
    """Say what a security scheme is: an authorizer, `API_KEY`, or nothing."""
    if name == "NONE":
        return None
    if scheme is None:
        # API Gateway knows `sigv4` and authorizers made elsewhere by name only.
        return name
    if not isinstance(scheme, Map):
        return unknown(f"the security scheme `{name}` is not resolved")
    kind = to_text(scheme.get("x-amazon-apigateway-authtype"))
    if isinstance(kind, str) and kind.lower() == "awssigv4":
        return "AWS_IAM"
    details: Resolved = scheme.get("x-amazon-apigateway-authorizer")
    if isinstance(details, Map):
        form = to_text(details.get("type"))
        if isinstance(form, Partial):
            return first_hole(form)
        return _KINDS.get(form.lower(), "CUSTOM") if isinstance(form, str) else form or "CUSTOM"
    if isinstance(details, Unknown):
        return details
    if kind is not None:
        return "CUSTOM"
    form = to_text(scheme.get("type"))
    if form == "apiKey":
        return "API_KEY"
    # A scheme without an authorizer is documentation: API Gateway checks nothing.
    return "JWT" if form in {"oauth2", "openIdConnect"} and isinstance(details, Map) else None
