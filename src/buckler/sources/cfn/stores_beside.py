"""What resources beside a store say of it: which store of the template a reference means, and what may be meant but is not told."""

from __future__ import annotations

from typing import Generic, TypeVar

from buckler.model.text import Partial, Text, hole, same
from buckler.model.unknown import Unknown
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.values import unknown

T = TypeVar("T")


class Beside(Generic[T]):
    """Facts that stand in resources of their own, by the store they name. For stores of one kind."""

    def __init__(self, template: Template, *types: str) -> None:
        self._template = template
        self._owners: dict[Text, str] = {}
        for resource in template.of_type(*types):
            for name in _names(template, resource.id):
                self._owners.setdefault(name, resource.id)
        self._of: dict[str, list[T]] = {}
        self.elsewhere: dict[Text, list[tuple[T, Resource]]] = {}
        """Facts of stores that are not in the template, by what they are called."""
        self._strays: list[tuple[Text | None, Unknown]] = []

    def add(self, reference: Text | Unknown | None, fact: T, resource: Resource) -> None:
        """Note what *resource* says of the store it refers to."""
        if reference is None or isinstance(reference, Unknown):
            # INVARIANT: a fact that nobody can place belongs, perhaps, to every store of its kind.
            self._strays.append((None, reference or unknown(f"`{resource.id}` does not say what it is about")))
            return
        owner = self._find(reference)
        if owner is not None:
            self._of.setdefault(owner, []).append(fact)
            return
        self.elsewhere.setdefault(reference, []).append((fact, resource))
        if not isinstance(reference, str):
            self._strays.append((reference, unknown(f"`{resource.id}` may be about it: what it names is not resolved")))

    def of(self, logical_id: str) -> list[T]:
        """Give what is said of a store of the template, in the order of the file."""
        return self._of.get(logical_id, [])

    def stray(self, logical_id: str) -> Unknown | None:
        """Say why more may be said of a store than `of` gives; None when it is all."""
        template = self._template
        if template.name(logical_id) == hole(logical_id):
            # A name that AWS makes up is in no parameter and no import.
            return next((why for reference, why in self._strays if reference is None), None)
        names = _names(template, logical_id)
        for reference, why in self._strays:
            if reference is None or any(same(reference, name) is None for name in names):
                return why
        return None

    def _find(self, reference: Text) -> str | None:
        found = self._owners.get(reference)
        if found is not None:
            return found
        # Written out, or made of other pseudo parameters: the name must be equal, and nothing else may contradict.
        named = {owner for name, owner in self._owners.items() if _meets(reference, name)}
        return named.pop() if len(named) == 1 else None


def _meets(left: Text, right: Text) -> bool:
    for delimiter in (":", "/"):
        ours, theirs = cut(left, delimiter), cut(right, delimiter)
        if len(ours) > 3 and len(ours) == len(theirs) and ours[-1] == theirs[-1]:
            return all(same(one, other) is not False for one, other in zip(ours, theirs, strict=True))
    return False


def _names(template: Template, logical_id: str) -> tuple[Text, ...]:
    reference = template.ref(logical_id)
    return (template.arn(logical_id), template.name(logical_id), *((reference,) if isinstance(reference, str | Partial) else ()))
