"""Masks secrets in a line of text or source before anybody sees it. Where in doubt it masks: a line shown too little harms nobody."""

import re
from collections.abc import Iterator
from itertools import chain

from buckler.engines.secrets import MASK, formats, harmless
from buckler.engines.secrets.entropy import looks_random
from buckler.engines.secrets.judging import look
from buckler.engines.secrets.names import Naming, naming
from buckler.engines.secrets.structure import (
    CURL_USER,
    GO_DSN,
    MYSQL_PASSWORD,
    ORACLE,
    PRIVATE_ARMOUR,
    URL_PASSWORD,
    URL_USER,
    flags_of,
    pairs_of,
)

_JUDGED = 4096
# Kinds the judge gives to a value as a whole; of the others the secret part is found below.
_WHOLE = {"login", "named-secret", "password", "weak-password", "high-entropy", "private-json-web-key", "password-in-connection-string"}
# A name, an optional closing quote, `:` or `=` (also `:=`, `=>`, `==`), and a value in quotes or up to the next separator. What begins
# with a bracket is a mapping or a list, and the names in it have values of their own.
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])-{0,2}[\"']?(?P<key>[A-Za-z_][\w.-]{1,80})[\\\"'\]]{0,3}\s{0,8}(?:[:=]{1,3}>?)\s{0,8}\\?(?:\"(?P<double>[^\"\n]{1,65536})\"?|'(?P<single>[^'\n]{1,65536})'?|(?P<bare>[^\s\"',;&{}\[\])#][^\s\"',;&}]{0,65535}))"
)
# YAML, JSON and Terraform lists of variables: `{"Name": "DB_PASSWORD", "Value": "x"}`.
_NAMED_VALUE = re.compile(
    r"\b(?:name|key)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<key>[A-Za-z_][\w.-]{1,80})[\"']?\s{0,4},\s{0,4}[\"']?value[\"']?\s{0,4}[:=]\s{0,4}"
    r"[\"']?(?P<value>[^\s\"',}]{1,4096})",
    re.IGNORECASE,
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
    for url in chain.from_iterable(
        pattern.finditer(text) for pattern in (URL_PASSWORD, URL_USER, ORACLE, GO_DSN, CURL_USER, MYSQL_PASSWORD)
    ):
        if not harmless.is_stand_in(url["s"]) and ("host" not in url.re.groupindex or looks_random(url["s"], 20)):
            yield url.start("s"), url.end("s"), ""
    yield from _assigned(text)
    for token in _LONG_TOKEN.finditer(text):
        before = text[max(0, token.start() - 8) : token.start()].lower()
        if (
            looks_random(token[0], 20)
            and not harmless.is_public_id(token[0])
            and not before.endswith(("sha256:", "sha384:", "sha512:"))
            and not token[0].startswith(("sha256-", "sha384-", "sha512-"))
        ):
            yield token.start(), token.end(), ""


def _assigned(text: str, offset: int = 0, depth: int = 0) -> Iterator[tuple[int, int, str]]:
    for found in _ASSIGNMENT.finditer(text):
        group = next(name for name in ("double", "single", "bare") if found[name] is not None)
        if _must_hide(found["key"], found[group]):
            yield offset + found.start(group), offset + found.end(group), ""
            continue
        inner: list[tuple[int, int, str]] = []
        if group != "bare" and depth < 2 and ("=" in found[group] or ":" in found[group]):
            # A connection string or a document in quotes has assignments of its own.
            inner = list(_assigned(found[group], offset + found.start(group), depth + 1))
        yield from inner
        if naming(found["key"]) in {Naming.PASSWORD, Naming.CREDENTIAL}:
            continue  # `_must_hide` has just said that this is a reference or a stand-in
        if not inner and (verdict := look(found["key"], found[group][:_JUDGED])) and verdict.is_secret and verdict.kind in _WHOLE:
            yield offset + found.start(group), offset + found.end(group), ""
    if depth == 0:
        for found in (*pairs_of(text), *flags_of(text), *_NAMED_VALUE.finditer(text)):
            key = found.groupdict().get("key") or "password"  # the flag without a dash is .netrc's `password`
            if _must_hide(key, found["value"]):
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
