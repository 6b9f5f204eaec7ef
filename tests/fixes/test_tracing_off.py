from tests.estates import function
from tests.fixes.remedies import planned, setting

from buckler.checks.tracing_off import tracing_off


def test_it_is_switched_on():
    fix = planned(tracing_off, function(tracing="PassThrough"))
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", True, ("PassThrough", "Active"))
    assert fix.edits[0].settled is not None
