"""How a scan judges, and which checks that means."""

from buckler.checks import Check, all_checks
from buckler.checks.artifact_drifted import artifact_drifted
from buckler.config import Config, Ignore
from buckler.config_signing import Signing
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.lock import Lock
from buckler.model.severity import Persona, Severity
from buckler.model.value import Value


class ScanOptions(Value):
    """How a scan judges and what it leaves out."""

    persona: Persona = Persona.REGULAR
    frameworks: tuple[str, ...] = ()
    """Ask only checks that map to these (`fsbp`, `cis`, ...), whatever their persona."""
    only: tuple[str, ...] = ()
    """Ask only these checks."""
    skip: tuple[str, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    honour_ignores: bool = True
    baseline: frozenset[str] = frozenset()
    """Fingerprints of findings that are known already."""
    min_severity: Severity = Severity.LOW
    parameters: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()
    code: bool = False
    """Look into the code that lies beside templates and plans."""
    signing: Signing = Signing()
    """Whose signatures of artifacts count."""
    lock: Lock | None = None
    """What was accepted: what is not so any more is `artifact-drifted`."""
    today: str = ""
    """ISO date for which dated questions are answered; empty: today."""


def options_of(config: Config, **changes: object) -> ScanOptions:
    """Make scan options of a configuration, with what the command line says on top."""
    base: dict[str, object] = {
        "persona": config.persona,
        "skip": config.skip,
        "ignores": config.ignores,
        "parameters": config.parameters,
        "exclude": config.exclude,
        "signing": config.signing,
    }
    return ScanOptions(**{**base, **changes})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - names are the fields'


def choose(options: ScanOptions) -> tuple[Check, ...]:
    """Pick the checks to ask. Raises `UsageError` for one that does not exist."""
    everyone = all_checks()
    by_id = {one.id: one for one in everyone}
    for named in (*options.only, *options.skip):
        if named.replace("_", "-") not in by_id:
            raise unknown_check(named)
    only = {name.replace("_", "-") for name in options.only}
    skip = {name.replace("_", "-") for name in options.skip}
    frameworks = set(options.frameworks)
    return tuple(
        one
        for one in everyone
        if (not only or one.id in only)
        and one.id not in skip
        # Without a lock nobody asks whether something differs from it, but who names the check.
        and (options.lock is not None or one is not artifact_drifted or bool(only))
        and (not frameworks or any(control.partition(":")[0] in frameworks for control in one.maps))
    )


def unknown_check(named: str) -> UsageError:
    """Say that there is no such check, and which one may be meant."""
    close = closest(named, [one.id for one in all_checks()])
    return UsageError(
        f"there is no check `{named}`", hint=f"a similar check exists: `{close}`" if close else "list them with `buckler checks`"
    )
