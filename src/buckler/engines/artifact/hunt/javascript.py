"""Hostile JavaScript, by its text: minified or not, it spells these few things the same way."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from buckler.engines.artifact.catalog.shelf import mapping_of, text_of
from buckler.engines.artifact.hunt.text import shell_commands
from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.model.severity import Confidence

_RUNNERS: Final = ("eval", "Function", "runIn", "Script", "_compile")
_DECODERS: Final = ("base64", "hex", "atob", "fromCharCode", "inflate", "gunzip")
_ENVIRONMENTS: Final = ("process.env", 'process["env', "process['env", "= process", "=process", "process').env", 'process").env')
_NETWORKS: Final = ("request", "http", "fetch", "dns", "connect", "XMLHttpRequest", "sendBeacon", "WebSocket", "Socket")
_NEEDLES: Final = (*(one.encode() for one in (*_RUNNERS, *_ENVIRONMENTS)), b"child_process", b"_0x")
"""Without any of these a file has nothing that is looked for here: most files are done with after a search for a few words."""
_DECODER: Final = (
    r"(?:Buffer\s*\.\s*from\s*\([^;\n]{0,100000}?['\"](?:base64|hex)['\"]|new\s+Buffer\s*\([^;\n]{0,100000}?['\"](?:base64|hex)['\"]"
    r"|atob\s*\(|String\s*\.\s*fromCharCode|inflate(?:Raw)?Sync\s*\(|gunzipSync\s*\()"
)
_RUNNER: Final = r"(?:eval\b\s*\)?|Function|runIn\w+|Script|_compile)\s*\(\s*"
_RUNS: Final = re.compile(_RUNNER + r"[\w$.\s(]{0,80}?" + _DECODER)
_RUN_NAME: Final = re.compile(_RUNNER + r"(?:['\"][\w, ]*['\"]\s*,\s*)*(?P<name>[A-Za-z_$][\w$]*)\b")
_DECODED: Final = re.compile(r"\s*=\s*[\w$.\s(]{0,60}?" + _DECODER)
_ENVIRONMENT: Final = (
    r"(?:\bprocess\s*\.\s*env|\bprocess\s*\[\s*['\"]env['\"]\s*\]|require\s*\(\s*['\"](?:node:)?process['\"]\s*\)\s*\.\s*env)"
)
_WHOLE: Final = re.compile(
    r"(?:stringify|entries|values|keys|assign|inspect|URLSearchParams|btoa|String)\s*\(\s*(?:\{[^{}]{0,200}?)?"
    + _ENVIRONMENT
    + r"(?!\s*[.\[\w])"
    + r"|\b(?!env\b)\w+\s*:\s*"
    + _ENVIRONMENT
    + r"\s*[,}]"
)
_ENV_NAME: Final = re.compile(
    r"(?<![\w$.])(?P<name>[A-Za-z_$][\w$]*)\s*=\s*(?:\{\s*\.\.\.\s*)?"
    + _ENVIRONMENT
    + r"(?!\s*[.\[\w])|\{[^{}]{0,80}\b(?P<env>env)\b[^{}]{0,80}\}\s*=\s*process\b"
)
_NETWORK: Final = re.compile(
    r"https?['\"]?\s*\)?\s*\.\s*(?:request|get)\s*\(|\bfetch\s*\(\s*[`'\"]?http|\.\s*(?:post|put)\s*\(\s*[`'\"]http|XMLHttpRequest"
    r"|net['\"]?\s*\)?\s*\.\s*(?:connect|createConnection)\s*\("
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
_FAR: Final = 100_000
_MOST_PLACES: Final = 2000
_MOST: Final = 12 * 1024 * 1024
_INSTALL: Final = ("preinstall", "install", "postinstall")
_HOSTILE: Final = re.compile(
    r"\b(?:curl|wget|powershell|certutil|mshta|nslookup)\b|base64|fromCharCode|\batob\b|\beval\b|https?://|/dev/tcp|\|\s*(?:ba)?sh\b|process\.env|child_process|"
    r"python[23]?\s+-c|Buffer\.from",
    re.IGNORECASE,
)


def look(content: bytes) -> Iterator[Trace]:
    """Look at a JavaScript source."""
    if len(content) > _MOST or not any(needle in content for needle in _NEEDLES):
        return
    text = content.decode("utf-8", "replace")
    if any(one in text for one in _DECODERS):
        yield from _runs(text)
    if any(one in text for one in _NETWORKS):
        yield from _sends(text)
    if "child_process" in text:
        yield from _shells(text)
    hidden = _OBFUSCATED.findall(text) if "_0x" in text else []
    if len(hidden) >= 30 and len(set(hidden)) >= 8:
        yield high("obfuscated", f"{len(set(hidden))} of its names were made unreadable on purpose", confidence=Confidence.MEDIUM)


def _at(text: str, words: Iterable[str]) -> Iterator[int]:
    """Give where *words* begin."""
    for word in words:
        at = text.find(word)
        found = 0
        while at >= 0 and found < _MOST_PLACES:
            yield at
            found += 1
            at = text.find(word, at + len(word))


def _runs(text: str) -> Iterator[Trace]:
    for at in _at(text, _RUNNERS):
        if text[at - 1 : at].isalnum() or text[at - 1 : at] == "_":
            # `isFunction(`, `retrieval(`
            continue
        if _RUNS.match(text, at):
            yield high("runs-what-it-decodes", "it runs code that it decodes first", _line(text, at))
            return
        named = _RUN_NAME.match(text, at)
        if named and _is_decoded(text, named["name"], at):
            yield high("runs-what-it-decodes", "it runs code that it decodes first", _line(text, at))
            return


def _is_decoded(text: str, name: str, runner: int) -> bool:
    """Say whether something decoded is assigned to a name. Those of one letter, minified code's, count only right before they are run."""
    for at in _at(text, (f"{name}=", f"{name} =")):
        found = _DECODED.match(text, at + len(name))
        if found and 0 <= runner - found.end() < (_FAR if len(name) > 1 else 200):
            return True
    return False


