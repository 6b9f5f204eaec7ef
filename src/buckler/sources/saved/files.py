"""One saved file: what kind of answer it holds, and its content."""

import re
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import msgspec

from buckler.errors import SourceError
from buckler.model.value import Value

Kind: TypeAlias = Literal["iam", "functions", "resource-policies", "control-policies"]

_IAM = {"RoleDetailList", "UserDetailList", "GroupDetailList"}
_CONTROL = {"ServiceControlPolicies", "ResourceControlPolicies"}
_MARKS = tuple(f'"{name}"'.encode() for name in sorted(_IAM | _CONTROL | {"ResourcePolicies"}))
_ARN_KEY = re.compile(rb'\A\s*\{\s*"arn:aws[a-z-]*:[^"]*"\s*:')
_LISTED = re.compile(rb'\A\s*\[\s*\{\s*"(?:Resource|ResourceArn|Arn|Policy|Account)"\s*:')
_BOM = b"\xef\xbb\xbf"
_HINT = "aws iam get-account-authorization-details > account.json"


class SavedFile(Value):
    """A file that was told apart."""

    path: str
    kind: Kind
    content: Any
    """Decoded JSON. Lives only until its facts are read: it may hold secrets."""


def looks_like_saved(head: bytes) -> bool:
    """Say from its first bytes, or all of them, whether a file is a saved answer of a kind we read."""
    head = head.removeprefix(_BOM)
    if head.lstrip()[:1] not in {b"{", b"["}:
        return False
    if _ARN_KEY.match(head) or any(mark in head for mark in _MARKS):
        return True
    if b'"FunctionArn"' in head and b'"Functions"' in head and b'"format_version"' not in head:
        return True
    return bool(_LISTED.match(head)) and b'"arn:aws' in head


def load(path: Path, shown: str) -> SavedFile:
    """Read a file. Raises `SourceError` for one that is broken, or none of these."""
    try:
        raw = path.read_bytes().removeprefix(_BOM)
    except OSError as bad:
        raise SourceError(f"cannot read `{shown}`", cause=bad.strerror or type(bad).__name__, hint=f"ls -l {shown}", place=shown) from None
    try:
        content: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as bad:
        # Only the place is told, never the text around it.
        found = re.search(r"byte (\d+)", str(bad))
        offset = int(found[1]) if found else len(raw)
        before = raw[:offset]
        line, column = before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1
        raise SourceError(
            "the saved answer is not valid JSON",
            cause=f"it breaks off or is malformed at byte {offset}",
            hint=f"save it again: {_HINT}",
            place=f"{shown}:{line}:{column}",
        ) from None
    return SavedFile(path=shown, kind=_kind(content, shown), content=content)


def _kind(content: object, shown: str) -> Kind:
    if isinstance(content, dict):
        keys = set(cast("dict[str, object]", content))
        if keys & _IAM:
            return "iam"
        if keys & _CONTROL:
            return "control-policies"
        if "ResourcePolicies" in keys or (keys and all(key.startswith("arn:") for key in keys)):
            return "resource-policies"
        if "Functions" in keys:
            return "functions"
    if isinstance(content, list):
        return "resource-policies"
    raise SourceError(
        f"`{shown}` is not a saved answer that buckler reads",
        cause="neither account authorization details, nor a list of functions, nor resource policies, nor control policies",
        hint=_HINT,
        place=shown,
    )
