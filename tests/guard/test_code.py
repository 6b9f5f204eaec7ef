"""What a patch puts into a package: references become secrets, anything else stays as it is."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests import aws
from tests.guard.runtime import SDK, environment, needs_sdk, node

import buckler

CODE = Path(buckler.__file__).parent / "guard" / "code"
PYTHON = "import json, os\nfrom buckler_secret import buckler_secret\nprint(json.dumps(buckler_secret(os.environ.get('X'))))\n"
NODE = 'import { bucklerSecret } from "./buckler_secret.mjs";\nconsole.log(JSON.stringify(bucklerSecret(process.env.X) ?? null));\n'
COMMONJS = (
    'const { bucklerSecret } = require("./buckler_secret.cjs");\nconsole.log(JSON.stringify(bucklerSecret(process.env.X) ?? null));\n'
)
DOCUMENT = {"password": "hunter2-hunter2", "port": 5432}


@pytest.fixture(scope="module")
def arns():
    server = aws.fresh()
    manager, ssm = aws.client("secretsmanager", server.endpoint), aws.client("ssm", server.endpoint)
    ssm.put_parameter(Name="/shop/x", Value="of-ssm", Type="SecureString")
    return {
        "endpoint": server.endpoint,
        "text": manager.create_secret(Name="text", SecretString="of-manager")["ARN"],
        "document": manager.create_secret(Name="document", SecretString=json.dumps(DOCUMENT))["ARN"],
        "parameter": f"arn:aws:ssm:{aws.REGION}:{aws.SHOP}:parameter/shop/x",
        "nothing": f"arn:aws:secretsmanager:{aws.REGION}:{aws.SHOP}:secret:nothing-AbCdEf",
    }


def run(language, folder, arns, value):
    given = environment(arns["endpoint"], {} if value is None else {"X": value.format(**arns)})
    if language == "python":
        shutil.copy(CODE / "buckler_secret.py", folder)
        (folder / "app.py").write_text(PYTHON)
        command = [sys.executable, "app.py"]
    else:
        if not SDK.is_dir():
            pytest.skip(needs_sdk.kwargs["reason"])
        suffix, text = (".mjs", NODE) if language == "node" else (".cjs", COMMONJS)
        shutil.copy(CODE / f"buckler_secret{suffix}", folder)
        (folder / f"app{suffix}").write_text(text)
        (folder / "node_modules").symlink_to(SDK)
        command = [node(), f"app{suffix}"]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, timeout=60, check=False)


LANGUAGES = pytest.mark.parametrize("language", ["python", "node", "commonjs"])


@LANGUAGES
@pytest.mark.parametrize(
    ("value", "given"),
    [
        pytest.param("buckler:secretsmanager:{text}", "of-manager", id="secret"),
        pytest.param("buckler:secretsmanager:{document}#password", "hunter2-hunter2", id="key"),
        pytest.param("buckler:secretsmanager:{document}#port", "5432", id="key-that-is-no-text"),
        pytest.param("buckler:ssm:{parameter}", "of-ssm", id="parameter"),
        pytest.param("a value", "a value", id="value"),
        pytest.param("buckler:", "buckler:", id="a-value-that-begins-so"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="not-set"),
    ],
)
def test_a_reference_is_the_secret_and_anything_else_itself(tmp_path, arns, language, value, given):
    done = run(language, tmp_path, arns, value)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == given


@LANGUAGES
def test_a_secret_that_is_not_there_fails_and_names_it(tmp_path, arns, language):
    done = run(language, tmp_path, arns, "buckler:secretsmanager:{nothing}")
    assert done.returncode == 1
    assert "ResourceNotFoundException" in done.stderr


@LANGUAGES
@pytest.mark.parametrize("reference", ["{document}#user", "{text}#user"], ids=["another-key", "no-document"])
def test_a_key_that_is_not_there_fails_and_tells_no_value(tmp_path, arns, language, reference):
    done = run(language, tmp_path, arns, f"buckler:secretsmanager:{reference}")
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr
    assert "of-manager" not in done.stdout + done.stderr


def test_commonjs_names_the_secret_that_was_not_there(tmp_path, arns):
    done = run("commonjs", tmp_path, arns, "buckler:secretsmanager:{nothing}")
    assert f"Error: buckler: {arns['nothing']}: ResourceNotFoundException: " in done.stderr


def test_both_helpers_that_fetch_synchronously_run_the_same_worker():
    commonjs, typescript = ((CODE / f"buckler_secret{suffix}").read_text() for suffix in (".cjs", ".ts"))
    assert commonjs.count("const WORKER = `") == 1
    assert _worker(commonjs) == _worker(typescript)


def _worker(text):
    return text.partition("const WORKER = `")[2].partition("`;")[0]


def test_it_runs_on_every_python_that_lambda_still_has():
    ast.parse((CODE / "buckler_secret.py").read_text(), feature_version=(3, 9))
