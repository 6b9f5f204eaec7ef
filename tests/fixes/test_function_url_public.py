from tests.estates import FUNCTION_ARN, LATEST, allow, function, on, policy, url
from tests.fixes.remedies import mends, planned, setting

from buckler.checks.function_url_public import function_url_public as check


def statements(condition):
    return policy(
        allow(
            "lambda:InvokeFunctionUrl",
            FUNCTION_ARN,
            Principal="*",
            Sid="url",
            Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        ),
        allow("lambda:InvokeFunction", FUNCTION_ARN, Principal="*", Sid="via", Condition=condition),
    )


OPEN = function(urls=(url("NONE"),), policies=(on(LATEST, statements({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})),))


def test_it_asks_for_a_signature():
    fix = planned(check, OPEN)
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, ("NONE", "AWS_IAM"))
    assert "Qualifier" not in fix.edits[0].do.parameters


def test_else_one_allow_goes():
    _, first, second = mends(check, OPEN)
    assert [one.edits[0].do.parameters["StatementId"] for one in (first, second)] == ["url", "via"]
    assert first.change(planned_estate()) != planned_estate()


def planned_estate():
    from tests.estates import analysis

    return analysis(OPEN).estate
