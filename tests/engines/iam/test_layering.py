"""The formula says of a concrete request what the obvious twin says, and one place of resources has one set of rules."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.cases import cases
from tests.engines.iam.small_world import ACTIONS, CALLERS, LAYERS, RESOURCES, ROLE

from buckler.engines.iam import Answer, decide
from buckler.engines.iam.context import Context
from buckler.engines.iam.layering import allowed
from buckler.engines.iam.places import places
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.request import Case
from buckler.engines.iam.solve import Found, solve
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers

_REQUESTS = st.builds(
    lambda principal, action, resource, values: Request(
        principal=principal, action=action, resource=resource, context=(ContextEntry(key="k", values=values),)
    ),
    st.sampled_from(CALLERS),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    st.sampled_from([(), ("a",), ("b",)]),
)


@given(LAYERS, _REQUESTS)
@cases(500)
def test_the_formula_is_the_evaluation(layers, request_):
    given_ = Context(request_, resource_account=Case(request_, layers).resource_account)
    found = solve(allowed(layers, request_, given_), given_, resource=request_.resource)
    answer = decide(request_, layers).answer
    # Whose the resource is may be open: then the formula holds for some owner.
    assume(answer is not Answer.UNKNOWN)
    assert isinstance(found, Found) is (answer is Answer.ALLOW)


_SEGMENTS = st.sampled_from(["", "aws", "iam", "kms", "s3", "111122223333", "444455556666", "777788889999"])
_TAILS = st.sampled_from(["role/r", "role/", "role/aws-service-role/r", "role/aws-service-role/", "key/k", "key/", "x", "x:y", ""])
_ARNS = st.builds("arn:{}:{}:{}:{}:{}".format, _SEGMENTS, _SEGMENTS, _SEGMENTS, _SEGMENTS, _TAILS) | st.sampled_from([*RESOURCES, "", "x"])


def facts(principal, action, resource):
    case = Case(Request(principal=principal, action=action, resource=resource), Layers())
    account = case.resource_account
    return (
        case.rule,
        case.is_on_role,
        case.is_on_service_linked_role,
        case.is_same_account,
        account if account in {case.account, "444455556666"} else "another",
        rcps_apply(action, resource),
    )


@given(_ARNS, st.sampled_from(ACTIONS), st.sampled_from([*CALLERS, "111122223333"]))
@cases(1500)
def test_each_resource_is_in_one_place_and_judged_as_its_sample_is(resource, action, principal):
    account = Case(Request(principal=principal, action=action, resource="x"), Layers()).account
    split = list(places(action, account, ["arn:aws:s3::444455556666:x"], with_accounts=True, with_kinds=True))
    around = [
        place
        for place in split
        if all(glob.accepts(resource) for glob in place.within) and not any(glob.accepts(resource) for glob in place.without)
    ]
    assert len(around) == 1
    assert facts(principal, action, resource) == facts(principal, action, around[0].sample)


@pytest.mark.parametrize("action", ["s3:GetObject", "kms:Decrypt"])
def test_the_sample_of_a_place_is_in_it(action):
    for place in places(action, "111122223333", ["444455556666"], with_accounts=True, with_kinds=True):
        for one in (place, *place.retry):
            assert all(glob.accepts(one.sample) for glob in one.within)
            assert not any(glob.accepts(one.sample) for glob in one.without)


def test_without_accounts_and_kinds_there_is_one_place():
    assert len(list(places("s3:GetObject", "111122223333", [ROLE], with_accounts=False, with_kinds=False))) == 1
