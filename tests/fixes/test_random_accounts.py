"""Whatever the account, and whatever is chosen of its plan: what was proved happens, nothing else does, and undoing it is as if nothing was."""

import os
from random import Random

import pytest
from tests import aws
from tests.fixes import leaky, random_account

from buckler.app import fixing
from buckler.model.fix import Wishes

SEEDS = range(40) if os.environ.get("BUCKLER_HYPOTHESIS") == "nightly" else range(3)
WISHES = Wishes(
    reserved_concurrency=5,
    kms_key=leaky.KEY,
    secrets_to="ssm",
    allow_origins=("https://shop.invalid",),
    timeout_s=30,
    failure_destination=f"arn:aws:sqs:{aws.REGION}:{aws.SHOP}:failed",
    guardduty=True,
)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_part_of_a_plan_does_what_it_says_and_is_undone(seed, tmp_path):
    chance = Random(seed)  # noqa: S311 - the same accounts in every run
    server = aws.fresh()
    random_account.deploy(server.endpoint, chance)
    with aws.environment(server.endpoint):
        before = leaky.read()
        first = {one.fingerprint: one.severity for one in leaky.findings(before)}
        whole = fixing.plan_fixes((before,), leaky.OPTIONS, WISHES)
        proved = [fix for fix in whole.fixes if fix.proof.verdict == "proved"]
        assert len(proved) > 10
        for round_, share in enumerate((1.0, 0.5)):
            ids = {fix.id for fix in proved if chance.random() < share}
            journal = tmp_path / f"{round_}"
            made = fixing.apply_plan(leaky.subset(whole, ids), leaky.LIVE, journal, patience=leaky.QUICK)
            assert made.refused == ()
            now = {one.fingerprint: one.severity for one in leaky.findings(leaky.read())}
            assert not {fix.check for fix in proved if fix.id in ids and fix.fingerprint in now}
            if share == 1.0:
                assert set(now) <= set(first)
            undone = fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK)
            assert undone.refused == ()
            assert leaky.facts(leaky.read()) == leaky.facts(before)
