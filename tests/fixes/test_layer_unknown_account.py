import pytest
from msgspec.structs import replace
from tests import aws
from tests.estates import ACCOUNT, DENIED, REGION, function, layer, layer_ref
from tests.fixes import leaky
from tests.fixes.remedies import planned

from buckler.app import fixing
from buckler.checks.layer_unknown_account import layer_unknown_account as check
from buckler.model.fix import MOST_PUBLISHED, Wishes

STRANGER = "999999999999"
ARN = f"arn:aws:lambda:{REGION}:{STRANGER}:layer:tools:3"
OWN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:own:1"
TOOLS = layer(ARN, code_sha256="c2hh", code_size=10, policy=DENIED, compatible_runtimes=("python3.13",))
USER = function(layers=(layer_ref(ARN), layer_ref(OWN)))


def test_a_copy_takes_its_place_in_the_same_order():
    fix = planned(check, USER, TOOLS, layer(OWN))
    assert fix.proof.verdict == "proved", fix.proof.why
    publish, put = fix.edits
    assert (publish.do.operation, publish.undo.operation, publish.after) == ("PublishLayerVersion", "DeleteLayerVersion", "c2hh")
    assert publish.content.read.parameters == {"Arn": ARN}
    assert put.before == [ARN, OWN]
    assert put.after == [f"{{the copy of {ARN}}}", OWN]
    assert put.undo.parameters["Layers"] == [ARN, OWN]
    assert not fix.is_safe


def test_layers_of_one_function_are_one_change():
    other = f"arn:aws:lambda:{REGION}:{STRANGER}:layer:more:1"
    both = function(layers=(layer_ref(ARN), layer_ref(other)))
    fix = planned(check, both, TOOLS, layer(other, code_sha256="bW9y", code_size=10, policy=DENIED))
    assert [edit.do.operation for edit in fix.edits] == ["PublishLayerVersion", "PublishLayerVersion", "UpdateFunctionConfiguration"]


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        pytest.param((replace(TOOLS, code_size=MOST_PUBLISHED + 1), layer(OWN)), "more than the 50 MB", id="too-large"),
        pytest.param((replace(TOOLS, code_sha256=None, exists=True), layer(OWN)), "may not fetch", id="not-fetched"),
        pytest.param((replace(TOOLS, exists=DENIED), layer(OWN)), "could not be read", id="unread"),
        pytest.param((TOOLS, layer(OWN, exists=False)), "`own:1` does not exist any more", id="another-is-gone"),
    ],
)
def test_what_cannot_be_copied(layers, said):
    fix = planned(check, USER, *layers)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert said in fix.proof.why


@pytest.fixture
def shop(tmp_path):
    """An account with a function on a layer of a stranger, who lets anyone use it."""
    server = aws.fresh()
    stranger = aws.client("lambda", server.endpoint, account=STRANGER)
    version = stranger.publish_layer_version(LayerName="tools", Content={"ZipFile": aws.zipped()}, CompatibleRuntimes=["python3.14"])
    stranger.add_layer_version_permission(
        LayerName="tools", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*"
    )
    lam = aws.client("lambda", server.endpoint)
    own = lam.publish_layer_version(LayerName="own", Content={"ZipFile": aws.zipped()})
    layers = [version["LayerVersionArn"], own["LayerVersionArn"]]
    role = f"arn:aws:iam::{aws.SHOP}:role/r"
    for name in ("orders", "mail"):
        code = {"ZipFile": aws.zipped()}
        lam.create_function(FunctionName=name, Role=role, Runtime="python3.14", Handler="a.b", Code=code, Layers=layers)
    with aws.environment(server.endpoint):
        yield lam, stranger, version, layers


def _plan(estate):
    return fixing.plan_fixes((estate,), replace(leaky.OPTIONS, only=(check.id,)), Wishes())


def test_it_is_copied_byte_by_byte_and_put_back(shop, tmp_path):
    lam, _, version, layers = shop
    before = leaky.read()
    plan = _plan(before)
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"], [fix.proof.why for fix in plan.fixes]
    assert fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK).refused == ()
    (copy,) = lam.list_layer_versions(LayerName=f"buckler-copy-{STRANGER}-tools")["LayerVersions"]
    told = lam.get_layer_version_by_arn(Arn=copy["LayerVersionArn"])
    assert told["Content"]["CodeSha256"] == version["Content"]["CodeSha256"]
    for name in ("orders", "mail"):
        now = [one["Arn"] for one in lam.get_function_configuration(FunctionName=name)["Layers"]]
        assert now == [copy["LayerVersionArn"], layers[1]]
    found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (leaky.read(), before))
    assert found == first - {fix.fingerprint for fix in plan.fixes}
    # Nothing of the code is in the journal.
    assert len((tmp_path / "j").read_bytes()) < 50_000
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert leaky.facts(leaky.read()) == leaky.facts(before)
    assert lam.list_layer_versions(LayerName=f"buckler-copy-{STRANGER}-tools")["LayerVersions"] == []


def test_one_that_its_owner_took_away_meanwhile_is_refused(shop, tmp_path):
    lam, stranger, _, layers = shop
    plan = _plan(leaky.read())
    stranger.delete_layer_version(LayerName="tools", VersionNumber=1)
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert len(outcome.refused) == 2
    assert "cannot be fetched" in outcome.refused[0][1]
    assert [one["Arn"] for one in lam.get_function_configuration(FunctionName="orders")["Layers"]] == layers
