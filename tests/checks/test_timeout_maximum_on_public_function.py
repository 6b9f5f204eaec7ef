import pytest
from tests.estates import DENIED, FUNCTION_ARN, OTHER, allow, function, on, policy, url, verdict

from buckler.checks.timeout_maximum_on_public_function import timeout_maximum_on_public_function
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST

OPEN = {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal="*"))),)}
PARTNER = policy(allow("lambda:Invoke*", FUNCTION_ARN, Principal={"AWS": OTHER}))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"timeout_s": 900}, None, id="maximum-but-not-public"),
        pytest.param({**OPEN, "timeout_s": 900}, Finding, id="maximum-and-public"),
        pytest.param({**OPEN, "timeout_s": 899}, None, id="just-below"),
        pytest.param({**OPEN, "timeout_s": DENIED}, Gap, id="timeout-unreadable"),
        pytest.param({"timeout_s": 900, "urls": DENIED}, Gap, id="nobody-knows-whether-public"),
        pytest.param(OPEN, None, id="public-and-short"),
        pytest.param({"timeout_s": 900, "urls": (url("NONE"),)}, None, id="maximum-behind-a-url-that-answers-403"),
        pytest.param({"timeout_s": 900, "policies": (on(LATEST, PARTNER),)}, None, id="maximum-and-open-to-one-account"),
        pytest.param({"timeout_s": DENIED}, None, id="timeout-unreadable-but-not-public"),
        pytest.param({**OPEN, "timeout_s": 899, "policies": (on(LATEST, DENIED),)}, None, id="just-below-whoever-gets-in"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(timeout_maximum_on_public_function, function(**facts)) is expected
