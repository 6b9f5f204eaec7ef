import pytest
from tests import aws
from tests.estates import ACCOUNT, OTHER, REGION, analysis, function, scope, trail
from tests.fixes import leaky
from tests.fixes.remedies import planned

from buckler.app import fixing
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
        {"selectors": (BASIC,) * 5},
        {"selectors": (BASIC, OURS)},
        {"selectors": (OURS,), "is_logging": False},
        {"selectors": (OURS,), "is_organization": True},
        {"selectors": (OURS,), "account": OTHER},
        {"selectors": (OURS,), "is_multi_region": False, "home_region": "us-east-1"},
        {"selectors": ()},
    ],
    ids=["no-room", "of-both-kinds", "stopped", "organisation", "another-account", "another-region", "none"],
)
def test_where_there_is_no_such_trail_it_is_advice(facts):
    fix = fix_of(trail(**facts))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())


def test_a_region_without_any_trail_is_advice():
    assert scope() in analysis().estate.scopes
    assert fix_of().proof.verdict == "advice"


def test_a_trail_of_basic_selectors_gets_one_of_that_kind():
    s3 = EventSelector(other_resources=(("AWS::S3::Object", ("arn:aws:s3:::b/",)),), excluded_sources=("kms.amazonaws.com",))
    fix = fix_of(trail(selectors=(s3,)))
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    (edit,) = fix.edits
    assert edit.before == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]}],
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
        }
    ]
    assert edit.after[:-1] == edit.before
    assert edit.after[-1]["DataResources"] == [{"Type": "AWS::Lambda::Function", "Values": [f"{HERE}{name}" for name in "abc"]}]
    assert edit.after[-1]["IncludeManagementEvents"] is False
    assert (edit.do.parameters["EventSelectors"], edit.undo.parameters["EventSelectors"]) == (edit.after, edit.before)


def test_where_a_trail_has_no_room_for_each_all_are_selected():
    full = EventSelector(other_resources=(("AWS::S3::Object", tuple(f"arn:aws:s3:::b{number}/" for number in range(248))),))
    fix = fix_of(trail(selectors=(full,)))
    assert fix.proof.verdict == "proved"
    assert fix.edits[0].after[-1]["DataResources"][0]["Values"] == ["arn:aws:lambda"]


def test_one_of_advanced_selectors_is_preferred():
    fix = fix_of(trail("basic", selectors=(EventSelector(),)), trail("advanced", selectors=(OURS,)))
    assert "`advanced`" in fix.summary


def test_a_trail_on_which_none_were_ever_put_is_given_one_and_left_as_it_was(tmp_path):
    server = aws.fresh()
    lam = aws.client("lambda", server.endpoint)
    lam.create_function(
        FunctionName="a",
        Role=f"arn:aws:iam::{aws.SHOP}:role/r",
        Runtime="python3.14",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
    )
    aws.client("s3", server.endpoint).create_bucket(Bucket="trails", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    trails = aws.client("cloudtrail", server.endpoint)
    trails.create_trail(Name="audit", S3BucketName="trails")
    trails.start_logging(Name="audit")
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = leaky.plan(before, "data-events-missing")
        assert {fix.proof.verdict for fix in plan.fixes} == {"proved"}
        assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
        selectors = trails.get_event_selectors(TrailName="audit")["EventSelectors"]
        assert [one["DataResources"] for one in selectors][-1] == [
            {"Type": "AWS::Lambda::Function", "Values": [f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:a"]}
        ]
        assert not [one for one in leaky.findings(leaky.read()) if one.check == "data-events-missing"]
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)
