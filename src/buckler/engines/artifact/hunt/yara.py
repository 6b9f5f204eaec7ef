"""Our own YARA rules, run by YARA-X where it is installed (the extra `artifacts`)."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from buckler.engines.artifact.hunt.trace import Trace
from buckler.model.severity import Confidence, Severity

_RULES: Final = Path(__file__).with_name("rules.yar")
_PATIENCE_S: Final = 10


@cache
def _rules() -> Any:  # noqa: ANN401 - of an optional package
    try:
        import yara_x
    except ImportError:
        return None
    return yara_x.compile(_RULES.read_text(encoding="utf-8"))


def is_there() -> bool:
    """Say whether rules can be run."""
    return _rules() is not None


def look(content: bytes) -> Iterator[Trace]:
    """Run the rules over a file of any kind. Raises `TimeoutError` when it takes too long: then it was not looked at."""
    rules = _rules()
    if rules is None:
        return
    import yara_x

    scanner = yara_x.Scanner(rules)
    scanner.set_timeout(_PATIENCE_S)
    try:
        matching = scanner.scan(content).matching_rules
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
