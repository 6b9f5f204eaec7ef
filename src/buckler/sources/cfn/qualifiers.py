"""What hangs on a function: aliases, versions, URLs and asynchronous invocation, by the function they name."""

from __future__ import annotations

from typing import TypeVar

from buckler.model.functions import LATEST, Alias, Cors, EventInvokeConfig, FunctionUrl, Version
from buckler.model.text import Text, hole
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames, Target
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import first_hole, to_flag, to_list, to_number, to_text, to_texts, unknown

T = TypeVar("T")


class Qualifiers:
    """Everything of a template that belongs to a function but is a resource of its own."""

    def __init__(self, template: Template, names: FunctionNames) -> None:
        self._names = names
        self.aliases: dict[str, list[Alias]] = {}
        self.versions: dict[str, list[Version]] = {}
        self.urls: dict[str, list[FunctionUrl] | Unknown] = {}
        self.event_invoke: dict[str, list[EventInvokeConfig]] = {}
        for resource in template.of_type("AWS::Lambda::Version"):
            version = Version(version=hole(f"{resource.id}.Version"), origin=resource.origin())
            self._add(self.versions, self._owner(resource, "FunctionName"), version)
        for resource in template.of_type("AWS::Lambda::Alias"):
            self._add(self.aliases, self._owner(resource, "FunctionName"), alias(resource))
        for resource in template.of_type("AWS::Lambda::Url"):
            self._url(resource)
        for resource in template.of_type("AWS::Lambda::EventInvokeConfig"):
            self._add(self.event_invoke, self._owner(resource, "FunctionName"), event_invoke(resource))

    def _owner(self, resource: Resource, key: str) -> Target | None:
        reference = resource.text(key)
        if reference is None or isinstance(reference, Unknown):
            resource.template.note(f"`{resource.id}` belongs to a function that is not resolved", resource.origin())
            return None
        return self._names.find(reference)

    @staticmethod
    def _add(table: dict[str, list[T]], target: Target | None, value: T) -> None:
        if target is not None and target.function is not None:
            table.setdefault(target.function, []).append(value)

    def _url(self, resource: Resource) -> None:
        target = self._owner(resource, "TargetFunctionArn")
        if target is None:
            return
        if target.function is None:
            resource.template.note(f"`{resource.id}` is a URL of a function that is not in this template", resource.origin())
            return
        qualifier = resource.text("Qualifier")
        if isinstance(qualifier, Unknown):
            self.urls[target.function] = qualifier
            return
        urls = self.urls.setdefault(target.function, [])
        if not isinstance(urls, Unknown):
            urls.append(url(resource, qualifier if qualifier is not None else target.qualifier))


def url(resource: Resource, qualifier: Text) -> FunctionUrl:
    auth = resource.text("AuthType")
    mode = resource.text("InvokeMode")
    return FunctionUrl(
        qualifier=qualifier,
        auth_type=auth if auth is not None else unknown(f"`{resource.id}` has no AuthType"),
        cors=_cors(resource),
        invoke_mode="BUFFERED" if mode is None or isinstance(mode, Unknown) else mode,
        origin=resource.origin("AuthType"),
    )


def _cors(resource: Resource) -> Cors | Unknown | None:
    value = resource.get("Cors")
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, Map):
        text = to_text(value)
        return text if isinstance(text, Unknown) else unknown("Cors is not resolved")
    fields: dict[str, tuple[Text, ...]] = {}
    for key, name in (
        ("AllowOrigins", "allow_origins"),
        ("AllowMethods", "allow_methods"),
        ("AllowHeaders", "allow_headers"),
        ("ExposeHeaders", "expose_headers"),
    ):
        texts = to_texts(value.get(key))
        if isinstance(texts, Unknown):
            return texts
        fields[name] = texts or ()
    return Cors(
        allow_origins=fields["allow_origins"],
        allow_methods=fields["allow_methods"],
        allow_headers=fields["allow_headers"],
        expose_headers=fields["expose_headers"],
        allow_credentials=to_flag(value.get("AllowCredentials"), default=False),
        max_age_s=to_number(value.get("MaxAge")),
        origin=resource.origin("Cors"),
    )


def alias(resource: Resource) -> Alias:
    name, version = resource.text("Name"), resource.text("FunctionVersion")
    routing = resource.get("RoutingConfig")
    shares = to_list(routing.get("AdditionalVersionWeights")) if isinstance(routing, Map) else None
    further: list[Text] = []
    for share in shares if isinstance(shares, list) else ():
        text = to_text(share.get("FunctionVersion")) if isinstance(share, Map) else None
        further.append(text if text is not None and not isinstance(text, Unknown) else hole(f"{resource.id}.RoutingConfig"))
    return Alias(
        name=name if name is not None and not isinstance(name, Unknown) else hole(f"{resource.id}.Name"),
        version=version if version is not None and not isinstance(version, Unknown) else hole(f"{resource.id}.FunctionVersion"),
        routing=tuple(further),
        provisioned_concurrency=_provisioned(resource),
        origin=resource.origin(),
    )


def _provisioned(resource: Resource) -> int | Unknown | None:
    value = resource.get("ProvisionedConcurrencyConfig")
    if isinstance(value, Map):
        return to_number(value.get("ProvisionedConcurrentExecutions"))
    return value if value is None or isinstance(value, Unknown) else unknown("ProvisionedConcurrencyConfig is not resolved")


def event_invoke(resource: Resource) -> EventInvokeConfig:
    qualifier = resource.text("Qualifier")
    retries = resource.number("MaximumRetryAttempts")
    return EventInvokeConfig(
        qualifier=LATEST if qualifier is None else hole(f"{resource.id}.Qualifier") if isinstance(qualifier, Unknown) else qualifier,
        on_failure=destination(resource),
        maximum_retry_attempts=None if isinstance(retries, Unknown) else retries,
        origin=resource.origin(),
    )


def destination(resource: Resource) -> Text | Unknown | None:
    """Read `DestinationConfig.OnFailure.Destination`."""
    value = resource.get("DestinationConfig")
    for key in ("OnFailure", "Destination"):
        if not isinstance(value, Map):
            break
        value = value.get(key)
    text = to_text(value)
    return first_hole(text) if text is not None and not isinstance(text, str | Unknown) and not text.parts else text
