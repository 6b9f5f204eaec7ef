from tests.checks.test_image_tag_not_digest import DIGEST, REPOSITORY, image, runs
from tests.fixes.remedies import planned, setting

from buckler.checks.image_tag_not_digest import image_tag_not_digest as check


def test_what_runs_is_deployed_by_its_digest():
    fix = planned(check, runs(image(f"{REPOSITORY}:latest", resolved_uri=DIGEST)))
    assert (fix.proof.verdict, setting(fix)) == ("proved", (f"{REPOSITORY}:latest", DIGEST))
    assert fix.edits[0].settled is not None


def test_without_a_digest_there_is_nothing_to_name():
    fix = planned(check, runs(image(f"{REPOSITORY}:latest")))
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "which digest it is was not told")
