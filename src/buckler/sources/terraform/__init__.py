"""Terraform plans and states, as `terraform show -json` writes them, to an `Estate`."""

from pathlib import Path

from buckler.errors import SourceError
from buckler.model.estate import Estate, Scope
from buckler.model.origin import FileOrigin
from buckler.model.secret import Judge
from buckler.sources.terraform.document import SHOW, load, looks_like_plan


def read_plan(path: Path, *, judge: Judge, shown: str | None = None) -> Estate:
    """Read a plan (or a state) in JSON, formats 0.1 to 1.2.

    *judge* decides of every environment variable's value, at birth, whether it may be kept. *shown*: how to write the path in findings.
    Raises `SourceError` for whatever is not a well-formed plan; one malformed resource becomes a note, and its collection is `missing`.
    """
    from buckler.sources.terraform.draft import Draft
    from buckler.sources.terraform.plan import build
    from buckler.sources.terraform.readers import READERS
    from buckler.sources.terraform.view import View

    place = shown if shown is not None else str(path)
    document, lines = load(path, place)
    try:
        view = View(build(document, lines, place), judge)
        draft = Draft(view)
        for read in READERS:
            read(draft)
        account, region = view.identity.default()
        return draft.finish(Scope(kind="plan", name=place, account=account, region=region, origin=FileOrigin(file=place)))
    except RecursionError:
        raise SourceError("the plan is nested too deeply", cause="no plan of Terraform is", hint=SHOW, place=place) from None


__all__ = ["looks_like_plan", "read_plan"]
