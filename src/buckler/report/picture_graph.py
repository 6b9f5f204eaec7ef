"""From a blast radius to what is drawn: boxes in five columns and the links between them."""

from dataclasses import dataclass, field
from typing import TypeAlias

from buckler.model.graph import Access, Blast, Edge, Node, NodeKind
from buckler.model.severity import Severity
from buckler.report.blast_words import VERBS, Worst, doubt, home, kind_word, nodes_of, stand_in, title_of, worst_path
from buckler.report.clean import clean, elide

Key: TypeAlias = tuple[int, str]
"""Column and id: a role may both reach the function and be what it can become."""

REACHES, FUNCTION, RUNS_AS, BECOMES, TOUCHES = range(5)

_TIP_LINES = 12
_TIP_LENGTH = 2000
"""Columns of one line of a tip: an ARN has 2,048 characters at most."""


@dataclass
class Box:
    """One thing, or many of a kind."""

    key: Key
    kind: NodeKind
    name: str
    note: str
    tips: list[str]
    parent: Key | None = None
    """In the columns of principals: the box of the same column that the step comes from, or goes to. They are drawn as a tree."""
    harm: Severity | None = None
    number: int = 1
    is_group: bool = False
    is_worst: bool = False


@dataclass
class Link:
    """One step, or several between the same two boxes."""

    source: Key
    target: Key
    tips: list[str] = field(default_factory=list[str])
    is_certain: bool = False
    label: str = ""
    """Its number on the worst path; empty elsewhere."""
    is_folded: bool = False
    """It stands for several steps, or leads to or from many of a kind."""


@dataclass
class Sketch:
    """All that is drawn. Boxes of a column are in the order of harm, links in the order of their paths."""

    boxes: dict[Key, Box]
    links: dict[tuple[Key, Key], Link]
    worst: Worst

    def column(self, number: int) -> list[Box]:
        return [box for box in self.boxes.values() if box.key[0] == number]


def sketch(blast: Blast) -> Sketch:
    """Put a blast radius into boxes and links."""
    drawing = _Drawing(blast)
    drawing.draw()
    return drawing.sketch


