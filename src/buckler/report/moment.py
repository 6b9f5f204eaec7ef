"""When a report says its findings were true."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buckler.model.result import ScanResult
    from buckler.report import Context


def moment(result: "ScanResult", context: "Context") -> datetime:
    """Take the caller's `now`, else when the facts were read, else the clock (templates are read at no particular time)."""
    if context.now:
        return context.now.astimezone(UTC)
    try:
        return datetime.fromisoformat(result.taken_at).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC).replace(microsecond=0)


def iso(when: datetime) -> str:
    """`2026-11-25T10:00:00.000Z`, as AWS and SARIF write times."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
