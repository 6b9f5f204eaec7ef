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


@remedy
def data_events_missing(case: Case[Function | Scope]) -> Remedies:
    """Add a selector for exactly the uncovered functions to a running trail that has advanced selectors; what it has stays."""
    trail = next((one for one in case.analysis.estate.trails if _can(one, case.subject)), None)
    if trail is None or isinstance(trail.selectors, Unknown):
        yield Advice(
            "give a running trail of the account a selector for `AWS::Lambda::Function`",
            "no running trail here has advanced selectors, and basic ones would have to be replaced whole",
        )
        return
    estate = case.analysis.estate
    left_out = [one for one in estate.functions if _reaches(trail, one) and not is_recorded(one, estate.trails, estate.organizations)]
    fields = [
        FieldSelector(field="eventCategory", equals=("Data",)),
        FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)),
    ]
    if len(left_out) <= _MOST:
        fields.append(FieldSelector(field="resources.ARN", equals=tuple(sorted(shown(one.arn) for one in left_out))))
    selectors = (*trail.selectors, EventSelector(name=_NAME, fields=tuple(fields)))
    named: dict[str, Any] = {"TrailName": shown(trail.arn)}
    before, after = _written(trail.selectors), _written(selectors)
    edit = ApiEdit(
        account=shown(trail.account),
        region=shown(trail.home_region),
        arn=shown(trail.arn),
        what="event selectors of the trail",
        read=Ask(service="cloudtrail", operation="GetEventSelectors", parameters=named),
        pick=("AdvancedEventSelectors",),
        before=before,
        after=after,
        do=Ask(service="cloudtrail", operation="PutEventSelectors", parameters=named | {"AdvancedEventSelectors": after}),
        undo=Ask(service="cloudtrail", operation="PutEventSelectors", parameters=named | {"AdvancedEventSelectors": before}),
    )
    count = f"{len(left_out)} functions" if len(left_out) != 1 else "function"
    yield Mend(
        summary=f"record the invocations of the {count} that no trail records in `{shown(trail.name)}`",
        edits=(edit,),
        change=lambda estate: on_each(estate, "trails", trail.arn, selectors=selectors),
        lost=(_COST,),
    )


def _can(trail: Trail, subject: Function | Scope) -> bool:
    """Say whether a trail may be given a selector for something: a running one of the account, that has advanced selectors."""
    is_advanced = not isinstance(trail.selectors, Unknown) and bool(trail.selectors) and all(one.fields for one in trail.selectors)
    is_ours = trail.account == subject.account and trail.is_organization is False
    return is_advanced and is_ours and trail.is_logging is True and (trail.is_multi_region is True or trail.home_region == subject.region)


def _reaches(trail: Trail, function: Function) -> bool:
    return function.account == trail.account and (trail.is_multi_region is True or function.region == trail.home_region)


def _written(selectors: Sequence[EventSelector]) -> list[dict[str, Any]]:
    """Write selectors as CloudTrail does."""
    return [({"Name": one.name} if one.name else {}) | {"FieldSelectors": [_field(each) for each in one.fields]} for one in selectors]


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
