r"""Names are chosen by strangers: make any string safe to print, and measure and cut it by columns.

A function may be called `\x1b]0;pwned\x07`, an environment variable may hold a right-to-left override. Printed raw they
rewrite the screen or the meaning of a line ("Trojan Source", CVE-2021-42574). Here they become visible escapes.
"""

import unicodedata

_TAB = "    "


def clean(text: str) -> str:
    r"""Make *text* one printable line: whatever has no glyph of its own is written as `\xNN` or `\uNNNN`, odd spaces as a space."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def _visible(char: str) -> str:
    if char == "\t":
        return _TAB
    if unicodedata.category(char) == "Zs":
        return " "
    point = ord(char)
    if char in "\n\r":
        return {"\n": "\\n", "\r": "\\r"}[char]
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def columns(text: str) -> int:
    """Count the terminal columns of a clean text."""
    return len(text) if text.isascii() else sum(map(_char_columns, text))


def _char_columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def cut(text: str, width: int) -> str:
    """Keep the first *width* columns, the last being `…` where something is lost."""
    if columns(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += _char_columns(char)
        if used > width - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def elide(text: str, width: int) -> str:
    """Leave out the middle: the ends of an ARN say most."""
    if columns(text) <= width:
        return text
    keep = max(width - 1, 2)
    head, tail = keep // 2, keep - keep // 2
    return cut(text, head + 1) + _last(text, tail)


def _last(text: str, width: int) -> str:
    kept, used = "", 0
    for char in reversed(text):
        used += _char_columns(char)
        if used > width:
            break
        kept = char + kept
    return kept


def wrap(text: str, width: int, first: int | None = None) -> list[str]:
    """Break a clean text into lines of at most *width* columns (the first of *first*).

    Breaks at spaces; a longer word is broken anywhere, unless it is an ARN, which stands alone and whole so that it can be copied.
    """
    room = max(width if first is None else first, 8)
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and columns(line) + 1 + columns(word) <= room:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
            room = max(width, 8)
        line = word
        while columns(line) > room and "arn:" not in line[:8]:
            head = _first(line, room)
            lines.append(head)
            line, room = line[len(head) :], max(width, 8)
    lines.append(line)
    return lines


def _first(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _char_columns(char)
        if used > width:
            return text[: max(index, 1)]
    return text
