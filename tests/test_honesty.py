"""No withheld permission, throttle or broken answer ever turns a finding into a pass, nor a fine thing into a finding.

The leaky shop is scanned whole; then each operation that scan used is made to fail in turn, and in several ways all at once.
Whatever was found must then be found again, or be a question that is openly unanswered.
"""

import os

import pytest
from tests.aws import PARTNER, SHOP, environment, fresh
from tests.proxy import Fault, Proxy

from buckler import app
from buckler.demo.shop import deploy
from buckler.errors import CredentialsError
from buckler.model.finding import Finding
from buckler.model.result import ScanResult
from buckler.model.severity import Persona
from buckler.sources.live import LiveOptions, Patience

OPTIONS = app.ScanOptions(persona=Persona.AUDITOR, today="2026-11-25")
LIVE = LiveOptions(
    regions=("eu-west-1", "us-east-1"),
    role_arns=(f"arn:aws:iam::{SHOP}:role/BucklerAudit", f"arn:aws:iam::{PARTNER}:role/BucklerAudit"),
    deep=True,
)
SHORT = Patience(total_s=0.3, first_s=0.01, longest_s=0.05, read_s=5.0)
LONG = Patience(total_s=30.0, first_s=0.01, longest_s=0.05, read_s=5.0)
"""For what passes when tried again: a busy machine must not make it look like a refusal."""


@pytest.fixture(scope="module")
def endpoint():
    aws = fresh()
    deploy(aws.endpoint)
    return aws.endpoint


def scan(endpoint: str, *, patience: Patience = SHORT) -> ScanResult:
    with environment(endpoint):
        return app.scan_live(LIVE, OPTIONS, patience=patience)


@pytest.fixture(scope="module")
def before(endpoint):
    """Make a proxy in front of the shop. Only its faults differ from the last one's, so the shop answers each question once for all."""
    memory = {}
    return lambda *faults: Proxy(endpoint, faults=faults, memory=memory)


@pytest.fixture(scope="module")
def whole(before):
    """The scan with everything readable, and the operations it used."""
    with before() as proxy:
        result = scan(proxy.endpoint)
        return result, sorted(proxy.calls)


# A question about something several functions share is asked of the functions; one about a region's functions, of the region.
WIDER = {"collection", "region"}


def is_open_question(finding: Finding, result: ScanResult) -> bool:
    """Say whether somebody who reads the result learns that this finding's question was not answered."""
    about = finding.subject
    for gap in result.gaps:
        if gap.check != finding.check:
            continue
        near = gap.subject.account in {about.account, ""} and (about.region == "" or gap.subject.region in {about.region, ""})
        if gap.subject.id == about.id or (near and gap.subject.kind in WIDER):
            return True
        if near and about.kind != "function" and gap.subject.kind == "function":
            return True
    return False


def lost(whole: ScanResult, broken: ScanResult) -> list[str]:
    found = {finding.fingerprint for finding in broken.findings}
    return [
        f"{finding.check} on {finding.subject.id} {finding.key}"
        for finding in whole.findings
        if finding.fingerprint not in found and not is_open_question(finding, broken)
    ]


def invented(whole: ScanResult, broken: ScanResult) -> list[str]:
    known = {finding.fingerprint for finding in whole.findings}
    return [f"{finding.check} on {finding.subject.id} {finding.key}" for finding in broken.findings if finding.fingerprint not in known]


def test_the_shop_leaks_and_everything_was_readable(whole):
    result, calls = whole
    assert len(result.findings) > 60
    assert len(calls) > 25
    assert [gap for gap in result.gaps if gap.kind.value in {"denied", "throttled", "failed"}] == []


def test_each_permission_withheld_in_turn(before, whole):
    result, calls = whole
    failures = {}
    # Each is a scan of the whole shop: `make nightly` withholds every one.
    step = 1 if os.environ.get("BUCKLER_HYPOTHESIS") == "nightly" else 6
    for operation in sorted(calls)[::step]:
        if operation in {"sts:GetCallerIdentity", "sts:AssumeRole"}:
            continue  # AWS never denies the first; the second has a test of its own
        with before(Fault(operation, kind="denied")) as proxy:
            broken = scan(proxy.endpoint)
        wrong = {"lost": lost(result, broken), "invented": invented(result, broken)}
        if not broken.gaps and not broken.coverage.not_asked:
            wrong["silent"] = [operation]
        if any(wrong.values()):
            failures[operation] = wrong
    assert failures == {}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("*", kind="throttled", every=2, times=60), id="429-on-every-second-call"),
        pytest.param(Fault("lambda:*", kind="throttled"), id="429-always-on-lambda"),
        pytest.param(Fault("lambda:Get*", kind="error"), id="500-on-lambda-reads"),
        pytest.param(Fault("*", kind="error", every=3), id="500-on-every-third-call"),
        pytest.param(Fault("lambda:GetPolicy", kind="cut"), id="answers-cut-in-the-middle"),
        pytest.param(Fault("*", kind="dropped", every=5), id="connections-dropped"),
        pytest.param(Fault("iam:*", kind="unsupported"), id="an-endpoint-without-iam"),
        pytest.param(Fault("lambda:ListFunctions", kind="denied", after=1), id="second-page-denied"),
        pytest.param(Fault("lambda:GetPolicy", kind="slow", delay_s=0.05, times=20), id="slow"),
        pytest.param(Fault("*", kind="denied", every=3), id="every-third-call-denied"),
    ],
)
def test_broken_in_many_ways(before, whole, fault):
    result, _ = whole
    if fault.operation == "*" and fault.kind == "denied":
        fault.after = 4  # let it learn who it is
    with before(fault) as proxy:
        broken = scan(proxy.endpoint, patience=LONG if fault.every > 1 else SHORT)
    assert lost(result, broken) == []
    assert invented(result, broken) == []


def test_an_account_that_cannot_be_entered_is_an_open_question(before, whole):
    result, _ = whole
    with before(Fault("sts:AssumeRole", kind="denied", where=PARTNER)) as proxy:
        broken = scan(proxy.endpoint)
    assert lost(result, broken) == []
    assert any(PARTNER in gap.subject.account for gap in broken.gaps)


def test_expired_credentials_stop_with_a_clear_error_and_a_state_to_resume(endpoint, before, whole, tmp_path):
    result, _ = whole
    journal = tmp_path / "journal"
    expiry = Fault("*", kind="expired", after=60)
    with before(expiry) as proxy, environment(proxy.endpoint), pytest.raises(CredentialsError) as stopped:
        app.scan_live(LIVE, OPTIONS, journal=journal, patience=SHORT)
    assert "--resume" in stopped.value.hint
    assert journal.stat().st_size > 0
    with environment(endpoint):
        resumed = app.scan_live(LIVE, OPTIONS, journal=journal, resume=True, patience=SHORT)
    assert lost(result, resumed) == []
    assert invented(result, resumed) == []
    assert not journal.exists()
    assert os.environ.get("AWS_ENDPOINT_URL") is None
