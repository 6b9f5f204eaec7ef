from botocore.session import get_session
from msgspec.structs import replace
from tests import aws
from tests.estates import detector, function, scope
from tests.fixes import leaky
from tests.fixes.remedies import planned

from buckler.app import fixing
from buckler.checks.guardduty_lambda_off import guardduty_lambda_off
from buckler.fixes.guardduty_lambda_off import OTHERS
from buckler.model.fix import Wishes


def test_lambda_protection_is_switched_on():
    fix = planned(guardduty_lambda_off, scope(), function(), detector(lambda_network_logs=False))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.before, edit.after) == ("proved", True, "DISABLED", "ENABLED")
    assert edit.do.parameters["Features"] == [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}]
    assert edit.undo.parameters["Features"] == [{"Name": "LAMBDA_NETWORK_LOGS", "Status": "DISABLED"}]


def test_a_detector_is_not_made_by_itself():
    fix = planned(guardduty_lambda_off, scope(), function())
    assert fix.proof.verdict == "advice"
    assert "billed for all of the account" in fix.proof.why
    assert "--guardduty" in fix.summary


def test_a_suspended_detector_is_not_resumed_by_itself():
    assert planned(guardduty_lambda_off, scope(), function(), detector(is_enabled=False)).proof.verdict == "advice"


def test_a_suspended_detector_is_resumed_where_the_user_agrees():
    fix = planned(guardduty_lambda_off, scope(), function(), detector(is_enabled=False, lambda_network_logs=False), guardduty=True)
    assert fix.proof.verdict == "proved"
    assert [(edit.what, edit.before, edit.after) for edit in fix.edits] == [
        ("whether the detector looks", "DISABLED", "ENABLED"),
        ("Lambda protection of the detector", "DISABLED", "ENABLED"),
    ]
    assert any("whatever else was switched on" in one for one in fix.lost)


def test_whatever_a_new_detector_would_switch_on_is_named():
    known = get_session().get_service_model("guardduty").shape_for("DetectorFeature").enum
    # The former is part of RUNTIME_MONITORING, the latter is what is wanted.
    assert set(known) - {"EKS_RUNTIME_MONITORING", "LAMBDA_NETWORK_LOGS"} == set(OTHERS)


def test_a_detector_is_made_for_functions_only_and_is_kept_once_it_found_something(endpoint, tmp_path):
    guard = aws.client("guardduty", endpoint)
    before = leaky.read()
    plan = fixing.plan_fixes((before,), replace(leaky.OPTIONS, only=(guardduty_lambda_off.id,)), Wishes(guardduty=True))
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved"]
    made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert made.refused == ()
    (identity,) = guard.list_detectors()["DetectorIds"]
    told = guard.get_detector(DetectorId=identity)
    on = {one["Name"] for one in told["Features"] if one["Status"] == "ENABLED"}
    assert on == {"CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "LAMBDA_NETWORK_LOGS"}
    assert told["Tags"] == {"made-by": "buckler"}
    assert guardduty_lambda_off.id not in {one.check for one in leaky.findings(leaky.read())}
    guard.create_sample_findings(DetectorId=identity)
    undone = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
    assert [why for _, why in undone.refused] == ["it stays: it holds findings by now, which buckler never deletes"]
    assert guard.get_detector(DetectorId=identity)["Status"] == "DISABLED"


def test_what_was_made_and_found_nothing_is_gone_again(endpoint, tmp_path):
    before = leaky.read()
    plan = fixing.plan_fixes((before,), replace(leaky.OPTIONS, only=(guardduty_lambda_off.id,)), Wishes(guardduty=True))
    fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_somebody_elses_detector_is_neither_changed_nor_taken_for_ours(endpoint, tmp_path):
    guard = aws.client("guardduty", endpoint)
    plan = fixing.plan_fixes((leaky.read(),), replace(leaky.OPTIONS, only=(guardduty_lambda_off.id,)), Wishes(guardduty=True))
    identity = guard.create_detector(Enable=False)["DetectorId"]
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert len(outcome.refused) == 1
    assert guard.get_detector(DetectorId=identity)["Status"] == "DISABLED"
    fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
    assert guard.list_detectors()["DetectorIds"] == [identity]
