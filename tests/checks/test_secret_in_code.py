import pytest
from tests.checks.test_known_malware import SECRET, hit
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.secret_in_code import secret_in_code
from buckler.model.finding import Finding, Gap


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-was-found"),
        pytest.param(
            {"hits": (hit("secret", secret=SECRET, path="app.py", line=4, note="an access key"),)}, Finding, id="a-key-in-the-code"
        ),
        pytest.param({"hits": (hit(),)}, None, id="malware-is-another-question"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(secret_in_code, artifact(**facts)) is expected


def test_the_value_is_not_shown():
    (finding,) = ask(secret_in_code, artifact(hits=(hit("secret", secret=SECRET, path="app.py", line=4, note="an access key"),))).findings
    assert finding.message == "`app.py` holds a secret: aws-access-key"
    assert finding.evidence[0].is_sensitive
    assert finding.evidence[0].note == "an access key (AKIA…)"
