"""Secrets inside something: armoured keys, URLs, connection strings, JSON and dotenv blobs, base64 around any of them."""

import json
import re
from collections.abc import Callable, Iterator
from typing import cast

from buckler.engines.secrets import formats
from buckler.engines.secrets.entropy import looks_random
from buckler.engines.secrets.harmless import is_stand_in, is_weak
from buckler.engines.secrets.names import Naming, naming
from buckler.engines.secrets.verdict import OPAQUE, Verdict, worst
from buckler.engines.secrets.verify import unbase64
from buckler.model.severity import Confidence

Look = Callable[[str, str, int], Verdict | None]
"""(name, value, depth) -> verdict: the judge itself, for members and wrapped values."""

_MAX_DEPTH = 4
PRIVATE_ARMOUR = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[23]:")
_PUBLIC_ARMOUR = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}(?:PUBLIC KEY|CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY BLOCK|X509 CRL|PKCS7)-----"
)
_KEY_BODY = re.compile(r"[A-Za-z0-9+/]{16,}")
# RFC 3986: the authority ends at the first slash, so a `@` behind one is no userinfo. A bare `@` inside a password is common all the same.
URL_PASSWORD = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30})://(?P<user>[^\s:/@?#\"'<>]{0,200}):(?P<s>[^\s/\"'<>]{1,400}|<[^<>]{1,60}>)@(?=[\w\[.$<{(-])"
)
URL_USER = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,30})://(?P<s>[^\s:/@?#\"'<>]{16,400})@(?P<host>[\w.-]{1,255})(?P<path>[^\s?#\"']{0,200})"
)
ORACLE = re.compile(r"(?:^|(?<=[\s\"'=])|jdbc:oracle:[a-z]{2,5}:)(?P<user>[\w$#]{1,60})/(?P<s>[^\s@/]{3,200})@(?://|[\w.-]{1,200}:)")
# How Go's MySQL driver writes it.
GO_DSN = re.compile(r"(?<![\w/:.-])(?P<user>[\w.-]{1,60}):(?P<s>[^\s@]{1,200})@(?:tcp|unix)\(")
_URL = re.compile(r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s\"'<>\\]{1,4000}")
# `key=value` as in query strings, connection strings and dotenv files. No two parts can match the same character, so this is linear.
PAIR = re.compile(
    r"(?:^|(?<=[;&?\s,{\"'(:-]))(?:export )?(?P<key>[A-Za-z_][\w.-]{1,60})[\"']?[ \t]{0,3}=[ \t]{0,3}[\"']?(?P<value>[^;&\s\"',}]{1,600})"
)
_LINE_PAIR = re.compile(
    r"(?:^|[{,])[ \t]{0,20}(?:- )?[\"']?(?P<key>[A-Za-z_][\w.-]{1,60})[\"']?:[ \t]{1,4}[\"']?(?P<value>[^\s\"',}]{1,600})", re.MULTILINE
)
_XML = re.compile(r"<(?P<key>[A-Za-z_][\w.-]{1,60})>(?P<value>[^<>\s]{1,600})</")
# `--password x` on a command line, `password x` in .netrc, `-u user:x` for curl.
FLAG = re.compile(
    r"(?:(?<![\w-])--?(?P<key>[A-Za-z][\w-]{1,60})|(?<=\s)(?P<word>password|passwd))\s{1,4}[\"']?(?P<value>[^\s\"'-][^\s\"']{2,4095})"
)
MYSQL_PASSWORD = re.compile(r"\b(?:mysql|mysqldump|mariadb)\s(?:[^\s]{1,200}\s{1,4}){0,12}-p(?P<s>[^\s\"']{3,128})")
_CURL_LOGIN = re.compile(r"\scurl\s|^curl\s")
CURL_USER = re.compile(r"\s(?:-u|--user)\s{0,4}[\"']?[^\s:\"']{1,64}:(?P<s>[^\s\"']{3,128})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,65536}={0,2}")


def _armour(value: str) -> Verdict | None:
    found = PRIVATE_ARMOUR.search(value)
    if not found:
        return None
    body = value[found.end() : found.end() + 4096].replace("\\n", "\n")
    if sum(len(piece) for piece in _KEY_BODY.findall(body)) < 32:
        return OPAQUE  # the armour of a key without the key
    return Verdict("private-key", is_secret=True, confidence=Confidence.HIGH, prefix=found[0][:31])


def is_public_armour(value: str) -> bool:
    """Whether *value* is public keys and certificates only."""
    return (
        value.startswith("-----BEGIN")
        and bool(_PUBLIC_ARMOUR.match(value))
        and "PRIVATE" not in value
        and value.rstrip().removesuffix("\\n").endswith("-----")
    )


def _url_password(value: str) -> Verdict | None:
    for found in (*URL_PASSWORD.finditer(value), *ORACLE.finditer(value), *GO_DSN.finditer(value)):
        password = found["s"]
        if is_stand_in(password) or password.startswith(("$", "{{", "%(")):
            continue
        weak = is_weak(password) or password == found["user"]
        prefix = f"{found['scheme']}://" if "scheme" in found.re.groupindex else ""
        return Verdict("password-in-url", is_secret=True, confidence=Confidence.MEDIUM if weak else Confidence.HIGH, prefix=prefix)
    for found in URL_USER.finditer(value):
        user = found["s"]
        # A Sentry DSN is a URL with a public key for user and a project number for path; Sentry means it to be shipped to browsers.
        is_sentry = len(user) == 32 and found["path"].rsplit("/", 1)[-1].isdigit()
        if looks_random(user, 20) and not is_sentry:
            return Verdict("token-in-url", is_secret=True, confidence=Confidence.MEDIUM, prefix=f"{found['scheme']}://")
    return None


