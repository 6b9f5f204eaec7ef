import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.signature_partial import signature_partial
from buckler.model.artifact import Signature
from buckler.model.finding import Finding, Gap

OPEN = ("mode bits: 1 files are executable, as `bootstrap`", "where a name ends and its content begins")


def signed(state, *uncovered: str) -> dict[str, Signature]:
    return {"signature": Signature(kind="aws-signer", state=state, uncovered=uncovered)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="not-signed"),
        pytest.param(signed("valid", *OPEN), Finding, id="something-is-not-covered"),
        pytest.param(signed("valid"), None, id="everything-is-covered"),
        pytest.param(signed("invalid", *OPEN), None, id="does-not-hold-is-another-finding"),
        pytest.param(signed(DENIED, *OPEN), Gap, id="could-not-be-verified"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(signature_partial, artifact(**facts)) is expected


def test_each_thing_that_is_not_covered_is_told_with_its_example():
    (finding,) = ask(signature_partial, artifact(**signed("valid", *OPEN))).findings
    assert finding.message == (
        "the signature of `layer.zip` holds whatever becomes of mode bits and where a name ends and its content begins"
    )
    assert [one.note for one in finding.evidence] == [f"not covered: {one}" for one in OPEN]
