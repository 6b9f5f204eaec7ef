from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky

from buckler.app import fixing
from buckler.model.fix import Wishes

CHECK = "runtime-security-extension-missing"
LAYER = f"arn:aws:lambda:{aws.REGION}:464622532012:layer:Datadog-Extension:90"


def deployed(*layers):
    """An account with two functions of a zip; the layers of the first."""
    server = aws.fresh()
    lam = aws.client("lambda", server.endpoint)
    common = {
        "Role": f"arn:aws:iam::{aws.SHOP}:role/r",
        "Runtime": "python3.14",
        "Handler": "app.handler",
        "Code": {"ZipFile": aws.zipped()},
    }
    made = [lam.publish_layer_version(LayerName=name, Content={"ZipFile": aws.zipped()})["LayerVersionArn"] for name in layers]
    lam.create_function(FunctionName="orders", Layers=made, **common)
    lam.create_function(FunctionName="mail", Environment={"Variables": {"DB_PASSWORD": "hunter2-hunter2-hunter2"}}, **common)
    return server, lam


def plan_of(estate, *more, **wishes):
    return fixing.plan_fixes((estate,), replace(leaky.OPTIONS, only=(CHECK, *more)), Wishes(**wishes))


def layers(lam, name="orders"):
    return [one["Arn"].split(":layer:")[1] for one in lam.get_function_configuration(FunctionName=name).get("Layers", [])]


def test_it_comes_behind_what_is_there_and_goes_again(tmp_path):
    server, lam = deployed("tools")
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = plan_of(before, extension_layer=LAYER)
        assert [(fix.proof.verdict, fix.proof.why, len(fix.edits)) for fix in plan.fixes] == [("proved", "", 2)]
        assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
        assert (layers(lam), layers(lam, "mail")) == (["tools:1", "Datadog-Extension:90"], ["Datadog-Extension:90"])
        assert CHECK not in {one.check for one in leaky.findings(leaky.read())}
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_what_stands_in_the_way_is_said():
    server, _ = deployed("a", "b", "c", "d", "e")
    with aws.environment(server.endpoint):
        estate = leaky.read()
    for wishes, why in (
        ({}, "only you know which product"),
        ({"extension_layer": LAYER}, "`orders` has 5 layers already"),
        ({"extension_layer": LAYER.replace(aws.REGION, "us-east-1")}, f"what you named is of us-east-1: name one of {aws.REGION} too"),
    ):
        (fix,) = plan_of(estate, **wishes).fixes
        assert (fix.proof.verdict, why in fix.proof.why) == ("advice", True), fix.proof.why


def test_secrets_that_move_go_first():
    server, _ = deployed()
    with aws.environment(server.endpoint):
        estate = leaky.read()
    fixes = plan_of(estate, "secret-in-environment", extension_layer=LAYER, secrets_to="ssm").fixes
    (mine,) = (one for one in fixes if one.check == CHECK)
    assert (mine.proof.verdict, "plan again once it is applied" in mine.proof.why) == ("advice", True)
