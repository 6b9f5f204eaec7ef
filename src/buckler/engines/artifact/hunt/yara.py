"""Our own YARA rules, run by YARA-X where it is installed (the extra `artifacts`)."""

import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from buckler.engines.artifact.hunt.trace import Trace
from buckler.model.severity import Confidence, Severity

_RULES: Final = Path(__file__).with_name("rules.yar")
_PATIENCE_S: Final = 10


class _Mine(threading.local):
    """The scanner of a thread: making one takes as long as it takes to scan a small file."""

    def __init__(self) -> None:
        import yara_x

        self.scanner = yara_x.Scanner(_rules())
        self.scanner.set_timeout(_PATIENCE_S)


_mine = cache(_Mine)


@cache
def _rules() -> Any:  # noqa: ANN401 - of an optional package
    try:
        import yara_x
    except ImportError:
        return None
    return yara_x.compile(_RULES.read_text(encoding="utf-8"))


def is_there() -> bool:
    """Say whether rules can be run."""
    try:
        import_module("yara_x")  # compiling the rules takes longer, and there may be nothing to run them on
    except ImportError:
        return False
    return True


def look(content: bytes) -> Iterator[Trace]:
    """Run the rules over a file of any kind. Raises `TimeoutError` when it takes too long: then it was not looked at."""
    if _rules() is None:
        return
    import yara_x

    try:
        matching = _mine().scanner.scan(content).matching_rules
    except yara_x.TimeoutError as bad:
        raise TimeoutError from bad
    is_text = b"\0" not in content[:4096]
    for rule in matching:
        about = {str(key): str(value) for key, value in rule.metadata}
        first = min((match.offset for pattern in rule.patterns for match in pattern.matches), default=0)
        yield Trace(
            rule.identifier.replace("_", "-"),
            Severity(about["severity"]),
            Confidence(about["confidence"]),
            about["note"],
            content.count(b"\n", 0, first) + 1 if is_text else 0,
        )
