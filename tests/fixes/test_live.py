"""Plan, apply, scan again, undo: on an AWS."""

import json
import random

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.killed import killed

from buckler.app import fixing
from buckler.errors import UsageError
from buckler.fixes import all_remedies
from buckler.fixes.plan import digest, make_plan
from buckler.fixes.prove import Verdict


def test_what_is_planned_is_proved_and_is_what_comes_of_it(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before)
    assert {fix.check: fix.proof.verdict for fix in plan.fixes} == dict.fromkeys(leaky.MENDED, "proved")
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert outcome.refused == ()
    assert set(outcome.done) == {fix.id for fix in plan.fixes}
    left = {one.fingerprint for one in leaky.findings(leaky.read())}
    assert left < {one.fingerprint for one in leaky.findings(before)}
    assert left.isdisjoint(fix.fingerprint for fix in plan.fixes)
    # Nobody's trigger is lost, and what nobody complained about is not touched.
    statements = leaky.sids(endpoint, "feed")
    assert set(statements) == {"kept", "topic-narrowed"}
    assert statements["topic-narrowed"]["Condition"] == {"ArnLike": {"AWS:SourceArn": f"arn:aws:sns:{aws.REGION}:{aws.SHOP}:orders"}}
    url = aws.client("lambda", endpoint).get_function_url_config(FunctionName="hook")
    assert (url["AuthType"], url["Cors"]["MaxAge"]) == ("AWS_IAM", 60)
    undone = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
    assert undone.refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)
    assert [one.fingerprint for one in leaky.findings(leaky.read())] == [one.fingerprint for one in leaky.findings(before)]
    # Undone twice is undone.
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).done == ()


def test_any_subset_is_undone_to_what_was(endpoint, tmp_path):
    before = leaky.read()
    whole = leaky.plan(before)
    chance = random.Random(20261126)  # noqa: S311 - the same subsets in every run
    for round_ in range(6):
        ids = {fix.id for fix in whole.fixes if chance.random() < 0.5}
        journal = tmp_path / f"{round_}"
        fixing.apply_plan(leaky.subset(whole, ids), leaky.LIVE, journal, patience=leaky.QUICK)
        gone = {fix.fingerprint for fix in whole.fixes} - {one.fingerprint for one in leaky.findings(leaky.read())}
        assert gone >= {fix.fingerprint for fix in whole.fixes if fix.id in ids}
        fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK)
        assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_the_order_of_findings_and_of_changes_does_not_matter(endpoint):
    from buckler.app import analyses
    from buckler.model.fix import Wishes
    from buckler.model.progress import Silent
    from buckler.reach.analysis import Analysis

    estate = leaky.read()
    found = list(leaky.findings(estate))
    assert analyses((estate,))

    def judge(about, checks):
        return Verdict(findings=tuple(one for one in leaky.findings(about) if not checks or one.check in checks), gaps=())

    def planned(findings):
        return make_plan(Analysis(estate, today=leaky.TODAY), findings, Wishes(kms_key=leaky.KEY), judge, Silent())

    first = planned(found)
    for seed in range(3):
        random.Random(seed).shuffle(found)  # noqa: S311 - the same orders in every run
        assert planned(found) == first
    mends = [next(all_remedies()[one.check](_case(one, estate))) for one in leaky.findings(estate) if one.check in leaky.MENDED]
    outcomes = set()
    for seed in range(4):
        random.Random(seed).shuffle(mends)  # noqa: S311 - the same orders in every run
        changed = estate
        for mend in mends:
            changed = mend.change(changed)
        outcomes.add(leaky.facts(changed))
    assert len(outcomes) == 1
    assert outcomes != {leaky.facts(estate)}


def _case(finding, estate):
    from buckler.fixes import Case
    from buckler.model.fix import Wishes
    from buckler.model.subject import subject_of
    from buckler.reach.analysis import Analysis

    subject = next(one for one in (*estate.functions, *estate.layers, *estate.log_groups) if subject_of(one) == finding.subject)
    return Case(finding, subject, Analysis(estate, today=leaky.TODAY), Wishes(kms_key=leaky.KEY))


@pytest.mark.parametrize("rescue", ["undo", "continue"])
def test_a_kill_at_any_point_leaves_a_journal_that_helps(endpoint, tmp_path, rescue):
    before = leaky.read()
    plan = leaky.plan(before, "policy-confused-deputy", "function-url-public")
    file = tmp_path / "plan.json"
    file.write_text(fixing.write_plan(plan))
    fixing.apply_plan(plan, leaky.LIVE, tmp_path / "whole", patience=leaky.QUICK)
    mended = leaky.facts(leaky.read())
    fixing.undo_journal(tmp_path / "whole", leaky.LIVE, patience=leaky.QUICK)
    # Three steps, each with three points, by turns.
    for point in range(0 if rescue == "undo" else 1, 9, 2):
        journal = tmp_path / f"j{point}"
        assert killed("apply", file, journal, point)
        if rescue == "continue":
            assert fixing.go_on(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
            assert leaky.facts(leaky.read()) == mended
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)
    assert not killed("apply", file, tmp_path / "last", 9)
    assert fixing.undo_journal(tmp_path / "last", leaky.LIVE, patience=leaky.QUICK).refused == ()


