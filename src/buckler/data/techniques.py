"""The table of techniques, read: what somebody with a few permissions can make of them.

The words of `techniques.toml` are checked when it is read: an entry that says something `reach` does not know how to look up is an error,
not a technique that silently never fires.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

TechniqueKind: TypeAlias = Literal["self-escalation", "principal-access", "new-passrole", "existing-passrole", "enabler", "persistence"]

TargetKind: TypeAlias = Literal[
    "role",
    "user",
    "group",
    "function",
    "self",
    "own policy",
    "role's policy",
    "user's policy",
    "own group",
    "own boundary",
    "new",
    "some",
    "attacker's layer",
    "function's repository",
    "function's code object",
    "function's layer",
    "function's alias",
    "function's event source",
    "function's code signing",
    "anything",
]
"""What a grant is about. `new` and `some` go with the name of a resource in `[resources]`."""

Yield: TypeAlias = Literal[
    "role", "user", "function", "self granted", "role granted", "user granted", "self unbound", "self tagged", "group", "new principal"
]

Precondition: TypeAlias = Literal[
    "role trusts",
    "function takes unsigned code",
    "function enforces signing",
    "function runs",
    "function is a zip",
    "function's runtime takes options",
    "function has an alias",
    "self is a role",
    "self is a user",
    "self has a boundary",
    "conditions ask for tags",
]

_GRANT: Final = re.compile(r"(?P<action>[a-z0-9-]+:[A-Za-z]+) on (?P<target>[a-z' ]+?)(?: with (?P<context>.+))?")
_PAIR: Final = re.compile(r"(?P<key>[A-Za-z-]+:[A-Za-z]+) = ?(?P<value>[^,]*)")
_BRACES: Final = re.compile(r"\{([^}]*)\}")
_KNOWN_BRACES: Final = frozenset(
    {"role", "user", "group", "function", "layer", "new layer", "administrator", "self's boundary", "role's boundary", "user's boundary"}
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a grant must be for."""

    kind: TargetKind
    resource: str = ""
    """Of `new` and `some`: the name in `[resources]`."""

    @property
    def variable(self) -> str:
        """The entity of the estate it speaks of, directly or by way of something it has: `role`, `user`, `group`, `function`; else ""."""
        head = self.kind.removesuffix("'s policy").partition("'s ")[0]
        return head if head in {"role", "user", "group", "function"} else ""


@dataclass(frozen=True, slots=True)
class Need:
    """One action that must be allowed."""

    action: str
    target: Target
    context: tuple[tuple[str, str], ...] = ()
    """Condition keys of the request, with what they are: a value, a name in braces, or "" for a key the request does not have."""


@dataclass(frozen=True, slots=True)
class When:
    """Something that must be so and can be looked up."""

    what: Precondition
    services: tuple[str, ...] = ()
    """Of `role trusts`: any of them will do."""


@dataclass(frozen=True, slots=True)
class Technique:
    """A way from some permissions to more."""

    id: str
    kind: TechniqueKind
    name: str
    grants: tuple[Need, ...]
    when: tuple[When, ...]
    assumes: tuple[str, ...]
    """Phrases with the names in braces left to fill."""
    yields: Yield
    does: str
    """The step in words, likewise."""

    @property
    def actions(self) -> frozenset[str]:
        """All the actions it needs."""
        return frozenset(need.action for need in self.grants)

    @property
    def variable(self) -> str:
        """The entity it ends at: `role`, `user`, `group` or `function`; "" when it ends where it began, or in something new."""
        head = self.yields.partition(" ")[0]
        return head if head in {"role", "user", "group", "function"} else ""


@dataclass(frozen=True, slots=True)
class Table:
    """All techniques, and how the resources they make are called."""

    techniques: tuple[Technique, ...]
    resources: Mapping[str, str]
    """ARN with `{partition}`, `{region}`, `{account}` and `{name}` by the name of the resource."""

    def technique(self, technique_id: str) -> Technique:
        """Find a technique by its id."""
        return next(one for one in self.techniques if one.id == technique_id)


