import pytest
from tests.estates import DENIED, ask, code_signing_config, function, missing, signing_profile, verdict

from buckler.checks.signing_profile_expiring import signing_profile_expiring
from buckler.model.finding import Finding, Gap

CONFIG = code_signing_config()
SIGNED = function(code_signing_config=CONFIG.arn)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"signature_validity_days": 4050}, None, id="the-default-lasts-years"),
        pytest.param({"signature_validity_days": 30}, Finding, id="signatures-live-a-month"),
        pytest.param({"expires": "2026-12-20"}, Finding, id="ends-soon"),
        pytest.param({"expires": "2026-11-01T00:00:00Z"}, Finding, id="has-ended"),
        pytest.param({"expires": "2027-01-25"}, None, id="ends-in-more-than-sixty-days"),
        pytest.param({}, None, id="AWS-does-not-tell"),
        pytest.param({"expires": "2026-12-20", "status": "Revoked"}, None, id="revoked-is-asked-elsewhere"),
        pytest.param({"status": DENIED}, Gap, id="unreadable"),
        pytest.param({"expires": "2027-01-24"}, Finding, id="ends-in-sixty-days"),
        pytest.param({"signature_validity_days": 60}, Finding, id="signatures-live-sixty-days"),
        pytest.param({"signature_validity_days": 61}, None, id="signatures-live-sixty-one-days"),
        pytest.param({"signature_validity_days": 30, "status": "Canceled"}, None, id="cancelled-is-asked-elsewhere"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(signing_profile_expiring, CONFIG, SIGNED, signing_profile(**facts)) is expected


def test_a_configuration_on_no_function_is_nobodys_worry():
    assert verdict(signing_profile_expiring, CONFIG, function(), signing_profile(expires="2026-12-20")) is None


def test_a_profile_that_was_not_read_is_a_gap():
    assert verdict(signing_profile_expiring, CONFIG, SIGNED) is Gap


@pytest.mark.parametrize(("expires", "verb"), [("2026-11-01", "ended"), ("2026-12-20", "end")])
def test_past_and_future_are_told_apart(expires, verb):
    (finding,) = ask(signing_profile_expiring, CONFIG, SIGNED, signing_profile(expires=expires)).findings
    assert finding.message == f"signatures of `release`, trusted for `checkout`, {verb} on {expires}"


def test_unreadable_facts_are_gaps():
    assert verdict(signing_profile_expiring, CONFIG, SIGNED, missing("signing_profiles")) is Gap
    assert verdict(signing_profile_expiring, code_signing_config(publishers=DENIED), SIGNED) is Gap
    assert verdict(signing_profile_expiring, CONFIG, missing("functions"), signing_profile(expires="2026-12-20")) is Gap


def test_a_profile_that_is_not_allowed_may_end():
    other = f"{signing_profile().arn}/other00000"
    assert (
        verdict(signing_profile_expiring, CONFIG, SIGNED, signing_profile(), signing_profile(version_arn=other, expires="2026-12-20"))
        is None
    )
