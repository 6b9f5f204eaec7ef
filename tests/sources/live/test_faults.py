"""AWS refuses, throttles, breaks: nothing that could not be read ever looks as if there were none."""

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.honest import GAPS, unexplained, unknowns

from buckler.errors import CredentialsError, SourceError
from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.unknown import UnknownKind
from buckler.sources.live import LiveOptions, Patience, permissions
from buckler.sources.live.calls import CALLS

permissions()  # declares all calls
DEEP = LiveOptions(deep=True)
ENOUGH = Patience(total_s=20, first_s=0.01, longest_s=0.05)
# Asked only with --all-regions, --role-arn or --org-role (test_accounts.py withholds those), of signatures in code (test_revocation.py), and
# for images (tests/app/test_fetching.py withholds the token; of the other two the registry decides).
ELSEWHERE = {("ec2", "DescribeRegions"), ("sts", "AssumeRole"), ("sts", "GetCallerIdentity"), ("signer", "GetRevocationStatus")}
ELSEWHERE |= {("ecr", operation) for operation in ("BatchGetImage", "GetAuthorizationToken", "GetDownloadUrlForLayer")}
WITHHELD = sorted(set(CALLS) - ELSEWHERE)
SERVICES = sorted({service for service, _ in WITHHELD})


# Far from each other in the alphabet, so mostly of other services: what one of them hides, the others seldom do.
SPREAD = -(-len(WITHHELD) // 4)
GROUPS = [WITHHELD[first::SPREAD] for first in range(SPREAD)]


@pytest.fixture(scope="module")
def memory():
    """What the workshop answers, which is the same for all tests of the module."""
    return {}


def faulty(endpoint: str, *faults: Fault, memory=None, **settings) -> tuple[Estate, Proxy]:
    with Proxy(endpoint, faults=faults, memory=memory) as proxy:
        return scan(proxy.endpoint, DEEP, **settings).estate, proxy


@pytest.mark.parametrize("withheld", GROUPS, ids=[" ".join(f"{service}:{operation}" for service, operation in one) for one in GROUPS])
def test_a_withheld_permission_is_unknown_and_named(endpoint, baseline, memory, withheld):
    hidden = withheld_at_once(endpoint, baseline, memory, withheld)
    # What another's absence hid is asked for alone.
    assert len(hidden) < len(withheld)
    for one in hidden:
        assert withheld_at_once(endpoint, baseline, memory, [one]) == [], "the fault was never met"


def withheld_at_once(endpoint, baseline, memory, withheld):
    """Scan without some permissions; give those that nobody asked for."""
    estate, proxy = faulty(endpoint, *(Fault(f"{service}:{operation}", kind="denied") for service, operation in withheld), memory=memory)
    assert unexplained(baseline.estate, estate) == []
    asked = {CALLS[one].action for one in withheld if proxy.calls[":".join(one)]}
    denied = [unknown for unknown in unknowns(estate) if unknown.kind is UnknownKind.DENIED]
    assert {unknown.need for unknown in denied} == asked
    assert {unknown.why for unknown in denied} == {f"AccessDenied on {action}" for action in asked}
    return [one for one in withheld if not proxy.calls[":".join(one)]]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("denied", UnknownKind.DENIED, id="denied"),
        pytest.param("throttled", UnknownKind.THROTTLED, id="throttled-always"),
        pytest.param("error", UnknownKind.FAILED, id="500-always"),
        pytest.param("cut", UnknownKind.FAILED, id="cut-always"),
        pytest.param("unsupported", UnknownKind.UNSUPPORTED, id="unsupported"),
    ],
)
def test_a_fault_everywhere_leaves_no_fact_behind(endpoint, baseline, kind, expected):
    estate, _ = faulty(endpoint, *(Fault(f"{service}:*", kind=kind) for service in SERVICES))
    assert unexplained(baseline.estate, estate) == []
    assert not any(getattr(estate, name) for name in COLLECTIONS)
    assert {unknown.kind for unknown in unknowns(estate)} == {expected}


@pytest.mark.parametrize("kind", ["throttled", "error", "cut"])
def test_a_fault_of_one_call_is_told_in_the_field(endpoint, baseline, kind):
    estate, _ = faulty(endpoint, Fault("lambda:GetPolicy", kind=kind))
    assert unexplained(baseline.estate, estate) == []
    policies = [entry.policy for function in estate.functions for entry in function.policies]
    assert policies
    assert all(policy.kind in GAPS for policy in policies)


@pytest.mark.parametrize("kind", ["throttled", "error", "cut"])
def test_every_second_call_failing_costs_time_only(endpoint, baseline, kind):
    estate, proxy = faulty(endpoint, *(Fault(f"{service}:*", kind=kind, every=2) for service in SERVICES), patience=ENOUGH)
    assert any(seen.fault for seen in proxy.seen)
    assert estate.missing == ()
    for name in COLLECTIONS:
        assert getattr(estate, name) == getattr(baseline.estate, name), name


def test_slow_answers_are_answers(endpoint, baseline):
    estate, _ = faulty(endpoint, Fault("iam:*", kind="slow", delay_s=0.5))
    assert estate.roles == baseline.estate.roles


def test_long_trouble_does_not_cost_patience_for_every_function(endpoint):
    with Proxy(endpoint, faults=[Fault("lambda:GetPolicy", kind="throttled")]) as proxy:
        scan(proxy.endpoint, LiveOptions(max_workers=1))
        # Seven policies; each alone would be tried about a dozen times.
        assert proxy.calls["lambda:GetPolicy"] < 40


def test_credentials_that_expire_stop_everything(endpoint):
    with (
        Proxy(endpoint, faults=[Fault("lambda:GetPolicy", kind="expired")]) as proxy,
        pytest.raises(CredentialsError, match="does not accept the credentials") as stopped,
    ):
        scan(proxy.endpoint)
    assert "--resume" in stopped.value.hint
    assert stopped.value.cause == "ExpiredTokenException on lambda:GetPolicy"


def test_an_account_that_does_not_tell_who_it_is_cannot_be_read(endpoint):
    with Proxy(endpoint, faults=[Fault("sts:*", kind="error")]) as proxy, pytest.raises(SourceError):
        scan(proxy.endpoint)