def is_plain_url(value: str) -> bool:
    """Whether *value* is one URL with neither userinfo nor a random-looking piece in its path or query."""
    if "://" not in value or not _URL.fullmatch(value):
        return False
    authority, _, rest = value.split("://", 1)[1].partition("/")
    if "@" in authority and not URL_USER.match(value):
        return False
    return not any(looks_random(piece, 20) for piece in re.split(r"[/?&=#;,:.]", rest) if len(piece) >= 20)


def pairs_of(text: str) -> Iterator[re.Match[str]]:
    """The `key=value` and `key: value` pairs in *text* whose key promises a secret."""
    for sign, pattern in (("=", PAIR), (": ", _LINE_PAIR), ("</", _XML)):
        for found in pattern.finditer(text) if sign in text else ():
            if naming(found["key"]) in {Naming.PASSWORD, Naming.CREDENTIAL}:
                yield found


def flags_of(text: str) -> Iterator[re.Match[str]]:
    """The command-line flags in *text* whose name promises a secret, with their values."""
    for found in FLAG.finditer(text):
        if naming(found["key"] or found["word"]) in {Naming.PASSWORD, Naming.CREDENTIAL}:
            yield found


def _command(value: str, look: Look, depth: int) -> Verdict | None:
    if "machine " not in value and "-" not in value:
        return None  # prose may say "the password is"
    for found in flags_of(value):
        member = look(found["key"] or found["word"], found["value"], depth + 1)
        if member and member.is_secret:
            return member
    if (mysql := MYSQL_PASSWORD.search(value)) and not is_stand_in(mysql["s"]):
        return Verdict("password", is_secret=True, confidence=Confidence.MEDIUM)
    if _CURL_LOGIN.search(value) and (user := CURL_USER.search(value)) and not is_stand_in(user["s"]):
        return Verdict("login", is_secret=True, confidence=Confidence.MEDIUM)
    return None


def _pairs(value: str, look: Look, depth: int) -> Verdict | None:
    result: Verdict | None = None
    for found in pairs_of(value):
        member = look(found["key"], found["value"], depth + 1)
        if member and member.is_secret:
            kind = "password-in-connection-string" if member.kind in {"password", "weak-password"} else member.kind
            result = worst(result, member._replace(kind=kind))
    return result


def _json(value: str, look: Look, depth: int) -> tuple[Verdict | None, bool]:
    """Judge every member of a JSON document. The second part says whether it was one."""
    try:
        document: object = json.loads(value)
    except (ValueError, RecursionError):
        return None, False
    result: Verdict | None = None
    pending: list[tuple[str, object]] = [("", document)]
    while pending:
        name, node = pending.pop()
        if isinstance(node, dict):
            members = cast("dict[str, object]", node)
            if "kty" in members:
                if "d" in members or members["kty"] == "oct":
                    result = worst(result, Verdict("private-json-web-key", is_secret=True, confidence=Confidence.HIGH))
                continue  # what is left of a JSON Web Key is public
            lowered = {key.lower(): member for key, member in members.items()}
            title = lowered.get("name", lowered.get("key"))
            if isinstance(title, str) and "value" in lowered:
                pending.append((title, lowered["value"]))
            pending += [
                (key if naming(key) is not Naming.NEUTRAL or not name else f"{name}.{key}", member) for key, member in members.items()
            ]
        elif isinstance(node, list):
            pending += [(name, member) for member in cast("list[object]", node)]
        elif isinstance(node, bool) or node is None:
            continue
        else:
            result = worst(result, look(name, node if isinstance(node, str) else str(node), depth + 1))
    return result, True


def _unwrapped(value: str) -> str | None:
    """The text inside base64, when there is text inside."""
    if not _BASE64.fullmatch(value):
        return None
    raw = unbase64(value)
    if raw is None or len(raw) < 12:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char in "\r\n\t" for char in text) else None


def inside(name: str, value: str, look: Look, depth: int) -> tuple[Verdict | None, bool]:
    """Judge what *value* contains. The second part says whether all of it was understood: then no verdict means harmless."""
    if "-----BEGIN" in value or "PuTTY-User-Key-File" in value:
        verdict = _armour(value)
        return (verdict, True) if verdict else (None, is_public_armour(value))
    verdict = None
    for found in formats.matches(value):
        verdict = worst(verdict, Verdict(found.kind, is_secret=True, confidence=found.confidence, prefix=found.shown))
    if verdict:
        return verdict, True
    if "@" in value and (verdict := _url_password(value)):
        return verdict, True
    if depth < _MAX_DEPTH and value[0] in '{["' and value[-1] in '}]"':
        verdict, was_json = _json(value, look, depth)
        if was_json:
            return verdict, True
    if ("=" in value or ":" in value or "</" in value) and depth < _MAX_DEPTH and (verdict := _pairs(value, look, depth)):
        return verdict, True
    if " " in value and depth < _MAX_DEPTH and (verdict := _command(value, look, depth)):
        return verdict, True
    if depth < _MAX_DEPTH and (text := _unwrapped(value)) is not None:
        verdict = (
            look(name, text, depth + 1) if naming(name) in {Naming.NEUTRAL, Naming.ABOUT, Naming.IDENTIFIER} else look("", text, depth + 1)
        )
        if verdict and verdict.is_secret and verdict.kind != "high-entropy":
            return verdict._replace(prefix=""), True
        return (None, verdict is None)
    return None, False
