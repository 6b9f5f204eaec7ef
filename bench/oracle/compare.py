"""Two opinions on many worlds: where they agree, where they are known to differ, and what is left."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from bench.oracle.settled import SETTLED
from bench.oracle.simulator import Said, Simulator
from bench.oracle.worlds import World

from buckler.engines.iam import decide
from buckler.model.finding import ContextEntry


class Divergence(NamedTuple):
    """A world of which the two say different things."""

    world: World
    ours: str
    theirs: str


class Comparison(NamedTuple):
    """What came of asking about some worlds."""

    answers: Counter[str]
    """Our answer, of all that were compared."""
    agreed: int
    """How often the simulator's is the same."""
    rejected: Counter[str]
    """Worlds that the simulator refused to judge, by its words."""
    settled: Counter[str]
    """Divergences that a settled case explains, by its name."""
    unexplained: list[Divergence]


def compare(simulator: Simulator, worlds: Sequence[World]) -> Comparison:
    """Ask both about every world."""
    answers: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    differing: list[Divergence] = []
    for world, said in zip(worlds, simulator.ask(worlds), strict=True):
        if said.error:
            rejected[said.error] += 1
            continue
        told = _as_told(world, said)
        ours = answer(told)
        answers[ours] += 1
        if ours != said.answer:
            differing.append(Divergence(told, ours, said.answer))
    explanations = explain(simulator, differing)
    return Comparison(
        answers,
        answers.total() - len(differing),
        rejected,
        Counter(name for names in explanations for name in names or ()),
        [one for one, names in zip(differing, explanations, strict=True) if names is None],
    )


def answer(world: World) -> str:
    """Give our answer."""
    return decide(world.request, world.layers).answer.value


def explain(simulator: Simulator, divergences: Sequence[Divergence]) -> list[tuple[str, ...] | None]:
    """Name the settled cases that explain each divergence, None for one that they don't.

    One case that does is enough; else all that have to do with the world are taken together.
    """
    tries: list[tuple[int, tuple[str, ...], World]] = []
    for index, one in enumerate(divergences):
        together, names = one.world, []
        for case in SETTLED:
            alone = case.rewrite(one.world)
            if alone != one.world:
                tries.append((index, (case.name,), alone))
            rewritten = case.rewrite(together)
            if rewritten != together:
                together = rewritten
                names.append(case.name)
        if len(names) > 1:
            tries.append((index, tuple(names), together))
    found: list[tuple[str, ...] | None] = [None] * len(divergences)
    for (index, names, world), said in zip(tries, simulator.ask([world for _, _, world in tries]), strict=True):
        ours = divergences[index].ours
        if found[index] is None and said.answer == ours == answer(world):
            found[index] = names
    return found


def differs_alike(simulator: Simulator, worlds: Sequence[World], like: Divergence) -> list[bool]:
    """Say of each world whether the two differ about it as they did before, unexplained. For the shrinker."""
    outcomes: list[Divergence | None] = []
    for world, said in zip(worlds, simulator.ask(worlds), strict=True):
        ours = "" if said.error else answer(world)
        is_alike = not said.error and not said.ignored and (ours, said.answer) == (like.ours, like.theirs)
        outcomes.append(Divergence(world, ours, said.answer) if is_alike else None)
    left = [one for one in outcomes if one is not None]
    unexplained = iter([names is None for names in explain(simulator, left)])
    return [one is not None and next(unexplained) for one in outcomes]


def _as_told(world: World, said: Said) -> World:
    """Take out of the request the condition keys that the simulator takes no notice of: they are not sent, then."""
    if not said.ignored:
        return world
    ignored = {key.lower() for key in said.ignored}
    entries = tuple(ContextEntry(key=entry.key, values=()) if entry.key.lower() in ignored else entry for entry in world.request.context)
    return World(msgspec.structs.replace(world.request, context=entries), world.layers)
