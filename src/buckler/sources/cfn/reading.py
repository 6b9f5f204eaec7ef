"""Bytes of a file to a marked tree, or one clear refusal that never quotes the file."""

import re
from pathlib import Path
from typing import NoReturn

from buckler.errors import SourceError
from buckler.sources.cfn.json_reader import read_json
from buckler.sources.cfn.tree import Map, Node, Source
from buckler.sources.cfn.yaml_reader import read_yaml

MAX_BYTES = 8 * 1024 * 1024
"""CloudFormation takes 1 MB; what is eight times that is no template."""

_HINT = "save the file as UTF-8, for example with `iconv -t UTF-8`"
_BAD_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Document:
    """A file, read."""

    def __init__(self, text: str, root: Map, source: Source, duplicates: tuple[int, ...], *, is_yaml: bool) -> None:
        self.text = text
        self.root = root
        self.source = source
        self.duplicates = duplicates
        """Marks of keys that stand twice in one mapping."""
        self.is_yaml = is_yaml


def read_document(path: Path, shown: str) -> Document:
    """Read one file. Raises `SourceError` for whatever is not a YAML or JSON object in UTF-8."""
    return parse(read_text(path, shown), shown)


def read_text(path: Path, shown: str) -> str:
    """Read a file of text, within reason."""
    try:
        if not path.is_file():
            raise SourceError(f"`{shown}` is not a file", hint="name a template file", place=shown)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as bad:
        reason = bad.strerror if isinstance(bad, OSError) and bad.strerror else "the path is not valid"
        raise SourceError(
            f"`{shown}` cannot be read", cause=reason, hint="check that the file exists and may be read", place=shown
        ) from None
    if len(raw) > MAX_BYTES:
        raise SourceError(
            f"`{shown}` is too large for a template",
            cause=f"it has more than {MAX_BYTES // 1024 // 1024} MiB; CloudFormation takes 1 MB",
            hint="name the template itself, not its package",
            place=f"{shown}:1:1",
        )
    return decode(raw, shown)


def parse(text: str, shown: str) -> Document:
    """Read a decoded template."""
    root, source, duplicates, is_yaml = parse_any(text, shown)
    if not isinstance(root, Map):
        raise SourceError(
            f"`{shown}` is not a template",
            cause="line 1, column 1: it is no object with a `Resources` section",
            hint="name a CloudFormation or SAM template",
            place=f"{shown}:1:1",
        )
    return Document(text, root, source, tuple(duplicates), is_yaml=is_yaml)


def parse_any(text: str, shown: str) -> tuple[Node, Source, list[int], bool]:
    """Read JSON or YAML: the tree, what its marks mean, the marks of doubled keys, and whether it was YAML."""
    source = Source(shown)
    duplicates: list[int] = []
    is_yaml = True
    root: Node
    if text.lstrip()[:1] in {"{", "["}:
        try:
            root = read_json(text, source, duplicates)
            is_yaml = False
        except SourceError as not_json:
            # A YAML file may begin with a brace, too; when it is neither, the JSON error is the one to show.
            source, duplicates = Source(shown), []
            try:
                root = read_yaml(text, source, duplicates)
            except SourceError:
                raise not_json from None
    else:
        root = read_yaml(text, source, duplicates)
    return root, source, duplicates, is_yaml


def decode(raw: bytes, shown: str) -> str:
    """Decode UTF-8 (a byte-order mark is fine), refusing other encodings and control characters by place."""
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        _refuse(shown, 1, 1, "it is UTF-16, not UTF-8")
    body = raw.removeprefix(b"\xef\xbb\xbf")
    broken: int | None = None
    text = ""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as bad:
        broken = bad.start
    if broken is not None:
        # Out of the `except`: the decoding error holds the whole file, and no exception of ours may lead to it.
        before = body[:broken]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        _refuse(shown, line, column, "a byte that is not UTF-8")
    found = _BAD_CHARACTER.search(text)
    if found is not None:
        at = found.start()
        what = "a NUL byte" if text[at] == "\0" else f"the character U+{ord(text[at]):04X}, which YAML and JSON do not allow"
        _refuse(shown, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), what)
    return text


def _refuse(shown: str, line: int, column: int, why: str) -> NoReturn:
    raise SourceError(
        f"`{shown}` is not a text file in UTF-8", cause=f"line {line}, column {column}: {why}", hint=_HINT, place=f"{shown}:{line}:{column}"
    )
