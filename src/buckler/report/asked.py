"""Answers to "why" and "who can": text and JSON."""

from collections.abc import Iterator
from typing import Any

from buckler.model.asked import May, Said, WhoCan, Why
from buckler.model.origin import ApiOrigin, Origin, place
from buckler.report import Context, words
from buckler.report.clean import clean, elide
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.paint import Paint

_COLOR = {"allowed": "yellow", "denied": "green", "not allowed": "green", "depends": "cyan"}
_LAYER = {
    "identity": "identity policies",
    "resource": "resource policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "scp": "service control policies",
    "rcp": "resource control policies",
    "endpoint": "VPC endpoint policy",
    "trust": "trust policy",
    "key-policy": "key policy",
    "grant": "key grants",
    "public-access-block": "S3 Block Public Access",
}


_ID = 300
"""Columns: longer than any real ARN, which is there to be copied."""

# AWS's own control policies, by what is written of their origin.
_FULL_NAMES = ("p-FullAWSAccess", "p-RCPFullAWSAccess")


def _is_full(one: Said) -> bool:
    return isinstance(one.origin, ApiOrigin) and one.origin.arn.startswith("arn:aws:organizations::aws:") and one.policy in _FULL_NAMES


def why_text(answer: Why, context: Context) -> str:
    """Write why a request is allowed or not, layer by layer."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in _why(answer, canvas)).rstrip() + "\n"


def _why(answer: Why, canvas: Canvas) -> Iterator[str]:
    request, paint = answer.request, canvas.paint
    first, *rest = paragraph(f"{answer.verdict}: {request.action} on {request.resource}", canvas, hang=4)
    yield paint(answer.verdict, _COLOR[answer.verdict]) + paint(first.removeprefix(answer.verdict), "bold")
    yield from (paint(line, "bold") for line in rest)
    yield paint("  --> ", "blue") + elide(clean(f"as {request.principal}"), _ID)
    if answer.layer:
        yield f"decided by: {_LAYER.get(answer.layer, answer.layer)}"
    for layer in answer.layers:
        said = [one for one in answer.said if one.layer == layer]
        unread = [one.unknown for one in answer.unread if one.layer == layer]
        yield ""
        yield paint(_LAYER.get(layer, layer), "bold") + ("" if said or unread else ": nothing speaks of it")
        for unknown in dict.fromkeys(unread):
            line = (
                f"? could not be read: {unknown.why} ({words.answer(unknown.need)})"
                if unknown.need
                else f"? could not be read: {unknown.why}"
            )
            yield from (paint(text, "yellow") for text in paragraph(line, canvas, indent=2, hang=4))
        if said and all(one.speaks and _is_full(one) for one in said):
            yield f"  + {'every level' if len(said) > 1 else 'its one level'}: {said[0].policy.removeprefix('p-')}, which limits nothing"
            continue
        for one in said:
            yield from _said(one, canvas)
    if answer.change:
        yield ""
        yield paint("what would have to change" if answer.verdict != "depends" else "what would settle it", "bold")
        for line in answer.change:
            yield from paragraph(f"- {line}", canvas, indent=2)
    for note in answer.notes:
        yield ""
        yield from paragraph(f"note: {note}", canvas)


def _said(one: Said, canvas: Canvas) -> Iterator[str]:
    level = "" if one.level is None else f"level {one.level}: " if one.level else "root: "
    where = place(one.origin)
    policy = one.policy.rpartition("/")[2] if one.policy.startswith("arn:") else one.policy
    name = " ".join(part for part in (policy, one.sid) if part and part not in where)
    about = f" ({name})" if name else ""
    if one.speaks:
        what = "allows it" if one.effect == "Allow" else "denies it"
    elif one.speaks is None:
        what = f"{'allows' if one.effect == 'Allow' else 'denies'} it, depending on {', '.join(one.needs) or one.misses}"
    else:
        what = f"an {one.effect} that misses by its {one.misses}" if one.effect == "Allow" else f"a Deny that misses by its {one.misses}"
    mark = {True: "+" if one.effect == "Allow" else "x", None: "?", False: " "}[one.speaks]
    yield from paragraph(f"{mark} {level}{where}{about}: {what}", canvas, indent=2, hang=4)


def why_json(answer: Why) -> dict[str, Any]:
    """Give the answer as plain JSON."""
    request = answer.request
    return {
        "schema": "buckler/why/1",
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "context": {entry.key: list(entry.values) for entry in request.context},
        "verdict": answer.verdict,
        "layer": answer.layer,
        "statements": [
            {
                "layer": one.layer,
                "level": one.level,
                "effect": one.effect,
                "speaks": one.speaks,
                "misses": one.misses,
                "sid": one.sid,
                "policy": one.policy,
                "place": place(one.origin),
                "needs": list(one.needs),
            }
            for one in answer.said
        ],
        "change": list(answer.change),
        "needs": list(answer.needs),
        "unread": [{"layer": one.layer, "why": one.unknown.why, "need": one.unknown.need} for one in answer.unread],
        "notes": list(answer.notes),
    }


# --- who can -----------------------------------------------------------------------------------------------------------------------

_MANY = 40


def who_text(answers: tuple[WhoCan, ...], context: Context) -> str:
    """Write who may, those who may for sure first."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    parts = ["\n".join(line.rstrip() for line in _who(answer, canvas, verbose=context.verbose)).rstrip() for answer in answers]
    return "\n\n".join(parts) + "\n"


