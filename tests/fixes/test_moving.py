"""A secret leaves the environment of a function, the code works unchanged, and it can be taken back; on an AWS, and in Lambda's own runtime."""

import io
import json
import shutil
import subprocess
import zipfile

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.killed import killed
from tests.fixes.test_patching import files
from tests.guard.runtime import SDK, emulated, environment, invoke, needs_rie, needs_sdk, node

from buckler.app import analyses, fixing, judge_estates
from buckler.app.secreting import Destination, exposed, patch_for, plan_migration
from buckler.errors import UsageError
from buckler.fixes.moving import grant, guard, resolver_layer
from buckler.model.fix import MoveEdit
from buckler.sources.live import LiveOptions

SECRET = "hunter2-hunter2-hunter2"
TOKEN = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA3"
ROLE = "shop-role"
LIVE = LiveOptions(regions=(aws.REGION,), deep=True)
SECRETS, SSM = Destination(store="secretsmanager"), Destination(store="ssm")


@pytest.fixture
def endpoint():
    server = aws.fresh()
    iam, lam = aws.client("iam", server.endpoint), aws.client("lambda", server.endpoint)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))["Role"]
    lam.create_function(
        FunctionName="shop",
        Role=role["Arn"],
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": aws.zipped()},
        Environment={"Variables": {"DB_PASSWORD": SECRET, "GITHUB_TOKEN": TOKEN, "LEVEL": "debug"}},
    )
    with aws.environment(server.endpoint):
        yield server.endpoint


def read():
    return leaky.app.read_live(LIVE)


def planned(*variables, to=SECRETS, name="shop"):
    (about,) = analyses((read(),))
    return plan_migration(about, name, variables, to)


def applied(plan, journal):
    return fixing.apply_plan(plan, LIVE, journal, patience=leaky.QUICK)


def undone(journal):
    return fixing.undo_journal(journal, LIVE, patience=leaky.QUICK)


def configuration(endpoint):
    return aws.client("lambda", endpoint).get_function_configuration(FunctionName="shop")


def variables(endpoint):
    return configuration(endpoint)["Environment"]["Variables"]


def facts(estate):
    return leaky.facts(estate)


