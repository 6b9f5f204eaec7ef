"""Live functions and the templates that declare them: a remedy belongs into the template, and what is live only is drift.

CloudFormation, SAM and the CDK tag what they make with the stack and the logical id (AWS CloudFormation User Guide, "Resource tags");
Terraform has no tag of its own, and is matched by the function's name. A deployment of an unchanged template does not undo what was changed
by hand: AWS CloudFormation User Guide, "Using drift-aware change sets", read 2026-11-27.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from msgspec.structs import replace

from buckler.app.judging import judge_estates
from buckler.app.options import ScanOptions
from buckler.model.estate import Estate
from buckler.model.fix import Fix, Plan
from buckler.model.functions import Function
from buckler.model.origin import FileOrigin, Origin, place
from buckler.model.result import ScanResult
from buckler.model.subject import subject_of
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown

_LOGICAL_ID: Final = "aws:cloudformation:logical-id"
_VALUED: Final = {"runtime-deprecated"}
"""Checks whose message holds the bad value, of which there is one: another bad value there is the same finding."""
_ABSENT: Final = "not declared"
_GENERATED: Final = {"cdk.out": "the CDK", ".serverless": "the Serverless Framework", ".aws-sam": "`sam build`"}


class _Declared(NamedTuple):
    """A function as a template or configuration declares it."""

    estate: Estate
    function: Function


class _Setting(NamedTuple):
    """What a function, live or declared, has in the place a check looks at."""

    value: str
    origin: Origin


def prefer_texts(
    fixes: Sequence[Fix],
    live: Estate,
    project: Sequence[Estate],
    options: ScanOptions,
    plan_texts: Callable[[Estate], Plan],
) -> tuple[Fix, ...]:
    """Give the fixes again: those of functions that a template declares are made there, or say how what is live differs from it."""
    functions = {subject_of(one).id: one for one in live.functions}
    answers: dict[int, tuple[ScanResult, Plan]] = {}
    made: list[Fix] = []
    for fix in fixes:
        function = functions.get(fix.subject)
        declared = [] if function is None else list(_declarations(function, project))
        if function is None or not declared:
            made.append(fix)
            continue
        if len(declared) > 1:
            places = ", ".join(f"`{place(one.function.origin)}`" for one in declared)
            made.append(replace(fix, notes=(*fix.notes, f"which template declares it is not clear: {places}")))
            continue
        (one,) = declared
        if id(one.estate) not in answers:
            answers[id(one.estate)] = judge_estates((one.estate,), options), plan_texts(one.estate)
        made.append(_beside(fix, function, one.function, *answers[id(one.estate)]))
    return tuple(made)


def _declarations(function: Function, project: Sequence[Estate]) -> Iterator[_Declared]:
    """Find who declares a function: by its name, else by the logical id it is tagged with."""
    tags = () if isinstance(function.tags, Unknown) else function.tags
    logical = {shown(one.value) for one in tags if one.key == _LOGICAL_ID}
    every = [_Declared(estate, one) for estate in project for one in estate.functions if isinstance(one.origin, FileOrigin)]
    named = [one for one in every if one.function.name == function.name]
    # A template that names nothing leaves the name to CloudFormation: then the tag tells.
    yield from named or [one for one in every if not isinstance(one.function.name, str) and one.function.address in logical]


def _beside(fix: Fix, live: Function, declared: Function, result: ScanResult, texts: Plan) -> Fix:
    about, where = subject_of(declared), place(declared.origin)
    file = declared.origin.file if isinstance(declared.origin, FileOrigin) else ""
    mine = [one for one in texts.fixes if one.subject == about.id and one.check == fix.check]
    text = next((one for one in mine if one.message == fix.message or fix.check in _VALUED), None)
    if text is not None and text.proof.verdict == "proved":
        maker = next((_GENERATED[part] for part in PurePath(file).parts if part in _GENERATED), "")
        if maker:
            note = f"`{where}` has it too, and is written by {maker}: mend what it is made of, or the next deployment takes this back"
            return replace(fix, notes=(note,))
        note = f"mended where it is declared, by --write: deploy that; until then `{shown(live.name)}` is as it was"
        return replace(fix, summary=text.summary, edits=text.edits, lost=text.lost, is_safe=text.is_safe, notes=(note,), proof=text.proof)
    if text is not None and text.proof.why == fix.proof.why:
        return fix  # neither has a remedy
    if text is not None:
        return replace(fix, notes=(f"`{where}` has it too: mend it there, or its next deployment takes this back ({text.proof.why})",))
    if any(one.finding.subject == about and one.finding.check == fix.check for one in result.ignored):
        return replace(fix, notes=(f"`{where}` has it too, and it is ignored there: its next deployment takes this back",))
    return replace(fix, notes=(_drift(fix, live, declared, result),))


def _drift(fix: Fix, live: Function, declared: Function, result: ScanResult) -> str:
    """Say how a template, in which nothing was found, differs from what is live."""
    about, where = subject_of(declared), place(declared.origin)
    gap = next((one for one in result.gaps if one.check == fix.check and one.subject == about), None)
    not_asked = next((one for one in result.coverage.not_asked if one.check == fix.check), None)
    unknown = gap.why if gap is not None else not_asked.why if not_asked is not None else ""
    if unknown:
        return f"whether `{where}` has it is not known: {unknown}"
    put = "this fix puts" if fix.proof.verdict == "proved" else "somebody has to put"
    look = _SETTINGS.get(fix.check)
    if look is not None:
        here, there = look(live, fix.message), look(declared, fix.message)
        if there is None:
            return f"whether `{where}` has it is not known: what it sets is computed, or given by a parameter"
        if here is not None and here.value != there.value:
            return f"drift: {here.value} live, {there.value} in {place(there.origin)}: {put} it back{_also(declared, there)}"
    return f"`{where}` does not lead to it: somebody changed the function since, or it comes from something else in the account"


def _also(declared: Function, setting: _Setting) -> str:
    """Say which deployment undoes a change made by hand: CloudFormation compares templates, unless it is told to look at what is live."""
    if setting.value == _ABSENT:
        return ", and no deployment does"
    file = declared.origin.file if isinstance(declared.origin, FileOrigin) else ""
    return ", and so does `terraform apply`" if file.endswith(".tf") else "; a deployment does with a drift-aware change set"


# --- settings ------------------------------------------------------------------------------------------------------------


def _said(value: Text | int | Unknown | None, origin: Origin) -> _Setting | None:
    if isinstance(value, Unknown) or not isinstance(value, str | int | None):
        return None
    return _Setting("not set" if value is None else f"`{value}`", origin)


def _url(function: Function, message: str) -> _Setting | None:
    """Give the URL that a finding is about: of `$LATEST`, or of an alias."""
    if isinstance(function.urls, Unknown):
        return None
    url = next((one for one in function.urls if f"`{shown(one.qualifier)}`" in message), None)
    return _Setting(_ABSENT, function.origin) if url is None else _said(url.auth_type, url.origin)


_SETTINGS: Final[Mapping[str, Callable[[Function, str], _Setting | None]]] = {
    "function-url-public": _url,
    "runtime-deprecated": lambda one, _: _said(one.runtime, one.origin),
    "tracing-off": lambda one, _: _said(one.tracing, one.origin),
    "recursion-allowed": lambda one, _: _said(one.recursive_loop, one.origin),
    "environment-without-customer-key": lambda one, _: _said(one.kms_key, one.origin),
    "concurrency-unreserved-on-public-function": lambda one, _: _said(one.reserved_concurrency, one.origin),
}
