"""What resources beside a store say of it: which store of the plan they name, and what may be meant but is known only after apply."""

import re
from dataclasses import dataclass, field

from buckler.model.stores import StoreKind
from buckler.model.text import Text, join
from buckler.model.unknown import Unknown
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.plan import Resource

TYPES: dict[StoreKind, str] = {
    "bucket": "aws_s3_bucket",
    "queue": "aws_sqs_queue",
    "topic": "aws_sns_topic",
    "table": "aws_dynamodb_table",
    "stream": "aws_kinesis_stream",
    "event-bus": "aws_cloudwatch_event_bus",
    "repository": "aws_ecr_repository",
}
_NAMES: dict[StoreKind, tuple[str, ...]] = {"bucket": ("arn", "id"), "topic": ("arn",)}
_ARNS: dict[StoreKind, str] = {
    "bucket": "arn:{p}:s3:::{n}",
    "event-bus": "arn:{p}:events:{r}:{a}:event-bus/{n}",
    "repository": "arn:{p}:ecr:{r}:{a}:repository/{n}",
}
_QUEUE_URL = re.compile(r"https://(?:sqs\.(?P<region>[a-z0-9-]+)|[a-z0-9-]+)\.[^/]+/(?P<account>\d{12})/(?P<name>[\w.-]+)")


@dataclass(slots=True)
class Beside:
    """The resources of one type, by the store they are about."""

    of: dict[Resource, list[Node]] = field(default_factory=dict[Resource, list[Node]])
    elsewhere: dict[Text, list[Node]] = field(default_factory=dict[Text, list[Node]])
    """By ARN: about stores that are not in the plan."""
    strays: list[Unknown] = field(default_factory=list[Unknown])

    @property
    def stray(self) -> Unknown | None:
        """Say why any store may have more beside it; None when all is known."""
        return self.strays[0] if self.strays else None


class Names:
    """The stores of a plan by everything they can be called."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._owners: dict[StoreKind, dict[Text, Resource]] = {}

    def beside(self, kind: StoreKind, about: str, key: str, *, default: str = "") -> Beside:
        """Sort the resources of type *about* by the store of a kind that their field *key* names; *default*: when it is not set."""
        found = Beside()
        for node in self._draft.sound("stores", self._draft.view.plan.of(about)):
            try:
                named = node.child(key)
                text = named.as_text(to="arn" if key.endswith("arn") else "id")
            except MalformedError as error:
                found.strays.append(self._draft.malformed("stores", node.resource, error))
                continue
            if text is None or text == "":
                text = default
            if text == "":
                continue
            if text == named.hole():
                # INVARIANT: what nobody can place is, perhaps, about every store of its kind.
                found.strays.append(named.why())
                if not self.of(kind):
                    found.elsewhere.setdefault(text, []).append(node)
                continue
            arn = self.arn(kind, text, node)
            owner = self.of(kind).get(text) or self.of(kind).get(arn)
            if owner is not None:
                found.of.setdefault(owner, []).append(node)
            else:
                found.elsewhere.setdefault(arn, []).append(node)
        return found

    def of(self, kind: StoreKind) -> dict[Text, Resource]:
        """List the stores of a kind by their names."""
        known = self._owners.get(kind)
        if known is None:
            view = self._draft.view
            known = self._owners[kind] = {}
            for resource in view.plan.of(TYPES[kind]):
                for name in _NAMES.get(kind, ("arn", "id", "name")):
                    # A queue's name is not what other resources call it, and a name alone is of one region.
                    if kind != "queue" or name != "name":
                        known.setdefault(view.attribute(resource, name), resource)
        return known

    def arn(self, kind: StoreKind, text: Text, node: Node) -> Text:
        """Write the ARN of what *node* calls by its name or URL."""
        if isinstance(text, str) and text.startswith("arn:"):
            return text
        account, region = node.view.identity.of(node.resource)
        partition = node.view.identity.partition(region)
        if kind == "queue":
            match = _QUEUE_URL.fullmatch(text) if isinstance(text, str) else None
            place = (match["region"] or region, match["account"], match["name"]) if match else None
            return join("arn:", partition, ":sqs:", place[0], ":", place[1], ":", place[2]) if place else text
        pattern = _ARNS.get(kind)
        if pattern is None or (not isinstance(text, str) and text.parts[0] == "arn:"):
            return text
        pieces: dict[str, Text] = {"p": partition, "r": region, "a": account, "n": text}
        return join(*(pieces[piece[1:-1]] if piece.startswith("{") else piece for piece in re.split(r"(\{\w\})", pattern)))
