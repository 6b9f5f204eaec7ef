"""A plan of fixes, and how applying or undoing one ended, as text."""

import difflib
import json
import textwrap
from collections import Counter
from collections.abc import Iterator

import msgspec

from buckler.model.fix import NO_REMEDY, ApiEdit, Edit, Fix, MoveEdit, Plan, SignEdit, SignLayerEdit


def plan_text(plan: Plan, width: int = 100) -> str:
    """Show every fix with what it changes and what is lost by it; what is only advice comes last."""
    made = [fix for fix in plan.fixes if fix.proof.verdict == "proved"]
    rest = [fix for fix in plan.fixes if fix.proof.verdict != "proved"]
    without = Counter(fix.check for fix in rest if fix.proof.why == NO_REMEDY)
    advice = [fix for fix in rest if fix.proof.why != NO_REMEDY]
    # What several findings need is made once, and shown once.
    first: dict[bytes, str] = {}
    whats = [msgspec.json.encode(fix.edits) for fix in made]
    for fix, what in zip(made, whats, strict=True):
        first.setdefault(what, fix.id)
    lines = [line for fix, what in zip(made, whats, strict=True) for line in (*_fix(fix, width, first[what]), "")]
    if advice:
        lines += ["advice only, nothing of this is applied:", *(line for fix in advice for line in _advice(fix, width)), ""]
    if without:
        counted = ", ".join(f"{check} ({count})" if count > 1 else check for check, count in sorted(without.items()))
        told = f"no remedy here, read `buckler explain CHECK`: {counted}"
        lines += [*textwrap.wrap(told, width, break_long_words=False, break_on_hyphens=False), ""]
    return "\n".join([*lines, summary(plan)]) + "\n"


def summary(plan: Plan) -> str:
    """Count the fixes in a line."""
    made = [fix for fix in plan.fixes if fix.proof.verdict == "proved"]
    if not plan.fixes:
        return "nothing to fix"
    review = sum(not fix.is_safe for fix in made)
    rest = len(plan.fixes) - len(made)
    return f"{len(made)} {'fix' if len(made) == 1 else 'fixes'} proved, {review} of them to be reviewed; {rest} advice only"


def _fix(fix: Fix, width: int, shown_at: str) -> Iterator[str]:
    yield from _wrapped("", f"{'safe' if fix.is_safe else 'review'}[{fix.check}] {fix.name}: {fix.message}", width, indent=4)
    yield from _wrapped(f"  fix {fix.id}: ", fix.summary, width)
    if shown_at != fix.id:
        yield f"  the same as fix {shown_at}"
        return
    for edit in fix.edits:
        yield from (f"  {line}" for line in difference(edit))
    for lost in fix.lost:
        yield from _wrapped("  lost: ", lost, width)
    for note in fix.notes:
        yield from _wrapped("  note: ", note, width)


def _advice(fix: Fix, width: int) -> Iterator[str]:
    yield from _wrapped("  ", f"[{fix.check}] {fix.name}: {fix.summary}", width, indent=6)
    yield from _wrapped("    because ", fix.proof.why, width)
    for note in fix.notes:
        yield from _wrapped("    note: ", note, width)


def _wrapped(head: str, text: str, width: int, indent: int | None = None) -> list[str]:
    """Break a sentence into lines under its head, or *indent* to the right; what has no blank, an ARN, stays whole."""
    rest = " " * (len(head) if indent is None else indent)
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


def difference(edit: Edit) -> list[str]:
    """Write what an edit changes as a unified diff: of the text, or of the setting as JSON."""
    if isinstance(edit, MoveEdit):
        return _moved(edit)
    if isinstance(edit, SignEdit | SignLayerEdit):
        return _signed(edit)
    if isinstance(edit, ApiEdit):
        title, before, after = f"{edit.what}, {edit.arn}", _json(edit.before), _json(edit.after)
    else:
        title, before, after = f"{edit.file}:{edit.line}", edit.lines_before.splitlines(), edit.lines_after.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=3))
    return [f"--- {title}", *lines[2:]]


def _moved(edit: MoveEdit) -> list[str]:
    """Write what a move makes and changes; the value is nowhere."""
    kept = "a secret" if edit.store == "secretsmanager" else "a SecureString parameter"
    under = f" under `{edit.key}`" if edit.key else ""
    return [
        f"--- {edit.what}, {edit.arn}",
        f"-{edit.variable}=(the value)",
        f"+{edit.variable}=buckler:{edit.store}:{edit.secret_arn}",
        f"+{kept} `{edit.name}`{under}" + (", which nobody but the role reads" if edit.store == "secretsmanager" else ""),
        f"+policy `{edit.policy}` of the role `{edit.role}`: to read that one" + (", and to use that key for it" if edit.key else ""),
        "+code that asks for the value itself: see the patch"
        if edit.in_code
        else f"+layer {edit.layer or 'buckler-resolve'}, which puts the value in its place when the function starts",
    ]


def _signed(edit: SignEdit | SignLayerEdit) -> list[str]:
    return [
        f"--- {edit.what}, {edit.arn}",
        f"-the {'package' if isinstance(edit, SignEdit) else 'layer'} {edit.code_sha256}",
        f"+the same files, signed by {edit.profile}",
        f"+a copy of it, `s3://{edit.bucket}/{edit.key}`, and what is signed beside it",
    ]


def _json(piece: object) -> list[str]:
    return [] if piece is None else json.dumps(piece, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
