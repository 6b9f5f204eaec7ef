"""Connections that were asserted, and what came of each: as text, and as JSON."""

from collections.abc import Sequence

from buckler import __version__
from buckler.model.reachability import Asserted
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint
from buckler.report.words import count


def asserted_text(told: Sequence[Asserted], context: Context) -> str:
    """Write a line for each, and under what does not hold why."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    lines: list[str] = []
    for one in told:
        asked = one.assertion
        word, style = ("?", "yellow") if isinstance(one.holds, Unknown) else ("ok", "green") if one.holds else ("NOT", "red")
        first, *more = paragraph(f"{asked.wanted}: {asked.function} to {asked.to}, {asked.protocol} {asked.port}", canvas, indent=4)
        lines += [canvas.paint(f"{word:<4}", style) + first[4:], *more]
        if isinstance(one.holds, Unknown):
            lines += paragraph(f"not known: {one.holds.why} (needs {one.holds.need})", canvas, indent=6)
        elif not one.holds:
            lines += [line for why in _why(one) for line in paragraph(why, canvas, indent=6)]
    held = sum(one.holds is True for one in told)
    lines += paragraph(f"{held} of {count(len(told), 'connection')} as the file says", canvas)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _why(one: Asserted) -> tuple[str, ...]:
    reach = one.reach
    if reach is None:
        return ()
    if reach.verdict == "no":
        return tuple(f"in the way: {blocker}" for blocker in reach.blockers)
    said = {"always": "it is reached", "may": "it may be reached", "some-client-ports": "it is reached now and then"}
    first = said.get(reach.verdict, "it is reached from some subnets")
    return (f"{first}, by {' > '.join(reach.nodes)}", *((one.assertion.why,) if one.assertion.why else ()))


def asserted_json(told: Sequence[Asserted]) -> str:
    """Write the document."""
    return (
        dump(
            {
                "schema": "buckler/net-assert/1",
                "version": __version__,
                "connections": [
                    {
                        "wanted": one.assertion.wanted,
                        "from": one.assertion.function,
                        "to": one.assertion.to,
                        "protocol": one.assertion.protocol,
                        "port": one.assertion.port,
                        "holds": None if isinstance(one.holds, Unknown) else one.holds,
                        "verdict": one.reach.verdict if one.reach is not None else "unknown",
                        "why": [one.holds.why] if isinstance(one.holds, Unknown) else list(_why(one)) if not one.holds else [],
                    }
                    for one in told
                ],
            }
        )
        + "\n"
    )
