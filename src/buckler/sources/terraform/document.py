"""The file: bytes to JSON, with errors that say what the file is instead and never what is in it."""

import codecs
import re
from pathlib import Path
from typing import TypeAlias, cast

import msgspec

from buckler.errors import SourceError
from buckler.model.text import Partial
from buckler.model.value import Value

Json: TypeAlias = "bool | int | float | str | Partial | Referred | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]


class Referred(Value):
    """Stands in a configuration's value for an attribute that only apply makes up.

    A plan on paper has none of these, nor texts with holes.
    """

    scope: str
    """Address of the module instance."""
    block: str
    key: str | int | None
    attribute: str


SHOW = "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
"""How a readable file is made."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ADDRESS = re.compile(rb'"address"\s*:\s*"((?:[^"\\]|\\.)*)"')


def looks_like_plan(head: bytes) -> bool:
    """Sniff the first bytes of a file: a JSON object with a `format_version` and something else only Terraform writes."""
    text = _decoded(head, errors="replace").lstrip()
    if not text.startswith("{") or '"format_version"' not in text:
        return False
    return any(f'"{key}"' in text for key in ("planned_values", "resource_changes", "terraform_version"))


def load(path: Path, shown: str) -> tuple[Object, dict[str, int]]:
    """Read a file; give its object and the line of each resource's address (empty when the file is one line)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(
            "the plan cannot be read", cause=error.strerror or type(error).__name__, hint=f"ls -l {shown}", place=shown
        ) from error
    if content.startswith(b"PK\x03\x04"):
        raise SourceError(
            "this is a saved plan, not its JSON", cause="it is a zip archive", hint="terraform show -json tfplan > plan.json", place=shown
        )
    try:
        raw = _decoded(content).encode()
    except UnicodeDecodeError as error:
        raise SourceError("the plan is not text", cause=f"byte {error.start} is not {error.encoding}", hint=SHOW, place=shown) from None
    if raw.lstrip().startswith(b'{"@level"'):
        raise SourceError("this is Terraform's log, not a plan", cause="it was written by `terraform plan -json`", hint=SHOW, place=shown)
    try:
        decoded = cast("Json", msgspec.json.decode(raw))
    except msgspec.DecodeError as error:
        offset = _offset(error, raw)
        before = raw[:offset]
        line, column = before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1
        # Only the kind of the error is told: the parser's message names a byte, never the text around it.
        raise SourceError(
            "the plan is not valid JSON",
            cause=f"it breaks off or is malformed at byte {offset}",
            hint=SHOW,
            place=f"{shown}:{line}:{column}",
        ) from None
    except RecursionError:
        raise SourceError("the plan is nested too deeply", cause="no plan of Terraform is", hint=SHOW, place=shown) from None
    if not isinstance(decoded, dict):
        raise SourceError("this is not a Terraform plan", cause="the JSON is not an object", hint=SHOW, place=shown)
    return decoded, _lines(raw)


def _decoded(content: bytes, *, errors: str = "strict") -> str:
    # PowerShell's `>` writes UTF-16 with a byte order mark: plans made on Windows arrive so.
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding, errors)
    return content.decode("utf-8", errors)


def _offset(error: msgspec.DecodeError, raw: bytes) -> int:
    found = re.search(r"\(byte (\d+)\)", str(error))
    return min(int(found[1]), len(raw)) if found else len(raw)


def _lines(raw: bytes) -> dict[str, int]:
    """Give the first line on which each address stands. A file on one line has no useful lines."""
    if raw.count(b"\n") < 2:
        return {}
    lines: dict[str, int] = {}
    line = 1
    at = 0
    for match in _ADDRESS.finditer(raw):
        line += raw.count(b"\n", at, match.start())
        at = match.start()
        address = match[1].decode("utf-8", "replace").replace('\\"', '"')
        lines.setdefault(address, line)
    return lines
