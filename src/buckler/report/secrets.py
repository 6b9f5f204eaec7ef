"""Secrets in environments, as text and as JSON; never a value."""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from buckler import __version__
from buckler.model.secrets import Exposed, Reader
from buckler.model.unknown import Unknown
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.blast_json import unknown_part
from buckler.report.blast_shape import UnknownPart
from buckler.report.clean import clean
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint
from buckler.report.words import count

SCHEMA: Literal["buckler/secrets/1"] = "buckler/secrets/1"
_NAMED = 6


class ReaderPart(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who reads it in the configuration."""

    principal: str
    action: str
    is_sure: bool
    only_if: tuple[str, ...]


class SecretPart(msgspec.Struct, frozen=True, kw_only=True):
    """A secret in an environment."""

    function: str
    name: str
    place: str
    variable: str
    kind: str
    shown: str
    confidence: str
    in_latest: bool
    versions: tuple[str, ...] | UnknownPart
    aliases: tuple[str, ...]
    kms_key: str | UnknownPart | None
    readers: tuple[ReaderPart, ...] | UnknownPart
    administrators: int


class SecretsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler secrets --format json` writes."""

    schema: Literal["buckler/secrets/1"]
    version: str
    secrets: tuple[SecretPart, ...]


def secrets_json(found: Sequence[Exposed]) -> str:
    """Write the document."""
    return dump(SecretsDocument(schema=SCHEMA, version=__version__, secrets=tuple(map(_part, found)))) + "\n"


def _part(one: Exposed) -> SecretPart:
    return SecretPart(
        function=one.function,
        name=one.name,
        place=one.place,
        variable=one.variable,
        kind=one.secret.kind,
        shown=one.secret.shown,
        confidence=one.secret.confidence.value,
        in_latest=one.in_latest,
        versions=unknown_part(one.versions) if isinstance(one.versions, Unknown) else one.versions,
        aliases=one.aliases,
        kms_key=unknown_part(one.key) if isinstance(one.key, Unknown) else one.key,
        readers=unknown_part(one.readers) if isinstance(one.readers, Unknown) else tuple(map(_reader, one.readers)),
        administrators=one.administrators,
    )


def _reader(one: Reader) -> ReaderPart:
    return ReaderPart(principal=one.principal, action=one.action, is_sure=one.is_sure, only_if=one.only_if)


def secrets_text(found: Sequence[Exposed], context: Context) -> str:
    """Write each secret with who reads it and where it stays."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    lines = [line for one in found for line in (*_block(one, canvas, verbose=context.verbose), "")]
    functions = len({one.function for one in found})
    last = f"{count(len(found), 'secret')} in {count(functions, 'function')}" if found else "no secret was found in an environment"
    if any(not one.place for one in found):
        last += "; move them: buckler secrets migrate FUNCTION --to secretsmanager"
    lines += paragraph(last, canvas)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _block(one: Exposed, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    yield canvas.paint(f"{clean(one.variable)} of {clean(one.name)}", "bold") + f": {one.secret.kind}, {clean(one.secret.shown)}"
    yield canvas.paint("  --> ", "blue") + clean(one.place or one.function)
    if isinstance(one.versions, Unknown):
        yield from paragraph(f"published versions: not known, {one.versions.why} (needs {one.versions.need})", canvas, indent=2)
    elif one.versions:
        behind = f", and aliases lead there: {', '.join(one.aliases)}" if one.aliases else ""
        gone = "" if one.in_latest else " and no more in $LATEST"
        yield from paragraph(f"kept for ever by version {', '.join(one.versions)}{gone}{behind}", canvas, indent=2)
    yield from paragraph(_key(one), canvas, indent=2)
    if isinstance(one.readers, Unknown):
        yield from paragraph(f"who reads it: not known, {one.readers.why} (needs {one.readers.need})", canvas, indent=2)
        return
    sure = [_named(reader) for reader in one.readers if reader.is_sure]
    perhaps = [_named(reader) for reader in one.readers if not reader.is_sure]
    administrators = count(one.administrators, "administrator")
    yield from paragraph(f"read by {_some(sure, verbose=verbose) or 'nobody else for sure'}, and {administrators}", canvas, indent=2)
    if perhaps:
        yield from paragraph(f"perhaps by {_some(perhaps, verbose=verbose)}", canvas, indent=2)


def _key(one: Exposed) -> str:
    if isinstance(one.key, Unknown):
        return f"key of the environment: not known, {one.key.why}"
    if one.key is None:
        return "encrypted under AWS's own key: the configuration tells it in the clear"
    return f"encrypted under {one.key}: its readers need kms:Decrypt on that too"


def _named(reader: Reader) -> str:
    name = reader.principal.partition(":iam::")[2].partition(":")[2] or reader.principal
    return f"{clean(name)} ({reader.action.partition(':')[2]})"


def _some(names: list[str], *, verbose: bool) -> str:
    return ", ".join(names if verbose or len(names) <= _NAMED + 1 else [*names[:_NAMED], f"{len(names) - _NAMED} more"])
