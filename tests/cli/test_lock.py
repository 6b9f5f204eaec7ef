"""`lock`, `verify`, `layers` and `blast layer:` as typed: against the embedded AWS, templates and packages."""

import contextlib
import io
import json
import os
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest
from tests import aws
from tests.sources.live import workshop

from buckler.cli.main import main
from buckler.model.lock import Lock, Unread
from buckler.sources.lambda_lock import read_lock

LAYER = f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:layer"


class Shell:
    """Runs our commands in a folder, as if typed there."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env
        self.out = self.err = ""

    def __call__(self, *arguments: str, width: int = 100, typed: str = "") -> int:
        out, err = io.StringIO(), io.StringIO()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "XDG_"))}
        clean |= {"COLUMNS": str(width), "NO_COLOR": "1", "HOME": str(self.folder / "home"), **self.env}
        with (
            patch.dict(os.environ, clean, clear=True),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            patch("sys.stdin", io.StringIO(typed)),
        ):
            code = main(list(arguments))
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def drifts(self, *arguments: str) -> list[str]:
        code = self("verify", *arguments, "--format", "json")
        document = json.loads(self.out)
        assert code == (1 if document["drifts"] else 0)
        return [one["kind"] for one in document["drifts"]]

    @property
    def lock(self) -> Lock:
        return read_lock(self.folder / "lambda.lock")


@pytest.fixture
def shop(tmp_path):
    """An account with a signed function, `checkout`, that uses two layers, and one of another role that shares a layer; and its lock."""
    endpoint = aws.fresh().endpoint
    role = aws.client("iam", endpoint).create_role(RoleName="run", AssumeRolePolicyDocument=workshop.TRUST)["Role"]["Arn"]
    other = aws.client("iam", endpoint).create_role(RoleName="report", AssumeRolePolicyDocument=workshop.TRUST)["Role"]["Arn"]
    lam = aws.client("lambda", endpoint)
    for name in ("common", "telemetry"):
        lam.publish_layer_version(LayerName=name, Content={"ZipFile": aws.zipped(name="x = 1")})
    layers = [f"{LAYER}:common:1", f"{LAYER}:telemetry:1"]
    profile = f"arn:aws:signer:{aws.REGION}:{aws.SHOP}:/signing-profiles/release/abcdef1234"
    signing = lam.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [profile]}, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    common = {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"ZipFile": aws.zipped()}}
    lam.create_function(FunctionName="checkout", Role=role, Layers=layers, **common)
    lam.put_function_code_signing_config(FunctionName="checkout", CodeSigningConfigArn=signing)
    lam.create_function(FunctionName="report", Role=other, Layers=layers[:1], **common)
    shell = Shell(tmp_path, aws.standard_env(endpoint))
    shell.lambda_, shell.signing, shell.endpoint = lam, signing, endpoint
    assert shell("lock") == 0, shell.err
    return shell


def test_an_account_that_did_not_change_is_as_locked_and_locked_again_is_the_same_file(shop):
    before = (shop.folder / "lambda.lock").read_bytes()
    assert shop("verify", "--strict") == 0
    assert "as lambda.lock says: 2 functions, 2 layer versions" in shop.out
    assert shop("lock", "--update") == 0
    assert (shop.folder / "lambda.lock").read_bytes() == before


def test_what_is_pinned_is_what_aws_tells(shop):
    checkout, report = shop.lock.functions
    told = shop.lambda_.get_function_configuration(FunctionName="checkout")
    assert (checkout.code_sha256, checkout.code_size) == (told["CodeSha256"], told["CodeSize"])
    assert checkout.layers == (f"{LAYER}:common:1", f"{LAYER}:telemetry:1")
    assert checkout.code_signing.policy == "Enforce"
    assert report.code_signing is None
    assert isinstance(report.runtime_version, Unread)
    content = shop.lambda_.get_layer_version_by_arn(Arn=f"{LAYER}:common:1")["Content"]
    assert [(one.code_sha256, one.allowed) for one in shop.lock.layers if one.arn == f"{LAYER}:common:1"] == [(content["CodeSha256"], ())]
    assert [(one.account, one.name) for one in shop.lock.publishers] == [(aws.SHOP, "own")]


def _code(shop):
    shop.lambda_.update_function_code(FunctionName="checkout", ZipFile=aws.zipped(app="import os"))


def _order(shop):
    shop.lambda_.update_function_configuration(FunctionName="checkout", Layers=[f"{LAYER}:telemetry:1", f"{LAYER}:common:1"])


def _newer(shop):
    shop.lambda_.publish_layer_version(LayerName="common", Content={"ZipFile": aws.zipped(name="x = 2")})
    shop.lambda_.update_function_configuration(FunctionName="report", Layers=[f"{LAYER}:common:2"])


def _deleted(shop):
    shop.lambda_.delete_layer_version(LayerName="common", VersionNumber=1)


def _opened(shop):
    shop.lambda_.add_layer_version_permission(
        LayerName="common", VersionNumber=1, StatementId="x", Action="lambda:GetLayerVersion", Principal="*"
    )


def _detached(shop):
    shop.lambda_.delete_function_code_signing_config(FunctionName="checkout")


def _relaxed(shop):
    shop.lambda_.update_code_signing_config(
        CodeSigningConfigArn=shop.signing, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"}
    )


def _wrapper(shop):
    shop.lambda_.update_function_configuration(
        FunctionName="checkout", Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap", "STAGE": "prod"}}
    )


def _role(shop):
    shop.lambda_.update_function_configuration(FunctionName="report", Role=f"arn:aws:iam::{aws.SHOP}:role/run")


def _new(shop):
    shop.lambda_.create_function(
        FunctionName="backdoor",
        Role=f"arn:aws:iam::{aws.SHOP}:role/run",
        Runtime="python3.13",
        Handler="a.b",
        Code={"ZipFile": aws.zipped()},
    )


def _gone(shop):
    shop.lambda_.delete_function(FunctionName="report")


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (_code, ["code-changed"]),
        (_order, ["layer-order"]),
        (_newer, ["layer-version-changed"]),
        (_deleted, ["layer-version-gone"]),
        (_opened, ["layer-permission-opened"]),
        (_detached, ["code-signing-detached"]),
        (_relaxed, ["code-signing-relaxed"]),
        (_wrapper, ["variable-added"]),
        (_role, ["role-changed"]),
        (_new, ["function-new"]),
        (_gone, ["function-gone"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_change_behind_our_back(shop, change, kinds):
    change(shop)
    assert shop.drifts() == kinds


def test_the_drift_is_told_in_a_sentence(shop):
    _order(shop)
    assert shop("verify") == 1
    assert "warning[layer-order]: the layers of `checkout` lie in another order, later ones win: `telemetry`," in shop.out
    assert shop.out.splitlines()[-1].startswith("1 drift from lambda.lock: 1 layer-order; compared 2 functions, 2 layer versions")


def test_an_update_shows_what_it_accepts_and_asks(shop):
    before = (shop.folder / "lambda.lock").read_bytes()
    _newer(shop)
    assert shop("lock", "--update") == 1
    assert "warning[layer-version-changed]: the layer `common` of `report` is version 2, it was 1" in shop.out
    assert "accept it with --yes" in shop.err
    assert (shop.folder / "lambda.lock").read_bytes() == before
    assert shop("lock", "--update", "--yes") == 0
    assert shop.drifts() == []
    assert {one.arn for one in shop.lock.layers} == {f"{LAYER}:common:1", f"{LAYER}:common:2", f"{LAYER}:telemetry:1"}


def test_a_lock_is_not_overwritten_unseen(shop):
    assert shop("lock") == 2
    assert shop.err == "error: there is a lock `lambda.lock` already\nhint: see what would change and accept it: add --update\n"


def test_the_lock_of_another_account_is_one_clear_error(shop):
    path = shop.folder / "lambda.lock"
    path.write_text(path.read_text().replace(aws.SHOP, "999988887777"))
    assert shop("verify") == 2
    assert shop.err.startswith(f"error: the lock is of account 999988887777, and this is account {aws.SHOP}\nhint: ")


def test_what_is_locked_with_deep_and_not_asked_later_is_not_assessed(shop):
    assert shop("lock", "--update", "--yes", "--deep") == 0
    assert shop("verify") == 0
    assert "not assessed: when the runtime is updated of `checkout`, `report`" in shop.out
    assert shop("verify", "--strict") == 4
    assert shop("verify", "--strict", "--deep") == 0


def test_an_exception_is_counted_aloud(shop):
    _order(shop)
    path = shop.folder / "lambda.lock"
    document = json.loads(path.read_text())
    document["exceptions"] = [{"id": "layer-order", "reason": "the vendor asks for it", "until": None}]
    path.write_text(json.dumps(document))
    assert shop("verify") == 0
    assert "accepted: layer-order:" in shop.out
    assert "the vendor asks for it" in " ".join(shop.out.split())
    assert shop("lock", "--update", "--yes") == 0
    assert [one.reason for one in shop.lock.exceptions] == ["the vendor asks for it"]


# --- packages and templates ----------------------------------------------------------------------------------------------

TEMPLATE = """\
Resources:
  Checkout:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: checkout
      Handler: app.handler
      Runtime: python3.13
      Role: !Sub arn:aws:iam::${AWS::AccountId}:role/run
      Layers: [LAYERS]
      CodeSigningConfigArn: SIGNING
      Code: {S3Bucket: deploy, S3Key: checkout.zip}
