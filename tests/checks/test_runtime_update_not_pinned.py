import pytest
from tests.estates import DENIED, NOT_ASKED, code_signing_config, function, missing, verdict

from buckler.checks.runtime_update_not_pinned import runtime_update_not_pinned
from buckler.model.finding import Finding, Gap
from buckler.model.functions import RuntimeManagement
from buckler.model.result import NotAsked
from buckler.model.text import hole

CONFIG = code_signing_config()
WARNS = code_signing_config(untrusted_artifact_on_deployment="Warn")


def mode(update_on):
    return {"runtime_management": RuntimeManagement(update_on=update_on)}


@pytest.mark.parametrize(
    ("facts", "others", "expected"),
    [
        pytest.param(mode("Auto"), (CONFIG,), Finding, id="auto-under-enforced-signing"),
        pytest.param(mode("FunctionUpdate"), (CONFIG,), None, id="with-the-deployment"),
        pytest.param(mode("Manual"), (CONFIG,), None, id="pinned"),
        pytest.param(mode("Auto"), (WARNS,), None, id="signing-only-warns"),
        pytest.param({**mode("Auto"), "code_signing_config": None}, (CONFIG,), None, id="no-signing"),
        pytest.param({**mode("Auto"), "package_type": "Image"}, (CONFIG,), None, id="an-image-brings-its-runtime"),
        pytest.param({"runtime_management": DENIED}, (CONFIG,), Gap, id="mode-unreadable"),
        pytest.param({"runtime_management": NOT_ASKED}, (CONFIG,), NotAsked, id="mode-not-asked"),
        pytest.param({"code_signing_config": DENIED}, (CONFIG,), Gap, id="signing-unreadable"),
        pytest.param(mode("Auto"), (missing("code_signing_configs"),), Gap, id="configurations-unreadable"),
        pytest.param(mode("Auto"), (), Gap, id="configuration-not-listed"),
        pytest.param(mode(hole("Mode", "--parameter Mode=...")), (CONFIG,), Gap, id="mode-a-parameter"),
        pytest.param(
            mode("Auto"), (code_signing_config(untrusted_artifact_on_deployment=DENIED),), Gap, id="whether-it-enforces-unreadable"
        ),
        pytest.param({**mode("Manual"), "code_signing_config": DENIED}, (CONFIG,), None, id="pinned-whatever-the-signing"),
        pytest.param({"runtime_management": DENIED, "code_signing_config": None}, (CONFIG,), None, id="no-signing-whatever-the-mode"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(runtime_update_not_pinned, function(**{"code_signing_config": CONFIG.arn, **facts}), *others) is expected
