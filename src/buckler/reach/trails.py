"""Which invocations a trail records: CloudTrail's event selectors, evaluated as CloudTrail does.

Sources: AWS CloudTrail User Guide, "Logging data events" and "Filtering data events by using advanced event selectors";
API reference, `DataResource`, `AdvancedFieldSelector`; read 2026-11-25.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from buckler.model.functions import Function
from buckler.model.iam import Organization
from buckler.model.origin import ApiOrigin
from buckler.model.text import Hole, Partial, Text, same, starts
from buckler.model.unknown import Unknown, UnknownKind, known
from buckler.model.watch import EventSelector, FieldSelector, Trail
from buckler.reach.absent import first_hole

Told: TypeAlias = bool | Unknown
"""Yes, no, or the reason why nobody can tell."""

# What CloudTrail writes of every invocation. Invoke is a write: a selector for reads alone records none.
_INVOCATION: dict[str, str] = {
    "eventCategory": "Data",
    "resources.type": "AWS::Lambda::Function",
    "readOnly": "false",
    "eventName": "Invoke",
    "eventSource": "lambda.amazonaws.com",
    "eventType": "AwsApiCall",
}
# CloudTrail demands both of every advanced selector for data events; the one without is for management events.
_REQUIRED = {"eventCategory", "resources.type"}

_EVERY_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda")


def is_recorded(function: Function, trails: tuple[Trail, ...], organizations: tuple[Organization, ...] = ()) -> bool:
    """Say whether any trail records every invocation of a function.

    *organizations* tell whether an organisation's trail of another account reaches the function's.
    Raises `Undecided` when that rests on something nobody could read. CloudTrail Lake's event data stores are not trails.
    """
    return known(_any(_records(trail, function.account, function.region, function.arn, organizations) for trail in trails))


def covers_all(trail: Trail, account: Text, region: Text, organizations: tuple[Organization, ...] = ()) -> bool:
    """Say whether a trail surely records every invocation of every function of a region, without looking at any of them."""
    return _records(trail, account, region, None, organizations) is True


def blind_spot(trail: Trail, function: Function) -> str:
    """Say in a phrase why a trail that does not cover a function does not."""
    if trail.is_logging is False:
        return "it is stopped"
    if trail.is_multi_region is False and same(trail.home_region, function.region) is False:
        return "it looks at another region only"
    if isinstance(trail.selectors, Unknown):
        return "its selectors are unread"
    if not any(_selects_lambda(selector) for selector in trail.selectors):
        return "it selects no data events of Lambda"
    if same(trail.account, function.account) is False and trail.is_organization is False:
        return "it is another account's"
    return "its selectors leave the function out"


def _selects_lambda(selector: EventSelector) -> bool:
    if not selector.fields:
        return bool(selector.lambda_arns)
    return any(one.field == "resources.type" and "AWS::Lambda::Function" in one.equals for one in selector.fields)


def _records(trail: Trail, account: Text, region: Text, arn: Text | None, organizations: tuple[Organization, ...]) -> Told:
    return _all((trail.is_logging, _in_region(trail, region), _in_account(trail, account, organizations), _selected(trail, arn)))


def _in_region(trail: Trail, region: Text) -> Told:
    return _any((trail.is_multi_region, _is_same(trail.home_region, region)))


def _in_account(trail: Trail, account: Text, organizations: tuple[Organization, ...]) -> Told:
    if trail.account == account:
        return True
    if trail.is_organization is True and isinstance(trail.origin, ApiOrigin) and trail.origin.account == account:
        return True  # AWS shows the trail of an organisation in the accounts it records
    return _any((_is_same(trail.account, account), _all((trail.is_organization, _share_organization(trail, account, organizations)))))


def _share_organization(trail: Trail, account: Text, organizations: tuple[Organization, ...]) -> Told:
    unread: Unknown | None = None
    for organization in organizations:
        if isinstance(organization.accounts, Unknown):
            unread = organization.accounts
            continue
        members = {organization.management_account, *organization.accounts}
        if trail.account in members:
            return account in members
    return unread or Unknown(
        kind=UnknownKind.FAILED,
        why=f"which accounts the organisation of trail `{trail.name}` has was not read",
        need="organizations:ListAccounts",
    )


def _selected(trail: Trail, arn: Text | None) -> Told:
    if isinstance(trail.selectors, Unknown):
        return trail.selectors
    return _any(_by_fields(selector, arn) if selector.fields else _basic(selector, arn) for selector in trail.selectors)


def _basic(selector: EventSelector, arn: Text | None) -> Told:
    if not selector.lambda_arns:
        return False
    mode = selector.read_write
    writes = mode in {"All", "WriteOnly"} if isinstance(mode, str) else first_hole(mode)
    return _all((writes, _named(selector.lambda_arns, arn)))


def _named(values: tuple[Text, ...], arn: Text | None) -> Told:
    """Say whether a basic selector names a function. "Lambda function ARNs are exact", but for the prefix that means every function."""
    every, exact, partial = _sorted(values)
    if every or arn in exact:
        return True
    if arn is None:
        return False
    # Two whole strings that differ need no second look: only a hole on either side does.
    others: tuple[Text, ...] = partial if isinstance(arn, str) else (*exact, *partial)
    return _any(_is_same(value, arn) for value in others)


@lru_cache(maxsize=4096)
def _sorted(values: tuple[Text, ...]) -> tuple[bool, frozenset[str], tuple[Partial, ...]]:
    """Sort the values of a basic selector once, not once per function: is one of them every function, whole ARNs, ARNs with holes."""
    every = any(_is_every(value) for value in values)
    return every, frozenset(one for one in values if isinstance(one, str)), tuple(one for one in values if not isinstance(one, str))


def _is_every(value: Text) -> bool:
    if isinstance(value, str):
        return _EVERY_FUNCTION.fullmatch(value) is not None
    match value.parts:
        case ("arn:", Hole(ref="AWS::Partition"), ":lambda"):
            return True
        case _:
            return False


def _by_fields(selector: EventSelector, arn: Text | None) -> Told:
    """All fields of an advanced selector must match."""
    if not {field.field for field in selector.fields} >= _REQUIRED:
        return False
    return _all(_matches(field, arn) for field in selector.fields)


def _matches(field: FieldSelector, arn: Text | None) -> Told:
    """Evaluate one field: any selecting operator must hold, and no deselecting one may.

    "SELECT operators are OR'd together ... DESELECT operators are AND'd together ... both groups are AND'd together."
    """
    excludes = bool(field.not_equals or field.not_starts_with or field.not_ends_with)
    includes = bool(field.equals or field.starts_with or field.ends_with)
    if field.field == "resources.ARN":
        if arn is None:
            return not includes and not excludes  # whether every function matches is told function by function
        value = arn
    elif field.field in _INVOCATION:
        value = _INVOCATION[field.field]
    else:
        # Who calls, from where, with what result (`userIdentity.arn`, `vpcEndpointId`, `errorCode`) differs from call to call:
        # picking some of them leaves invocations out, leaving some known ones out is somebody's decision.
        return not includes
    wanted = _any(_operators(value, field.equals, field.starts_with, field.ends_with)) if includes else True
    unwanted = _any(_operators(value, field.not_equals, field.not_starts_with, field.not_ends_with))
    return _all((wanted, unwanted if isinstance(unwanted, Unknown) else not unwanted))


def _operators(value: Text, equal: tuple[Text, ...], start: tuple[Text, ...], end: tuple[Text, ...]) -> Iterable[Told]:
    yield from (_is_same(value, one) for one in equal)
    yield from (_begins(value, one) for one in start)
    yield from (_finishes(value, one) for one in end)


def _is_same(left: Text, right: Text) -> Told:
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    answer = same(left, right)
    return first_hole(left, right) if answer is None else answer


def _begins(value: Text, prefix: Text) -> Told:
    if isinstance(prefix, str):
        answer = starts(value, prefix)
        return first_hole(value) if answer is None else answer
    if isinstance(value, Partial) and _is_head(prefix, value):
        return True
    return first_hole(prefix)


def _is_head(prefix: Partial, value: Partial) -> bool:
    """Say whether *value* surely starts with *prefix*: the same pieces, of which the last may end early."""
    count = len(prefix.parts)
    if prefix.parts[:-1] != value.parts[: count - 1] or len(value.parts) < count:
        return False
    last, other = prefix.parts[-1], value.parts[count - 1]
    return last == other or (isinstance(last, str) and isinstance(other, str) and other.startswith(last))


def _finishes(value: Text, suffix: Text) -> Told:
    if isinstance(value, str) and isinstance(suffix, str):
        return value.endswith(suffix)
    tail = value if isinstance(value, str) else value.parts[-1]
    if isinstance(suffix, str) and isinstance(tail, str):
        if tail.endswith(suffix):
            return True
        if not suffix.endswith(tail):
            return False
    return first_hole(value, suffix)


def _all(answers: Iterable[Told]) -> Told:
    """No when one says no, else the first reason for not knowing, else yes."""
    unknown: Unknown | None = None
    for answer in answers:
        if answer is False:
            return False
        if isinstance(answer, Unknown):
            unknown = unknown or answer
    return unknown or True


def _any(answers: Iterable[Told]) -> Told:
    """Yes when one says yes, else the first reason for not knowing, else no."""
    unknown: Unknown | None = None
    for answer in answers:
        if answer is True:
            return True
        if isinstance(answer, Unknown):
            unknown = unknown or answer
    return unknown or False
