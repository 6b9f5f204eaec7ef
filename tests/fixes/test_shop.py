"""The whole shop, two accounts and two regions: mended, looked at again, put back."""

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes.leaky import KEY, OPTIONS, QUICK, TODAY, facts

from buckler import app
from buckler.app import fixing
from buckler.demo.shop import deploy
from buckler.model.fix import Wishes
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.sources.live import LiveOptions

WISHES = Wishes(
    reserved_concurrency=5,
    kms_key=KEY,
    secrets_to="secretsmanager",
    allow_origins=("https://shop.invalid",),
    timeout_s=30,
    failure_destination="arn:aws:sqs:eu-west-1:123456789012:failed",
    guardduty=True,
)


@pytest.fixture
def live():
    """The shop, deployed anew, for this test alone: others read the one they share."""
    server = aws.fresh()
    shop = deploy(server.endpoint)
    s3 = aws.client("s3", server.endpoint)
    s3.create_bucket(Bucket="signed", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    s3.put_bucket_versioning(Bucket="signed", VersioningConfiguration={"Status": "Enabled"})
    with aws.environment(server.endpoint):
        yield LiveOptions(regions=shop.regions, role_arns=shop.audit_roles, deep=True)


def said(finding):
    """A finding, its evidence in no order."""
    return finding.fingerprint, finding.severity, finding.message, finding.reach, frozenset(finding.evidence)


def triggers(estate):
    """Who may rightfully invoke each function: event sources, and what `Analysis` finds among buckets, topics and rules."""
    from buckler.fixes._sources import sources_of

    analysis = Analysis(estate, today=TODAY)
    # Where failures go is what one of the fixes changes.
    sources = tuple(replace(one, on_failure=None) for one in estate.event_sources)
    return {one.arn: frozenset(sources_of(one, analysis)) for one in estate.functions}, sources


def test_every_fixable_finding_goes_nothing_new_comes_and_undo_is_the_first_scan(live, tmp_path):
    before = app.read_live(live)
    first = app.judge_estates((before,), OPTIONS).findings
    release = next(shown(one.version_arn) for one in before.signing_profiles if one.name == "shop_release")
    plan = fixing.plan_fixes((before,), OPTIONS, replace(WISHES, signing_profile=release, signing_bucket="signed"))
    proved = {fix.fingerprint for fix in plan.fixes if fix.proof.verdict == "proved"}
    assert len(proved) > 210
    made = fixing.apply_plan(plan, live, tmp_path / "journal", patience=QUICK)
    assert made.refused == ()
    mended = app.read_live(live)
    left = {one.fingerprint for one in app.judge_estates((mended,), OPTIONS).findings}
    assert left.isdisjoint(proved)
    assert left <= {one.fingerprint for one in first} - proved
    assert triggers(mended) == triggers(before)
    undone = fixing.undo_journal(tmp_path / "journal", live, patience=QUICK)
    assert undone.refused == ()
    again = app.read_live(live)
    assert facts(again) == facts(before)
    # A statement that came back stands last in its policy, and with it what a finding shows of it.
    assert [said(one) for one in app.judge_estates((again,), OPTIONS).findings] == [said(one) for one in first]
