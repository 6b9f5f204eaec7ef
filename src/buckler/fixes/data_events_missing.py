"""data-events-missing: let a trail record who invokes the functions that none records."""

from collections.abc import Sequence
from typing import Any, Final

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.estate import Scope
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.model.watch import EventSelector, FieldSelector, Trail
from buckler.reach.trails import is_recorded

_NAME: Final = "functions nobody recorded"
_MOST: Final = 400
"""CloudTrail takes 500 values in all advanced selectors of a trail; with more functions than this, all are selected."""
_COST: Final = "no request, but money: CloudTrail bills data events by volume"


_MOST_BASIC: Final = 250
"""Data resources of the basic selectors of a trail; a value that stands for all of them is none of these."""
_MOST_SELECTORS: Final = 5
"""Basic selectors of a trail. Source: AWS CloudTrail User Guide, "Quotas in AWS CloudTrail", read 2026-11-28."""


@remedy
def data_events_missing(case: Case[Function | Scope]) -> Remedies:
    """Add a selector for exactly the uncovered functions to a running trail, of the kind that its selectors are; what it has stays."""
    estate = case.analysis.estate
    fitting = [one for one in estate.trails if _can(one, case.subject)]
    # A trail has selectors of one kind, and those of the other would replace them.
    trail = next((one for one in fitting if all(each.fields for each in _selectors(one))), next(iter(fitting), None))
    if trail is None:
        yield Advice(
            "give a running trail of the account a selector for `AWS::Lambda::Function`",
            "no running trail of the account looks here, or has room for one more selector",
        )
        return
    left_out = [one for one in estate.functions if _reaches(trail, one) and not is_recorded(one, estate.trails, estate.organizations)]
    arns = tuple(sorted(shown(one.arn) for one in left_out))
    held = _selectors(trail)
    is_advanced = all(one.fields for one in held)
    selectors = (*held, _advanced(arns) if is_advanced else _basic(arns, held))
    member, write = ("AdvancedEventSelectors", _written) if is_advanced else ("EventSelectors", _written_basic)
    before, after = write(held), write(selectors)
    named: dict[str, Any] = {"TrailName": shown(trail.arn)}
    edit = ApiEdit(
        account=shown(trail.account),
        region=shown(trail.home_region),
        arn=shown(trail.arn),
        what="event selectors of the trail",
        read=Ask(service="cloudtrail", operation="GetEventSelectors", parameters=named),
        pick=(member,),
        before=before,
        after=after,
        do=Ask(service="cloudtrail", operation="PutEventSelectors", parameters=named | {member: after}),
        undo=Ask(service="cloudtrail", operation="PutEventSelectors", parameters=named | {member: before}),
    )
    count = f"{len(left_out)} functions" if len(left_out) != 1 else "function"
    yield Mend(
        summary=f"record the invocations of the {count} that no trail records in `{shown(trail.name)}`",
        edits=(edit,),
        change=lambda estate: on_each(estate, "trails", trail.arn, selectors=selectors),
        lost=(_COST,),
    )


def _selectors(trail: Trail) -> tuple[EventSelector, ...]:
    return () if isinstance(trail.selectors, Unknown) else trail.selectors


def _advanced(arns: tuple[str, ...]) -> EventSelector:
    fields = [
        FieldSelector(field="eventCategory", equals=("Data",)),
        FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)),
    ]
    if len(arns) <= _MOST:
        fields.append(FieldSelector(field="resources.ARN", equals=arns))
    return EventSelector(name=_NAME, fields=tuple(fields))


def _basic(arns: tuple[str, ...], held: Sequence[EventSelector]) -> EventSelector:
    """Select the functions, or all there will ever be where the trail has no room for each."""
    named = sum(len(one.lambda_arns) + sum(len(values) for _, values in one.other_resources) for one in held)
    every = f"arn:{arns[0].split(':')[1]}:lambda" if arns else ""
    return EventSelector(include_management=False, lambda_arns=arns if named + len(arns) <= _MOST_BASIC else (every,))


def _can(trail: Trail, subject: Function | Scope) -> bool:
    """Say whether a trail may be given a selector for something: a running one of the account, whose selectors are known."""
    held = _selectors(trail)
    is_advanced = all(one.fields for one in held)
    has_room = bool(held) and (is_advanced or (not any(one.fields for one in held) and len(held) < _MOST_SELECTORS))
    is_ours = trail.account == subject.account and trail.is_organization is False
    return has_room and is_ours and trail.is_logging is True and (trail.is_multi_region is True or trail.home_region == subject.region)


def _reaches(trail: Trail, function: Function) -> bool:
    return function.account == trail.account and (trail.is_multi_region is True or function.region == trail.home_region)


def _written(selectors: Sequence[EventSelector]) -> list[dict[str, Any]]:
    """Write selectors as CloudTrail does."""
    return [({"Name": one.name} if one.name else {}) | {"FieldSelectors": [_field(each) for each in one.fields]} for one in selectors]


def _written_basic(selectors: Sequence[EventSelector]) -> list[dict[str, Any]]:
    """Write basic selectors as CloudTrail does."""
    return [
        {
            "ReadWriteType": shown(one.read_write),
            "IncludeManagementEvents": one.include_management,
            "DataResources": [
                *({"Type": kind, "Values": list(values)} for kind, values in one.other_resources),
                *([{"Type": "AWS::Lambda::Function", "Values": list(map(shown, one.lambda_arns))}] if one.lambda_arns else []),
            ],
            "ExcludeManagementEventSources": list(one.excluded_sources),
        }
        for one in selectors
    ]


def _field(selector: FieldSelector) -> dict[str, Any]:
    members = {
        "Equals": selector.equals,
        "StartsWith": selector.starts_with,
        "EndsWith": selector.ends_with,
        "NotEquals": selector.not_equals,
        "NotStartsWith": selector.not_starts_with,
        "NotEndsWith": selector.not_ends_with,
    }
    return {"Field": selector.field} | {name: [shown(value) for value in values] for name, values in members.items() if values}
