"""Terraform configurations as they are written, without a plan: HCL to an `Estate`."""

from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from buckler.errors import SourceError
from buckler.model.estate import COLLECTIONS, Estate, Missing, Note, Scope
from buckler.model.origin import FileOrigin
from buckler.model.secret import Judge
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.hcl.modules import called_from, files_of


def read_folder(
    folder: Path,
    *,
    judge: Judge,
    parameters: Mapping[str, str] | None = None,
    shown: str | None = None,
    texts: Mapping[str, str] | None = None,
) -> tuple[Estate, tuple[SourceError, ...]]:
    """Read the root module in a folder, with the modules it calls as far as they are here, and its automatic variable files.

    *judge* decides of every environment variable's value, at birth, whether it may be kept. *parameters* are values of root variables.
    *texts* stand in the place of files, by the paths that are shown of these.
    Gives the files that could not be read beside the estate: what they declare may be missing from it, and the estate says so.
    Raises `SourceError` when nothing can be read, or a variable file is broken.
    """
    from buckler.sources.terraform.draft import Draft
    from buckler.sources.terraform.hcl.planning import plan_folder
    from buckler.sources.terraform.hcl.suppressions import find_suppressions
    from buckler.sources.terraform.readers import READERS
    from buckler.sources.terraform.view import View

    place = shown if shown is not None else str(folder)
    try:
        planned = plan_folder(folder, place, judge, parameters or {}, texts)
        view = View(planned.plan, judge)
        draft = Draft(view)
        for read in READERS:
            read(draft)
    except RecursionError:
        raise SourceError(
            "the configuration is nested too deeply", cause="no configuration is", hint="terraform validate", place=place
        ) from None
    broken = tuple(error for source in planned.sources for error in source.broken)
    account, region = view.identity.default()
    for address, source, file in planned.unread:
        message = f"`{address}` was not read: its source `{source}` is not here"
        draft.notes.append(Note(message=message, origin=FileOrigin(file=file, path=address)))
        draft.missing += _all_missing(Unknown(kind=UnknownKind.UNRESOLVED, why=f"`{address}` is not here", need="terraform init"))
    for error in broken:
        why = f"`{error.place}` could not be read"
        draft.missing += _all_missing(Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="a file that `terraform validate` accepts"))
    for uncertain in planned.uncertain:
        message = f"nobody knows how many of `{uncertain}` there are: it was read as if there was one"
        draft.notes.append(Note(message=message, origin=FileOrigin(file=place, path=uncertain)))
    found, notes = find_suppressions(planned.sources)
    draft.notes += notes
    scope = Scope(kind="plan", name=place, account=account, region=region, origin=FileOrigin(file=place))
    estate = draft.finish(scope)
    return replace(estate, suppressions=(*estate.suppressions, *found)), broken


def configuration_files(folder: Path, shown: str) -> tuple[str, ...]:
    """List the files of a root module and of the modules below it that it calls, as they are shown; those that are not HCL are left out."""
    from buckler.sources.terraform.hcl.modules import Library

    library, pending = Library(folder, shown), [folder]
    root = folder.resolve()
    while pending:
        source = library.read(pending.pop())
        for address, call in source.calls.items():
            found = library.called(address, call, source)
            # What `terraform init` fetched is somebody else's to edit.
            if found is not None and found.is_relative_to(root) and ".terraform" not in found.parts and not library.has_read(found):
                pending.append(found)
    return tuple(dict.fromkeys(document.shown for _, document in library.documents))


def _all_missing(unknown: Unknown) -> list[Missing]:
    return [Missing(collection=name, account="", region="", unknown=unknown) for name in COLLECTIONS]


__all__ = ["called_from", "configuration_files", "files_of", "read_folder"]
