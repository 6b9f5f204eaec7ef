"""Hostile commands and indicators in text and bytes of any kind: shells, fetched and run; miners."""

import re
from collections.abc import Iterator
from typing import Final

from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.model.severity import Confidence

_SHELL: Final = (
    (re.compile(r"(?:curl|wget)\s[^|;&\n]{1,400}\|\s*(?:sudo\s+)?(?:env\s+)?(?:ba|da|z)?sh\b"), "it runs a script that it fetches"),
    (re.compile(r"(?:ba)?sh\s+-c\s+[\"']?\$\((?:curl|wget)\s"), "it runs a script that it fetches"),
    (re.compile(r"base64\s+(?:-d|-D|--decode)[^|\n]{0,80}\|\s*(?:ba|da|z)?sh\b"), "it runs a script that it decodes"),
    (re.compile(r"/dev/tcp/(?:\d{1,3}\.|[\w.-]+/\d)"), "it joins a shell to a connection"),
    (re.compile(r"\b(?:nc|ncat|netcat)\s+(?:-\w+\s+)*-\w*e\w*\s+\S*sh\b"), "it joins a shell to a connection"),
    (re.compile(r"mkfifo\s+\S+\s*;[^\n]{0,120}\|\s*(?:nc|ncat|openssl s_client)"), "it joins a shell to a connection"),
    (re.compile(r"(?:curl|wget)\s[^\n]{1,300}(?:&&|;)\s*chmod\s+\S*[x7]\S*\s+[^\n]{1,200}(?:&&|;)"), "it runs a program that it fetches"),
)
_SENT: Final = re.compile(
    r"(?:\benv\b|\bprintenv\b|/proc/self/environ)[^\n]{0,80}\|[^\n]{0,80}\b(?:curl|wget|nc)\b|(?:curl|wget)\s[^\n]{0,200}\$\((?:env|printenv)\b"
)
_NEEDLES: Final = ("curl", "wget", "base64", "/dev/tcp/", "mkfifo", "nc ", "ncat", "netcat", "/environ", "printenv")
_MINER_SURE: Final = (b"stratum+tcp://", b"stratum+ssl://", b"stratum+tls://", b"stratum2+tcp://", b"--donate-level", b"mining.subscribe")
_MINER_HINTS: Final = (
    b"xmrig",
    b"randomx",
    b"cryptonight",
    b"minexmr",
    b"supportxmr",
    b"moneroocean",
    b"hashvault",
    b"nanopool.org",
    b"2miners.com",
    b"kawpow",
    b"ethminer",
    b"nicehash",
    b"hashrate",
    b"c3pool",
    b"donate.v2.xmrig",
    b"herominers",
    b"pool.minergate",
)
"""Names of mining programs, algorithms and pools. Each is in the public lists of Falco or maltrail; one alone proves nothing."""


def shell_commands(text: str) -> Iterator[str]:
    """Say what hostile commands a text holds."""
    if any(needle in text for needle in _NEEDLES):
        for pattern, note in _SHELL:
            if pattern.search(text):
                yield note
        if _SENT.search(text):
            yield "it sends the environment variables"


def look(text: str) -> Iterator[Trace]:
    """Look at a script, or at any text, line by line."""
    if not any(needle in text for needle in _NEEDLES):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        for note in shell_commands(line[:4096]):
            yield high("shell-command", note, number)


def miners(content: bytes) -> Iterator[Trace]:
    """Look for mining programs, in bytes of any kind."""
    sure = next((one for one in _MINER_SURE if one in content), None)
    if sure is None and not any(one in content for one in _MINER_HINTS):
        return
    found = [one.decode() for one in _MINER_HINTS if one in content]
    if sure is not None:
        yield high("miner", f"it speaks to mining pools: {sure.decode()}", _line(content, sure))
    elif len(found) >= 2:
        yield high("miner", f"it names {' and '.join(found[:2])}", confidence=Confidence.MEDIUM)
    elif found[0] in {"donate.v2.xmrig", "pool.minergate"}:
        yield medium("miner", f"it names {found[0]}")


def _line(content: bytes, needle: bytes) -> int:
    """Give the line of a needle in text; 0 in a binary."""
    at = content.find(needle)
    return 0 if b"\0" in content[:1024] else content.count(b"\n", 0, at) + 1
