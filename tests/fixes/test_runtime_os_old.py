from tests.estates import function
from tests.fixes.remedies import planned, setting

from buckler.checks.runtime_os_old import runtime_os_old as check


def test_it_moves_to_the_newest_of_the_language():
    fix = planned(check, function(runtime="java17"))
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, ("java17", "java25"))