class _Drawing:
    """Collects boxes and links; a box is made once, by whoever names it first."""

    def __init__(self, blast: Blast) -> None:
        self.blast = blast
        self.sketch = Sketch(boxes={}, links={}, worst=worst_path(blast))
        self._nodes = nodes_of(blast)
        self._walked: set[tuple[int, ...]] = set()
        self._steps = {_name(edge): label for label, edge in self.sketch.worst.labelled()}

    def draw(self) -> None:
        blast, function = self.blast, self.blast.function
        accesses: dict[Key, set[Access]] = {}
        own = self._box((FUNCTION, function.id), function, "function")
        own.is_worst = bool(self._steps)
        for reacher in blast.reached_by:
            self._walk_in(reacher.path.edges, reacher.node)
        if blast.runs_as is not None:
            role = self._box((RUNS_AS, blast.runs_as.id), blast.runs_as, f"{kind_word(blast.runs_as.kind)}{home(blast.runs_as, function)}")
            link = self.sketch.links.setdefault((own.key, role.key), Link(own.key, role.key, is_certain=True))
            link.tips.append(f"runs as {clean(blast.runs_as.name)}")
        for become in blast.becomes:
            self._walk_out(become.path.edges)
            box = self._box(self._out(become.node.id), become.node, self._note(become.node, become.path.edges))
            if become.is_administrator:
                box.note = f"administrator {box.note}"
        for touch in blast.touches:
            self._walk_out(touch.path.edges[:-1])
            key = (TOUCHES, touch.node.id)
            box = self._box(key, touch.node, "")
            access = accesses.setdefault(key, set())
            access.update(touch.access)
            levels = ", ".join(level for level in _LEVELS if level in access)
            box.note = (
                "a whole account"
                if touch.node.kind == "administrator"
                else f"{kind_word(touch.node.kind)}{home(touch.node, function)}: {levels}"
            )
            box.harm = worse(touch.harm, box.harm)
            if touch.path.edges:
                last = touch.path.edges[-1]
                source = self._out(last.source)
                self._box(source, self._node(last.source), self._note(self._node(last.source), ()))
                self._link(last, source, key)

    def _walk_in(self, edges: tuple[Edge, ...], first: Node) -> None:
        """Draw a way to the function; a box hangs under the one its step leads to."""
        for edge in edges:
            node = first if edge.source == first.id else self._node(edge.source)
            # A technique's sentence is for the tip; here one word says how.
            self._box(self._in(node.id), node, f"{self._note(node, ())} · {VERBS[edge.kind]}")
        for edge in edges:
            source, target = self._in(edge.source), self._in(edge.target)
            self._box(target, self._node(edge.target), self._note(self._node(edge.target), ()))
            self._link(edge, source, target)
            if source[0] == target[0]:
                self._hang(source, target)

    def _in(self, identity: str) -> Key:
        return (FUNCTION, self.blast.function.id) if self._is_function(identity) else (REACHES, identity)

    def _is_function(self, identity: str) -> bool:
        """Say whether an id is the function's, or of a version or an alias of it."""
        return identity == self.blast.function.id or identity.startswith(f"{self.blast.function.id}:")

    def _walk_out(self, edges: tuple[Edge, ...]) -> None:
        """Draw a way from the function; a box hangs under the one its step comes from."""
        # Hundreds of things are touched by way of the same principal, over the very same steps.
        steps_taken = tuple(map(id, edges))
        if steps_taken in self._walked:
            return
        self._walked.add(steps_taken)
        for number, edge in enumerate(edges):
            source, target = self._out(edge.source), self._out(edge.target)
            for key, steps in ((source, edges[:number]), (target, edges[: number + 1])):
                if key not in self.sketch.boxes:
                    node = self._node(key[1])
                    self._box(key, node, self._note(node, steps))
            self._link(edge, source, target)
            if source[0] == target[0] == BECOMES:
                self._hang(target, source)

    def _out(self, identity: str) -> Key:
        if self._is_function(identity):
            return (FUNCTION, self.blast.function.id)
        if self.blast.runs_as is not None and identity == self.blast.runs_as.id:
            return (RUNS_AS, identity)
        return (BECOMES, identity)

    def _node(self, identity: str) -> Node:
        return self._nodes.get(identity) or stand_in(identity)

    def _note(self, node: Node, edges: tuple[Edge, ...]) -> str:
        how = f" · {edges[-1].technique}" if edges and edges[-1].technique else ""
        return f"{kind_word(node.kind)}{home(node, self.blast.function)}{how}"

    def _box(self, key: Key, node: Node, note: str) -> Box:
        box = self.sketch.boxes.get(key)
        if box is None:
            count = f" ({node.count:,} of them)" if node.count > 1 else ""
            tip = elide(clean(node.id), _TIP_LENGTH)
            box = Box(key=key, kind=node.kind, name=title_of(node), note=clean(note + count), tips=[f"{kind_word(node.kind)} {tip}"])
            box.number = node.count
            self.sketch.boxes[key] = box
        return box

    def _link(self, edge: Edge, source: Key, target: Key) -> None:
        if source == target:
            return
        link = self.sketch.links.setdefault((source, target), Link(source, target))
        doubts = doubt(edge)
        tip = clean(edge.what) + (f" ({doubts})" if doubts else "")
        if tip not in link.tips:
            link.tips.append(tip)
        link.is_certain = link.is_certain or not doubts
        label = self._steps.get(_name(edge))
        if label and not link.label:
            link.label = label
            for key in (source, target):
                if key in self.sketch.boxes:
                    self.sketch.boxes[key].is_worst = True

    def _hang(self, child: Key, parent: Key) -> None:
        box = self.sketch.boxes[child]
        if box.parent is None and child not in self._above(parent):
            box.parent = parent

    def _above(self, key: Key | None) -> list[Key]:
        keys: list[Key] = []
        while key is not None:
            keys.append(key)
            key = self.sketch.boxes[key].parent
        return keys


_LEVELS: tuple[Access, ...] = ("list", "read", "write", "delete", "permissions")


def _name(edge: Edge) -> tuple[str, ...]:
    """Name a step without its proof, whose policies are long to compare."""
    return (edge.source, edge.target, edge.kind, edge.technique, edge.what)


_RANK = {severity: severity.rank for severity in Severity}


def worse(one: Severity, other: Severity | None) -> Severity:
    return one if other is None or _RANK[one] >= _RANK[other] else other


def tip_text(lines: list[str]) -> str:
    """Join the lines of a tip, the first dozen of them."""
    shown = [elide(line, _TIP_LENGTH) for line in lines[:_TIP_LINES]]
    if len(lines) > _TIP_LINES:
        shown.append(f"and {len(lines) - _TIP_LINES:,} more")
    return "\n".join(shown)
