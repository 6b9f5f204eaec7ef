"""What a function reaches over the network: as text, and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from buckler import __version__
from buckler.model.functions import Function
from buckler.model.reachability import NetPort, NetReach, NetReport, NetTarget, ports_text
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.blast_json import unknown_part
from buckler.report.blast_shape import UnknownPart
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint
from buckler.report.words import count

NET_SCHEMA: Literal["buckler/net/1"] = "buckler/net/1"
_WORDS = {
    "always": "reaches",
    "some-client-ports": "reaches now and then",
    "some-subnets": "reaches from some subnets",
    "may": "may reach",
    "unknown": "may reach, as far as it is known,",
    "no": "does not reach",
}


# --- JSON ------------------------------------------------------------------------------------------------------------------


class PortPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a protocol reaches of a target."""

    protocol: str
    verdict: str
    ports: Annotated[tuple[tuple[int, int], ...], msgspec.Meta(description="Both ends included.")]
    client_ports: Annotated[tuple[tuple[int, int], ...], msgspec.Meta(description="That get an answer, where not all do.")]
    subnets: Annotated[tuple[str, ...], msgspec.Meta(description="From which it is reached, where not from all.")]
    witness: str
    failing: str


class TargetPart(msgspec.Struct, frozen=True, kw_only=True):
    """What is reached."""

    kind: str
    name: str
    id: str
    addresses: tuple[str, ...]
    vpc: str
    subnet: str
    security_groups: tuple[str, ...]
    service: str
    asks_iam: Annotated[bool | None, msgspec.Meta(description="false: a password or nothing guards it; null: not known.")]
    guard: Annotated[str, msgspec.Meta(description="`nothing`, `password` or `iam`, where its own settings were read; else empty.")]


class ReachPart(msgspec.Struct, frozen=True, kw_only=True):
    """A function and a target."""

    function: str
    target: TargetPart
    verdict: str
    protocols: tuple[PortPart, ...]
    nodes: tuple[str, ...]
    steps: tuple[dict[str, str | bool], ...]
    blockers: tuple[str, ...]
    unknown: tuple[UnknownPart, ...]
    note: Annotated[str, msgspec.Meta(description="What else there is to say of it: of a resolver, which names it asks for.")]


class NetDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler net --format json` writes."""

    schema: Literal["buckler/net/1"]
    version: str
    function: str
    placement: str
    reached: tuple[ReachPart, ...]
    closed: int
    unknown: tuple[UnknownPart, ...]


def _target(target: NetTarget) -> TargetPart:
    return TargetPart(
        kind=target.kind,
        name=target.name,
        id=target.id,
        addresses=target.addresses,
        vpc=target.vpc,
        subnet=target.subnet,
        security_groups=target.groups,
        service=target.service,
        asks_iam=target.asks_iam,
        guard=target.guard,
    )


def _reach(told: NetReach) -> ReachPart:
    return ReachPart(
        function=shown(told.function.arn) or shown(told.function.name),
        target=_target(told.target),
        verdict=told.verdict,
        protocols=tuple(
            PortPart(
                protocol=one.protocol,
                verdict=one.verdict,
                ports=one.ports,
                client_ports=one.client_ports,
                subnets=one.subnets,
                witness=one.witness,
                failing=one.failing,
            )
            for one in told.protocols
        ),
        nodes=told.nodes,
        steps=tuple({"what": one.what, "said": one.said, "return": one.is_return} for one in told.steps),
        blockers=told.blockers,
        unknown=tuple(unknown_part(one) for one in told.unknown),
        note=told.note,
    )


def net_json(report: NetReport) -> str:
    """Write the document."""
    return (
        dump(
            NetDocument(
                schema=NET_SCHEMA,
                version=__version__,
                function=shown(report.function.arn) or shown(report.function.name),
                placement=report.placement,
                reached=tuple(_reach(one) for one in report.reached),
                closed=report.closed,
                unknown=tuple(unknown_part(one) for one in report.unknown),
            )
        )
        + "\n"
    )


def reaches_json(found: Sequence[NetReach], undecided: Sequence[tuple[Function, Unknown]] = ()) -> str:
    """Write single answers."""
    told = {
        "schema": "buckler/net-reach/1",
        "version": __version__,
        "reach": [msgspec.to_builtins(_reach(one)) for one in found],
        "unknown": [{"function": shown(one.arn), "why": unknown.why, "need": unknown.need} for one, unknown in undecided],
    }
    return dump(told) + "\n"


# --- text ------------------------------------------------------------------------------------------------------------------


def net_text(report: NetReport, context: Context) -> str:
    """Write sentences, the nearest first."""
    canvas = _canvas(context)
    name = shown(report.function.name)
    lines = list(paragraph(f"`{name}` is {report.placement}", canvas))
    if not report.reached:
        lines += paragraph("it reaches nothing that was read", canvas)
    for told in report.reached:
        lines.append("")
        lines += _sentence(told, canvas)
    lines.append("")
    if report.closed:
        lines += paragraph(f"{count(report.closed, 'target')} out of its reach", canvas)
    lines += _open(report.unknown, canvas)
    for problem in report.problems:
        lines += paragraph(f"broken: {problem.why} (needs {problem.need})", canvas)
    return _joined(lines)


def who_text(target: NetTarget, found: Sequence[NetReach], undecided: Sequence[tuple[Function, Unknown]], context: Context) -> str:
    """Write who reaches a target."""
    canvas = _canvas(context)
    lines: list[str] = []
    for told in found:
        lines += paragraph(f"`{shown(told.function.name)}` {_WORDS[told.verdict]} {target.name} on {_ports(told)}", canvas)
        lines += _way(told, canvas)
    lines += paragraph(
        f"{count(len(found), 'function')} of those that were read {'reaches' if len(found) == 1 else 'reach'} {target.name}", canvas
    )
    for function, unknown in undecided:
        lines += paragraph(f"not known of `{shown(function.name)}`: {unknown.why} (needs {unknown.need})", canvas)
    return _joined(lines)


def why_text(told: NetReach, asked: str, context: Context) -> str:
    """Write one answer, and everything that decides."""
    canvas = _canvas(context)
    style = {"no": "green", "always": "red"}.get(told.verdict, "yellow")
    lines = [canvas.paint(_WORDS[told.verdict].rstrip(","), style)]
    lines += paragraph(f"`{shown(told.function.name)}` to {told.target.name}, {asked}", canvas)
    lines += _way(told, canvas)
    for one in told.protocols:
        lines += _details(one, canvas)
    for step in told.steps:
        mark = {"pass": "passes", "may": "may pass", "block": "BLOCKS", "unknown": "not known"}[step.said]
        lines += paragraph(f"{mark}: {step.what}{', for the answer' if step.is_return else ''}", canvas, indent=2)
    if told.note:
        lines += paragraph(told.note, canvas)
    if told.blockers:
        lines += paragraph(f"in the way, all of it: {'; '.join(told.blockers)}", canvas)
    lines += _open(told.unknown, canvas)
    return _joined(lines)


def _canvas(context: Context) -> Canvas:
    return Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _sentence(told: NetReach, canvas: Canvas) -> Iterator[str]:
    if told.target.kind == "resolver":
        yield from paragraph(f"{_WORDS[told.verdict]} {told.target.name}, on port 53, whatever the rules say", canvas)
        if told.note:
            yield from paragraph(told.note, canvas, indent=2)
        return
    guard = f"; {told.target.guarded}" if told.target.guarded else ""
    yield from paragraph(f"{_WORDS[told.verdict]} {told.target.name} on {_ports(told)}{guard}", canvas)
    yield from _way(told, canvas)
    if told.note:
        yield from paragraph(told.note, canvas, indent=2)
    for one in told.protocols:
        yield from _details(one, canvas)


def _ports(told: NetReach) -> str:
    every = [(one.protocol, one.ports) for one in told.protocols]
    if len(every) == 2 and every[0][1] == every[1][1]:
        return f"{every[0][0]} and {every[1][0]} {ports_text(every[0][1])}"
    return ", ".join(f"{protocol} {ports_text(ports)}" for protocol, ports in every) or "nothing"


def _way(told: NetReach, canvas: Canvas) -> Iterator[str]:
    if told.nodes:
        yield from paragraph(f"by {' > '.join(told.nodes)}", canvas, indent=2)


def _details(one: NetPort, canvas: Canvas) -> Iterator[str]:
    if one.subnets:
        yield from paragraph(f"from {', '.join(one.subnets)} only; Lambda picks the subnet", canvas, indent=2)
    if one.client_ports:
        served = ports_text(one.client_ports)
        said = f"{one.protocol}: answers come back to client ports {served} only, the others fail; {one.failing} is one"
        yield from paragraph(said, canvas, indent=2)
    if one.witness:
        yield from paragraph(f"packet: {one.witness}", canvas, indent=2)


def _open(unknown: Sequence[Unknown], canvas: Canvas) -> Iterator[str]:
    for one in dict.fromkeys((each.why, each.need) for each in unknown):
        yield from paragraph(f"not known: {one[0]} (needs {one[1]})", canvas)
