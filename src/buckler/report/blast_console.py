"""A blast radius for the terminal: the answer first, then how, step by step, what it costs, and what nobody could answer."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from buckler.model.finding import Request
from buckler.model.graph import Become, Blast, Edge, Node, NodeKind, Reacher, Touch
from buckler.model.severity import Severity
from buckler.reach.access import follows
from buckler.reach.blast_network import said_of
from buckler.report import Context
from buckler.report.blast_words import (
    doubt,
    first_request,
    gap_line,
    home,
    is_unknown,
    kind_word,
    more,
    nodes_of,
    spot,
    title_of,
    worst_path,
)
from buckler.report.clean import clean, columns, cut, elide
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import COLOR, Paint
from buckler.report.words import WORST_FIRST, count

_PRINCIPALS, _THINGS, _GAPS = 8, 12, 6
"""Shown without `-v`; the rest is counted."""
_ID = 300
"""Columns: longer than any real ARN."""
_SENTENCE = 400
"""Columns: longer than any sentence of ours, but a name in it may be endless."""
_ALL_LEVELS = 5

_Listed = TypeVar("_Listed", Reacher, Become, Touch)


def text(blast: Blast, context: Context) -> str:
    """Write *blast* for people, on `context.width` columns; all of it when `context.verbose`."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in _Text(blast, canvas, context.targets, verbose=context.verbose).lines()).rstrip() + "\n"


