import pytest
from tests.estates import DENIED, ask, code_signing_config, function, missing, signing_profile, verdict

from buckler.checks.signing_profile_revoked import signing_profile_revoked
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole

CONFIG = code_signing_config()
SIGNED = function(code_signing_config=CONFIG.arn)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((signing_profile(), SIGNED), None, id="active"),
        pytest.param((signing_profile(status="Revoked"), SIGNED), Finding, id="revoked"),
        pytest.param((signing_profile(status="Canceled"), SIGNED), Finding, id="cancelled"),
        pytest.param((signing_profile(revoked_since="2026-10-01"), SIGNED), Finding, id="revoked-from-a-day-on"),
        pytest.param((signing_profile(status="Revoked"), function()), None, id="on-no-function"),
        pytest.param((signing_profile(status=DENIED), SIGNED), Gap, id="status-unreadable"),
        pytest.param((missing("signing_profiles"), SIGNED), Gap, id="profiles-unreadable"),
        pytest.param((signing_profile(version_arn="x"), SIGNED), Gap, id="another-version-tells-nothing"),
        pytest.param((signing_profile(expires="2026-11-01"), SIGNED), None, id="ended-is-asked-elsewhere"),
        pytest.param(
            (signing_profile(), signing_profile(version_arn=f"{signing_profile().arn}/other00000", status="Revoked"), SIGNED),
            None,
            id="a-version-that-is-not-allowed-is-revoked",
        ),
        pytest.param((signing_profile(status=hole("Status")), SIGNED), Gap, id="status-is-a-hole"),
        pytest.param((signing_profile(status="Revoked"), function(code_signing_config=DENIED)), Gap, id="on-which-functions-unreadable"),
    ],
)
def test_verdict(others, expected):
    assert verdict(signing_profile_revoked, CONFIG, *others) is expected


def test_unreadable_publishers_are_a_gap():
    assert verdict(signing_profile_revoked, code_signing_config(publishers=DENIED), SIGNED) is Gap


def test_the_day_is_named():
    (finding,) = ask(signing_profile_revoked, CONFIG, SIGNED, signing_profile(status="Revoked", revoked_since="2026-10-01")).findings
    assert finding.message == "the signing profile `release`, trusted for `checkout`, is revoked since 2026-10-01"


def test_a_revoked_profile_is_told_beside_one_nobody_read():
    other = f"{signing_profile().arn}/other00000"
    both = code_signing_config(publishers=(other, *CONFIG.publishers))
    answers = ask(signing_profile_revoked, both, SIGNED, signing_profile(status="Revoked"))
    assert (len(answers.findings), len(answers.gaps)) == (1, 1)
