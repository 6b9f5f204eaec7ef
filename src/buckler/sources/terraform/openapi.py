"""APIs that are defined by an OpenAPI document in the plan."""

import re
from collections.abc import Iterator
from typing import Literal, TypeGuard, cast

import msgspec

from buckler.model.functions import Trigger
from buckler.model.policy import Policy
from buckler.model.text import Partial, Text, join
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import common
from buckler.sources.terraform.documents import decode_partial
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.invocation import of_uri
from buckler.sources.terraform.node import Node, State

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")
_VARIABLE = re.compile(r"\$\{stageVariables\.\w+\}")

Mapping = dict[str, object]


def body_triggers(
    draft: Draft, node: Node, kind: Literal["rest", "http"], *, is_private: bool | Unknown, policy: Policy | Unknown | None
) -> Iterator[Trigger]:
    """List the routes that an API's `body` hands to functions. A body nobody knows yet leaves the triggers incomplete, and says so."""
    body = node.child("body")
    match body.state():
        case State.UNSET:
            return
        case State.UNKNOWN | State.SENSITIVE:
            draft.incomplete("triggers", node, body.why())
            return
        case State.KNOWN if isinstance(body.value, Partial):
            decoded = decode_partial(body.value, body.why())
            if not isinstance(decoded, dict):
                draft.incomplete("triggers", node, body.why())
                return
            document: Mapping | None = cast("Mapping", decoded)
        case State.KNOWN:
            document = _decoded(body.value)
    if document is None:
        draft.note(node.resource, f"`{body.address}` is not an OpenAPI document")
        return
    schemes = _mapping(_mapping(document.get("components")).get("securitySchemes")) or _mapping(document.get("securityDefinitions"))
    for path, operations in _mapping(document.get("paths")).items():
        for verb, operation in _mapping(operations).items():
            if verb.lower() not in _VERBS or not isinstance(operation, dict):
                continue
            details = cast("Mapping", operation)
            uri = _mapping(details.get("x-amazon-apigateway-integration")).get("uri")
            located = of_uri(node, uri) if _is_plain(uri) else None
            if located is None:
                continue
            route = join("ANY" if verb.startswith("x-") else verb.upper(), " ", path)
            required = details.get("security", document.get("security"))
            base = common(node)
            base["name"] = route
            yield Trigger(
                **base,
                kind=kind,
                function=located.qualified_arn,
                route=route,
                authorizer=_authorizer(details, document, required, schemes),
                api_key_required=any(_is_key(schemes, name) for name in _names(required)),
                is_private=is_private,
                resource_policy=policy,
            )


def _is_plain(uri: object) -> TypeGuard[Text]:
    return isinstance(uri, Partial) or (isinstance(uri, str) and not _VARIABLE.search(uri))


def _decoded(value: object) -> Mapping | None:
    """Decode a document, JSON or YAML."""
    if not isinstance(value, str):
        return None
    try:
        decoded: object = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        import yaml

        try:
            decoded = yaml.load(value, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
        except (yaml.YAMLError, RecursionError, ValueError):
            return None
    return cast("Mapping", decoded) if isinstance(decoded, dict) else None


def _mapping(value: object) -> Mapping:
    if not isinstance(value, dict):
        return {}
    return {key: entry for key, entry in cast("dict[object, object]", value).items() if isinstance(key, str)}


def _names(required: object) -> list[str]:
    """List the schemes a `security` asks for; an empty entry among them makes it optional."""
    entries = cast("list[object]", required) if isinstance(required, list) else []
    if any(entry == {} for entry in entries):
        return []
    return [name for entry in entries for name in _mapping(entry)]


def _is_key(schemes: Mapping, name: str) -> bool:
    scheme = _mapping(schemes.get(name))
    return (
        scheme.get("type") == "apiKey" and "x-amazon-apigateway-authtype" not in scheme and "x-amazon-apigateway-authorizer" not in scheme
    )


def _authorizer(operation: Mapping, document: Mapping, required: object, schemes: Mapping) -> Text | None:
    auth = _mapping(operation.get("x-amazon-apigateway-auth") or document.get("x-amazon-apigateway-auth")).get("type")
    if isinstance(auth, str) and auth.upper() != "NONE":
        return auth.upper()
    for name in _names(required):
        scheme = _mapping(schemes.get(name))
        if _is_key(schemes, name):
            continue  # A key identifies a customer for metering; AWS says not to rely on it for authorization.
        if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
            return "AWS_IAM"
        kind = _mapping(scheme.get("x-amazon-apigateway-authorizer")).get("type")
        match kind:
            case "jwt":
                return "JWT"
            case "cognito_user_pools":
                return "COGNITO_USER_POOLS"
            case str():
                return "CUSTOM"
            case _:
                # A scheme API Gateway has no authorizer for is documentation: nothing enforces it.
                continue
    return None