def _sends(text: str) -> Iterator[Trace]:
    places: list[int] = []
    for at in _at(text, _ENVIRONMENTS):
        near = (max(0, at - 240), at + 80)
        if _WHOLE.search(text, *near):
            places.append(at)
        elif named := _ENV_NAME.search(text, *near):
            name = re.escape(named["name"] or named["env"])
            uses = re.compile(rf"(?:stringify|entries|inspect|URLSearchParams)\s*\(\s*{name}\s*[),]|\b(?:body|data|json)\s*:\s*{name}\b")
            places += [use.start() for use in uses.finditer(text)]
    for at in places:
        if _NETWORK.search(text, max(0, at - _NEAR), at + _NEAR):
            yield high("sends-environment", "it sends all environment variables, credentials among them", _line(text, at))
            return
    for at in _at(text, ("AWS_SECRET_ACCESS_KEY",)):
        near = (max(0, at - _NEAR), at + _NEAR)
        if _SECRET.search(text, max(0, at - 40), at + 40) and _NETWORK.search(text, *near) and _PLACE.search(text, *near):
            yield high("sends-credentials", "it sends the function's credentials", _line(text, at), Confidence.MEDIUM)
            return


def _shells(text: str) -> Iterator[Trace]:
    for found in _SHELL.finditer(text):
        for note in shell_commands(found[1]):
            yield high("shell-command", note, _line(text, found.start()))
    piped = _PIPED.search(text)
    if (
        piped
        and ".pipe(" in text
        and re.search(r"\bnet\s*\.\s*(?:Socket|connect|createConnection)|require\(['\"](?:node:)?net['\"]\)", text)
    ):
        yield high("reverse-shell", "it joins a shell to a connection", _line(text, piped.start()))


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
