from tests.estates import function
from tests.fixes.remedies import planned, setting

from buckler.checks.recursion_allowed import recursion_allowed


def test_loops_are_stopped_again():
    fix = planned(recursion_allowed, function(recursive_loop="Allow"))
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, ("Allow", "Terminate"))