@cache
def technique_table() -> Table:
    """Read the table, once."""
    return parse_techniques((Path(__file__).parent / "techniques.toml").read_text(encoding="utf-8"))


def parse_techniques(text: str) -> Table:
    """Read a table. Raises `ValueError` for a word it does not know."""
    document = tomllib.loads(text)
    resources: dict[str, str] = document["resources"]
    techniques = tuple(_technique(entry, resources) for entry in document["technique"])
    ids = [one.id for one in techniques]
    if len(set(ids)) != len(ids):
        raise ValueError(f"two techniques share an id: {min(one for one in ids if ids.count(one) > 1)}")
    return Table(techniques=techniques, resources=resources)


def _technique(entry: Mapping[str, object], resources: Mapping[str, str]) -> Technique:
    where = f"technique {entry.get('id')}"
    unknown = sorted(set(entry) - {"id", "kind", "name", "grants", "when", "assumes", "yields", "does"})
    if unknown:
        raise ValueError(f"{where}: unknown entry {unknown[0]}")
    kind, yields = _text(entry, "kind"), _text(entry, "yields")
    if kind not in get_args(TechniqueKind):
        raise ValueError(f"{where}: unknown kind {kind}")
    if yields not in get_args(Yield):
        raise ValueError(f"{where}: cannot yield {yields}")
    technique = Technique(
        id=_text(entry, "id"),
        kind=kind,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of its values, as just checked
        name=_text(entry, "name"),
        grants=tuple(_need(line, resources, where) for line in _texts(entry, "grants")),
        when=tuple(_when(line, where) for line in _texts(entry, "when")),
        assumes=_texts(entry, "assumes"),
        yields=yields,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - likewise
        does=_text(entry, "does"),
    )
    for phrase in (technique.does, *technique.assumes, *(value for need in technique.grants for _, value in need.context)):
        for name in _BRACES.findall(phrase):
            if name not in _KNOWN_BRACES:
                raise ValueError(f"{where}: nothing is called {{{name}}}")
    if not technique.grants:
        raise ValueError(f"{where}: needs at least one grant")
    if technique.variable and technique.variable not in {need.target.variable for need in technique.grants} | {
        "role" for one in technique.when if one.what == "role trusts"
    }:
        raise ValueError(f"{where}: nothing says which {technique.variable} it yields")
    return technique


def _need(line: str, resources: Mapping[str, str], where: str) -> Need:
    match = _GRANT.fullmatch(line)
    if match is None:
        raise ValueError(f"{where}: cannot read the grant `{line}`")
    return Need(action=match["action"], target=_target(match["target"], resources, where), context=_context(match["context"], line, where))


def _target(words: str, resources: Mapping[str, str], where: str) -> Target:
    head, _, rest = words.partition(" ")
    if head in {"new", "some"}:
        if rest not in resources:
            raise ValueError(f"{where}: no resource is called `{rest}`")
        return Target(kind=head, resource=rest)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the two
    if words not in get_args(TargetKind):
        raise ValueError(f"{where}: no target is called `{words}`")
    return Target(kind=words)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of its values, as just checked


def _context(written: str | None, line: str, where: str) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for pair in (written or "").split(", ") if written else ():
        match = _PAIR.fullmatch(pair)
        if match is None:
            raise ValueError(f"{where}: cannot read the context of `{line}`")
        pairs.append((match["key"], match["value"].strip()))
    return tuple(pairs)


def _when(line: str, where: str) -> When:
    if line.startswith("role trusts "):
        return When(what="role trusts", services=tuple(line.removeprefix("role trusts ").split(" or ")))
    if line not in get_args(Precondition):
        raise ValueError(f"{where}: nobody can look up `{line}`")
    return When(what=line)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of its values, as just checked


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"technique {entry.get('id')}: {name} is missing")
    return value


def _texts(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):  # pyright: ignore[reportUnknownVariableType] - each is looked at
        raise ValueError(f"technique {entry.get('id')}: {name} is not a list of sentences")
    return tuple(str(one) for one in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - as just checked
