import pytest
from tests.estates import DENIED, OTHER, OUTSIDE, function, log_group, missing, verdict

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
        pytest.param(
            {**TEMPLATE, "name": hole("Checkout")},
            (log_group(hole("TaskLogs"), origin=TEMPLATE["origin"], address="TaskLogs"), missing("log_groups", OUTSIDE)),
            Finding,
            id="a-name-cloudformation-makes-is-no-function's",
        ),
        pytest.param(
            {**TEMPLATE, "name": hole("Checkout")},
            (function("orders"), log_group("/aws/lambda/orders"), missing("log_groups", OUTSIDE)),
            Finding,
            id="a-group-with-another-function's-name-is-that-one's",
        ),
        pytest.param(
            {**TEMPLATE, "name": hole("Checkout"), "logging": LoggingConfig(log_group=hole("LogName"))},
            (function("orders"), log_group("/aws/lambda/orders"), missing("log_groups", OUTSIDE)),
            Gap,
            id="a-configured-group-may-be-another-function's",
        ),
        pytest.param({}, (log_group("/aws/lambda/Checkout"),), Finding, id="names-know-case"),
        pytest.param({}, (log_group("/aws/lambda/checkout-v2"),), Finding, id="a-longer-name"),
        pytest.param({}, (log_group(region="us-east-1"),), Finding, id="the-same-name-in-another-region"),
        pytest.param({}, (log_group(account=OTHER),), Finding, id="the-same-name-in-another-account"),
        pytest.param({}, (log_group(), missing("log_groups")), None, id="found-among-those-that-could-be-read"),
        pytest.param({}, (missing("log_groups", region="us-east-1"),), Finding, id="another-region-is-unreadable"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(log_group_missing, function(**facts), *others) is expected
