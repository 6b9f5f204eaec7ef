from tests.checks.test_function_code_writable import PAYER, SUPPORT, UPDATE, pay
from tests.estates import allow
from tests.fixes.remedies import planned
from tests.reach.attack import arn, can

from buckler.checks.function_code_writable import function_code_writable as check


def test_who_does_not_deploy_may_not_change_it():
    fix = planned(check, pay(), PAYER, can("support", allow(UPDATE), trust=SUPPORT))
    (edit,) = fix.edits
    (statement,) = edit.after["Statement"]
    assert (fix.proof.verdict, edit.arn) == ("proved", arn("role", "support"))
    assert statement["Effect"] == "Deny"
    assert UPDATE in statement["Action"]
    assert statement["Resource"] == [pay().arn, f"{pay().arn}:*"]


def test_each_of_them():
    fix = planned(check, pay(), PAYER, can("support", allow(UPDATE), trust=SUPPORT), can("helper", allow(UPDATE), trust=SUPPORT))
    assert {edit.arn for edit in fix.edits} == {arn("role", "support"), arn("role", "helper")}
    assert fix.proof.verdict == "proved"
