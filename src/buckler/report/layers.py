"""Layers as a table, what a poisoned one would hold, and both as JSON."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec

from buckler import __version__
from buckler.model.layering import Held, LayerBlast, LayerRow
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.blast_json import unknown_part
from buckler.report.blast_shape import UnknownPart
from buckler.report.blast_words import title_of
from buckler.report.clean import clean, columns, cut, elide
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import COLOR, Paint
from buckler.report.shape import SeverityWord
from buckler.report.words import count

LAYERS_SCHEMA: Literal["buckler/layers/1"] = "buckler/layers/1"
LAYER_BLAST_SCHEMA: Literal["buckler/layer-blast/1"] = "buckler/layer-blast/1"
_FUNCTIONS = 6
_WIDE = 110
"""Columns from which the table has room for what the layers hold."""


class LayerPart(msgspec.Struct, frozen=True, kw_only=True):
    """One layer version that functions use."""

    arn: str
    name: str
    version: str
    account: str
    publisher: Annotated[str, msgspec.Meta(description="`own`, or a known publisher; empty when nobody knows it.")]
    publisher_retired: bool
    functions: tuple[str, ...]
    roles: int | UnknownPart
    created: str | UnknownPart
    age_days: int | UnknownPart
    newest: Annotated[int | None, msgspec.Meta(description="A newer version that is known; null: none.")]
    exists: Annotated[bool | UnknownPart, msgspec.Meta(description="false: deleted; functions go on with their copy.")]
    signed_by: str | UnknownPart | None
    allowed: Annotated[tuple[str, ...] | UnknownPart, msgspec.Meta(description="Who else may get it.")]
    integrity: str | UnknownPart
    worst_vulnerability: Annotated[str | UnknownPart | None, msgspec.Meta(description="null: none is known.")]


class UnreadPart(msgspec.Struct, frozen=True, kw_only=True):
    """A function or region that may use layers which are not listed."""

    subject: str
    unknown: UnknownPart


class LayersDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler layers --format json` writes."""

    schema: Literal["buckler/layers/1"]
    version: str
    layers: tuple[LayerPart, ...]
    unread: tuple[UnreadPart, ...]


class HeldPart(msgspec.Struct, frozen=True, kw_only=True):
    """Functions that are worth the same to an attacker."""

    functions: tuple[str, ...]
    role: str | None
    worst: SeverityWord
    summary: str
    becomes: tuple[str, ...]
    touches: tuple[str, ...]


