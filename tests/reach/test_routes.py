import pytest
from tests.estates import allow, analysis, policy, trigger

from buckler.model.text import Hole, Partial
from buckler.model.unknown import Undecided
from buckler.reach.routes import _method_and_path, _short_text, is_open


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", "*"),
        ("execute-api:/*", "*"),
        ("execute-api:/*/*/*", "execute-api:/*/*/*"),
        ("execute-api:/prod/GET/orders", "execute-api:/*/GET/orders"),
        ("arn:aws:execute-api:eu-west-1:123456789012:abc/*", "*"),
        ("arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/*", "execute-api:/*/POST/*"),
        ("arn:aws:execute-api:*", "*"),
        (
            Partial(parts=("arn:aws:execute-api:", Hole(ref="R"), ":", Hole(ref="A"), ":", Hole(ref="Api"), "/v1/GET/x")),
            "execute-api:/*/GET/x",
        ),
    ],
)
def test_an_api_s_resources_without_api_and_stage(resource, expected):
    assert _short_text(resource) == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("GET /orders/{id}", ("GET", "/orders/x")),
        ("ANY /{proxy+}", ("GET", "/x")),
        ("$default", ("GET", "/x")),
        ("POST /", ("POST", "/")),
    ],
)
def test_a_route_as_a_request(route, expected):
    assert _method_and_path(route) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], False),
        ([allow("execute-api:Invoke", "execute-api:/*/GET/*", Principal="*")], True),
        ([allow("execute-api:Invoke", "execute-api:/*/POST/*", Principal="*")], False),
        ([allow("execute-api:Invoke", "execute-api:/*", Principal={"AWS": "123456789012"})], False),
        ([allow("execute-api:Invoke", "execute-api:/*", Principal="*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})], False),
    ],
)
def test_without_an_authorizer_the_policy_alone_decides(statements, expected):
    route = trigger(kind="rest", authorizer=None, resource_policy=policy(*statements))
    assert is_open(route, analysis(route)) is expected


def test_a_policy_that_depends_on_what_a_stranger_may_choose_is_undecided():
    route = trigger(
        kind="rest",
        authorizer=None,
        resource_policy=policy(allow("execute-api:Invoke", "*", Principal="*", Condition={"StringEquals": {"aws:Referer": "x"}})),
    )
    with pytest.raises(Undecided, match="aws:Referer"):
        is_open(route, analysis(route))
