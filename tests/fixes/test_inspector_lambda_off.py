from tests.estates import function, inspector, scope
from tests.fixes.remedies import planned

from buckler.checks.inspector_lambda_off import inspector_lambda_off


def test_the_scanning_is_switched_on():
    fix = planned(inspector_lambda_off, scope(), function(), inspector(lambda_standard=False))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.before, edit.after) == ("proved", True, "DISABLED", "ENABLED")
    assert (edit.do.operation, edit.do.parameters["resourceTypes"]) == ("Enable", ["LAMBDA"])
    assert (edit.undo.operation, edit.undo.parameters) == ("Disable", edit.do.parameters)
