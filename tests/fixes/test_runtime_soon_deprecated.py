from datetime import date

from tests.estates import function
from tests.fixes.remedies import planned, setting

from buckler.checks.runtime_soon_deprecated import runtime_soon_deprecated as check


def test_it_moves_to_the_newest_of_the_language():
    fix = planned(check, function(runtime="nodejs22.x"), today=date(2027, 2, 1))
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, ("nodejs22.x", "nodejs24.x"))
