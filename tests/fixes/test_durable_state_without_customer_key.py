from tests import aws
from tests.estates import function
from tests.fixes import leaky
from tests.fixes.remedies import planned, setting

from buckler.app import fixing
from buckler.checks.durable_state_without_customer_key import durable_state_without_customer_key as check

CHECK = "durable-state-without-customer-key"
KEY = f"arn:aws:kms:{aws.REGION}:{aws.SHOP}:key/11111111-2222-3333-4444-555555555555"


def test_which_key_is_the_user_s_to_say():
    durable = function(is_durable=True, durable_timeout_s=60, durable_retention_days=7)
    assert planned(check, durable).proof.verdict == "advice"
    fix = planned(check, durable, kms_key=KEY)
    assert (fix.proof.verdict, setting(fix)) == ("proved", (None, KEY))
    assert fix.edits[0].do.parameters["DurableConfig"] == {"ExecutionTimeout": 60, "RetentionPeriodInDays": 7, "KMSKeyArn": KEY}


def test_the_rest_of_the_settings_stays_and_the_key_goes_again(tmp_path):
    server = aws.fresh()
    lam = aws.client("lambda", server.endpoint)
    kept = {"ExecutionTimeout": 3600, "RetentionPeriodInDays": 14}
    lam.create_function(
        FunctionName="f",
        Role=f"arn:aws:iam::{aws.SHOP}:role/r",
        Runtime="python3.14",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        DurableConfig=kept,
    )
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = leaky.plan(before, CHECK)
        assert [fix.proof.verdict for fix in plan.fixes] == ["proved"]
        assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
        assert lam.get_function_configuration(FunctionName="f")["DurableConfig"] == {**kept, "KMSKeyArn": KEY}
        assert CHECK not in {one.check for one in leaky.findings(leaky.read())}
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert CHECK in {one.check for one in leaky.findings(leaky.read())}
        assert leaky.facts(leaky.read()) == leaky.facts(before)
