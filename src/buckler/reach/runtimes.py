"""Which runtimes a function really runs on: its own, and those of the versions its aliases serve."""

from buckler.data.runtimes import MADE, Runtime, runtime
from buckler.model.functions import LATEST, Function
from buckler.model.text import known_text
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known


def runtime_named(name: str) -> Runtime:
    """Look a runtime up. Raises `Undecided` for one that the table does not know: it may be newer, or misspelt."""
    found = runtime(name)
    if found is None:
        raise Undecided(
            Unknown(
                kind=UnknownKind.UNSUPPORTED, why=f"the runtime `{name}` is not in the table of {MADE.isoformat()}", need="a newer buckler"
            )
        )
    return found


def runtime_of(function: Function) -> Runtime | None:
    """Give the runtime of `$LATEST`; None for container images."""
    name = known(function.runtime)
    return None if name is None else runtime_named(known_text(name))


def served_runtimes(function: Function) -> dict[str, list[str]]:
    """Map the runtimes of published versions that an alias serves to those aliases; a version of `$LATEST`'s runtime tells nothing new.

    Raises `Undecided` when aliases or versions could not be read.
    """
    aliases = known(function.aliases)
    if not aliases or known(function.runtime) is None:
        return {}
    runtimes = {version.version: version.runtime for version in known(function.versions)}
    served: dict[str, list[str]] = {}
    for alias in aliases:
        for version in (alias.version, *alias.routing):
            name = runtimes.get(version)
            if version != LATEST and isinstance(name, str) and name != function.runtime:
                served.setdefault(name, []).append(known_text(alias.name))
    return served
