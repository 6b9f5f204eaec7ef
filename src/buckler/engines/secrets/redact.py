"""Masks secrets in a line of text or source before anybody sees it. Where in doubt it masks: a line shown too little harms nobody."""

import re
from collections.abc import Iterator

from buckler.engines.secrets import formats, harmless
from buckler.engines.secrets.entropy import looks_random
from buckler.engines.secrets.names import Naming, naming
from buckler.engines.secrets.structure import PRIVATE_ARMOUR, URL_PASSWORD, URL_USER, flags_of

MASK = "…"
# A name, an optional closing quote, `:` or `=` (also `:=`, `=>`, `==`), and a value in quotes or up to the next separator.
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])-{0,2}[\"']?(?P<key>[A-Za-z_][\w.-]{1,80})[\"'\]]{0,2}\s{0,8}(?:[:=]{1,3}>?)\s{0,8}(?:\"(?P<double>[^\"\n]{1,65536})\"?|'(?P<single>[^'\n]{1,65536})'?|(?P<bare>[^\s\"',;&}\])#][^\s\"',;&}]{0,65535}))"
)
_LONG_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{20,65536}")
_KEY_LINE = re.compile(r"^\s{0,40}[\"']?[A-Za-z0-9+/]{48,80}={0,2}(?:\\n)?[\"']?,?\s{0,4}$")


def redact_line(text: str) -> str:
    """Return *text* with every secret in it replaced by its public prefix and `…`.

    Masks known formats anywhere, values assigned to secret-like names, passwords in URLs, bodies of private keys and random-looking tokens.
    """
    # Of two that start together, the one that knows the public prefix goes first.
    spans = sorted(_spans(text), key=lambda span: (span[0], not span[2]))
    if not spans:
        return text
    pieces: list[str] = []
    at = 0
    for start, end, shown in spans:
        if end <= at:
            continue
        if start >= at:
            pieces.append(text[at:start] + shown + MASK)
        at = end
    return "".join(pieces) + text[at:]


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    while armour := PRIVATE_ARMOUR.search(text, at):
        ends = text.find("-----END", armour.end())
        # Without an end the key goes on in the next lines: nothing after the start may be shown.
        at = len(text) if ends < 0 else ends
        yield armour.end(), at, ""
    if _KEY_LINE.match(text):
        # A line from the middle of a key or certificate; which of the two cannot be told.
        yield 0, len(text), ""
    for found in formats.matches(text):
        yield found.start, found.end, found.shown
    for url in (*URL_PASSWORD.finditer(text), *URL_USER.finditer(text)):
        if not harmless.is_stand_in(url["s"]) and ("host" not in url.re.groupindex or looks_random(url["s"], 20)):
            yield url.start("s"), url.end("s"), ""
    yield from _assigned(text)
    for token in _LONG_TOKEN.finditer(text):
        before = text[max(0, token.start() - 8) : token.start()].lower()
        if (
            looks_random(token[0], 20)
            and not before.endswith(("sha256:", "sha384:", "sha512:"))
            and not token[0].startswith(("sha256-", "sha384-", "sha512-"))
        ):
            yield token.start(), token.end(), ""


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _ASSIGNMENT.finditer(text):
        group = found.lastgroup or "bare"
        value = found[group]
        if _must_hide(found["key"], value):
            yield found.start(group), found.end(group), ""
    for found in flags_of(text):
        if _must_hide(found["key"] or found["word"], found["value"]):
            yield found.start("value"), found.end("value"), ""


def _must_hide(key: str, value: str) -> bool:
    named = naming(key)
    if named not in {Naming.PASSWORD, Naming.CREDENTIAL, Naming.SUSPECT}:
        return False
    value = value.strip()
    if (
        harmless.is_reference(value)
        or harmless.is_stand_in(value)
        or value.startswith(("!", "${", "{{"))
        or value in {"{", "[", "|", ">", "(", "|-", ">-"}
    ):
        return False
    return named is not Naming.SUSPECT or looks_random(value, 12) or (len(value) >= 8 and any(char.isdigit() for char in value))