class PublisherPart(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may publish the layer's next version."""

    principal: str
    is_sure: bool
    only_if: tuple[str, ...]


class LayerBlastDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler blast layer:ARN --format json` writes."""

    schema: Literal["buckler/layer-blast/1"]
    version: str
    layer: str
    summary: str
    worst: SeverityWord
    functions: int
    roles: int
    administers: tuple[str, ...]
    held: tuple[HeldPart, ...]
    publishers: tuple[PublisherPart, ...]
    gaps: tuple[UnknownPart, ...]


T = TypeVar("T")


def _part(value: T | Unknown) -> T | UnknownPart:
    return unknown_part(value) if isinstance(value, Unknown) else value


def layers_json(rows: Sequence[LayerRow], unread: Sequence[tuple[str, Unknown]]) -> str:
    """Write the document."""
    parts = tuple(
        LayerPart(
            arn=row.arn,
            name=row.name,
            version=row.version,
            account=row.account,
            publisher=row.publisher,
            publisher_retired=row.is_retired,
            functions=row.functions,
            roles=_part(row.roles),
            created=_part(row.created),
            age_days=_part(row.age_days),
            newest=row.newest,
            exists=_part(row.is_there),
            signed_by=_part(row.signed_by),
            allowed=_part(row.allowed),
            integrity=_part(row.integrity),
            worst_vulnerability=_part(row.worst),
        )
        for row in rows
    )
    told = tuple(UnreadPart(subject=subject, unknown=unknown_part(unknown)) for subject, unknown in unread)
    return dump(LayersDocument(schema=LAYERS_SCHEMA, version=__version__, layers=parts, unread=told)) + "\n"


def layers_text(rows: Sequence[LayerRow], unread: Sequence[tuple[str, Unknown]], context: Context) -> str:
    """Write a table that fits `context.width`, and under it what nobody could tell."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    lines = [*_table(rows, canvas), *(_users(rows, canvas) if context.verbose else ()), *_below(rows, unread, canvas)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


_NOT_ASSESSED = "not assessed"


def _table(rows: Sequence[LayerRow], canvas: Canvas) -> Iterator[str]:
    if not rows:
        return
    wide = canvas.width >= _WIDE
    heads = ["layer", "publisher", "used by", "age", "newer", "open to"] + (["integrity", "worst flaw"] if wide else [])
    cells = [_cells(row, wide=wide) for row in rows]
    widths = [max(columns(line[column]) for line in [heads, *cells]) for column in range(len(heads))]
    # The names give way to the figures, down to what still tells them apart.
    for column, least in ((0, 20), (1, 9), (len(heads) - 1, 12), (5, 8)):
        over = sum(widths) + 2 * (len(heads) - 1) - canvas.width
        if over > 0:
            widths[column] = min(widths[column], max(widths[column] - over, least))
    for number, line in enumerate([heads, *cells]):
        text = "  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        text = cut(text, canvas.width)
        yield canvas.paint(text, "bold") if number == 0 else text


def _padded(text: str, width: int) -> str:
    shown = elide(text, width)
    return shown + " " * (width - columns(shown))


def _cells(row: LayerRow, *, wide: bool) -> list[str]:
    told = [
        clean(f"{row.name}:{row.version}" if row.version else row.name),
        clean(row.publisher or f"? {row.account}".rstrip()) + (" (gone)" if row.is_retired else ""),
        str(len(row.functions)),
        "deleted" if row.is_there is False else "?" if isinstance(row.age_days, Unknown) else f"{row.age_days} d",
        str(row.newest or "-"),
        "?" if isinstance(row.allowed, Unknown) else clean(", ".join(row.allowed)) or "-",
    ]
    if wide:
        told.append(_NOT_ASSESSED if isinstance(row.integrity, Unknown) else row.integrity)
        told.append(_NOT_ASSESSED if isinstance(row.worst, Unknown) else row.worst or "none known")
    return told


def _users(rows: Sequence[LayerRow], canvas: Canvas) -> Iterator[str]:
    yield ""
    for row in rows:
        yield from paragraph(f"{row.arn} is used by {', '.join(row.functions)}", canvas)


def _below(rows: Sequence[LayerRow], unread: Sequence[tuple[str, Unknown]], canvas: Canvas) -> Iterator[str]:
    if rows:
        yield ""
    for row in rows:
        if canvas.width >= _WIDE:
            break
        if isinstance(row.integrity, str) and row.integrity in {"modified", "unowned"}:
            yield from paragraph(f"{row.name}:{row.version} has files that are {row.integrity}", canvas)
        if isinstance(row.worst, str):
            yield from paragraph(f"{row.name}:{row.version}: {row.worst}", canvas)
    for reason in _reasons(rows):
        yield from paragraph(f"{_NOT_ASSESSED}: {reason}", canvas)
    for subject, unknown in unread:
        yield from paragraph(f"{_NOT_ASSESSED}: layers of {subject}: {unknown.why} (needs {unknown.need})", canvas)
    users = len({name for row in rows for name in row.functions})
    yield from paragraph(
        f"{count(len(rows), 'layer version')} in {count(users, 'function')}; `buckler blast layer:ARN` tells who falls with one", canvas
    )


def _reasons(rows: Sequence[LayerRow]) -> Iterator[str]:
    """Say what is not known of how many, by reason; what would tell it is said where it is one thing."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for what, value in (("integrity", row.integrity), ("flaws", row.worst), ("who may get it", row.allowed), ("age", row.age_days)):
            if isinstance(value, Unknown) and not (what == "age" and row.is_there is False):
                reasons.setdefault((what, value.why), []).append(value.need)
    for (what, why), needs in sorted(reasons.items()):
        need = f" (needs {needs[0]})" if len(set(needs)) == 1 else ""
        yield f"{what} of {count(len(needs), 'layer version')}: {why}{need}"


def layer_blast_json(blast: LayerBlast) -> str:
    """Write the document."""
    document = LayerBlastDocument(
        schema=LAYER_BLAST_SCHEMA,
        version=__version__,
        layer=blast.arn,
        summary=blast.summary,
        worst=blast.worst.value,
        functions=blast.functions,
        roles=blast.roles,
        administers=blast.administers,
        held=tuple(map(_held_part, blast.held)),
        publishers=tuple(PublisherPart(principal=one.principal, is_sure=one.is_sure, only_if=one.only_if) for one in blast.publishers),
        gaps=tuple(map(unknown_part, blast.gaps)),
    )
    return dump(document) + "\n"


def _held_part(held: Held) -> HeldPart:
    return HeldPart(
        functions=tuple(node.id for node in held.functions),
        role=held.role.id if held.role is not None else None,
        worst=held.blast.worst.value,
        summary=held.blast.summary,
        becomes=tuple(one.node.id for one in held.blast.becomes),
        touches=tuple(one.node.id for one in held.blast.touches),
    )


def layer_blast_text(blast: LayerBlast, context: Context) -> str:
    """Write who falls with a layer, the worst first."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in _layer_lines(blast, canvas, verbose=context.verbose)) + "\n"


def _layer_lines(blast: LayerBlast, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    label = blast.worst.value
    first, *rest = paragraph(f"{label}: {blast.summary}", canvas, hang=4)
    yield canvas.paint(label, COLOR[blast.worst]) + canvas.paint(first.removeprefix(label), "bold")
    yield from (canvas.paint(line, "bold") for line in rest)
    yield canvas.paint("  --> ", "blue") + clean(blast.arn)
    yield ""
    for held in blast.held:
        names = [clean(title_of(node)) for node in held.functions]
        shown = names if verbose or len(names) <= _FUNCTIONS + 1 else [*names[:_FUNCTIONS], f"{len(names) - _FUNCTIONS} more"]
        role = f"role {title_of(held.role)}" if held.role is not None else "a role that is not known"
        yield from paragraph(f"{role}: {', '.join(shown)}", canvas)
        yield from paragraph(f"{held.blast.worst.value}: {held.blast.summary}", canvas, indent=2)
    yield ""
    sure = [clean(_short(one.principal)) for one in blast.publishers if one.is_sure]
    perhaps = [clean(_short(one.principal)) for one in blast.publishers if not one.is_sure]
    yield from paragraph(f"may publish its next version: {_some(sure, verbose=verbose) or 'nobody here for sure'}", canvas)
    if perhaps:
        yield from paragraph(f"perhaps: {_some(perhaps, verbose=verbose)}", canvas, indent=2)
    if blast.gaps:
        yield ""
        yield canvas.paint("not known, and may make it worse", "bold")
        for gap in blast.gaps:
            yield from paragraph(f"{gap.why} (needs {gap.need})", canvas, indent=2)
    yield ""
    yield from paragraph(f"{count(blast.functions, 'function')}; `buckler blast FUNCTION` tells how, step by step", canvas)


def _some(names: list[str], *, verbose: bool) -> str:
    return ", ".join(names if verbose or len(names) <= _FUNCTIONS + 1 else [*names[:_FUNCTIONS], f"{len(names) - _FUNCTIONS} more"])


def _short(principal: str) -> str:
    """Name a principal as people do: the account stays, since a role of this name may be in several."""
    account, _, name = principal.removeprefix("arn:aws:iam::").partition(":")
    return f"{name} of {account}" if name else principal
