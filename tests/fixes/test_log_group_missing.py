from msgspec.structs import replace
from tests import aws
from tests.estates import ACCOUNT, REGION, analysis, function, log_group
from tests.fixes import leaky
from tests.fixes.remedies import mends, planned

from buckler.app import fixing
from buckler.checks.log_group_missing import log_group_missing as check
from buckler.fixes.apply import steps_of
from buckler.fixes.plan import plan_of
from buckler.model.functions import LoggingConfig

ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/checkout"


def test_it_is_made_with_a_key_and_an_end():
    fix = planned(check, function(), kms_key=leaky.KEY, retention_days=90)
    assert fix.proof.verdict == "proved", fix.proof.why
    assert [(edit.do.operation, edit.undo.operation, edit.before, edit.after) for edit in fix.edits] == [
        ("CreateLogGroup", "DeleteLogGroup", None, "/aws/lambda/checkout"),
        ("AssociateKmsKey", "DisassociateKmsKey", None, leaky.KEY),
        ("PutRetentionPolicy", "DeleteRetentionPolicy", None, 90),
    ]
    assert {edit.arn for edit in fix.edits} == {ARN}


def test_without_a_key_it_would_be_another_finding():
    fix = planned(check, function())
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "--kms-key" in fix.summary


def test_a_group_that_two_functions_share_is_made_once():
    shared = LoggingConfig(log_group="/shop/all")
    both = function("a", logging=shared), function("b", logging=shared)
    fix = planned(check, *both, kms_key=leaky.KEY)
    assert fix.edits[0].after == "/shop/all"
    other = replace(fix, id="0" * 12, fingerprint="other")
    assert len(steps_of(plan_of(analysis(*both).estate, (fix, other)))) == 3


def test_a_group_that_is_there_is_not_made_again():
    (mend,) = mends(check, function(), kms_key=leaky.KEY)
    there = analysis(function(), log_group()).estate
    assert len(mend.change(there).log_groups) == 1


def test_undoing_deletes_a_group_only_while_it_is_empty(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before, "log-group-missing")
    assert {(fix.name, fix.proof.verdict) for fix in plan.fixes} == {("shop", "proved"), ("feed", "proved")}
    made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert made.refused == ()
    after = leaky.read()
    assert {one.name: (one.kms_key, one.retention_days) for one in after.log_groups if one.name != "/aws/lambda/hook"} == {
        "/aws/lambda/feed": (leaky.KEY, 365),
        "/aws/lambda/shop": (leaky.KEY, 365),
    }
    found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (after, before))
    assert found == first - {fix.fingerprint for fix in plan.fixes}
    # One function runs: its group is its own now.
    aws.client("logs", endpoint).create_log_stream(logGroupName="/aws/lambda/shop", logStreamName="2026/11/26/[$LATEST]0")
    undone = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
    assert undone.refused == (
        (
            f"log group of arn:aws:logs:{aws.REGION}:{aws.SHOP}:log-group:/aws/lambda/shop",
            "it stays: it holds logs by now, which buckler never deletes",
        ),
    )
    left = leaky.read()
    assert {one.name: (one.kms_key, one.retention_days) for one in left.log_groups} == {
        "/aws/lambda/hook": (None, None),
        "/aws/lambda/shop": (None, None),
    }
    aws.client("logs", endpoint).delete_log_stream(logGroupName="/aws/lambda/shop", logStreamName="2026/11/26/[$LATEST]0")
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)