def _who(answer: WhoCan, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    sure = [one for one in answer.may if one.is_sure]
    perhaps = [one for one in answer.may if not one.is_sure]
    line = f"{len(sure)} may{f', {len(perhaps)} under conditions or perhaps' if perhaps else ''}: {answer.action} on {answer.resource}"
    yield from (canvas.paint(text, "bold") for text in paragraph(line, canvas, hang=4))
    yield f"of {answer.asked} principals, and whom the resource's policy names"
    for title, group in (("for sure", sure), ("under conditions, or perhaps", perhaps)):
        if not group:
            continue
        yield ""
        yield canvas.paint(title, "bold")
        shown = group if verbose else group[:_MANY]
        for one in shown:
            yield from _one(one, canvas)
        if len(shown) < len(group):
            yield f"  and {len(group) - len(shown)} more, shown by `-v` or --format json"
    for note in answer.notes:
        yield ""
        yield from paragraph(f"note: {note}", canvas)


def _one(one: May, canvas: Canvas) -> Iterator[str]:
    name = {"anyone": "anyone, without credentials", "account": f"every principal of account {one.principal} that it allows"}.get(
        one.kind, one.principal
    )
    yield from paragraph(name, canvas, indent=2)
    for origin in one.origins[:3]:
        yield from paragraph(f"by {place(origin)}", canvas, indent=4)
    if one.only_if:
        yield from paragraph(f"only if {', and '.join(one.only_if)}", canvas, indent=4)
    if one.why:
        yield from paragraph(f"perhaps: {one.why}", canvas, indent=4)


def who_json(answers: tuple[WhoCan, ...]) -> dict[str, Any]:
    """Give the answers as plain JSON."""
    return {
        "schema": "buckler/who-can/1",
        "answers": [
            {
                "action": answer.action,
                "resource": answer.resource,
                "asked": answer.asked,
                "may": [
                    {
                        "principal": one.principal,
                        "kind": one.kind,
                        "sure": one.is_sure,
                        "only_if": list(one.only_if),
                        "why": one.why,
                        "statements": [_place(origin) for origin in one.origins],
                    }
                    for one in answer.may
                ],
                "notes": list(answer.notes),
            }
            for answer in answers
        ],
    }


def _place(origin: Origin) -> str:
    return place(origin)