@pytest.mark.parametrize("to", [SECRETS, SSM], ids=["secretsmanager", "ssm"])
def test_a_move_is_what_the_plan_says_and_undoing_it_is_as_if_nothing_was(endpoint, tmp_path, to):
    before, was = read(), variables(endpoint)
    plan = planned(to=to)
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"]
    assert applied(plan, tmp_path / "j").refused == ()
    now = variables(endpoint)
    assert now["LEVEL"] == "debug"
    assert now["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/buckler/wrapper"
    for name, value in (("DB_PASSWORD", SECRET), ("GITHUB_TOKEN", TOKEN)):
        prefix, store, arn = now[name].split(":", 2)
        assert (prefix, store) == ("buckler", to.store)
        assert _value(endpoint, to.store, arn) == value
    left = judge_estates((read(),), replace(leaky.OPTIONS, only=("secret-in-environment",))).findings
    assert left == ()
    assert undone(tmp_path / "j").refused == ()
    assert variables(endpoint) == was
    assert facts(read()) == facts(before)
    assert configuration(endpoint).get("Layers", []) == []


def _value(endpoint, store, arn):
    if store == "ssm":
        return aws.client("ssm", endpoint).get_parameter(Name=arn.partition(":parameter")[2], WithDecryption=True)["Parameter"]["Value"]
    return aws.client("secretsmanager", endpoint).get_secret_value(SecretId=arn)["SecretString"]


def test_the_role_may_read_that_one_secret_and_nothing_more_and_nobody_else_may(endpoint, tmp_path):
    key = aws.client("kms", endpoint).create_key()["KeyMetadata"]["Arn"]
    plan = planned("DB_PASSWORD", to=replace(SECRETS, key=key))
    ((edit,),) = [fix.edits for fix in plan.fixes]
    assert isinstance(edit, MoveEdit)
    assert applied(plan, tmp_path / "j").refused == ()
    arn = variables(endpoint)["DB_PASSWORD"].removeprefix("buckler:secretsmanager:")
    document = aws.client("iam", endpoint).get_role_policy(RoleName=ROLE, PolicyName=edit.policy)["PolicyDocument"]
    read_it, decrypt = document["Statement"]
    assert (read_it["Action"], read_it["Resource"]) == ("secretsmanager:GetSecretValue", arn)
    assert (decrypt["Action"], decrypt["Resource"]) == ("kms:Decrypt", key)
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{aws.REGION}.amazonaws.com"}}
    assert document == grant(edit, arn)
    manager = aws.client("secretsmanager", endpoint)
    assert json.loads(manager.get_resource_policy(SecretId=arn)["ResourcePolicy"]) == guard(edit)
    assert manager.describe_secret(SecretId=arn)["KmsKeyId"] == key


@needs_rie
def test_unchanged_code_works_before_and_after(endpoint, tmp_path):
    """In Lambda's own runtime interface client and emulator, with the layer that was published unpacked where Lambda would."""
    handler = tmp_path / "code" / "app.py"
    handler.parent.mkdir()
    handler.write_text(
        'import os\ndef handler(event, context):\n    return {"password": os.environ["DB_PASSWORD"], "token": os.environ["GITHUB_TOKEN"]}\n'
    )
    expected = {"password": SECRET, "token": TOKEN}
    with emulated(handler, endpoint, variables(endpoint), wrapped=False, folder=tmp_path) as port:
        assert invoke(port, {}) == expected
    assert applied(planned(), tmp_path / "j").refused == ()
    now = variables(endpoint)
    assert SECRET not in now.values()
    (layer,) = configuration(endpoint)["Layers"]
    location = aws.client("lambda", endpoint).get_layer_version_by_arn(Arn=layer["Arn"])["Content"]["Location"]
    opt = _unpacked(location, tmp_path / "opt")
    assert now["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/buckler/wrapper"
    assert (opt / "buckler" / "wrapper").stat().st_mode & 0o111
    with emulated(handler, endpoint, now, wrapped=True, folder=tmp_path) as port:
        assert invoke(port, {}) == expected


def _unpacked(location, folder):
    import urllib.request

    with urllib.request.urlopen(location) as answer:  # noqa: S310 - the embedded AWS
        body = answer.read()
    assert body == resolver_layer()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for info in archive.infolist():
            archive.extract(info, folder)
            (folder / info.filename).chmod(info.external_attr >> 16 & 0o777)
    return folder


# --- the code asks itself ------------------------------------------------------------------------------------------------

CODE = """import os

# both are needed
TOKEN = os.getenv("GITHUB_TOKEN", "none")


def handler(event, context):
    return {"password": os.environ["DB_PASSWORD"], "token": TOKEN}
"""


def in_code(folder, *variables, to=SECRETS):
    (about,) = analyses((read(),))
    patch = patch_for(about, "shop", variables, folder)
    return patch, plan_migration(about, "shop", variables, replace(to, patch=patch))


def deployed(endpoint, folder):
    """Deploy a folder, as people do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for path in sorted(folder.rglob("*.*")):
            package.write(path, path.relative_to(folder).as_posix())
    aws.client("lambda", endpoint).update_function_code(FunctionName="shop", ZipFile=buffer.getvalue())


def apply_patch(patch, folder):
    command = next((one for one in (["patch", "-p1", "--binary"], ["git", "apply", "-"]) if shutil.which(one[0])), None)
    if command is None:
        pytest.skip("there is neither `patch` nor `git`: no patch was applied")
    subprocess.run(command, input=patch.diff.encode(), cwd=folder, check=True, capture_output=True)


@needs_rie
@pytest.mark.parametrize("to", [SECRETS, SSM], ids=["secretsmanager", "ssm"])
def test_patched_code_works_before_the_variable_changes_and_after_without_a_layer(endpoint, tmp_path, to):
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "app.py").write_text(CODE)
    patch, plan = in_code(folder, to=to)
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"]
    apply_patch(patch, folder)
    expected = {"password": SECRET, "token": TOKEN}
    was = variables(endpoint)
    with emulated(folder / "app.py", endpoint, was, wrapped=False, folder=tmp_path) as port:
        assert invoke(port, {}) == expected
    deployed(endpoint, folder)
    assert applied(plan, tmp_path / "j").refused == ()
    now = variables(endpoint)
    assert now["DB_PASSWORD"].startswith(f"buckler:{to.store}:arn:")
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in now
    assert configuration(endpoint).get("Layers", []) == []
    assert aws.client("lambda", endpoint).list_layers()["Layers"] == []
    with emulated(folder / "app.py", endpoint, now, wrapped=False, folder=tmp_path) as port:
        assert invoke(port, {}) == expected
    assert undone(tmp_path / "j").refused == ()
    assert variables(endpoint) == was


def test_a_variable_is_left_alone_while_the_function_runs_code_that_is_not_patched(endpoint, tmp_path):
    (tmp_path / "app.py").write_text(CODE)
    patch, plan = in_code(tmp_path, "DB_PASSWORD")
    ((_, why),) = applied(plan, tmp_path / "j").refused
    assert "deploy the patched code first" in why
    assert variables(endpoint)["DB_PASSWORD"] == SECRET
    assert aws.client("secretsmanager", endpoint).list_secrets()["SecretList"] == []
    apply_patch(patch, tmp_path)
    deployed(endpoint, tmp_path)
    outcome = applied(plan, tmp_path / "j2")
    assert outcome.refused == ()
    assert outcome.told == ("the deployed package reads `DB_PASSWORD` as patched code does: app.py:9",)
    assert variables(endpoint)["DB_PASSWORD"].startswith("buckler:")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param(
            {"app.py": CODE + "# changed\n"},
            "the deployed package reads it as it is (app.py:8) and would take the reference",
            id="not-patched",
        ),
        pytest.param(
            {"lib/sdk.py": "import os\nKEY = os.getenv('DB_PASSWORD')\n"},
            "reads it as it is (lib/sdk.py:2)",
            id="a-dependency-reads-it-too",
        ),
        pytest.param(
            {"lib/old.py": "print 'DB_PASSWORD'\n"},
            "the deployed package is not seen to read it as patched code does: look at lib/old.py:1",
            id="not-understood",
        ),
    ],
)
def test_a_package_that_would_take_the_reference_for_the_value_is_refused(endpoint, tmp_path, more, why):
    """Other code than that of the plan runs, and it is not the patched code."""
    folder = files(tmp_path / "code", {"app.py": CODE})
    patch, plan = in_code(folder, "DB_PASSWORD")
    apply_patch(patch, folder)
    deployed(endpoint, files(folder, more))
    ((_, told),) = applied(plan, tmp_path / "j").refused
    assert why in told
    assert variables(endpoint)["DB_PASSWORD"] == SECRET
    assert aws.client("secretsmanager", endpoint).list_secrets()["SecretList"] == []


def test_what_the_code_does_that_nobody_can_patch_is_told(endpoint, tmp_path):
    (tmp_path / "app.py").write_text(CODE + 'SETTING = os.environ[TOKEN]\nos.environ.pop("GITHUB_TOKEN")\n')
    _, plan = in_code(tmp_path, "DB_PASSWORD", "GITHUB_TOKEN", "LEVEL")
    password, token, level = plan.fixes
    assert (password.proof.verdict, token.proof.verdict, level.proof.verdict) == ("proved", "advice", "advice")
    assert any(note == "look at it yourself: app.py:9: it reads a variable whose name is computed" for note in password.notes)
    assert token.proof.why == "the code would get the reference: app.py:10: it is read by `environ.pop`"
    assert "reads it in a way that buckler sees: leave it to the layer; look at app.py:9" in level.proof.why
    assert password.notes[0].startswith("deploy the patched code first")


@needs_sdk
@pytest.mark.parametrize("to", [SECRETS, SSM], ids=["secretsmanager", "ssm"])
def test_a_patched_es_module_works_before_the_variable_changes_and_after(endpoint, tmp_path, to):
    lam = aws.client("lambda", endpoint)
    lam.update_function_configuration(FunctionName="shop", Runtime="nodejs22.x")
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "app.mjs").write_text(
        'import { token } from "./token.mjs";\nexport const handler = () => ({ password: process.env.DB_PASSWORD, token });\n'
    )
    (folder / "token.mjs").write_text('export const token = process.env["GITHUB_TOKEN"] ?? "none";\n')
    (folder / "node_modules").symlink_to(SDK)
    patch, plan = in_code(folder, to=to)
    assert patch.files == ("app.mjs", "buckler_secret.mjs", "token.mjs")
    apply_patch(patch, folder)
    expected = {"password": SECRET, "token": TOKEN}
    assert _answer(folder, endpoint, variables(endpoint)) == expected
    deployed(endpoint, folder)
    assert applied(plan, tmp_path / "j").refused == ()
    now = variables(endpoint)
    assert SECRET not in now.values()
    assert _answer(folder, endpoint, now) == expected


def _answer(folder, endpoint, given, script="./app.mjs"):
    run = f'import("{script}").then((app) => console.log(JSON.stringify(app.handler())))'
    done = subprocess.run(
        [node(), "-e", run], cwd=folder, env=environment(endpoint, given), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_sdk
def test_patched_commonjs_works_before_the_variable_changes_and_after(endpoint, tmp_path):
    aws.client("lambda", endpoint).update_function_configuration(FunctionName="shop", Runtime="nodejs22.x")
    folder = files(tmp_path / "code", {"app.js": "const password = process.env.DB_PASSWORD;\nexports.handler = () => ({ password });\n"})
    (folder / "node_modules").symlink_to(SDK)
    patch, plan = in_code(folder, "DB_PASSWORD")
    assert patch.files == ("app.js", "buckler_secret.cjs")
    apply_patch(patch, folder)
    assert _answer(folder, endpoint, variables(endpoint), "./app.js") == {"password": SECRET}
    deployed(endpoint, folder)
    assert applied(plan, tmp_path / "j").refused == ()
    assert SECRET not in (now := variables(endpoint)).values()
    assert _answer(folder, endpoint, now, "./app.js") == {"password": SECRET}


@pytest.mark.parametrize("rescue", ["undo", "continue"])
def test_a_kill_at_any_point_of_a_move_can_be_undone_and_gone_on_with(endpoint, tmp_path, rescue):
    before = read()
    # begun, stored, guarded, granted, replaced, made, done: by turns, and once what is not killed.
    for point in (0, 2, 4, 6) if rescue == "undo" else (1, 3, 5, 7):
        # A secret that was undone is kept for a week, so each round has names of its own.
        plan = planned("DB_PASSWORD", to=replace(SECRETS, prefix=f"round-{point}"))
        file, journal = tmp_path / f"{point}.json", tmp_path / f"{point}.journal"
        file.write_text(fixing.write_plan(plan))
        died = killed("apply", file, journal, point)
        assert died == (point < 7)
        if rescue == "continue" and died:
            assert fixing.go_on(journal, LIVE, patience=leaky.QUICK).refused == ()
            assert variables(endpoint)["DB_PASSWORD"].startswith("buckler:")
        assert undone(journal).refused == ()
        assert facts(read()) == facts(before)


def test_a_kill_while_a_move_is_undone_can_be_undone(endpoint, tmp_path):
    before = read()
    for point in range(20):
        plan = planned("DB_PASSWORD", to=replace(SECRETS, prefix=f"round-{point}"))
        journal = tmp_path / f"{point}.journal"
        assert applied(plan, journal).refused == ()
        died = killed("undo", "-", journal, point)
        assert undone(journal).refused == ()
        assert facts(read()) == facts(before)
        if not died:
            break
    # undoing, restored, unpublished, revoked, dropped, unmade, undone
    assert point == 7


def test_no_value_is_in_the_plan_the_journal_or_what_is_printed(endpoint, tmp_path):
    from buckler.report.fix import plan_text

    plan = planned()
    applied(plan, tmp_path / "j")
    undone(tmp_path / "j")
    for told in (fixing.write_plan(plan), plan_text(plan), (tmp_path / "j").read_text()):
        assert "DB_PASSWORD" in told
        assert SECRET not in told
        assert TOKEN not in told


def test_a_secret_that_is_there_already_is_left_alone(endpoint, tmp_path):
    plan = planned("DB_PASSWORD")
    aws.client("secretsmanager", endpoint).create_secret(Name="shop/DB_PASSWORD", SecretString="somebody else's")
    outcome = applied(plan, tmp_path / "j")
    ((_, why),) = outcome.refused
    assert "shop/DB_PASSWORD" in why
    assert "--prefix" in why
    assert variables(endpoint)["DB_PASSWORD"] == SECRET
    assert aws.client("secretsmanager", endpoint).get_secret_value(SecretId="shop/DB_PASSWORD")["SecretString"] == "somebody else's"
    undone(tmp_path / "j")
    assert aws.client("secretsmanager", endpoint).get_secret_value(SecretId="shop/DB_PASSWORD")["SecretString"] == "somebody else's"
    (fix,) = planned("DB_PASSWORD").fixes
    assert (fix.proof.verdict, "--prefix" in fix.proof.why) == ("advice", True)


def test_a_variable_that_is_gone_is_refused(endpoint, tmp_path):
    plan = planned("DB_PASSWORD")
    aws.client("lambda", endpoint).update_function_configuration(FunctionName="shop", Environment={"Variables": {"LEVEL": "debug"}})
    ((_, why),) = applied(plan, tmp_path / "j").refused
    assert "changed by somebody" in why
    assert aws.client("secretsmanager", endpoint).list_secrets()["SecretList"] == []


def test_a_variable_that_somebody_set_since_it_was_moved_is_not_undone(endpoint, tmp_path):
    assert applied(planned("DB_PASSWORD"), tmp_path / "j").refused == ()
    lam = aws.client("lambda", endpoint)
    lam.update_function_configuration(
        FunctionName="shop", Environment={"Variables": {**variables(endpoint), "DB_PASSWORD": "buckler:ssm:/mine"}}
    )
    ((_, why),) = undone(tmp_path / "j").refused
    assert "changed by somebody since" in why
    assert variables(endpoint)["DB_PASSWORD"] == "buckler:ssm:/mine"


def test_the_wrapper_that_was_there_is_kept_and_comes_back(endpoint, tmp_path):
    lam = aws.client("lambda", endpoint)
    was = {**variables(endpoint), "AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel"}
    lam.update_function_configuration(FunctionName="shop", Environment={"Variables": was})
    assert applied(planned(), tmp_path / "j").refused == ()
    now = variables(endpoint)
    assert (now["AWS_LAMBDA_EXEC_WRAPPER"], now["BUCKLER_EXEC_WRAPPER"]) == ("/opt/buckler/wrapper", "/opt/otel")
    undone(tmp_path / "j")
    assert variables(endpoint) == was


def _java(endpoint, _):
    aws.client("lambda", endpoint).update_function_configuration(FunctionName="shop", Runtime="java21")


def _many_layers(endpoint, _):
    lam = aws.client("lambda", endpoint)
    arns = [lam.publish_layer_version(LayerName=f"l{at}", Content={"ZipFile": aws.zipped()})["LayerVersionArn"] for at in range(5)]
    lam.update_function_configuration(FunctionName="shop", Layers=arns)


def _bounded(endpoint, _):
    iam = aws.client("iam", endpoint)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    arn = iam.create_policy(PolicyName="bound", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)


def _signed(endpoint, _):
    lam = aws.client("lambda", endpoint)
    profile = f"arn:aws:signer:{aws.REGION}:{aws.SHOP}:/signing-profiles/p/ABCDEFGHIJ"
    config = lam.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [profile]}, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    lam.put_function_code_signing_config(FunctionName="shop", CodeSigningConfigArn=config)


@pytest.mark.parametrize(
    ("hinder", "why"),
    [
        pytest.param(_java, "for Python and Node.js, not for java21", id="another-runtime"),
        pytest.param(_many_layers, "5 layers", id="no-room-for-a-layer"),
        pytest.param(_bounded, "would still not be allowed secretsmanager:GetSecretValue", id="a-boundary"),
        pytest.param(_signed, "--layer", id="only-signed-layers"),
    ],
)
def test_what_cannot_be_moved_is_advice_that_says_why(endpoint, tmp_path, hinder, why):
    hinder(endpoint, tmp_path)
    (fix,) = planned("DB_PASSWORD").fixes
    assert fix.proof.verdict == "advice"
    assert why in fix.proof.why
    assert fix.edits == ()


def test_unknown_names_are_usage_errors_or_advice(endpoint):
    with pytest.raises(UsageError) as stop:
        planned(name="shopp")
    assert stop.value.hint == "a similar one exists: `shop`"
    (fix,) = planned("NOTHING").fixes
    assert fix.proof.why == "`shop` has no variable `NOTHING`"


def test_versions_that_keep_it_and_who_reads_it_are_told(endpoint):
    iam, lam = aws.client("iam", endpoint), aws.client("lambda", endpoint)
    lam.publish_version(FunctionName="shop")
    lam.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")
    iam.create_user(UserName="support")
    statement = {"Effect": "Allow", "Action": "lambda:GetFunctionConfiguration", "Resource": "*"}
    iam.put_user_policy(UserName="support", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    found = {one.variable: one for one in exposed(analyses((read(),)))}
    password = found["DB_PASSWORD"]
    assert (password.in_latest, password.versions, password.aliases) == (True, ("1",), ("live",))
    assert [(one.principal, one.action, one.is_sure) for one in password.readers] == [
        (f"arn:aws:iam::{aws.SHOP}:user/support", "lambda:GetFunctionConfiguration", True)
    ]
    (fix,) = planned("DB_PASSWORD").fixes
    assert fix.proof.verdict == "proved"
    assert any("version 1 (behind `live`) keeps the value for ever" in note for note in fix.notes)


def test_the_layer_is_always_the_same_and_runs_from_where_it_is_unpacked():
    with zipfile.ZipFile(io.BytesIO(resolver_layer())) as archive:
        modes = {info.filename: oct(info.external_attr >> 16 & 0o777) for info in archive.infolist()}
        wrapper = archive.read("buckler/wrapper")
    assert modes == {"buckler/resolve.cjs": "0o644", "buckler/resolve.py": "0o644", "buckler/wrapper": "0o755"}
    assert resolver_layer() == resolver_layer()
    assert b"AWS_LAMBDA_EXEC_WRAPPER=/opt/buckler/wrapper" in wrapper
