"""The severity of a finding on a function follows what the function leads to."""

import pytest
from tests.estates import DENIED, ORDERS, allow, ask, function, on, policy, role, url

from buckler.checks.function_url_public import function_url_public
from buckler.model.functions import LATEST
from buckler.model.severity import Severity

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})


@pytest.mark.parametrize(
    ("facts", "expected", "reach"),
    [
        pytest.param({"inline": ()}, Severity.MEDIUM, "", id="touches nothing"),
        pytest.param({"inline": (ORDERS,)}, Severity.HIGH, "write access to the table", id="writes to a table"),
        pytest.param({"inline": (policy(allow("*")),)}, Severity.CRITICAL, "steps to administrator of 123456789012", id="administrator"),
        pytest.param({"inline": (policy(allow("*")),), "boundary": DENIED}, Severity.HIGH, "", id="an unread boundary may take it back"),
        pytest.param({"inline": DENIED}, Severity.HIGH, "", id="nobody could read what it may do"),
    ],
)
def test_an_open_url_is_as_bad_as_what_it_opens(facts: dict[str, object], expected: Severity, reach: str) -> None:
    (finding,) = ask(function_url_public, function(urls=(url("NONE"),), policies=(on(LATEST, OPEN),)), role(**facts)).findings
    assert finding.severity is expected
    assert reach in finding.reach
    assert bool(reach) is bool(finding.reach)
