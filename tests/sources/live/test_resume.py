"""What an earlier run was refused is asked again, since somebody may have granted it in between."""

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.test_journal import DEEP, calls, same

from buckler.errors import CredentialsError


@pytest.mark.parametrize(
    "operation", ["lambda:GetPolicy", "lambda:ListFunctions", "iam:GetAccountAuthorizationDetails", "kms:GetKeyPolicy"]
)
@pytest.mark.parametrize("kind", ["denied", "unsupported"])
def test_a_permission_granted_between_two_runs_shows(endpoint, baseline, tmp_path, operation, kind):
    journal = tmp_path / "journal"
    faults = [Fault(operation, kind=kind), Fault("cloudtrail:GetEventSelectors", kind="expired")]
    with Proxy(endpoint, faults=faults) as proxy, pytest.raises(CredentialsError):
        scan(proxy.endpoint, DEEP, journal=journal)
    resumed = scan(endpoint, DEEP, journal=journal, resume=True)
    assert same(resumed, baseline)
    assert calls(resumed) < calls(baseline)
