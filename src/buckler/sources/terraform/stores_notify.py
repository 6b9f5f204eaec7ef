"""Whom a store tells: notifications of buckets, subscriptions of topics, targets of rules."""

from dataclasses import dataclass
from functools import cached_property

import msgspec

from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown
from buckler.sources.event_pattern import takes_bucket, takes_sent
from buckler.sources.terraform.documents import decode_partial
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node, State
from buckler.sources.terraform.plan import Resource
from buckler.sources.terraform.stores_beside import Names

Told = tuple[Text, ...] | Unknown
DEFAULT_BUS = "default"


@dataclass(slots=True)
class Rule:
    """A rule that is switched on and waits for events."""

    pattern: object
    targets: list[Text | Unknown]


class Notifications:
    """Who is told of what, in one plan."""

    def __init__(self, draft: Draft, names: Names) -> None:
        self._draft = draft
        self._names = names
        self._of_buckets = names.beside("bucket", "aws_s3_bucket_notification", "bucket")
        self.subscriptions = names.beside("topic", "aws_sns_topic_subscription", "topic_arn")
        self.rules = names.beside("event-bus", "aws_cloudwatch_event_rule", "event_bus_name", default=DEFAULT_BUS)
        self._targets: dict[Resource, list[Text | Unknown]] = {}

    def of_bucket(self, resource: Resource) -> Told:
        """Give whom a bucket tells; the provider puts one resource's notifications in place of another's."""
        name = self._draft.view.attribute(resource, "id")
        found = [one for node in self._of_buckets.of.get(resource, ()) for one in self._notified(node, name)]
        return together(found, self._of_buckets.stray)

    def buckets_elsewhere(self) -> dict[Text, list[Node]]:
        """List the notifications of buckets that are not in the plan, by ARN."""
        return self._of_buckets.elsewhere

    def told_elsewhere(self, nodes: list[Node]) -> Told:
        """Give whom a bucket that is not in the plan tells."""
        return together([one for node in nodes for one in self._notified(node, node.child("bucket").as_text() or "")])

    def _notified(self, node: Node, name: Text) -> list[Text | Unknown]:
        try:
            found: list[Text | Unknown] = []
            blocks = (("lambda_function", "lambda_function_arn"), ("queue", "queue_arn"), ("topic", "topic_arn"))
            for kind, key in blocks:
                entries = node.blocks(kind)
                found += [entries] if isinstance(entries, Unknown) else [self._normal(block, key) for block in entries]
            bridge = node.boolean("eventbridge")
            if isinstance(bridge, Unknown):
                found.append(bridge)
            elif bridge:
                default = self._names.arn("event-bus", DEFAULT_BUS, node)
                for rule in self._rules(self.rules.elsewhere.get(default, [])):
                    found += rule.targets if takes_bucket(rule.pattern, name) else []
        except MalformedError as error:
            return [self._draft.malformed("stores", node.resource, error)]
        return found

    def of_topic(self, nodes: list[Node]) -> list[Text | Unknown]:
        """Give the subscribers that are functions or queues."""
        found: list[Text | Unknown] = []
        for node in nodes:
            try:
                protocol = node.text("protocol")
                if not isinstance(protocol, str) or protocol in {"lambda", "sqs"}:
                    found.append(self._normal(node, "endpoint"))
            except MalformedError as error:
                found.append(self._draft.malformed("stores", node.resource, error))
        return found

    def of_bus(self, nodes: list[Node]) -> list[Text | Unknown]:
        """Give the targets of the rules of a bus that an event from anyone can match."""
        return [target for rule in self._rules(nodes) if takes_sent(rule.pattern) for target in rule.targets]

    def _rules(self, nodes: list[Node]) -> list[Rule]:
        found: list[Rule] = []
        for node in nodes:
            try:
                pattern = _pattern(node)
                if pattern is None or node.text("state") == "DISABLED" or node.boolean("is_enabled") is False:
                    continue  # Without a pattern it is a schedule: no event makes it run.
            except MalformedError as error:
                pattern = self._draft.malformed("stores", node.resource, error)
            found.append(Rule(pattern, self._targets_by_rule.get(node.resource, [])))
        return found

    @cached_property
    def _targets_by_rule(self) -> dict[Resource, list[Text | Unknown]]:
        view = self._draft.view
        rules = tuple(view.plan.of("aws_cloudwatch_event_rule"))
        by_name: dict[Text, list[Resource]] = {}
        for rule in rules:
            by_name.setdefault(view.attribute(rule, "name"), []).append(rule)
        found: dict[Resource, list[Text | Unknown]] = {}
        for node in self._draft.sound("stores", view.plan.of("aws_cloudwatch_event_target")):
            try:
                named = node.child("rule")
                name, target = named.as_text(to="name"), self._normal(node, "arn")
            except MalformedError as error:
                self._draft.malformed("stores", node.resource, error)
                continue
            if name == named.hole():
                for rule in rules:
                    found.setdefault(rule, []).append(named.why())
            elif name is not None:
                for rule in by_name.get(name, ()):
                    found.setdefault(rule, []).append(target)
        return found

    def _normal(self, node: Node, key: str) -> Text | Unknown:
        """Read the ARN of a function, queue or topic; that of a function so that it meets the function of the plan."""
        text = node.text(key, to="arn")
        return node.child(key).why() if text is None else self._draft.view.functions.by_text(text, node.resource).qualified_arn


def together(found: list[Text | Unknown], stray: Unknown | None = None) -> Told:
    """Give all of them, once; Unknown when one of them is."""
    told: list[Text] = []
    for one in found if stray is None else [*found, stray]:
        if isinstance(one, Unknown):
            return one
        told.append(one)
    return tuple(dict.fromkeys(told))


def _pattern(node: Node) -> object:
    """Read the pattern of a rule: None when it has none, `Unknown` when nobody knows it yet."""
    field = node.child("event_pattern")
    match field.state():
        case State.UNSET:
            return None
        case State.UNKNOWN | State.SENSITIVE:
            return field.why()
        case State.KNOWN:
            if isinstance(field.value, Partial):
                return decode_partial(field.value, field.why())
            if not isinstance(field.value, str):
                raise MalformedError(field.address, "an event pattern")
            if field.value == "":
                return None
            try:
                return msgspec.json.decode(field.value, type=dict[str, object])
            except (msgspec.MsgspecError, RecursionError, UnicodeError):
                raise MalformedError(field.address, "an event pattern") from None
