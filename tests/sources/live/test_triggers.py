"""Odd spellings of API Gateway."""

import json

import pytest

from buckler.model.functions import Trigger
from buckler.model.text import Partial, shown
from buckler.sources.live.api import Account, Reader
from buckler.sources.live.triggers import _condition, _function_in, _rest_policy, _rest_trigger

DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}]}
)


@pytest.fixture
def reader():
    account = Account(None, "eu-west-1")
    account.id = "123456789012"
    return Reader(None, account, "eu-west-1")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(DOCUMENT, id="plain"),
        pytest.param(DOCUMENT.replace('"', '\\"'), id="quotes-escaped-as-api-gateway-does"),
        pytest.param(DOCUMENT.replace('"', '\\"').replace("/", "\\/"), id="slashes-too"),
    ],
)
def test_the_policy_of_a_rest_api(reader, text):
    policy = _rest_policy(reader, {"id": "a1", "policy": text})
    assert policy.malformed == ()
    assert policy.statements[0].effect == "Deny"


def test_a_broken_policy_is_malformed_not_absent(reader):
    assert _rest_policy(reader, {"id": "a1", "policy": "{"}).malformed


def test_no_policy(reader):
    assert _rest_policy(reader, {"id": "a1"}) is None


FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:shop"


@pytest.mark.parametrize(
    ("uri", "function"),
    [
        (f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations", FUNCTION),
        (f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}:live/invocations", f"{FUNCTION}:live"),
        (FUNCTION, FUNCTION),
        ("http://shop.invalid/", None),
        ("arn:aws:apigateway:eu-west-1:sqs:path/123456789012/orders", None),
        (None, None),
    ],
)
def test_the_function_of_an_integration(uri, function):
    assert _function_in(uri) == function


def test_a_stage_variable_stays_a_hole():
    found = _function_in(f"{FUNCTION}:${{stageVariables.alias}}/invocations")
    assert isinstance(found, Partial)
    assert shown(found) == f"{FUNCTION}:${{stageVariables.alias}}"


def test_any_method_is_any_method(reader):
    trigger = _rest_trigger(reader, {"id": "a1", "name": "shop"}, "ANY /{proxy+}", {"authorizationType": "NONE"}, FUNCTION, None)
    assert isinstance(trigger, Trigger)
    assert trigger.arn == "arn:aws:execute-api:eu-west-1:123456789012:a1/*/*/{proxy+}"
    assert trigger.authorizer is None


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"Conditions": []}, "default"),
        ({"Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}}]}, "path-pattern=/a,/b"),
        ({"Conditions": [{"Field": "source-ip"}]}, "source-ip"),
    ],
)
def test_conditions_of_a_rule(rule, text):
    assert _condition(rule) == text
