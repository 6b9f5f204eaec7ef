"""The estate in the making: facts, and what of the plan could not be read."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from buckler.model.estate import COLLECTIONS, Estate, Missing, Note, Scope
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value
from buckler.sources.outside import WITHOUT_REGION, outside
from buckler.sources.terraform.locate import Located
from buckler.sources.terraform.node import APPLY, MalformedError, Node
from buckler.sources.terraform.plan import Resource
from buckler.sources.terraform.view import View


@dataclass(slots=True)
class Draft:
    view: View
    facts: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    notes: list[Note] = field(default_factory=list[Note])
    missing: list[Missing] = field(default_factory=list[Missing])
    _beside: dict[tuple[str, str], tuple[dict[Text, list[Node]], list[Unknown]]] = field(
        default_factory=dict[tuple[str, str], tuple[dict[Text, list[Node]], list[Unknown]]]
    )

    def add(self, collection: str, fact: Value) -> None:
        self.facts.setdefault(collection, []).append(fact)

    def each(self, collection: str, resources: Iterable[Resource], read: Callable[[Node], Value | None]) -> None:
        """Read resources into one collection. One that is malformed is noted, and the collection with it; the rest goes on."""
        for node in self.sound(collection, resources):
            try:
                fact = read(node)
            except MalformedError as error:
                self.malformed(collection, node.resource, error)
                continue
            if fact is not None:
                self.add(collection, fact)

    def sound(self, collection: str, resources: Iterable[Resource]) -> Iterator[Node]:
        """List resources that have fields at all."""
        for resource in resources:
            if resource.after is None or isinstance(resource.after, dict):
                yield self.view.node(resource)
            else:
                self.malformed(collection, resource, MalformedError(resource.address, "an object"))

    def malformed(self, collection: str, resource: Resource, error: MalformedError) -> Unknown:
        """Say that a resource could not be read, and that its collection is incomplete for it."""
        origin = self.view.origin(resource)
        unknown = Unknown(kind=UnknownKind.UNRESOLVED, why=f"malformed: {error}", need="a plan written by `terraform show -json`")
        self.notes.append(Note(message=f"`{resource.address}` is malformed and was not read: {error}", origin=origin))
        account, region = self.view.identity.of(resource)
        self.missing.append(
            Missing(collection=collection, account=account, region="" if collection in WITHOUT_REGION else region, unknown=unknown)
        )
        return unknown

    def incomplete(self, collection: str, node: Node, unknown: Unknown) -> None:
        """Say that something of a collection is there, but nobody knows to whom it belongs."""
        account, region = self.view.identity.of(node.resource)
        self.missing.append(Missing(collection=collection, account=account, region=region, unknown=unknown))

    def beside(self, collection: str, kind: str, key: str, *names: Text) -> list[Node]:
        """List the resources of a type whose field *key* names a thing of *collection* by one of its names."""
        index, _ = self._index(collection, kind, key)
        return [node for name in dict.fromkeys(names) for node in index.get(name, ())]

    def stray(self, collection: str, *kinds: tuple[str, str]) -> Unknown | None:
        """Say why something beside a thing may be missing: a resource of these (type, field) names nobody knows what. None: none does."""
        found = [stray for kind, key in kinds for stray in self._index(collection, kind, key)[1]]
        return found[0] if found else None

    def _index(self, collection: str, kind: str, key: str) -> tuple[dict[Text, list[Node]], list[Unknown]]:
        known = self._beside.get((kind, key))
        if known is not None:
            return known
        index: dict[Text, list[Node]] = {}
        strays: list[Unknown] = []
        for node in self.sound(collection, self.view.plan.of(kind)):
            try:
                field_ = node.child(key)
                named = field_.as_text(to="arn" if key.endswith("arn") else "id")
            except MalformedError as error:
                strays.append(self.malformed(collection, node.resource, error))
                continue
            if named == field_.hole():
                strays.append(field_.why())
            elif named is not None:
                index.setdefault(named, []).append(node)
        return self._beside.setdefault((kind, key), (index, strays))

    def note(self, resource: Resource, message: str) -> None:
        self.notes.append(Note(message=message, origin=self.view.origin(resource)))

    def finish(self, scope: Scope) -> Estate:
        places: dict[tuple[Text, Text], None] = {(scope.account, scope.region): None}
        for resource in self.view.plan.resources:
            if resource.type.startswith("aws_") and not resource.is_data:
                places.setdefault(self.view.identity.of(resource))
        facts = {name: tuple(dict.fromkeys(self.facts.get(name, ()))) for name in COLLECTIONS}
        return Estate(scopes=(scope,), missing=(*self.missing, *outside("a plan", places)), notes=tuple(dict.fromkeys(self.notes)), **facts)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the names come from the fields themselves


@dataclass(slots=True)
class Group:
    """The resources of one type that belong to each function, and those of which nobody knows whose they are."""

    of_function: dict[Resource, list[tuple[Node, Located]]] = field(default_factory=dict[Resource, list[tuple[Node, Located]]])
    stray: dict[Resource, list[Unknown]] = field(default_factory=dict[Resource, list[Unknown]])

    def of(self, function: Resource) -> list[tuple[Node, Located]]:
        return self.of_function.get(function, [])

    def unknown(self, function: Resource) -> Unknown | None:
        """Say why the list of a function may be incomplete; None when it is not."""
        found = self.stray.get(function)
        return found[0] if found else None


def group(draft: Draft, kind: str, key: str = "function_name", qualifier: str = "qualifier") -> Group:
    """Sort the resources of a type by the function they name."""
    view = draft.view
    functions = tuple(view.plan.of("aws_lambda_function"))
    grouped = Group()
    for resource in view.plan.of(kind):
        node = view.node(resource)
        try:
            located = view.functions.locate(node, key, qualifier)
        except MalformedError as error:
            unknown = draft.malformed("functions", resource, error)
            for function in functions:
                grouped.stray.setdefault(function, []).append(unknown)
            continue
        if located is not None and located.function is not None:
            grouped.of_function.setdefault(located.function, []).append((node, located))
        elif located is not None and located.is_certain:
            draft.note(resource, f"`{resource.address}` belongs to a function that is not in this plan")
        else:
            unknown = Unknown(
                kind=UnknownKind.UNRESOLVED, why=f"which function `{resource.address}` belongs to is known only after apply", need=APPLY
            )
            for function in (located.candidates if located else ()) or functions:
                grouped.stray.setdefault(function, []).append(unknown)
    return grouped