def test_a_kill_while_undoing_leaves_a_journal_that_helps(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before, "policy-confused-deputy")
    deaths = 0
    for point in range(50):
        journal = tmp_path / f"j{point}"
        fixing.apply_plan(plan, leaky.LIVE, journal, patience=leaky.QUICK)
        if not killed("undo", "-", journal, point):
            break
        deaths += 1
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)
    assert deaths == 6


def test_what_somebody_changed_meanwhile_is_refused_and_the_rest_is_done(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), "policy-confused-deputy", "function-url-public")
    lam = aws.client("lambda", endpoint)
    lam.remove_permission(FunctionName="feed", StatementId="topic")
    lam.add_permission(
        FunctionName="feed", StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com", SourceAccount=aws.SHOP
    )
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    (refused,) = outcome.refused
    assert refused[0] == next(fix.id for fix in plan.fixes if fix.check == "policy-confused-deputy")
    assert "statement `topic` of the policy of `$LATEST` was changed by somebody since the plan was made" in refused[1]
    assert set(leaky.sids(endpoint, "feed")) == {"kept", "topic"}  # nothing of it was made
    assert lam.get_function_url_config(FunctionName="hook")["AuthType"] == "AWS_IAM"


def test_what_somebody_changed_after_it_was_made_is_not_undone(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), "tracing-off", "recursion-allowed")
    fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    aws.client("lambda", endpoint).update_function_configuration(FunctionName="shop", TracingConfig={"Mode": "PassThrough"})
    again = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
    assert again.refused == ()  # somebody else undid it already
    lam = aws.client("lambda", endpoint)
    assert lam.get_function_recursion_config(FunctionName="feed")["RecursiveLoop"] == "Allow"


def test_a_half_that_cannot_be_made_takes_the_other_half_back(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), "policy-confused-deputy")

    def meddle(point, step):
        if (point, step) == ("done", 0):
            lam = aws.client("lambda", endpoint)
            lam.remove_permission(FunctionName="feed", StatementId="topic")
            lam.add_permission(FunctionName="feed", StatementId="topic", Action="lambda:GetFunction", Principal="sns.amazonaws.com")

    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", hook=meddle, patience=leaky.QUICK)
    assert len(outcome.refused) == 1
    assert set(leaky.sids(endpoint, "feed")) == {"kept", "topic"}


def test_a_plan_that_is_not_bucklers_word_changes_nothing(endpoint, tmp_path):
    before = leaky.read()
    plan = leaky.plan(before, "policy-confused-deputy")
    (fix,) = plan.fixes
    foreign = replace(plan, fixes=(replace(fix, edits=tuple(replace(edit, account=aws.PARTNER) for edit in fix.edits)),))
    forged = replace(plan, fixes=(replace(fix, edits=tuple(replace(e, do=replace(e.do, operation="DeleteFunction")) for e in fix.edits)),))
    for bad, said in (
        (replace(plan, fixes=(replace(fix, summary="trust me"),)), "edited by hand"),
        (_signed(foreign), f"the plan is about account {aws.PARTNER}"),
        (_signed(forged), "lambda:DeleteFunction, which buckler never does"),
        (_signed(replace(plan, schema=99)), "another version"),
    ):
        with pytest.raises(UsageError, match=said) as caught:
            fixing.apply_plan(bad, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
        assert caught.value.hint
        assert not (tmp_path / "j").exists()
    assert leaky.facts(leaky.read()) == leaky.facts(before)


def _signed(plan):
    return replace(plan, digest=digest(plan))


def test_a_journal_that_lost_records_changes_nothing(endpoint, tmp_path):
    plan = leaky.plan(leaky.read(), "recursion-allowed", "tracing-off")
    journal = tmp_path / "j"
    fixing.apply_plan(plan, leaky.LIVE, journal, patience=leaky.QUICK)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]))
    after = leaky.facts(leaky.read())
    with pytest.raises(UsageError, match="does not tell of all that was done"):
        fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK)
    assert leaky.facts(leaky.read()) == after


def test_a_plan_file_is_stable_readable_and_without_secrets(endpoint, tmp_path):
    estate = leaky.read()
    text = fixing.write_plan(leaky.plan(estate))
    assert text == fixing.write_plan(leaky.plan(estate))
    assert "hunter2" not in text
    file = tmp_path / "plan.json"
    file.write_text(text)
    assert fixing.read_plan(file) == leaky.plan(estate)
    assert json.loads(text)["fixes"][0]["edits"]
    fixing.apply_plan(fixing.read_plan(file), leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert b"hunter2" not in (tmp_path / "j").read_bytes()
    for broken in (text[:-40], text.replace('"schema"', '"shema"'), "[]", "\x00"):
        file.write_text(broken)
        with pytest.raises(UsageError, match="is not a plan"):
            fixing.read_plan(file)
