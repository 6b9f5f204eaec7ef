import pytest
from tests.estates import DENIED, ask, function, log_group, missing, verdict

from buckler.checks.log_group_without_customer_key import log_group_without_customer_key
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LoggingConfig
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((log_group(kms_key=None),), Finding, id="AWS's-key"),
        pytest.param((log_group(kms_key="arn:aws:kms:eu-west-1:123456789012:key/1"),), None, id="a-key-of-ours"),
        pytest.param((log_group(kms_key=hole("Key")),), None, id="a-key-with-a-hole"),
        pytest.param((log_group(kms_key="k"), log_group("/aws/lambda/gone")), None, id="a-group-nobody-writes-to"),
        pytest.param((), None, id="no-group-is-asked-elsewhere"),
        pytest.param((log_group(kms_key=DENIED),), Gap, id="key-unreadable"),
        pytest.param((missing("log_groups"),), Gap, id="groups-unreadable"),
        pytest.param((log_group(kms_key=None, region="us-east-1"),), None, id="a-group-of-another-region"),
        pytest.param((log_group("/aws/lambda/checkout-v2", kms_key=None),), None, id="another-function-s-group"),
    ],
)
def test_verdict(others, expected):
    assert verdict(log_group_without_customer_key, function(), *others) is expected


def test_one_finding_per_group():
    shared = LoggingConfig(log_group="/shop/all")
    answers = ask(log_group_without_customer_key, function(logging=shared), function("orders", logging=shared), log_group("/shop/all"))
    assert [one.message for one in answers.findings] == ["the logs of `checkout` and 1 more are not encrypted with a key of yours"]


def test_an_unreadable_logging_configuration_is_a_gap():
    assert verdict(log_group_without_customer_key, function(logging=DENIED), log_group(kms_key=None)) is Gap