"""


def test_a_template_before_it_is_deployed(shop):
    layers = f"{LAYER}:common:1, {LAYER}:telemetry:1"
    text = TEMPLATE.replace("SIGNING", shop.signing)
    (shop.folder / "template.yaml").write_text(text.replace("LAYERS", layers))
    assert shop.drifts("template.yaml") == []
    (shop.folder / "template.yaml").write_text(text.replace("LAYERS", layers.replace("common:1", "common:2")))
    assert shop.drifts("template.yaml") == ["layer-version-changed"]
    (shop.folder / "template.yaml").write_text(text.replace("LAYERS", f"{layers}, {LAYER.replace(aws.SHOP, '555544443333')}:fast:1"))
    assert shop.drifts("template.yaml") == ["layer-added", "publisher-unknown"]


def test_the_package_that_runs_is_known_by_its_bytes(shop):
    (shop.folder / "checkout.zip").write_bytes(aws.zipped())
    assert shop.drifts("checkout.zip") == []
    (shop.folder / "checkout.zip").write_bytes(aws.zipped(app="import os"))
    assert shop.drifts("checkout.zip") == ["artifact-unknown"]


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path, {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"})


def build(path: Path, files: dict[str, str], year: int = 2026) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), text)


IDNA = {
    "python/idna/__init__.py": "x = 1\n",
    "python/idna-3.10.dist-info/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.10\n",
    "python/idna-3.10.dist-info/RECORD": "idna/__init__.py,,\nidna-3.10.dist-info/METADATA,,\nidna-3.10.dist-info/RECORD,,\n",
}


def test_a_layer_is_compared_in_packages_and_files(shell):
    layer = shell.folder / "layer.zip"
    build(layer, IDNA)
    assert shell("lock", "layer.zip") == 0, shell.err
    build(layer, IDNA, year=1999)
    assert shell.drifts("layer.zip") == []
    assert "re-zipped" in shell.out
    build(layer, {**IDNA, "python/idna/__init__.py": "x = 2\n", "python/zz.pth": "import os\n"})
    assert shell("verify", "layer.zip") == 1
    assert "~ pkg:pypi/idna@3.10: other content under the same version" in shell.out
    assert "+ python/zz.pth" in shell.out
    assert shell("lock", "--update", "layer.zip") == 1
    assert "+ python/zz.pth" in shell.out
    assert shell("lock", "--update", "layer.zip", "--yes") == 0
    assert shell.drifts("layer.zip") == []
    assert len(shell.lock.artifacts) == 1


def test_a_folder_is_the_same_as_the_zip_made_of_it(shell):
    build(shell.folder / "layer.zip", IDNA)
    assert shell("lock", "layer.zip") == 0, shell.err
    with zipfile.ZipFile(shell.folder / "layer.zip") as archive:
        archive.extractall(shell.folder / "layer")
    assert shell.drifts("layer") == []


def test_a_lock_as_first_target(shell):
    build(shell.folder / "layer.zip", IDNA)
    assert shell("lock", "layer.zip", "--output", "layers.lock") == 0, shell.err
    assert shell("verify", "layers.lock", "layer.zip") == 0
    assert shell("verify", "--lock", "layers.lock", "layer.zip") == 0
    assert shell("verify", "--lock", "other.lock", "layers.lock", "layer.zip") == 2


@pytest.mark.parametrize("command", [("lock", "broken.zip"), ("verify", "broken.zip")])
def test_a_package_that_cannot_be_read_is_named_and_nothing_is_written(shell, command):
    build(shell.folder / "layer.zip", IDNA)
    if command[0] == "verify":
        assert shell("lock", "layer.zip") == 0
    (shell.folder / "broken.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert shell(*command, "layer.zip") == 2
    assert "broken.zip" in shell.err
    assert (shell.folder / "lambda.lock").exists() is (command[0] == "verify")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("verify", "layer.zip"), "error: there is no lock `lambda.lock`"),
        (("lock", "--update", "layer.zip"), "error: there is no lock `lambda.lock`"),
        (("lock", "layer.zip", "--output", "no/lambda.lock"), "error: cannot write `no/lambda.lock`"),
        (("lock", "layer.zip", "--region", "eu-west-1"), "error: --region is for the live account"),
        (("lock", "nothing.yaml"), "error: "),
    ],
)
def test_bad_usage(shell, arguments, error):
    build(shell.folder / "layer.zip", IDNA)
    assert shell(*arguments) == 2
    assert error in shell.err
    assert not (shell.folder / "lambda.lock").exists()


# --- who shares what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120])
def test_layers_fit_the_terminal(shop, width):
    assert shop("layers", width=width) == 0
    lines = shop.out.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[1].split() == ["common:1", "own", "2", "0", "d", "-", "-"] + (["not", "assessed"] * 2 if width == 120 else [])
    assert "not assessed: integrity of 2 layer versions: nobody looked into it" in " ".join(shop.out.split())


def test_layers_as_json(shop):
    _newer(shop)
    _opened(shop)
    assert shop("layers", "--format", "json") == 0
    rows = {row["arn"]: row for row in json.loads(shop.out)["layers"]}
    common = rows[f"{LAYER}:common:1"]
    assert (common["functions"], common["newest"], common["allowed"], common["exists"]) == (["checkout"], 2, ["*"], True)
    assert common["integrity"]["kind"] == "not-asked"
    assert rows[f"{LAYER}:common:2"]["functions"] == ["report"]


def test_a_deleted_layer_is_told(shop):
    _deleted(shop)
    assert shop("layers") == 0
    assert "deleted" in shop.out.splitlines()[1]


def test_who_falls_with_a_layer(shop):
    assert shop("blast", "layer:common") == 0
    assert "poisoning `common` holds 2 functions and 2 roles" in shop.out
    assert shop("blast", f"layer:{LAYER}:telemetry:1", "--format", "json") == 0
    document = json.loads(shop.out)
    assert (document["functions"], document["roles"]) == (1, 1)
    assert [one["role"] for one in document["held"]] == [f"arn:aws:iam::{aws.SHOP}:role/run"]


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (("blast", "layer:comon"), "error: no function uses a layer `comon`", "hint: a similar one exists: `layer:common`"),
        (("blast", "layer:common", "--format", "svg"), "error: there is no picture of a layer", "hint: buckler blast FUNCTION"),
    ],
)
def test_a_layer_nobody_uses(shop, arguments, error, hint):
    assert shop(*arguments) == 2
    assert error in shop.err
    assert hint in shop.err
