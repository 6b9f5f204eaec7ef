"""Hostile JavaScript, by its text: minified or not, it spells these few things the same way."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from buckler.engines.artifact.catalog.shelf import mapping_of, text_of
from buckler.engines.artifact.hunt.text import shell_commands
from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.model.severity import Confidence

NEEDLES: Final = (
    b"process.env",
    b'process["env"]',
    b"process['env']",
    b"eval",
    b"Function(",
    b"runIn",
    b"child_process",
    b"_0x",
    b"_compile(",
)
"""Without any of these a file has nothing that is looked for here."""
_DECODER: Final = (
    r"(?:Buffer\s*\.\s*from\s*\([^;\n]{0,100000}?['\"](?:base64|hex)['\"]|new\s+Buffer\s*\([^;\n]{0,100000}?['\"](?:base64|hex)['\"]"
    r"|atob\s*\(|String\s*\.\s*fromCharCode|inflate(?:Raw)?Sync\s*\(|gunzipSync\s*\()"
)
_RUNNER: Final = r"(?:\beval\b\s*\)?|(?:\bnew\s+)?\bFunction\b|\bvm\s*\.\s*runIn\w+|\bnew\s+vm\s*\.\s*Script|\._compile)\s*\(\s*"
_RUNS: Final = re.compile(_RUNNER + r"[\w$.\s(]{0,80}?" + _DECODER)
_DECODED: Final = re.compile(r"\b(?P<name>[A-Za-z_$][\w$]*)\s*=\s*[\w$.\s(]{0,60}?" + _DECODER)
_RUN_NAME: Final = re.compile(_RUNNER + r"(?:['\"][\w, ]*['\"]\s*,\s*)*(?P<name>[A-Za-z_$][\w$]*)\b")
_ENVIRONMENT: Final = r"(?:process\s*\.\s*env|process\s*\[\s*['\"]env['\"]\s*\])"
_WHOLE: Final = re.compile(
    r"(?:stringify|entries|values|keys|assign|inspect|URLSearchParams|btoa|String)\s*\(\s*(?:\{\s*\}\s*,\s*)?(?:\{\s*\.\.\.)?\s*"
    + _ENVIRONMENT
    + r"(?!\s*[.\[\w])"
    + r"|\b\w+\s*:\s*"
    + _ENVIRONMENT
    + r"\s*[,}]"
)
_ENV_NAME: Final = re.compile(r"\b(?P<name>[A-Za-z_$][\w$]*)\s*=\s*(?:\{\s*\.\.\.\s*)?" + _ENVIRONMENT + r"(?!\s*[.\[\w])")
_NETWORK: Final = re.compile(
    r"https?['\"]?\s*\)?\s*\.\s*(?:request|get)\s*\(|\bfetch\s*\(\s*[`'\"]?http|\.\s*(?:post|put)\s*\(\s*[`'\"]http|XMLHttpRequest|net\s*\.\s*(?:connect|createConnection)\s*\("
    r"|dns['\"]?\s*\)?\s*\.\s*(?:lookup|resolve\w*)\s*\(|sendBeacon\s*\(|new\s+WebSocket\s*\(|new\s+(?:\w+\.)?Socket\s*\("
)
_SECRET: Final = re.compile(_ENVIRONMENT + r"\s*(?:\.\s*|\[\s*['\"])AWS_SECRET_ACCESS_KEY")
_PLACE: Final = re.compile(
    r"[`'\"](?:https?|wss?)://(?![\w.-]*(?:amazonaws\.com|localhost|127\.0\.0\.1))[^`'\"\s]{4,}|\bhost(?:name)?\s*:\s*[`'\"][\w.-]+\.[\w-]+[`'\"]"
)
_SHELL: Final = re.compile(r"(?:exec|execSync|spawn|spawnSync|execFile)\s*\(\s*[`'\"]([^`\n]{4,2000}?)[`'\"]\s*[,)]")
_PIPED: Final = re.compile(r"spawn(?:Sync)?\s*\(\s*[`'\"](?:/bin/)?(?:ba)?sh[`'\"]")
_OBFUSCATED: Final = re.compile(r"\b_0x[0-9a-f]{4,6}\b")
_NEAR: Final = 1200
_MOST: Final = 12 * 1024 * 1024
_INSTALL: Final = ("preinstall", "install", "postinstall")
_HOSTILE: Final = re.compile(
    r"\b(?:curl|wget|powershell|certutil|mshta|nslookup)\b|base64|fromCharCode|\batob\b|\beval\b|https?://|/dev/tcp|\|\s*(?:ba)?sh\b|process\.env|child_process|"
    r"python[23]?\s+-c|Buffer\.from",
    re.IGNORECASE,
)


def look(content: bytes) -> Iterator[Trace]:
    """Look at a JavaScript source."""
    if len(content) > _MOST or not any(needle in content for needle in NEEDLES):
        return
    text = content.decode("utf-8", "replace")
    for found in _RUNS.finditer(text):
        yield high("runs-what-it-decodes", "it runs code that it decodes first", _line(text, found.start()))
        break
    else:
        yield from _runs_by_name(text)
    yield from _sends(text)
    if "exec" in text or "spawn" in text:
        for found in _SHELL.finditer(text):
            for note in shell_commands(found[1]):
                yield high("shell-command", note, _line(text, found.start()))
        piped = _PIPED.search(text)
        if piped and re.search(r"\bnet\s*\.\s*(?:Socket|connect|createConnection)|require\(['\"]net['\"]\)", text) and ".pipe(" in text:
            yield high("reverse-shell", "it joins a shell to a connection", _line(text, piped.start()))
    hidden = _OBFUSCATED.findall(text) if "_0x" in text else []
    if len(hidden) >= 30 and len(set(hidden)) >= 8:
        yield high("obfuscated", f"{len(set(hidden))} of its names were made unreadable on purpose", confidence=Confidence.MEDIUM)


def _runs_by_name(text: str) -> Iterator[Trace]:
    decoded = {found["name"] for found in _DECODED.finditer(text)}
    for found in _RUN_NAME.finditer(text) if decoded else ():
        if found["name"] in decoded and len(found["name"]) > 1:
            yield high("runs-what-it-decodes", "it runs code that it decodes first", _line(text, found.start()))
            return


def _sends(text: str) -> Iterator[Trace]:
    places = [(found.start(), found.end()) for found in _WHOLE.finditer(text)]
    for found in _ENV_NAME.finditer(text):
        name = re.escape(found["name"])
        uses = re.compile(rf"(?:stringify|entries|inspect|URLSearchParams)\s*\(\s*{name}\s*[),]|\b(?:body|data|json|env)\s*:\s*{name}\b")
        places += [(use.start(), use.end()) for use in uses.finditer(text)]
    for start, end in places:
        if _NETWORK.search(text, max(0, start - _NEAR), end + _NEAR):
            yield high("sends-environment", "it sends all environment variables, credentials among them", _line(text, start))
            return
    for found in _SECRET.finditer(text):
        near = (max(0, found.start() - _NEAR), found.end() + _NEAR)
        if _NETWORK.search(text, *near) and _PLACE.search(text, *near):
            yield high("sends-credentials", "it sends the function's credentials", _line(text, found.start()), Confidence.MEDIUM)
            return


def manifest(content: bytes) -> Iterator[Trace]:
    """Look at the scripts of a package.json that run when it is installed."""
    try:
        about: Any = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
        scripts = mapping_of(mapping_of(about).get("scripts"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    for name in _INSTALL:
        command = text_of(scripts.get(name), 65536)
        if not command:
            continue
        line = content[: max(0, content.find(f'"{name}"'.encode()))].count(b"\n") + 1
        if _HOSTILE.search(command) or any(True for _ in shell_commands(command)):
            yield high("install-script", f"its `{name}` script fetches, decodes or sends something", line)
        else:
            yield medium("install-script", f"it has a `{name}` script", line, Confidence.LOW)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
