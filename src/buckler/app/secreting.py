"""List the secrets in environments, and plan how they leave them: what `buckler secrets` does."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from buckler import __version__
from buckler.app.attacking import together
from buckler.app.options import ScanOptions, choose
from buckler.app.reading import read_targets
from buckler.checks import fingerprint, run
from buckler.errors import NothingToScan, UsageError
from buckler.fixes.copies import Search, copies
from buckler.fixes.migrate import Destination, plan_moves, runtime_of
from buckler.fixes.moving import resolver_layer
from buckler.fixes.patching import make_patch, suffixes_of
from buckler.fixes.plan import digest
from buckler.fixes.prove import Verdict
from buckler.hints import closest
from buckler.model.code import CodePatch
from buckler.model.estate import Estate
from buckler.model.fix import PLAN_VERSION, Plan
from buckler.model.functions import Function
from buckler.model.progress import Progress, Silent
from buckler.model.secrets import Exposed
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.exposed import exposed_secrets
from buckler.reach.readers import secret_variables
from buckler.sources.live import LiveOptions, Patience
from buckler.sources.live.world import World
from buckler.sources.project import read_project

__all__ = ["Destination", "exposed", "look_for_copies", "patch_for", "plan_migration", "resolver_layer"]


def exposed(about: Sequence[Analysis]) -> tuple[Exposed, ...]:
    """List the secrets in environments; those that most read first."""
    found = [one for analysis in together(about) for one in exposed_secrets(analysis)]
    return tuple(sorted(found, key=lambda one: (-_known_readers(one), one.function, one.variable)))


def _known_readers(one: Exposed) -> int:
    return sum(reader.is_sure for reader in one.readers) if isinstance(one.readers, tuple) else 0


def plan_migration(
    analysis: Analysis,
    name: str,
    variables: Sequence[str],
    destination: Destination,
    found: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """Plan the move of a function's secrets, or of *variables*, whatever they hold. Raises `UsageError` for an unknown function.

    *found*: what `look_for_copies` found; None: nobody looked.
    """
    function, wanted = _wanted(analysis.estate, name, variables)
    everything = choose(ScanOptions())

    def judge(about: Estate, checks: tuple[str, ...]) -> Verdict:
        answers = run([one for one in everything if not checks or one.id in checks], Analysis(about, today=analysis.today))
        return Verdict(findings=answers.findings, gaps=answers.gaps)

    plan = Plan(
        schema=PLAN_VERSION,
        version=__version__,
        scopes=tuple(sorted(scope.name for scope in analysis.estate.scopes)),
        taken_at=analysis.estate.taken_at,
        estate=hashlib.sha256(msgspec.msgpack.encode(replace(analysis.estate, taken_at=""))).hexdigest(),
        digest="",
        fixes=plan_moves(analysis, function, wanted, destination, judge, fingerprint, found),
    )
    return replace(plan, digest=digest(plan))


def look_for_copies(
    analysis: Analysis,
    name: str,
    variables: Sequence[str],
    live: LiveOptions,
    progress: Progress | None = None,
    *,
    project: Path | None = None,
    log_days: int = 0,
    patience: Patience | None = None,
) -> Mapping[str, tuple[str, ...]]:
    """Say where the values that move stand too, by variable: in other environments, below *project*, in log lines of the last days.

    Raises `UsageError` for an unknown function, and for a project that is no folder.
    """
    function, wanted = _wanted(analysis.estate, name, variables)
    told = progress or Silent()
    search = Search(
        now=datetime.now(UTC),
        project=None if project is None else read_project(project),
        templates=() if project is None else _templates(project, told),
        log_days=log_days,
    )
    where = live if live.regions else replace(live, regions=(shown(function.region),), all_regions=False)
    with World(where, told, patience) as world:
        return copies(world, analysis, function, wanted, search)


def _templates(project: Path, progress: Progress) -> tuple[Estate, ...]:
    """Read what a project would deploy; what is no template is searched as text all the same."""
    try:
        return read_targets((project,), ScanOptions(), progress).estates
    except NothingToScan:
        return ()


def patch_for(analysis: Analysis, name: str, variables: Sequence[str], folder: Path) -> CodePatch:
    """Patch a function's source, so that it asks for its secrets itself. Raises `UsageError` for what is no folder."""
    function, wanted = _wanted(analysis.estate, name, variables)
    runtime = runtime_of(function)
    handler = shown(function.handler) if isinstance(function.handler, str) else ""
    return make_patch(read_project(folder, suffixes_of(runtime) or (".py",)), runtime, handler, wanted)


def _wanted(estate: Estate, name: str, variables: Sequence[str]) -> tuple[Function, tuple[str, ...]]:
    function = _function(estate, name)
    wanted = tuple(variables) or tuple(shown(one.name) for one in secret_variables(function))
    if not wanted:
        raise UsageError(f"no variable of `{name}` holds a secret", hint=f"name it: buckler secrets migrate {name} VARIABLE --to ...")
    return function, wanted


def _function(estate: Estate, name: str) -> Function:
    found = [one for one in estate.functions if name in {shown(one.name), shown(one.arn), one.address}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{name}` may be any of {len(found)} functions", hint=f"name it by its ARN: {shown(found[0].arn)}")
    close = closest(name, [shown(one.name) for one in estate.functions])
    raise UsageError(f"there is no function `{name}`", hint=f"a similar one exists: `{close}`" if close else "buckler secrets")
