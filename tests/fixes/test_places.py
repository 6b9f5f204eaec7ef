"""What is named for several accounts and regions is taken where it is meant."""

import pytest
from tests.estates import ACCOUNT, REGION, analysis, at, function
from tests.fixes.remedies import planned

from buckler.checks.durable_state_without_customer_key import durable_state_without_customer_key as check
from buckler.cli.main import main
from buckler.fixes._places import wishes_in
from buckler.model.fix import Wishes
from buckler.model.stores import Store

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
ABROAD = KEY.replace(REGION, "us-east-1")
PARTNER = KEY.replace(ACCOUNT, "210987654321")
PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release/a"


def durable(region=REGION):
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:orders"
    return function("orders", arn=arn, region=region, is_durable=True)


def test_a_key_of_another_region_is_none_that_lambda_takes():
    fix = planned(check, durable("us-east-1"), kms_key=KEY)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert fix.proof.why == f"what you named is of {REGION}: name one of us-east-1 too (--kms-key may be repeated)"


def test_of_several_keys_the_one_of_the_region_is_taken_of_the_own_account_first():
    for named, region, wanted in (((KEY, ABROAD), "us-east-1", ABROAD), ((PARTNER, KEY), REGION, KEY), ((PARTNER,), REGION, PARTNER)):
        wishes = Wishes(kms_key=named[0], more=tuple(("kms_key", one) for one in named[1:]))
        assert wishes_in(wishes, ACCOUNT, region, analysis().estate) == (Wishes(kms_key=wanted, more=wishes.more), {})


def test_a_profile_is_of_an_account_and_a_region_and_a_bucket_where_it_was_read():
    profiles = (PROFILE, PROFILE.replace(REGION, "us-east-1"), PROFILE.replace(ACCOUNT, "210987654321"))
    more = (*(("signing_profile", one) for one in profiles[1:]), ("signing_bucket", "there"), ("signing_bucket", "here"))
    wishes = Wishes(signing_profile=profiles[0], signing_bucket="elsewhere", more=more)
    bucket = Store(
        arn="arn:aws:s3:::here", name="here", account=ACCOUNT, region="us-east-1", origin=at("s3:ListBuckets"), kind="bucket", policy=None
    )
    estate = analysis(stores=(bucket,)).estate
    got, why = wishes_in(wishes, ACCOUNT, "us-east-1", estate)
    assert (got.signing_profile, got.signing_bucket, why) == (profiles[1], "here", {})
    got, _ = wishes_in(wishes, "210987654321", REGION, estate)
    assert (got.signing_profile, got.signing_bucket) == (profiles[2], "elsewhere")


def test_what_is_of_no_region_is_meant_everywhere():
    wishes = Wishes(kms_key=KEY, failure_destination="queue")
    assert wishes_in(wishes, ACCOUNT, "", analysis().estate) == (wishes, {})
    assert wishes_in(wishes, ACCOUNT, "us-east-1", analysis().estate)[0].failure_destination == "queue"


@pytest.mark.parametrize("option", ["--kms-key", "--failure-destination", "--extension-layer", "--signing-profile", "--signing-bucket"])
def test_each_of_several_is_refused_when_it_is_nonsense(tmp_path, capsys, option):
    (tmp_path / "template.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}\n")
    good = {
        "--kms-key": KEY,
        "--failure-destination": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q",
        "--extension-layer": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:x:1",
        "--signing-profile": PROFILE,
        "--signing-bucket": "here",
    }[option]
    assert main(["fix", str(tmp_path), option, good, option, "?"]) == 2
    assert "`?` is not" in capsys.readouterr().err
