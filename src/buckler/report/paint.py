"""Colours and links of a terminal: added last, so that they never count as columns."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from buckler.model.origin import FileOrigin, Origin
from buckler.model.severity import Severity

_CODES = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "1;33", "blue": "1;34", "cyan": "1;36", "green": "1;32"}

COLOR = {Severity.CRITICAL: "red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
WORD = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


@dataclass(frozen=True)
class Paint:
    """Adds escape codes where the terminal wants them, else nothing."""

    color: bool
    links: bool

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text

    def link(self, text: str, origin: Origin) -> str:
        """Make *text* lead to its origin: the file, or the resource in the AWS console."""
        url = address(origin) if self.links else ""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if url else text


def address(origin: Origin) -> str:
    """Write the URL of an origin; empty when it has none."""
    if isinstance(origin, FileOrigin):
        return f"file://{quote(str(Path(origin.file).absolute()), errors='replace')}"
    if not origin.arn.startswith("arn:") or "${" in origin.arn:
        return ""
    # The console's own redirector: it opens the page of any resource whose ARN it knows.
    return f"https://console.aws.amazon.com/go/view?arn={quote(origin.arn, safe=':/', errors='replace')}"
