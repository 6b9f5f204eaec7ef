"""Conditions in three values: true, false, or not decided by what the template tells."""

from __future__ import annotations

from collections.abc import Callable

from buckler.model.text import Partial, same
from buckler.model.unknown import Unknown
from buckler.sources.cfn.parameters import PSEUDO, Parameters
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import OpaqueList, Resolved, to_text

_LONGEST = 50
"""Conditions in a chain; who chains more gets no answer."""


class Conditions:
    """The `Conditions` section of one template."""

    def __init__(self, section: Map, resolve: Callable[[Node], Resolved], parameters: Parameters) -> None:
        self.section = section
        self._resolve = resolve
        self._parameters = parameters
        self._known: dict[str, bool | None] = {}
        self._open: set[str] = set()

    def named(self, name: Node) -> bool | None:
        """Decide a condition by its name; an undeclared or circular one is not decided."""
        if not isinstance(name, str) or name not in self.section or name in self._open or len(self._open) >= _LONGEST:
            return None
        if name not in self._known:
            self._open.add(name)
            try:
                self._known[str(name)] = self.evaluate(self.section[name])
            finally:
                self._open.discard(name)
        return self._known[name]

    def evaluate(self, node: Node) -> bool | None:
        """Decide a condition expression (Kleene's logic)."""
        if isinstance(node, bool):
            return node
        if not isinstance(node, Map) or len(node) != 1:
            text = to_text(self._resolve(node))
            return {"true": True, "false": False}.get(text.lower()) if isinstance(text, str) else None
        (function, argument), *_ = node.items()
        entries: list[Node] = list(argument) if isinstance(argument, Seq) else [argument]
        if function == "Condition":
            return self.named(argument)
        if function == "Fn::Not":
            inner = self.evaluate(entries[0]) if entries else None
            return None if inner is None else not inner
        if function == "Fn::And":
            verdicts = [self.evaluate(entry) for entry in entries]
            return False if False in verdicts else None if None in verdicts else True
        if function == "Fn::Or":
            verdicts = [self.evaluate(entry) for entry in entries]
            return True if True in verdicts else None if None in verdicts else False
        if function == "Fn::Equals":
            return self._equal(self._resolve(entries[0]), self._resolve(entries[1])) if len(entries) == 2 else None
        text = to_text(self._resolve(node))
        return {"true": True, "false": False}.get(text.lower()) if isinstance(text, str) else None

    @staticmethod
    def _equal(left: Resolved, right: Resolved) -> bool | None:
        if isinstance(left, OpaqueList | Unknown) or isinstance(right, OpaqueList | Unknown):
            return None
        if isinstance(left, Seq | Map) or isinstance(right, Seq | Map):
            return bool(left == right)
        texts = to_text(left), to_text(right)
        if isinstance(texts[0], str | Partial) and isinstance(texts[1], str | Partial):
            return same(texts[0], texts[1])
        return None

    def need(self, node: Node) -> str:
        """Say which parameters would decide a condition."""
        wanted: list[str] = []
        self._wanted(node, wanted, set())
        return " ".join(f"--parameter {name}=..." for name in dict.fromkeys(wanted)) or "the deployed stack"

    def _wanted(self, node: Node, wanted: list[str], seen: set[str]) -> None:
        if isinstance(node, str):
            if node in self.section and node not in seen and len(seen) < _LONGEST:
                seen.add(node)
                self._wanted(self.section[node], wanted, seen)
        elif isinstance(node, Seq):
            for entry in node:
                self._wanted(entry, wanted, seen)
        elif isinstance(node, Map):
            name = node.get("Ref")
            if isinstance(name, str) and len(node) == 1:
                if name in PSEUDO or (name in self._parameters and not self._parameters.is_decided(name)):
                    wanted.append(str(name))
                return
            for entry in node.values():
                self._wanted(entry, wanted, seen)
