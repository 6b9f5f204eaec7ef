"""Read live AWS accounts. Importing this is cheap; botocore loads when something is collected."""

from pathlib import Path

from buckler.model.progress import Progress
from buckler.model.secret import Judge
from buckler.sources.live.options import Collected, LiveOptions, Needed, Patience


def collect(
    options: LiveOptions,
    *,
    judge: Judge,
    progress: Progress,
    journal: Path | None = None,
    resume: bool = False,
    patience: Patience | None = None,
) -> Collected:
    """Read the accounts and regions that *options* name.

    Finished pieces are kept in *journal* until everything is read; `resume` goes on with what an interrupted run left there.
    What cannot be read is `Unknown` in its place, or a `Missing` of the estate.
    Raises `UsageError`, `CredentialsError`, `SourceError` (no account could be told) and `Interrupted`.
    """
    from buckler.sources.live.run import run

    return run(options, judge=judge, progress=progress, journal=journal, resume=resume, patience=patience)


def permissions(*, deep: bool = True, org: bool = False) -> tuple[Needed, ...]:
    """Give every IAM action that collecting may need, from the collectors' own declarations."""
    from buckler.sources.live import code, run  # importing them declares all calls
    from buckler.sources.live.calls import CALLS

    del code, run
    needed: dict[str, list[tuple[str, str]]] = {}
    for call in CALLS.values():
        if (deep or not call.is_deep) and (org or not call.is_org):
            needed.setdefault(call.action, []).append((call.why, call.collector))
    return tuple(
        Needed(
            action=action,
            why="; ".join(dict.fromkeys(why for why, _ in reasons)),
            collector=", ".join(dict.fromkeys(collector for _, collector in reasons)),
        )
        for action, reasons in sorted(needed.items())
    )


__all__ = ["Collected", "LiveOptions", "Needed", "Patience", "collect", "permissions"]
