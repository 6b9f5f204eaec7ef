"""Every chosen check of every estate, and what of the answers is shown to whom."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from msgspec.structs import replace

from buckler import __version__
from buckler.app.coverage import count
from buckler.app.ignoring import part_ignored
from buckler.app.options import ScanOptions, choose
from buckler.checks import fingerprint, run
from buckler.model.drift import Verified
from buckler.model.estate import Estate
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin, place
from buckler.model.progress import Progress, Silent
from buckler.model.result import Coverage, NotAsked, ScanResult
from buckler.model.severity import Persona
from buckler.reach.analysis import Analysis


def judge_estates(
    estates: Sequence[Estate],
    options: ScanOptions,
    progress: Progress | None = None,
    *,
    calls: tuple[tuple[str, int], ...] = (),
    names: Mapping[str, str] | None = None,
) -> ScanResult:
    """Ask every chosen check of every estate.

    Pure but for the clock, and that only when `options.today` is empty; with a lock, artifacts on disk are read to be compared.

    *names* gives files the names by which findings in them are known from scan to scan (`naming.steady_names`).
    """
    told = progress or Silent()
    today = date.fromisoformat(options.today) if options.today else datetime.now(UTC).date()
    chosen = choose(options)
    findings: list[Finding] = []
    gaps: list[Gap] = []
    not_asked: Counter[tuple[str, str, str]] = Counter()
    questions = answered = 0
    told.stage("estates judged", len(estates))
    locked = _locked(estates, options, today)
    for estate in estates:
        answers = run(chosen, Analysis(estate, today=today, locked=locked))
        findings.extend(_known_by(finding, names or {}) for finding in answers.findings)
        gaps.extend(answers.gaps)
        for one in answers.not_asked:
            not_asked[(one.check, one.why, one.need)] += one.count
        questions += answers.questions
        answered += answers.answered
        told.advance("estates judged")
    kept, ignored, expired = part_ignored(findings, estates, options, today)
    known = [finding for finding in kept if finding.fingerprint in options.baseline]
    fresh = [finding for finding in kept if finding.fingerprint not in options.baseline]
    shown_to = [finding for finding in fresh if _wanted(finding, options)]
    return ScanResult(
        findings=tuple(sorted(shown_to, key=order)),
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.check, gap.subject.place, gap.subject.id, gap.why))),
        ignored=tuple(sorted(ignored, key=lambda one: order(one.finding))),
        known=len(known),
        hidden=len(fresh) - len(shown_to),
        coverage=Coverage(
            scopes=tuple(one for estate in estates for one in count(estate)),
            checks=tuple(one.id for one in chosen),
            questions=questions,
            answered=answered,
            not_asked=tuple(
                NotAsked(check=check, count=times, why=why, need=need) for (check, why, need), times in sorted(not_asked.items())
            ),
            calls=calls,
            notes=tuple(dict.fromkeys(f"{place(note.origin)}: {note.message}" for estate in estates for note in estate.notes)),
        ),
        expired=expired,
        taken_at=max((estate.taken_at for estate in estates), default=""),
        version=__version__,
    )


def _locked(estates: Sequence[Estate], options: ScanOptions, today: date) -> Verified | None:
    """Compare all estates with the lock, if there is one. Raises `UsageError` for a lock of other accounts."""
    if options.lock is None:
        return None
    # Locks pin artifacts, which brings cryptography: not for those who have no lock.
    from buckler.app.locked import verify_estates

    return verify_estates(options.lock, estates, today, options.signing)


def _known_by(finding: Finding, names: Mapping[str, str]) -> Finding:
    about = finding.subject
    name = names.get(about.place, about.place)
    return finding if name == about.place else replace(finding, fingerprint=fingerprint(finding.check, about, name, finding.key))


def _wanted(finding: Finding, options: ScanOptions) -> bool:
    if finding.severity < options.min_severity:
        return False
    # Who names a framework or a check wants to hear it, whatever its persona.
    return finding.persona is Persona.REGULAR or options.persona is Persona.AUDITOR or bool(options.frameworks or options.only)


def order(finding: Finding) -> tuple[int, str, str, int, str, str, str]:
    """Sort worst first, then by check and place."""
    first = finding.evidence[0].origin
    line = first.line if isinstance(first, FileOrigin) else 0
    return (-finding.severity.rank, finding.check, finding.subject.place, line, finding.subject.id, finding.key, finding.message)
