"""buckler db."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from buckler.cli._options import as_json, emit, output_options

F = TypeVar("F", bound=Callable[..., Any])

EPILOG = """\
\b
Examples:
  buckler db update                              PyPI, npm, Go, Maven, crates.io, RubyGems, NuGet
  buckler db update --ecosystem Debian:12        for images
  buckler db add advisories/ kev.json epss.csv.gz our.vex.json
  buckler db show

\b
Exit codes: 0 done, 2 something could not be fetched or read, 3 there is no database (show).
"""
_OLD_DAYS = 14
"""Older than this, `show` says so: new advisories appear every day."""


@click.group(epilog=EPILOG)
def command() -> None:
    """Keep the advisories that installed packages are matched against.

    They lie where osv-scanner keeps them, so that one copy serves both. Only `update` uses the network, and only when you run it.
    """


def _root_option(function: F) -> F:
    return click.option(
        "--db",
        "root",
        type=click.Path(path_type=Path, file_okay=False),
        help="Keep it under this folder. [default: OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY, else the user's cache]",
    )(function)


@command.command()
@click.option("--ecosystem", "ecosystems", multiple=True, metavar="NAME", help="Only these, in OSV's words; may be repeated.")
@click.option("--from", "base", metavar="URL", help="Address of the bulk archives. [default: BUCKLER_OSV_URL, else OSV's own]")
@_root_option
def update(ecosystems: tuple[str, ...], base: str | None, root: Path | None) -> int:
    """Fetch OSV's bulk archives of advisories over HTTPS.

    What has not changed is not fetched again; what broke off is continued.

    \b
    Example:
      buckler db update --ecosystem PyPI --ecosystem npm
    """
    from buckler.app.vulndb import update as update_ecosystem
    from buckler.cli._entry import tell
    from buckler.cli._progress import progress
    from buckler.errors import SourceError
    from buckler.sources.vulndb import USUAL, check_ecosystem, layout
    from buckler.sources.vulndb.fetch import base_url

    address = base_url(base)
    where = layout(root)
    failed = False
    for ecosystem in dict.fromkeys(check_ecosystem(one) for one in ecosystems or USUAL):
        try:
            with progress() as bars:
                done = update_ecosystem(ecosystem, where, address, _drawn(bars, f"{ecosystem} (kB)"))
        except SourceError as bad:
            failed = True
            tell(bad.error, cause=bad.cause, hint=bad.hint, place=bad.place)
            continue
        if done.advisories is None:
            click.echo(f"{ecosystem}: unchanged")
        else:
            count = _counted(done.advisories, *_WORDS["advisories"])
            click.echo(f"{ecosystem}: {count} ({done.bytes_received:,} bytes received)")
    return 2 if failed else 0


def _drawn(bars: Any, name: str) -> Callable[[int, int | None], None]:  # noqa: ANN401 - Progress, imported late
    """Draw bytes as kilobytes: the bar counts pieces, and bytes are too many to read."""
    shown = 0

    def tell(at: int, total: int | None) -> None:
        nonlocal shown
        bars.stage(name, total // 1000 if total is not None else None)
        bars.advance(name, at // 1000 - shown)
        shown = at // 1000

    return tell


@command.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@_root_option
def add(paths: tuple[Path, ...], root: Path | None) -> int:
    """Add advisories, exploited flaws or VEX statements from files.

    PATH is a zip, a folder or a file of advisories in OSV's format, CISA's known_exploited_vulnerabilities.json, EPSS as CSV (plain or
    gzip), or VEX (OpenVEX or CycloneDX). Each is told by its content.

    \b
    Example:
      buckler db add advisories/ known_exploited_vulnerabilities.json
    """
    from buckler.app.vulndb import add as add_path
    from buckler.cli._entry import tell
    from buckler.errors import SourceError
    from buckler.sources.vulndb import layout

    failed = False
    for path in paths:
        try:
            added = add_path(path, layout(root))
        except SourceError as bad:
            failed = True
            tell(bad.error, cause=bad.cause, hint=bad.hint, place=bad.place)
            continue
        for one in added:
            click.echo(f"{one.path}: {_counted(one.count, *_WORDS[one.kind])}")
            for name, why in one.unread:
                tell(f"`{name}` was left out", cause=why, place=one.path)
            failed = failed or bool(one.unread)
    return 2 if failed else 0


_WORDS = {
    "advisories": ("advisory", "advisories"),
    "known-exploited": ("flaw known to be exploited", "flaws known to be exploited"),
    "epss": ("score of EPSS", "scores of EPSS"),
    "vex": ("VEX statement", "VEX statements"),
}


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


@command.command()
@_root_option
@output_options("console", "json")
def show(root: Path | None, format_name: str, output: Path | None) -> int:
    """Show what is there: ecosystems, counts, and how old it is.

    \b
    Example:
      buckler db show
    """
    from buckler.app.vulndb import open_database
    from buckler.cli._entry import tell
    from buckler.errors import NothingToScan
    from buckler.sources.vulndb import layout

    where = layout(root)
    opened = open_database(where)
    for fault in opened.faults:
        tell(f"{fault}")
    if not opened.sources:
        raise NothingToScan(f"there is no advisory database under `{where.root}`", hint="buckler db update")
    exploited = opened.database.exploited
    now = datetime.now(UTC)
    old = [(source.path, days) for source in opened.sources if (days := _age_days(source.newest, now)) is not None and days > _OLD_DAYS]
    if format_name == "json":
        document = {
            "schema": "buckler/db/1",
            "sources": [
                {
                    "path": one.path,
                    "sha256": one.digest,
                    "size_bytes": one.size_bytes,
                    "advisories": dict(one.counts),
                    "newest": one.newest,
                    "withdrawn": one.withdrawn,
                    "unread": [{"entry": entry, "why": why} for entry, why in one.unread],
                }
                for one in opened.sources
            ],
            "known_exploited": len(exploited.known) if exploited.has_known else None,
            "epss": len(exploited.epss) if exploited.epss is not None else None,
            "vex_statements": len(opened.statements),
            "faults": list(opened.faults),
        }
        emit(as_json(document), output)
    else:
        lines = [line for one in opened.sources for line in _lines(one)]
        lines.append(
            f"known exploited: {len(exploited.known):,}" if exploited.has_known else "known exploited: no catalogue (buckler db add)"
        )
        lines.append("EPSS: no scores (buckler db add)" if exploited.epss is None else f"EPSS: {len(exploited.epss):,} scores")
        lines.append(f"VEX: {_counted(len(opened.statements), 'statement', 'statements')}")
        emit("\n".join(lines), output)
    for path, days in old:
        click.echo(f"warning: the newest advisory of `{path}` is {days:,} days old; hint: buckler db update", err=True)
    return 2 if opened.faults else 0


def _lines(source: Any) -> list[str]:  # noqa: ANN401 - Source, imported late
    counts = ", ".join(f"{name} {count:,}" for name, count in source.counts) or "none"
    lines = [source.path, f"  {counts}; newest {source.newest or 'unknown'}; {source.withdrawn:,} withdrawn"]
    if source.unread:
        entry, why = source.unread[0]
        lines.append(f"  {len(source.unread):,} entries could not be read, the first is `{entry}`: {why}")
    return lines


def _age_days(newest: str, now: datetime) -> int | None:
    try:
        moment = datetime.fromisoformat(newest)
    except ValueError:
        return None
    return (now - (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))).days
