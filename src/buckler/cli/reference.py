"""buckler reference."""

from pathlib import Path

import click

from buckler.cli._options import as_json, emit, output_options
from buckler.errors import UsageError


@click.group()
def command() -> None:
    """Keep what registries published, so that integrity is settled offline.

    A package's own record can be forged together with its files; the hashes of the published wheel or tarball cannot.
    """


@command.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--from-registry",
    is_flag=True,
    help="PATH is a code package: ask pip's index and npm's registry for exactly the releases installed in it.",
)
@output_options("console", "json")
def add(paths: tuple[Path, ...], format_name: str, output: Path | None, *, from_registry: bool) -> int:
    """Add the published artefacts PATH: wheels, sdists, npm tarballs, folders of them, or npm's own cache.

    Only hashes are kept. With --from-registry, pip and npm fetch the artefacts with their own configuration; nothing of a package is run.

    \b
    Examples:
      buckler reference add wheels/
      buckler reference add ~/.npm/_cacache
      buckler reference add --from-registry layer.zip
    """
    from buckler.app.referencing import add_from_registry, add_references
    from buckler.cli._entry import tell
    from buckler.sources.reference_store import ReferenceStore

    if not paths:
        raise UsageError("nothing to add", hint="buckler reference add wheels/")
    store = ReferenceStore()
    done = add_from_registry(paths, store) if from_registry else add_references(paths, store)
    summary = {
        "schema": "buckler/reference/1",
        "store": str(store.folder),
        "added": list(done.added),
        "known": done.known,
        "errors": [{"target": one.what, "error": one.error, "cause": one.cause, "hint": one.hint} for one in done.refused],
    }
    if format_name == "json":
        emit(as_json(summary), output)
    else:
        emit(f"{len(done.added)} added, {done.known} known already; {store.releases()} releases in {store.folder}", output)
        for one in done.refused:
            tell(one.error, cause=one.cause, hint=one.hint)
    return 2 if done.refused else 0
