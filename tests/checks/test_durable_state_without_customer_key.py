import pytest
from tests.estates import function, missing, verdict

from buckler.checks.durable_state_without_customer_key import durable_state_without_customer_key
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        pytest.param(function(is_durable=True), Finding, id="durable-without-a-key"),
        pytest.param(function(is_durable=True, durable_kms_key=KEY), None, id="a-key-of-ours"),
        pytest.param(function(is_durable=True, durable_kms_key=hole("Key.Arn")), None, id="a-key-with-a-hole"),
        pytest.param(function(is_durable=True, kms_key=KEY), Finding, id="the-environment-s-key-is-another"),
        pytest.param(function(), None, id="not-durable"),
        pytest.param(missing("functions"), Gap, id="functions-unreadable"),
    ],
)
def test_verdict(entity, expected):
    assert verdict(durable_state_without_customer_key, entity) is expected


def test_it_is_a_preview():
    assert durable_state_without_customer_key.preview
