import pytest
from msgspec.structs import replace
from tests import aws
from tests.estates import ACCOUNT, DENIED, REGION, function, trigger
from tests.fixes import leaky
from tests.fixes.remedies import planned

from buckler.app import fixing
from buckler.checks.api_route_unauthenticated import api_route_unauthenticated as check
from buckler.model.fix import Wishes
from buckler.model.functions import ApiStage

ITSELF = ApiStage(name="$default", deployment="d1", deploys_itself=True)
PROD = ApiStage(name="prod", deployment="d1")


def http(**more):
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc/*/GET/orders"
    return trigger(**{"arn": arn, "kind": "http", "authorizer": None, "stages": (ITSELF,), **more})


def rest(route="GET /orders", **more):
    verb, path = route.split(" ")
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc/*/{verb}{path}"
    return trigger(**{"arn": arn, "name": f"api {route}", "route": route, "kind": "rest", "authorizer": None, "stages": (PROD,), **more})


def test_a_route_whose_stages_deploy_by_themselves():
    fix = planned(check, function(), http())
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe, edit.before, edit.after) == ("proved", False, "NONE", "AWS_IAM")
    assert (edit.do.operation, edit.undo.parameters["AuthorizationType"]) == ("UpdateRoute", "NONE")
    assert fix.lost


def test_a_method_is_deployed_to_every_stage_and_each_gets_its_own_back():
    fix = planned(check, function(), rest(stages=(PROD, ApiStage(name="beta", deployment="d0"), ApiStage(name="new", deployment=None))))
    assert fix.proof.verdict == "proved", fix.proof.why
    assert [edit.do.operation for edit in fix.edits] == ["UpdateMethod", "CreateDeployment", "UpdateStage", "UpdateStage"]
    back = [edit.undo.parameters["patchOperations"][0]["value"] for edit in fix.edits[2:]]
    assert back == ["d1", "d0"]
    assert any("AWS does not tell" in one for one in fix.lost)


def test_open_methods_of_one_api_are_one_change_and_only_those_that_are_planned():
    fix = planned(check, function(), rest(), rest("POST /orders"), rest("GET /other", authorizer="JWT"))
    assert [edit.do.operation for edit in fix.edits] == ["UpdateMethod", "UpdateMethod", "CreateDeployment", "UpdateStage"]


@pytest.mark.parametrize(
    ("route", "said"),
    [
        pytest.param(rest(stages=(replace(PROD, pending=("GET /new", "PUT /new")),)), "`GET /new` and 1 more", id="undeployed"),
        pytest.param(rest(stages=(replace(PROD, has_canary=True),)), "has a canary", id="canary"),
        pytest.param(rest(stages=(replace(PROD, pending=DENIED),)), "could not be read", id="unread-deployment"),
        pytest.param(rest(stages=DENIED), "could not be read", id="unread-stages"),
        pytest.param(rest(stages=None), "was not read", id="not-asked"),
        pytest.param(http(stages=(replace(ITSELF, deploys_itself=False),)), "does not deploy by itself", id="http-by-hand"),
        pytest.param(trigger(kind="alb", authorizer=None, arn="arn:aws:elasticloadbalancing:x"), "who vouches", id="load-balancer"),
    ],
)
def test_what_is_left_alone(route, said):
    fix = planned(check, function(), route)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert said in fix.proof.why


def test_it_is_closed_deployed_and_put_back(tmp_path):
    server = aws.fresh()
    role = f"arn:aws:iam::{aws.SHOP}:role/r"
    lam, api = aws.client("lambda", server.endpoint), aws.client("apigateway", server.endpoint)
    lam.create_function(FunctionName="orders", Role=role, Runtime="python3.14", Handler="a.b", Code={"ZipFile": aws.zipped()})
    uri = f"arn:aws:apigateway:{aws.REGION}:lambda:path/2015-03-31/functions/"
    uri += f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:orders/invocations"
    rest_api = api.create_rest_api(name="shop")["id"]
    root = api.get_resources(restApiId=rest_api)["items"][0]["id"]
    found = api.create_resource(restApiId=rest_api, parentId=root, pathPart="{order}")["id"]
    for verb in ("GET", "POST"):
        where = {"restApiId": rest_api, "resourceId": found, "httpMethod": verb}
        api.put_method(**where, authorizationType="NONE")
        api.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    first = api.create_deployment(restApiId=rest_api, stageName="prod")["id"]

    def served():
        """Whom the stage lets in."""
        now = api.get_stage(restApiId=rest_api, stageName="prod")["deploymentId"]
        summary = api.get_deployment(restApiId=rest_api, deploymentId=now, embed=["apisummary"])["apiSummary"]
        return {one["authorizationType"] for one in summary["/{order}"].values()}

    def plan_of(estate):
        return fixing.plan_fixes((estate,), replace(leaky.OPTIONS, only=(check.id,)), Wishes())

    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = plan_of(before)
        assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"], [fix.proof.why for fix in plan.fixes]
        made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
        assert made.refused == ()
        assert served() == {"AWS_IAM"}
        assert len(api.get_deployments(restApiId=rest_api)["items"]) == 2
        assert check.id not in {one.check for one in leaky.findings(leaky.read())}
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert served() == {"NONE"}
        assert [one["id"] for one in api.get_deployments(restApiId=rest_api)["items"]] == [first]
        assert leaky.facts(leaky.read()) == leaky.facts(before)
        # Somebody works at the API, and has not deployed it yet.
        api.put_method(restApiId=rest_api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        assert ["`GET /`" in fix.proof.why for fix in plan_of(leaky.read()).fixes] == [True, True]
