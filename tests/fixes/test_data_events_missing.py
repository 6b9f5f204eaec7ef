import pytest
from tests.estates import ACCOUNT, OTHER, REGION, analysis, function, scope, trail
from tests.fixes.remedies import planned

from buckler.checks.data_events_missing import data_events_missing
from buckler.model.watch import EventSelector, FieldSelector

HERE = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
LAMBDA = (FieldSelector(field="eventCategory", equals=("Data",)), FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)))
OURS = EventSelector(name="a", fields=(*LAMBDA, FieldSelector(field="resources.ARN", equals=(f"{HERE}a",))))
BASIC = EventSelector(lambda_arns=(f"{HERE}a",))


def fix_of(*others, names="abc"):
    return planned(data_events_missing, *(function(name) for name in names), *others)


def test_exactly_the_functions_nobody_recorded_are_added_to_what_is_there():
    fix = fix_of(trail(selectors=(OURS,), is_multi_region=False, home_region=REGION))
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    (edit,) = fix.edits
    assert edit.after[:-1] == edit.before
    assert edit.after[-1]["FieldSelectors"][-1] == {"Field": "resources.ARN", "Equals": [f"{HERE}b", f"{HERE}c"]}
    assert edit.do.parameters["AdvancedEventSelectors"] == edit.after
    assert edit.undo.parameters["AdvancedEventSelectors"] == edit.before
    assert "bills" in fix.lost[0]


def test_of_very_many_all_are_selected():
    fix = planned(data_events_missing, *(function(f"f{number}") for number in range(402)), trail(selectors=(OURS,)))
    assert fix.proof.verdict == "proved"
    assert [one["Field"] for one in fix.edits[0].after[-1]["FieldSelectors"]] == ["eventCategory", "resources.type"]


@pytest.mark.parametrize(
    "facts",
    [
        {"selectors": (BASIC,)},
        {"selectors": (OURS,), "is_logging": False},
        {"selectors": (OURS,), "is_organization": True},
        {"selectors": (OURS,), "account": OTHER},
        {"selectors": (OURS,), "is_multi_region": False, "home_region": "us-east-1"},
        {"selectors": ()},
    ],
    ids=["basic", "stopped", "organisation", "another-account", "another-region", "none"],
)
def test_where_there_is_no_such_trail_it_is_advice(facts):
    fix = fix_of(trail(**facts))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())


def test_a_region_without_any_trail_is_advice():
    assert scope() in analysis().estate.scopes
    assert fix_of().proof.verdict == "advice"
