import pytest
from tests.estates import ask, function, missing, verdict

from buckler.checks.durable_state_without_customer_key import durable_state_without_customer_key
from buckler.model.finding import Finding, Gap


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"is_durable": True}, Finding, id="durable-without-a-key"),
        pytest.param({"is_durable": True, "durable_kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1"}, None, id="a-key-of-ours"),
        pytest.param({}, None, id="not-durable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(durable_state_without_customer_key, function(**facts)) is expected


def test_functions_that_could_not_be_listed_are_a_gap():
    answers = ask(durable_state_without_customer_key, missing("functions"))
    assert [type(one) for one in answers.gaps] == [Gap]


def test_it_is_a_preview():
    assert durable_state_without_customer_key.preview
