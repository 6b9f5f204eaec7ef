"""Whom a store tells: notifications of buckets, subscriptions of topics, targets of rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.document import policy_document
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.stores_beside import Beside
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, as_map
from buckler.sources.cfn.values import Resolved, to_list, to_text, unknown
from buckler.sources.event_pattern import takes_bucket, takes_sent

Told = tuple[Text, ...] | Unknown


class Rule(NamedTuple):
    """A rule that is switched on and waits for events."""

    pattern: object
    targets: Told


class Notifications:
    """Who is told of what, in one template."""

    def __init__(self, template: Template, names: FunctionNames) -> None:
        self._template = template
        self._names = names
        self.subscriptions = Beside[Text | Unknown](template, "AWS::SNS::Topic")
        self.rules = Beside[Rule](template, "AWS::Events::EventBus")
        for resource in template.of_type("AWS::SNS::Subscription"):
            endpoint = self._endpoint(resource.text("Protocol"), resource.text("Endpoint"))
            if endpoint is not None:
                self.subscriptions.add(resource.text("TopicArn"), endpoint, resource)
        for resource in template.of_type("AWS::Events::Rule"):
            rule = self._rule(resource)
            if rule is not None:
                bus = resource.text("EventBusName")
                self.rules.add("default" if bus is None else bus, rule, resource)

    def of_bucket(self, resource: Resource) -> Told:
        """Source: CloudFormation reference, `NotificationConfiguration` of a bucket."""
        configuration = resource.get("NotificationConfiguration")
        if isinstance(configuration, Unknown):
            return configuration
        found: list[Text | Unknown] = []
        for kind, key in (("LambdaConfigurations", "Function"), ("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic")):
            for entry in _entries(as_map(configuration).get(kind)):
                target = to_text(entry.get(key)) if isinstance(entry, Map) else entry
                if target is not None:
                    found.append(self.normal(target))
        if "EventBridgeConfiguration" in as_map(configuration):
            # With it, everything is told to the default bus; `EventBridgeEnabled` is true when left out.
            enabled = as_map(as_map(configuration)["EventBridgeConfiguration"]).get("EventBridgeEnabled")
            if to_text(enabled) not in {"false", "False"}:
                name = self._template.name(resource.id)
                for rule, _ in self.rules.elsewhere.get("default", ()):
                    if takes_bucket(rule.pattern, name):
                        found.extend((rule.targets,) if isinstance(rule.targets, Unknown) else rule.targets)
        return together(found)

    def of_topic(self, resource: Resource) -> Told:
        """Give the subscribers a topic names itself, and those that name it."""
        found: list[Text | Unknown] = []
        for entry in _entries(resource.get("Subscription")):
            if isinstance(entry, Unknown):
                found.append(entry)
                continue
            endpoint = self._endpoint(to_text(as_map(entry).get("Protocol")), to_text(as_map(entry).get("Endpoint")))
            if endpoint is not None:
                found.append(endpoint)
        stray = self.subscriptions.stray(resource.id)
        return together([*found, *self.subscriptions.of(resource.id), *((stray,) if stray else ())])

    def of_bus(self, resource: Resource) -> Told:
        """Give the targets of the rules of a bus that an event from anyone can match."""
        stray = self.rules.stray(resource.id)
        return sent([*self.rules.of(resource.id)], stray)

    def normal(self, target: Text | Unknown) -> Text | Unknown:
        """Write the ARN of a function so that it meets the function of the template."""
        if isinstance(target, Unknown):
            return target
        parts = cut(target)
        is_function = len(parts) >= 7 and parts[2] == "lambda" and parts[5] == "function"
        return self._names.find(target).invoked if is_function else target

    def _endpoint(self, protocol: Text | Unknown | None, endpoint: Text | Unknown | None) -> Text | Unknown | None:
        """Give what a subscription tells; None for mail, telephones and servers, which are no ARNs."""
        if isinstance(protocol, Unknown) or endpoint is None:
            return protocol if isinstance(protocol, Unknown) else None
        if isinstance(protocol, str) and protocol not in {"lambda", "sqs"}:
            return None
        return self.normal(endpoint)

    def _rule(self, resource: Resource) -> Rule | None:
        pattern = policy_document(resource.get("EventPattern"))
        if pattern is None or resource.text("State") == "DISABLED":
            return None  # A schedule: no event makes it run.
        found: list[Text | Unknown] = []
        for entry in _entries(resource.get("Targets")):
            target = to_text(entry.get("Arn")) if isinstance(entry, Map) else entry
            if target is not None:
                found.append(self.normal(target))
        return Rule(pattern, together(found))


def sent(rules: list[Rule], stray: Unknown | None = None) -> Told:
    """Give the targets of rules that anybody's event can match."""
    found: list[Text | Unknown] = [] if stray is None else [stray]
    for rule in rules:
        if takes_sent(rule.pattern):
            found.extend((rule.targets,) if isinstance(rule.targets, Unknown) else rule.targets)
    return together(found)


def together(found: list[Text | Unknown]) -> Told:
    """Give all of them, once; Unknown when one of them is."""
    told: list[Text] = []
    for one in found:
        if isinstance(one, Unknown):
            return one
        told.append(one)
    return tuple(dict.fromkeys(told))


def _entries(value: Resolved) -> Iterator[Map | Unknown]:
    entries = to_list(value)
    if isinstance(entries, Unknown):
        yield entries
        return
    for entry in entries or ():
        yield entry if isinstance(entry, Map | Unknown) else unknown("an entry of a list is not resolved")
