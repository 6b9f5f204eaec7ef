"""What a trail records, selector by selector."""

import pytest
from tests.estates import DENIED, FUNCTION_ARN, OTHER, REGION, function, trail

from buckler.model.iam import Organization
from buckler.model.origin import ApiOrigin
from buckler.model.text import Hole, Partial, hole, join
from buckler.model.unknown import Undecided
from buckler.model.watch import EventSelector, FieldSelector
from buckler.reach.trails import blind_spot, covers_all, is_recorded


def covers(seen, of, organizations=()):
    return is_recorded(of, (seen,), organizations)


LAMBDA = (
    FieldSelector(field="eventCategory", equals=("Data",)),
    FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)),
)


def basic(*arns, **more):
    return EventSelector(**{"lambda_arns": arns, **more})


def advanced(*fields):
    return EventSelector(fields=(*LAMBDA, *fields))


def arn(**operators):
    return FieldSelector(field="resources.ARN", **operators)


def on(field, **operators):
    return FieldSelector(field=field, **operators)


EVERYTHING = basic("arn:aws:lambda")


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        pytest.param((), False, id="management-events-only"),
        pytest.param((EVERYTHING,), True, id="prefix-means-every-function"),
        pytest.param((basic("arn:aws-cn:lambda"),), True, id="prefix-of-another-partition"),
        pytest.param((basic(Partial(parts=("arn:", Hole(ref="AWS::Partition"), ":lambda"))),), True, id="prefix-with-partition-hole"),
        pytest.param((basic(FUNCTION_ARN),), True, id="this-function"),
        pytest.param((basic(FUNCTION_ARN[:-1]),), False, id="arns-are-exact-not-prefixes"),
        pytest.param((basic(FUNCTION_ARN + "2", FUNCTION_ARN),), True, id="one-of-several"),
        pytest.param((basic("arn:aws:lambda", read_write="ReadOnly"),), False, id="an-invocation-is-a-write"),
        pytest.param((basic("arn:aws:lambda", read_write="WriteOnly"),), True, id="writes-only-suffice"),
        pytest.param((basic("arn:aws:lambda", include_management=False),), True, id="without-management-events"),
        pytest.param((advanced(),), True, id="advanced-every-function"),
        pytest.param((EventSelector(fields=LAMBDA[:1]),), False, id="advanced-without-resource-type"),
        pytest.param((EventSelector(fields=(LAMBDA[0], on("resources.type", equals=("AWS::S3::Object",)))),), False, id="advanced-for-s3"),
        pytest.param((EventSelector(fields=(on("eventCategory", equals=("Management",)),)),), False, id="advanced-management-only"),
        pytest.param((advanced(arn(equals=(FUNCTION_ARN,))),), True, id="arn-equals"),
        pytest.param((advanced(arn(equals=(FUNCTION_ARN + "2",))),), False, id="arn-equals-another"),
        pytest.param((advanced(arn(starts_with=(FUNCTION_ARN[:-3],))),), True, id="arn-starts-with"),
        pytest.param((advanced(arn(ends_with=("checkout",))),), True, id="arn-ends-with"),
        pytest.param((advanced(arn(ends_with=("orders",))),), False, id="arn-ends-with-another"),
        pytest.param((advanced(arn(not_equals=(FUNCTION_ARN,))),), False, id="arn-excluded"),
        pytest.param((advanced(arn(not_equals=(FUNCTION_ARN + "2",))),), True, id="another-arn-excluded"),
        pytest.param((advanced(arn(not_starts_with=("arn:aws:lambda",))),), False, id="all-arns-excluded"),
        pytest.param((advanced(arn(not_ends_with=("checkout",))),), False, id="arn-excluded-by-its-end"),
        pytest.param((advanced(arn(equals=("x",), starts_with=(FUNCTION_ARN,))),), True, id="selecting-operators-are-alternatives"),
        pytest.param((advanced(arn(starts_with=("arn:aws",), not_ends_with=("checkout",))),), False, id="a-deselecting-operator-wins"),
        pytest.param((advanced(on("readOnly", equals=("true",))),), False, id="advanced-reads-only"),
        pytest.param((advanced(on("readOnly", equals=("false",))),), True, id="advanced-writes-only"),
        pytest.param((advanced(on("eventName", equals=("Invoke",))),), True, id="event-name-invoke"),
        pytest.param((advanced(on("eventName", not_equals=("Invoke",))),), False, id="event-name-not-invoke"),
        pytest.param((advanced(on("eventName", starts_with=("Get",))),), False, id="event-name-of-reads"),
        pytest.param((advanced(on("userIdentity.arn", equals=("arn:aws:iam::1:role/x",))),), False, id="some-callers-only"),
        pytest.param((advanced(on("userIdentity.arn", not_equals=("arn:aws:iam::1:role/x",))),), True, id="one-caller-left-out"),
        pytest.param((advanced(on("readOnly", equals=("true",))), advanced()), True, id="any-selector-suffices"),
    ],
)
def test_selectors(selectors, recorded):
    assert covers(trail(selectors=selectors), function()) is recorded


