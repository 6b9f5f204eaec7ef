import pytest
from tests.estates import ask, function, missing, verdict

from buckler.checks.durable_state_without_customer_key import durable_state_without_customer_key
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"is_durable": True}, Finding, id="durable-without-a-key"),
        pytest.param({"is_durable": True, "durable_kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1"}, None, id="a-key-of-ours"),
        pytest.param({}, None, id="not-durable"),
        pytest.param({"is_durable": True, "durable_kms_key": hole("Key.Arn")}, None, id="a-key-with-a-hole"),
        pytest.param(
            {"is_durable": True, "kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1"}, Finding, id="the-environment-s-key-is-another"
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(durable_state_without_customer_key, function(**facts)) is expected


def test_functions_that_could_not_be_listed_are_a_gap():
    answers = ask(durable_state_without_customer_key, missing("functions"))
    assert [type(one) for one in answers.gaps] == [Gap]


def test_it_is_a_preview():
    assert durable_state_without_customer_key.preview
