"""The outcome of a scan: what reports render."""

from buckler.model.estate import ScopeKind
from buckler.model.finding import Finding, Gap
from buckler.model.value import Value


class Ignored(Value):
    """A finding somebody decided to live with."""

    finding: Finding
    reason: str
    where: str
    """`buckler.toml:12` or `template.yaml:31`."""
    until: str | None = None
    """ISO date after which the ignore no longer counts."""


class TargetError(Value):
    """A target that could not be read. The others were."""

    target: str
    error: str
    cause: str
    hint: str


class NotAsked(Value):
    """Questions the chosen depth or this kind of source does not ask: counted, never a pass."""

    check: str
    count: int
    """Subjects."""
    why: str
    need: str


class ScopeCount(Value):
    """What was looked at in one scope."""

    name: str
    kind: ScopeKind
    counts: tuple[tuple[str, int], ...]
    """(collection, entities read), those with any."""
    unread: tuple[tuple[str, str], ...] = ()
    """(collection, why) that could not be read."""


class Coverage(Value):
    scopes: tuple[ScopeCount, ...]
    checks: tuple[str, ...]
    """Ids of the checks that ran."""
    questions: int
    """Checks times their subjects."""
    answered: int
    not_asked: tuple[NotAsked, ...] = ()
    calls: tuple[tuple[str, int], ...] = ()
    """(API call, times) of a live scan."""
    notes: tuple[str, ...] = ()
    """What sources want said, each with its place: a nested stack that was not followed, an inline ignore that does not count."""


class ScanResult(Value):
    """Everything a report may show. INVARIANT: all tuples are sorted, so that two scans of one estate are byte-equal but for `seconds`."""

    findings: tuple[Finding, ...]
    """Worst first, then by place and subject."""
    gaps: tuple[Gap, ...]
    ignored: tuple[Ignored, ...] = ()
    known: int = 0
    """Findings left out because `--baseline` has them."""
    hidden: int = 0
    """Findings for personas that were not asked for."""
    coverage: Coverage
    errors: tuple[TargetError, ...] = ()
    expired: tuple[str, ...] = ()
    """Ignores that no longer count or match nothing, each with its place."""
    seconds: float = 0.0
    taken_at: str = ""
    version: str
    """Of buckler."""