@pytest.mark.parametrize(
    ("facts", "recorded"),
    [
        pytest.param({}, True, id="multi-region-and-running"),
        pytest.param({"is_logging": False}, False, id="stopped"),
        pytest.param({"is_multi_region": False}, True, id="single-region-at-home"),
        pytest.param({"is_multi_region": False, "home_region": "us-east-1"}, False, id="single-region-elsewhere"),
        pytest.param({"home_region": "us-east-1"}, True, id="multi-region-from-elsewhere"),
        pytest.param({"account": OTHER}, False, id="of-another-account"),
    ],
)
def test_reach(facts, recorded):
    assert covers(trail(selectors=(EVERYTHING,), **facts), function()) is recorded


ELSEWHERE = ApiOrigin(call="cloudtrail:DescribeTrails", arn="", account=OTHER, region=REGION)


def organization(*accounts):
    return Organization(id="o-1", management_account=OTHER, accounts=accounts, policies=())


def test_the_trail_of_our_organisation_covers_our_account():
    ours = trail(selectors=(EVERYTHING,), account=OTHER, is_organization=True, origin=ELSEWHERE)
    assert covers(ours, function(), (organization("123456789012"),))


def test_the_trail_of_an_organisation_that_AWS_shows_in_our_account_covers_it():  # noqa: N802 - a name
    assert covers(trail(selectors=(EVERYTHING,), account=OTHER, is_organization=True), function())


def test_the_trail_of_another_organisation_does_not():
    theirs = trail(selectors=(EVERYTHING,), account=OTHER, is_organization=True, origin=ELSEWHERE)
    assert not covers(theirs, function(), (organization("999999999999"),))


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"selectors": DENIED}, id="selectors-unread"),
        pytest.param({"is_logging": DENIED}, id="status-unread"),
        pytest.param({"is_multi_region": DENIED, "home_region": "us-east-1"}, id="regions-unread"),
        pytest.param({"account": OTHER, "is_organization": True, "origin": ELSEWHERE}, id="organisation-unread"),
        pytest.param({"selectors": (basic(hole("FunctionArn")),)}, id="arn-is-a-hole"),
        pytest.param({"selectors": (basic("arn:aws:lambda", read_write=hole("Mode")),)}, id="mode-is-a-hole"),
        pytest.param({"selectors": (advanced(arn(starts_with=(hole("Prefix"),))),)}, id="prefix-is-a-hole"),
        pytest.param({"selectors": (advanced(arn(not_ends_with=(hole("Suffix"),))),)}, id="suffix-is-a-hole"),
    ],
)
def test_what_nobody_can_tell(facts):
    with pytest.raises(Undecided):
        covers(trail(**{"selectors": (EVERYTHING,), **facts}), function())


def test_a_stopped_trail_needs_no_selectors():
    assert covers(trail(selectors=DENIED, is_logging=False), function()) is False


def test_holes_that_meet_are_equal():
    name = join("arn:aws:lambda:", hole("AWS::Region"), ":", hole("AWS::AccountId"), ":function:", hole("Checkout"))
    shop = function(arn=name)
    assert covers(trail(selectors=(basic(name),)), shop)
    prefix = join("arn:aws:lambda:", hole("AWS::Region"), ":", hole("AWS::AccountId"), ":function")
    assert covers(trail(selectors=(advanced(arn(starts_with=(prefix,))),)), shop)


def test_a_prefix_that_goes_on_otherwise_is_not_decided():
    # After the same hole: `checkout` does not start with `orders`, but a hole that repeats may still make it so.
    shop = function(arn=join(hole("Prefix"), "checkout"))
    other = advanced(arn(starts_with=(join(hole("Prefix"), "orders"),)))
    with pytest.raises(Undecided):
        covers(trail(selectors=(other,)), shop)


@pytest.mark.parametrize(
    ("selector", "blanket"),
    [
        pytest.param(EVERYTHING, True, id="prefix"),
        pytest.param(advanced(), True, id="no-arn-condition"),
        pytest.param(basic(FUNCTION_ARN), False, id="one-function"),
        pytest.param(advanced(arn(not_equals=("x",))), False, id="all-but-one"),
    ],
)
def test_every_function_at_once(selector, blanket):
    assert covers_all(trail(selectors=(selector,)), "123456789012", REGION) is blanket


@pytest.mark.parametrize(
    ("facts", "phrase"),
    [
        pytest.param({"is_logging": False}, "it is stopped", id="stopped"),
        pytest.param({"is_multi_region": False, "home_region": "us-east-1"}, "it looks at another region only", id="region"),
        pytest.param({"selectors": ()}, "it selects no data events of Lambda", id="management"),
        pytest.param({"selectors": (basic("x"),)}, "its selectors leave the function out", id="another-function"),
        pytest.param({"account": OTHER}, "it is another account's", id="account"),
        pytest.param({"selectors": DENIED}, "its selectors are unread", id="unread"),
    ],
)
def test_the_reason_is_said(facts, phrase):
    assert blind_spot(trail(**{"selectors": (EVERYTHING,), **facts}), function()) == phrase
