from tests.estates import detector, function, scope
from tests.fixes.remedies import planned

from buckler.checks.guardduty_lambda_off import guardduty_lambda_off


def test_lambda_protection_is_switched_on():
    fix = planned(guardduty_lambda_off, scope(), function(), detector(lambda_network_logs=False))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.before, edit.after) == ("proved", True, "DISABLED", "ENABLED")
    assert edit.do.parameters["Features"] == [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}]
    assert edit.undo.parameters["Features"] == [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "DISABLED"}]


def test_a_detector_is_not_made():
    fix = planned(guardduty_lambda_off, scope(), function())
    assert fix.proof.verdict == "advice"
    assert "billed for all of the account" in fix.proof.why


def test_a_suspended_detector_is_not_resumed():
    assert planned(guardduty_lambda_off, scope(), function(), detector(is_enabled=False)).proof.verdict == "advice"
