import pytest
from tests.estates import DENIED, OUTSIDE, function, log_group, missing, verdict

from buckler.checks.log_group_missing import log_group_missing
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LoggingConfig
from buckler.model.origin import FileOrigin
from buckler.model.text import hole, join

OWN = {"logging": LoggingConfig(log_group="/shop/all")}
TEMPLATE = {"origin": FileOrigin(file="template.yaml", line=3), "address": "Checkout"}


@pytest.mark.parametrize(
    ("facts", "others", "expected"),
    [
        pytest.param({}, (log_group(),), None, id="default-group"),
        pytest.param({}, (log_group("/aws/lambda/orders"),), Finding, id="another-function's-group"),
        pytest.param(OWN, (log_group("/shop/all"),), None, id="configured-group"),
        pytest.param(OWN, (log_group(),), Finding, id="configured-group-is-not-there"),
        pytest.param({}, (missing("log_groups"),), Gap, id="groups-unreadable"),
        pytest.param({"logging": DENIED}, (log_group(),), Gap, id="configuration-unreadable"),
        pytest.param(TEMPLATE, (missing("log_groups", OUTSIDE),), Finding, id="not-declared-in-the-template"),
        pytest.param({**TEMPLATE, "name": hole("Checkout")}, (log_group(join("/aws/lambda/", hole("Checkout"))),), None, id="holes-meet"),
        pytest.param({**TEMPLATE, "name": hole("Checkout")}, (log_group(hole("LogName")),), Gap, id="a-hole-may-be-its-name"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(log_group_missing, function(**facts), *others) is expected
