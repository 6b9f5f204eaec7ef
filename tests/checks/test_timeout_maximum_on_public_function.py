import pytest
from tests.estates import DENIED, FUNCTION_ARN, allow, function, on, policy, url, verdict

from buckler.checks.timeout_maximum_on_public_function import timeout_maximum_on_public_function
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST

OPEN = {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal="*"))),)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"timeout_s": 900}, None, id="maximum-but-not-public"),
        pytest.param({**OPEN, "timeout_s": 900}, Finding, id="maximum-and-public"),
        pytest.param({**OPEN, "timeout_s": 899}, None, id="just-below"),
        pytest.param({**OPEN, "timeout_s": DENIED}, Gap, id="timeout-unreadable"),
        pytest.param({"timeout_s": 900, "urls": DENIED}, Gap, id="nobody-knows-whether-public"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(timeout_maximum_on_public_function, function(**facts)) is expected
