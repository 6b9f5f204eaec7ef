import pytest
from tests.estates import DENIED, code_signing_config, function, verdict

from buckler.checks.code_signing_missing import code_signing_missing
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Persona
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"code_signing_config": None}, Finding, id="none"),
        pytest.param({"code_signing_config": code_signing_config().arn}, None, id="one"),
        pytest.param({"code_signing_config": hole("Config")}, None, id="one-with-a-hole"),
        pytest.param({"code_signing_config": None, "package_type": "Image"}, None, id="images-know-no-code-signing"),
        pytest.param({"code_signing_config": DENIED}, Gap, id="unreadable"),
        pytest.param({"package_type": DENIED}, Gap, id="package-type-unreadable"),
        pytest.param(
            {
                "code_signing_config": None,
                "signing_profile_version_arn": "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/a",
            },
            Finding,
            id="signed-today-but-nothing-insists",
        ),
        pytest.param({"code_signing_config": DENIED, "package_type": "Image"}, None, id="an-image-whatever-could-not-be-read"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(code_signing_missing, function(**facts)) is expected


def test_it_is_for_auditors():
    assert code_signing_missing.persona is Persona.AUDITOR
