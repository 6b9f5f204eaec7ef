import pytest
from tests.estates import function
from tests.fixes.remedies import planned, setting

from buckler.checks.runtime_deprecated import runtime_deprecated


@pytest.mark.parametrize(("old", "new"), [("python3.8", "python3.14"), ("nodejs14.x", "nodejs24.x"), ("java8", "java25")])
def test_the_newest_of_the_language_follows(old, new):
    fix = planned(runtime_deprecated, function(runtime=old))
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, (old, new))
    assert fix.edits[0].settled is not None
    assert old in fix.lost[0]
