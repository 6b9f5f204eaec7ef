"""What functions of one role gain from each other: things the role may use that only some of them have to do with.

What a function has to do with is told by its own configuration: its event sources, its dead-letter queue and destinations, and the names
and ARNs in its environment. A thing that none of them names is nobody's, and says nothing.
"""

import re
from collections.abc import Iterator, Sequence

from buckler.engines.iam import sample
from buckler.model.functions import Function
from buckler.model.graph import Touch
from buckler.model.iam import Role
from buckler.model.secret import Redacted
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis, unqualified
from buckler.reach.blast import touched_by
from buckler.reach.graph import graph_of
from buckler.reach.once import once

_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_SHORT = 4


class Gain(Value):
    """Something that functions may use for no reason but that others of their role need it."""

    touch: Touch
    needed_by: tuple[Function, ...]
    gained_by: tuple[Function, ...]


def gains(role: Role, functions: Sequence[Function], analysis: Analysis) -> Iterator[Gain]:
    """List what some of the functions gain, the worst first."""
    graph = graph_of(analysis)
    actor = graph.actor(sample(role.arn))
    if actor is None:
        return
    named = [(function, _named_by(function, analysis)) for function in functions]
    if any(texts is None for _, texts in named):
        # Whose environment could not be read may need anything.
        return
    if not any(_names(used.node.id, texts or frozenset()) for used in graph.data.used_by(actor) for _, texts in named):
        # Nothing is proved that nobody is shown.
        return
    for touch, _ in sorted(touched_by(graph, actor), key=lambda one: (-one[0].harm.rank, one[1], one[0].node.id)):
        if touch.node.count > 1 or "*" in touch.node.id or touch.harm is Severity.LOW:
            continue
        needing = tuple(function for function, texts in named if _names(touch.node.id, texts or frozenset()))
        if needing and len(needing) < len(named):
            yield Gain(
                touch=touch,
                needed_by=needing,
                gained_by=tuple(function for function, _ in named if all(function is not one for one in needing)),
            )


def _named_by(function: Function, analysis: Analysis) -> frozenset[str] | None:
    """Collect the texts of a function's configuration that may name things; None when its environment could not be read."""
    if isinstance(function.environment, Unknown):
        return None
    found: set[str] = set(_sources(analysis).get(sample(function.arn), ()))
    for variable in function.environment:
        if isinstance(variable.value, Unknown):
            return None
        if not isinstance(variable.value, Redacted):
            found.add(sample(variable.value))
    configured = () if isinstance(function.event_invoke, Unknown) else tuple(one.on_failure for one in function.event_invoke)
    for text in (function.dead_letter, *configured):
        if text is not None and not isinstance(text, Unknown):
            found.add(sample(text))
    return frozenset(found)


@once
def _sources(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Event sources, and stores that tell a function, by its ARN."""
    found: dict[str, list[str]] = {}
    for mapping in analysis.estate.event_sources:
        if mapping.source is not None and not isinstance(mapping.source, Unknown):
            # The stream of a table is named below it.
            found.setdefault(sample(unqualified(mapping.function)), []).append(sample(mapping.source).split("/stream/", 1)[0])
    for store in analysis.estate.stores:
        for arn in () if isinstance(store.notifies, Unknown) else store.notifies:
            found.setdefault(sample(unqualified(arn)), []).append(sample(store.arn))
    return {arn: tuple(sources) for arn, sources in found.items()}


def _names(arn: str, texts: frozenset[str]) -> bool:
    """Say whether one of some texts names a thing: by its ARN, its name, or an address that ends in it."""
    name = arn.split(":", 5)[-1].rpartition(":")[2].rpartition("/")[2]
    known_as = {name, _SECRET_SUFFIX.sub("", name)} if ":secretsmanager:" in arn else {name}
    for text in texts:
        if arn in text or text in known_as:
            return True
        # The search is only made where there is something to find: there are many things, and many texts.
        if any(len(one) >= _SHORT and one in text and re.search(rf"(?:^|[/:,\s]){re.escape(one)}(?:$|[/:,\s.])", text) for one in known_as):
            return True
    return False
