"""A resource of a template, which can be asked for its properties, policies and places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.document import policy_document
from buckler.sources.cfn.tree import NOWHERE, Map, Node, Seq, as_map, mark_of
from buckler.sources.cfn.values import NO_VALUE, Resolved, to_flag, to_list, to_number, to_text, to_texts, unknown
from buckler.sources.common import Common

if TYPE_CHECKING:
    # Only named here: a template is made of its resources.
    from buckler.sources.cfn.template import Template


class Resource:
    """One resource that is, or may be, deployed."""

    def __init__(self, template: Template, logical_id: str, raw: Map, mark: int) -> None:
        self.template = template
        self.id = logical_id
        self.raw = raw
        self.mark = mark
        kind = raw.get("Type")
        self.type = str(kind) if isinstance(kind, str) else ""
        properties: Node = raw.get("Properties")
        self._unknown: Unknown | None = None
        if isinstance(properties, Map) and len(properties) == 1 and next(iter(properties)).startswith("Fn::"):
            resolved = template.resolver.resolve(properties)
            if isinstance(resolved, Map):
                properties = resolved
            else:
                self._unknown = unknown(f"the properties of `{logical_id}` are not resolved")
        self.properties = as_map(properties)
        if "Fn::Transform" in self.properties:
            self._unknown = unknown(f"`Fn::Transform` may add properties to `{logical_id}`", "the processed template")
        self._cache: dict[str, Resolved] = {}

    def get(self, key: str) -> Resolved:
        """Resolve a property; `None` when the template leaves it out."""
        if key not in self._cache:
            value: Resolved
            if key in self.properties:
                value = self.template.resolver.resolve(self.properties[key], mark_of(self.properties, key))
            else:
                value = self._unknown
            self._cache[key] = None if value is NO_VALUE else value
        return self._cache[key]

    def has(self, key: str) -> bool:
        return self.get(key) is not None

    def text(self, key: str) -> Text | Unknown | None:
        return to_text(self.get(key))

    def flag(self, key: str, *, default: bool) -> bool | Unknown:
        return to_flag(self.get(key), default=default)

    def number(self, key: str) -> int | Unknown | None:
        return to_number(self.get(key))

    def list(self, key: str) -> list[Resolved] | Unknown | None:
        return to_list(self.get(key))

    def texts(self, key: str) -> tuple[Text, ...] | Unknown | None:
        return to_texts(self.get(key))

    def common(self) -> Common:
        """Give the fields of `Entity`. What IAM has is in no region."""
        template = self.template
        return Common(
            arn=template.arn(self.id),
            name=template.name(self.id),
            account=template.account,
            region="" if self.type.startswith("AWS::IAM::") else template.region,
            origin=self.origin(),
            address=self.id,
        )

    def origin(self, *keys: str | int) -> FileOrigin:
        """Give the place of the resource, or of the property at *keys*, or of the nearest thing around it that has one."""
        node: Node = self.properties
        mark = self.mark
        for key in keys:
            if isinstance(node, Map) and isinstance(key, str) and key in node:
                found = node.marks.get(key, NOWHERE)
                node = node[key]
            elif isinstance(node, Seq) and isinstance(key, int) and key < len(node):
                found = mark_of(node, key)
                node = node[key]
            else:
                break
            mark = found if found >= 0 else mark
        return self.template.source.origin(mark)

    def policy(self, key: str, *, name: str = "") -> Policy | Unknown | None:
        """Read the policy document in a property."""
        if not self.has(key):
            return None
        return self.policy_in(self.get(key), name=name, fallback=self.origin(key))

    def policy_in(self, document: Resolved, *, name: str, fallback: FileOrigin) -> Policy | Unknown:
        """Read a resolved policy document, with the places of its statements."""
        document = policy_document(document)
        if isinstance(document, Unknown):
            return document

        def place(path: tuple[str | int, ...]) -> FileOrigin:
            node: Node = document
            mark = NOWHERE
            for key in path:
                found = mark_of(node, key)
                mark = found if found >= 0 else mark
                try:
                    node = node[key]
                except (KeyError, IndexError, TypeError):
                    break
            return self.template.source.origin(mark) if mark >= 0 else fallback

        return parse_policy(document, fallback, name=name, place=place)
