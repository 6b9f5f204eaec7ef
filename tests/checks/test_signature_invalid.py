import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.signature_invalid import signature_invalid
from buckler.engines.artifact.revocation import NOT_CHECKED
from buckler.model.artifact import Signature
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.severity import Severity


def signed(state, **more) -> dict[str, Signature]:
    return {"signature": Signature(kind="aws-signer", state=state, **more)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="not-signed-is-another-question"),
        pytest.param(signed("valid"), None, id="signed-and-valid"),
        pytest.param(signed("valid", revocation=NOT_CHECKED), NotAsked, id="whether-it-was-revoked-was-not-asked"),
        pytest.param(signed("valid", revocation=DENIED), Gap, id="whether-it-was-revoked-could-not-be-read"),
        pytest.param(signed("revoked"), Finding, id="revoked"),
        pytest.param(signed("invalid"), Finding, id="the-content-is-not-what-was-signed"),
        pytest.param(signed("expired"), Finding, id="expired"),
        pytest.param(signed("untrusted"), Finding, id="signed-by-nobody-who-is-trusted"),
        pytest.param(signed(DENIED), Gap, id="could-not-be-verified"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(signature_invalid, artifact(**facts)) is expected


@pytest.mark.parametrize(("state", "severity"), [("invalid", Severity.HIGH), ("revoked", Severity.HIGH), ("expired", Severity.LOW)])
def test_a_changed_artifact_is_worse_than_an_old_signature(state, severity):
    (finding,) = ask(signature_invalid, artifact(**signed(state, signer="arn:p", signed_at="2026-05-01T12:00:00Z", why="w"))).findings
    assert finding.severity is severity
    assert finding.evidence[0].note == "signed by arn:p at 2026-05-01T12:00:00Z: w"
