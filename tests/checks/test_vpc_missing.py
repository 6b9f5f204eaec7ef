import pytest
from tests.estates import DENIED, at, function, verdict, vpc_config

from buckler.checks.vpc_missing import vpc_missing
from buckler.model.finding import Finding, Gap
from buckler.model.functions import VpcConfig
from buckler.model.severity import Persona
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"vpc": None}, Finding, id="no-vpc"),
        pytest.param({"vpc": vpc_config("subnet-1")}, None, id="in-a-vpc"),
        pytest.param({"vpc": vpc_config()}, Finding, id="empty-config-left-the-vpc"),
        pytest.param(
            {"vpc": None, "capacity_provider": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:big"}, None, id="capacity-provider"
        ),
        pytest.param({"vpc": DENIED}, Gap, id="unreadable"),
        pytest.param({"vpc": vpc_config("subnet-1", groups=())}, None, id="in-a-vpc-with-its-default-group"),
        pytest.param({"vpc": vpc_config(hole("Subnet"))}, None, id="in-a-subnet-of-the-template"),
        pytest.param({"vpc": VpcConfig(subnet_ids=DENIED, security_group_ids=("sg-1",), origin=at("x"))}, Gap, id="subnets-unreadable"),
        pytest.param(
            {"vpc": DENIED, "capacity_provider": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:big"},
            None,
            id="on-machines-whatever-else",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(vpc_missing, function(**facts)) is expected


def test_it_is_a_question_of_taste():
    assert vpc_missing.persona is Persona.AUDITOR
