"""JSON to a marked tree.

libyaml reads most JSON, but not tabs everywhere, no surrogate pairs, and no keys over 1,024 characters.
"""

import json
import re
from typing import NoReturn

from buckler.errors import SourceError
from buckler.sources.cfn.tree import NOWHERE, Map, Node, Seq, Source, Str
from buckler.sources.cfn.yaml_reader import MAX_DEPTH, MAX_NODES

_TOKEN = re.compile(
    r"""[ \t\r]*(?:(?P<newline>\n)|(?P<punctuation>[{}\[\]:,])|(?P<string>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<word>true|false|null))"""
)
_WORDS: dict[str, Node] = {"true": True, "false": False, "null": None}


class _Scanner:
    """Tokens with their places."""

    def __init__(self, text: str, source: Source) -> None:
        self.text = text
        self.source = source
        self.at = 0
        self.line = 1
        self.line_start = 0
        self.start = 0

    def next(self) -> tuple[str, str]:
        """Give kind and text of the next lexeme; ("end", "") after the last."""
        while True:
            found = _TOKEN.match(self.text, self.at)
            if found is None:
                rest = self.text[self.at :]
                self.start = self.at + len(rest) - len(rest.lstrip(" \t\r"))
                if self.start >= len(self.text):
                    return "end", ""
                self.stop("no JSON value can start here")
            kind = str(found.lastgroup)
            self.at = found.end()
            if kind == "newline":
                self.line += 1
                self.line_start = self.at
                continue
            self.start = found.start(kind)
            return kind, found.group(kind)

    def column(self) -> int:
        return self.start - self.line_start + 1

    def stop(self, why: str) -> NoReturn:
        raise SourceError(
            f"`{self.source.shown}` is not valid JSON",
            cause=f"line {self.line}, column {self.column()}: {why}",
            hint="check the file with `python3 -m json.tool`",
            place=f"{self.source.shown}:{self.line}:{self.column()}",
        )

    def string(self, lexeme: str) -> str:
        if "\\" not in lexeme:
            return lexeme[1:-1]
        try:
            decoded: object = json.loads(lexeme, strict=False)
        except ValueError:
            decoded = None
        if not isinstance(decoded, str):
            self.stop("a string has an invalid escape")
        return decoded


def read_json(text: str, source: Source, duplicates: list[int]) -> Node:
    """Read one JSON document; see `read_yaml` for *duplicates* and errors."""
    scan = _Scanner(text, source)
    stack: list[Map | Seq] = []
    root: Node = None
    key_mark = NOWHERE
    key: str | None = None
    want = "value"  # value, first-key, key, colon, first-item, comma, end
    count = 0
    while True:
        kind, lexeme = scan.next()
        if kind == "end":
            if want != "end":
                scan.stop("the file ends too early")
            return root
        if want == "end":
            scan.stop("there is text after the end")
        if want in {"first-key", "key"} and kind == "string" and isinstance(stack[-1], Map):
            key = scan.string(lexeme)
            key_mark = source.add(scan.line, scan.column(), stack[-1].mark, key)
            want = "colon"
            continue
        if want == "colon":
            if lexeme != ":" or kind != "punctuation":
                scan.stop("`:` expected")
            want = "value"
            continue
        if want == "comma" and lexeme == "," and kind == "punctuation":
            want = "key" if isinstance(stack[-1], Map) else "value"
            continue
        if (
            want in {"comma", "first-key", "first-item"}
            and kind == "punctuation"
            and lexeme == ("}" if isinstance(stack[-1], Map) else "]")
        ):
            stack.pop()
            want = "comma" if stack else "end"
            continue
        if want not in {"value", "first-item"}:
            scan.stop("`,` or the end of the collection expected" if want == "comma" else "a key in double quotes expected")
        count += 1
        if count > MAX_NODES:
            scan.stop(f"it holds more than {MAX_NODES} values")
        top = stack[-1] if stack else None
        if top is None:
            mark = source.add(1, 1, NOWHERE, "")
        elif isinstance(top, Map):
            mark = key_mark
        else:
            mark = source.add(scan.line, scan.column(), top.mark, str(len(top)))
        value: Node
        opened: Map | Seq | None = None
        if kind == "punctuation":
            if lexeme not in "{[":
                scan.stop("a value expected")
            if len(stack) >= MAX_DEPTH:
                scan.stop(f"it nests deeper than {MAX_DEPTH} levels")
            opened = Map(mark) if lexeme == "{" else Seq(mark)
            value = opened
        elif kind == "string":
            value = Str(scan.string(lexeme), mark)
        elif kind == "number":
            # Anything but an integer stays as written: 1.10 is a version, and nothing here computes with it.
            value = int(lexeme) if lexeme.lstrip("-").isdigit() and len(lexeme) < 20 else Str(lexeme, mark)
        else:
            value = _WORDS[lexeme]
        if top is None:
            root = value
        elif isinstance(top, Map):
            name = key if key is not None else ""
            if name in top:
                duplicates.append(mark)
            top.put(name, value, mark)
        else:
            top.put(value, mark)
        if opened is not None:
            stack.append(opened)
            want = "first-key" if isinstance(opened, Map) else "first-item"
        else:
            want = "comma" if stack else "end"
