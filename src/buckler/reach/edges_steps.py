"""Steps of a walk, and the edges they become when a path is shown."""

from collections.abc import Iterable, Iterator

from buckler.model.finding import Evidence, Witness
from buckler.model.graph import Edge, EdgeKind
from buckler.model.policy import Statement
from buckler.reach.edges_settle import Outcome
from buckler.reach.techniques import Move

_LOOKED_AT_MOST = 400
"""Uncertain steps of one walk that are looked at one by one."""


class Step:
    """How a walk came to a node."""

    __slots__ = ("edge", "is_sure", "kind", "move", "source", "subject", "target")

    def __init__(
        self,
        source: str,
        target: str,
        kind: EdgeKind,
        move: Move | None = None,
        *,
        subject: str = "",
        is_sure: bool = True,
        edge: Edge | None = None,
    ) -> None:
        self.source = source
        self.target = target
        self.kind: EdgeKind = kind
        self.move = move
        self.subject = subject
        """ARN the technique was used on, where that is not the target: the role that was given everything."""
        self.is_sure = is_sure
        self.edge = edge
        """The edge itself, where it was there before the walk: a way in."""


class Walk:
    """Everything that can be reached from some nodes, each with the shortest way: certain ways before uncertain ones."""

    def __init__(self, starts: Iterable[str]) -> None:
        self.steps: dict[str, Step | None] = dict.fromkeys(starts)
        self.certain: set[str] = set(self.steps)
        self.seen: dict[str, int] = {"role": 0, "user": 0, "function": 0}
        """What was reached, as bits of its class."""
        self.left = _LOOKED_AT_MOST
        """How many more uncertain steps are looked at; 0 when some were not."""
        self.within: dict[str, int] | None = None
        """Where it goes, as bits of each class; None: everywhere."""

    @property
    def reached(self) -> tuple[str, ...]:
        """Every node in the order of discovery, the starts first."""
        return tuple(self.steps)

    def way(self, node_id: str) -> tuple[Step, ...]:
        """Give the steps to a node."""
        found: list[Step] = []
        at: Step | None = self.steps[node_id]
        while at is not None:
            found.append(at)
            at = self.steps[at.source]
        return tuple(reversed(found))


def proved_edge(step: Step, what: str, outcomes: Iterable[Outcome], *, technique: str = "", only_if: tuple[str, ...] = ()) -> Edge | None:
    """Make an edge of what came of its requests; None when one of them is refused."""
    found = list(dict.fromkeys(one for outcome in outcomes for one in (*outcome.before, outcome)))
    if not all(outcome.is_possible for outcome in found):
        return None
    return Edge(
        source=step.source,
        target=step.target,
        kind=step.kind,
        technique=technique,
        what=what,
        proof=tuple(Witness(requests=(outcome.request,), layers=outcome.layers) for outcome in found),
        evidence=tuple(evidence_of(found)),
        only_if=tuple(dict.fromkeys((*only_if, *(phrase for outcome in found for phrase in outcome.only_if)))),
        unread=tuple(dict.fromkeys(one for outcome in found for one in outcome.unread)),
    )


def evidence_of(outcomes: Iterable[Outcome]) -> Iterator[Evidence]:
    """Point at the statements that allow requests, each once with all it allows."""
    allowed: dict[Statement, list[str]] = {}
    for outcome in outcomes:
        for statement in outcome.statements:
            actions = allowed.setdefault(statement, [])
            if outcome.request.action not in actions:
                actions.append(outcome.request.action)
    for statement, actions in allowed.items():
        words = actions[0] if len(actions) == 1 else f"{', '.join(actions[:-1])} and {actions[-1]}"
        yield Evidence(origin=statement.origin, note=f"statement `{statement.sid}` allows {words}" if statement.sid else f"allows {words}")


def kind_of(move: Move) -> EdgeKind:
    """Name the step a technique takes."""
    technique = move.technique
    if technique.id == "sts-001":
        return "assume"
    if technique.yields == "function":
        return "change-configuration" if "lambda:UpdateFunctionConfiguration" in technique.actions else "change-code"
    return "escalate"
