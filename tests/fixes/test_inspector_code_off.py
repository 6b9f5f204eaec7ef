from tests.estates import function, inspector, scope
from tests.fixes.remedies import planned

from buckler.checks.inspector_code_off import inspector_code_off


def test_the_scanning_is_switched_on():
    fix = planned(inspector_code_off, scope(), function(), inspector(lambda_code=False))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.before, edit.after) == ("proved", True, "DISABLED", "ENABLED")
    assert (edit.do.operation, edit.do.parameters["resourceTypes"]) == ("Enable", ["LAMBDA_CODE"])
    assert (edit.undo.operation, edit.undo.parameters) == ("Disable", edit.do.parameters)
