from tests.estates import code_signing_config, function
from tests.fixes.remedies import planned, setting

from buckler.checks.runtime_update_not_pinned import runtime_update_not_pinned


def test_it_changes_with_deployments():
    config = code_signing_config(untrusted_artifact_on_deployment="Enforce")
    fix = planned(runtime_update_not_pinned, function(code_signing_config=config.arn), config)
    assert (fix.proof.verdict, setting(fix)) == ("proved", ("Auto", "FunctionUpdate"))
    assert fix.lost