class _Text:
    """Writes one blast; remembers which steps were told, so that none is told twice."""

    def __init__(self, blast: Blast, canvas: Canvas, targets: Sequence[str], *, verbose: bool) -> None:
        self.blast, self.canvas, self.verbose = blast, canvas, verbose
        self._targets = targets
        self._told: set[tuple[str, ...]] = set()
        self._nodes = nodes_of(blast)

    def lines(self) -> Iterator[str]:
        blast, paint = self.blast, self.canvas.paint
        label = "unknown" if is_unknown(blast) else blast.worst.value
        first, *rest = paragraph(f"{label}: {blast.summary}", self.canvas, hang=4)
        yield paint(label, "yellow" if is_unknown(blast) else COLOR[blast.worst]) + paint(first.removeprefix(label), "bold")
        yield from (paint(line, "bold") for line in rest)
        yield paint("  --> ", "blue") + elide(clean(blast.function.id), _ID)
        yield ""
        yield self._title("reached by", len(blast.reached_by), "nobody found")
        shown = self._some(blast.reached_by, _PRINCIPALS)
        for reacher in shown:
            yield from self._principal(reacher.node, "", reacher.path.edges)
        yield from _rest(blast.reached_by[len(shown) :])
        yield ""
        # No title in brackets: a function runs as one role.
        yield paint("runs as", "bold") + (f": {self._named(blast.runs_as)}" if blast.runs_as else ": not known")
        yield ""
        yield self._title("can become", len(blast.becomes), "nobody else found")
        principals = self._some(blast.becomes, _PRINCIPALS)
        for become in principals:
            said = f"{'administrator, ' if become.is_administrator else ''}in {count(become.path.steps, 'step')}"
            yield from self._principal(become.node, said, become.path.edges)
        yield from _rest(blast.becomes[len(principals) :])
        yield ""
        yield self._title("can touch", len(blast.touches), "nothing found")
        yield from self._things()
        yield ""
        if blast.reaches:
            yield self._title("can reach by packets", len(blast.reaches), "")
            yield from self._reached()
            yield ""
        yield from self._unanswered()
        yield from self._help()

    def _title(self, words: str, number: int, none: str) -> str:
        if number:
            return self.canvas.paint(words, "bold") + f": {number:,}"
        # What could not be read is not "none".
        return self.canvas.paint(words, "bold") + f": {none}" + (", but not all could be read" if self.blast.gaps else "")

    def _some(self, ranked: Sequence[_Listed], most: int) -> Sequence[_Listed]:
        # One line more is no longer than the line that says so.
        return ranked if self.verbose or len(ranked) <= most + 1 else ranked[:most]

    def _named(self, node: Node) -> str:
        about = home(node, self.blast.function)
        word = "" if node.kind == "internet" else f"{kind_word(node.kind)} "
        return cut(clean(f"{word}{title_of(node)}{about}"), self.canvas.width - 12)

    def _principal(self, node: Node, said: str, edges: Sequence[Edge]) -> Iterator[str]:
        """Write a principal, and under it the steps that nobody above it took."""
        if len(edges) == 1 and not said:
            yield from self._hop(f"  {self._named(node)}: ", edges[0])
            return
        steps = [_names(edges[: number + 1]) for number in range(len(edges))]
        known = max((number + 1 for number, step in enumerate(steps) if step in self._told), default=0)
        self._told.update(steps)
        # The steps before were told where they led to somebody else.
        above = self._nodes.get(edges[known - 1].target) if known else None
        after = f", after `{title_of(above)}`" if above is not None and above is not self.blast.runs_as and known < len(edges) else ""
        first, *rest = paragraph(f"{self._named(node)}{': ' if said + after else ''}{said}{after}", self.canvas, indent=2, hang=4)
        yield first
        yield from rest
        digits = len(str(len(edges)))
        for number, edge in enumerate(edges[known:], known + 1):
            yield from self._hop(f"    {number:>{digits}} ", edge)

    def _hop(self, lead: str, edge: Edge) -> Iterator[str]:
        """Write one step: what, where the statement stands, and what it rests on."""
        canvas = self.canvas
        indent = len(lead) - len(lead.lstrip())
        # Under the words after a number, but not under those after a name, which is long.
        hang = indent + 4 if lead.rstrip().endswith(":") else columns(lead)
        technique = f" ({edge.technique})" if edge.technique and edge.technique not in edge.what else ""
        said = cut(clean(f"{edge.what}{technique}"), _SENTENCE)
        written = list(paragraph(f"{lead.strip()} {said}", canvas, indent=indent, hang=hang - indent))
        if edge.evidence:
            evidence = edge.evidence[0]
            extra = f" and {count(len(edge.evidence) - 1, 'more statement')}" if len(edge.evidence) > 1 else ""
            where = elide(spot(evidence), _ID)
            if columns(written[-1]) + 5 + columns(where + extra) <= canvas.width:
                last = written.pop()
                yield from written
                yield f"{last}{canvas.paint(' --> ', 'blue')}{canvas.paint.link(where, evidence.origin)}{extra}"
            else:
                yield from written
                yield f"{' ' * hang}{canvas.paint('--> ', 'blue')}{canvas.paint.link(where, evidence.origin)}{extra}"
        else:
            yield from written
        doubts = doubt(edge)
        if doubts:
            for line in paragraph(cut(doubts, _SENTENCE), canvas, indent=hang, hang=0):
                yield canvas.paint(line, "yellow")

    def _things(self) -> Iterator[str]:
        """Write what can be touched, the worst first, as a table; what is not shown whole is counted by harm and kind."""
        shown = self._some(self.blast.touches, _THINGS)
        if not shown:
            return
        kinds = max(columns(kind_word(touch.node.kind)) for touch in shown)
        harms = max(len(severity.value) for severity in Severity)
        room = self.canvas.width - 2 - harms - 2 - kinds - 2
        names = [f"{title_of(touch.node)}{home(touch.node, self.blast.function)}" for touch in shown]
        wide = min(max(map(columns, names)), room * 11 // 20)
        for touch, name in zip(shown, names, strict=True):
            label = elide(name, wide)
            fill = " " * (wide - columns(label))
            access, via = self._access(touch)
            left = room - wide - 2
            is_short = columns(f"{access}{via}") <= left
            harm = self.canvas.paint(touch.harm.value, COLOR[touch.harm]) + " " * (harms - len(touch.harm.value))
            yield f"  {harm}  {kind_word(touch.node.kind):<{kinds}}  {label}{fill}  {cut(access + (via if is_short else ''), left)}"
            if not is_short:
                yield f"{' ' * (4 + harms + 2 + kinds)}{cut(via.removeprefix(', '), self.canvas.width - harms - kinds - 6)}"
            doubts = "; ".join(filter(None, dict.fromkeys(map(doubt, touch.path.edges))))
            for line in paragraph(cut(doubts, _SENTENCE), self.canvas, indent=6 + harms + kinds, hang=0) if doubts else ():
                yield self.canvas.paint(line, "yellow")
        yield from self._folded(self.blast.touches[len(shown) :], {touch.node.kind for touch in shown})

    def _reached(self) -> Iterator[str]:
        """Write what packets reach, the worst first, each with what stands before it."""
        most = len(self.blast.reaches) if self.verbose or len(self.blast.reaches) <= _PRINCIPALS + 1 else _PRINCIPALS
        harms = max(len(severity.value) for severity in Severity)
        for one in self.blast.reaches[:most]:
            said = said_of(one)
            words = f"{one.name} on {one.ports}{'' if one.is_sure else ', perhaps'}{': ' + said if said else ''}"
            first, *rest = paragraph(cut(clean(words), _SENTENCE), self.canvas, indent=4 + harms, hang=0)
            yield f"  {self.canvas.paint(one.harm.value, COLOR[one.harm])}{' ' * (harms - len(one.harm.value))}  {first.lstrip()}"
            yield from rest
        if most < len(self.blast.reaches):
            yield f"  {count(len(self.blast.reaches) - most, 'other')}, listed by `-v`"

    def _folded(self, hidden: Sequence[Touch], shown: set[NodeKind]) -> Iterator[str]:
        """Count by kind what is not shown, the worst kind first: "and 40 more buckets: 30 high, 10 low"."""
        kinds: dict[NodeKind, Counter[Severity]] = {}
        for touch in hidden:
            kinds.setdefault(touch.node.kind, Counter())[touch.harm] += touch.node.count
        for kind, harms in kinds.items():
            said = ", ".join(f"{harms[harm]:,} {harm.value}" for harm in WORST_FIRST if harms[harm])
            yield f"  {more(harms.total(), kind, are_some_shown=kind in shown)}: {said}"
        if hidden:
            yield "  each listed by `-v`"

    def _access(self, touch: Touch) -> tuple[str, str]:
        levels = "everything" if len(touch.access) == _ALL_LEVELS else ", ".join(touch.access)
        if self.blast.runs_as is not None and touch.via == self.blast.runs_as.id:
            return levels, ""
        via = self._nodes.get(touch.via)
        return levels, f", as {title_of(via) if via is not None else clean(touch.via)}"

    def _unanswered(self) -> Iterator[str]:
        gaps = Counter(map(gap_line, self.blast.gaps))
        if not gaps:
            return
        yield from paragraph(f"{count(len(self.blast.gaps), 'question')} unanswered, which may make it worse:", self.canvas)
        lines = gaps.most_common() if self.verbose or len(gaps) <= _GAPS + 1 else gaps.most_common(_GAPS)
        for line, number in lines:
            yield from paragraph(f"{number:,} x {line}" if number > 1 else line, self.canvas, indent=2)
        if len(lines) < len(gaps):
            yield f"  {count(len(gaps) - len(lines), 'other')}, listed by `-v`"
        yield ""

    def _help(self) -> Iterator[str]:
        worst = worst_path(self.blast)
        request = first_request(worst.onward) or first_request(worst.way_in)
        if request is not None:
            # One line whatever its length: it is there to be pasted.
            yield f"{self.canvas.paint('help', 'bold')}: {why_command(request, self._targets)}"


def why_command(request: Request, targets: Sequence[str] = ()) -> str:
    """Write the command that explains one request, safe to paste whatever its names are; without the keys that follow from the rest."""
    asked = [entry for entry in request.context if not follows(entry, request)]
    context = (f"--context {shlex.quote(clean(f'{entry.key}={value}'))}" for entry in asked for value in entry.values)
    words = (shlex.quote(clean(word)) for word in (request.principal, request.action, request.resource, *targets))
    return " ".join(("buckler why", *words, *context))


def _names(edges: Sequence[Edge]) -> tuple[str, ...]:
    return tuple(part for edge in edges for part in (edge.source, edge.target, edge.kind, edge.what))


def _rest(hidden: "Sequence[Reacher] | Sequence[Become]") -> Iterator[str]:
    kinds = Counter[NodeKind]()
    for one in hidden:
        kinds[one.node.kind] += one.node.count
    said = [more(number, kind) for kind, number in kinds.items()]
    if said:
        yield f"  {', '.join(said)}, listed by `-v`"
