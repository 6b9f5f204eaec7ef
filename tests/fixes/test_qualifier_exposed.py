from tests.estates import FUNCTION_ARN, LATEST, alias, allow, function, on, policy
from tests.fixes.remedies import planned

from buckler.checks.qualifier_exposed import qualifier_exposed as check


def test_the_policy_of_the_alias_is_closed():
    statement = allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal="*", Sid="all")
    fix = planned(check, function(aliases=(alias("live"),), policies=(on(LATEST, None), on("live", policy(statement)))))
    assert fix.proof.verdict == "proved"
    assert {edit.do.parameters["Qualifier"] for edit in fix.edits} == {"live"}
