from tests.estates import function, log_group
from tests.fixes.remedies import planned, setting

from buckler.checks.log_retention_missing import log_retention_missing


def test_the_days_are_the_user_s():
    fix = planned(log_retention_missing, function(), log_group(retention_days=None), retention_days=30)
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, (None, 30))
    assert "undoing the fix does not bring them back" in fix.lost[0]
