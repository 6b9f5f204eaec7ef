"""Secrets in code: every named string is shown to the one judge, which is handed in."""

import re
from collections.abc import Iterator
from typing import Final

from buckler.model.secret import Judge, Redacted
from buckler.model.severity import Confidence

_NAMED: Final = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{0,80})[\"'\]]{0,2}\s{0,4}(?:=|:|=>|:=|,)\s{0,4}[brfu]{0,2}(?P<quote>[\"'`])(?P<value>[^\"'`\n]{8,4096})(?P=quote)"
)
_BARE: Final = re.compile(r"^\s*(?:export\s+)?(?P<name>[A-Za-z_]\w{1,80})=(?P<value>[^\s\"'#]{8,4096})\s*$", re.MULTILINE)
_QUOTED: Final = re.compile(r"[\"'`](?P<value>[A-Za-z0-9+/=_.:@~-]{16,4096})[\"'`]")
_ARMOUR: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]{64,8192}-----END [A-Z ]*PRIVATE KEY-----")
_MOST: Final = 2 * 1024 * 1024
_MOST_SECRETS: Final = 20


def look(content: bytes, judge: Judge) -> Iterator[tuple[int, Redacted]]:
    """Give the secrets of a text with their lines. Nothing of them but what the judge leaves is kept."""
    if len(content) > _MOST or b"\0" in content[:4096]:
        return
    text = content.decode("utf-8", "replace")
    seen: set[int] = set()
    told = 0
    for pattern in (_ARMOUR, _NAMED, _BARE, _QUOTED):
        for found in pattern.finditer(text):
            groups = found.groupdict()
            value = groups.get("value") or found[0]
            judged = judge(groups.get("name") or "", value)
            if not isinstance(judged, Redacted) or not judged.is_secret or judged.confidence < Confidence.MEDIUM:
                continue
            line = text.count("\n", 0, found.start()) + 1
            if line not in seen and told < _MOST_SECRETS:
                seen.add(line)
                told += 1
                yield line, judged
