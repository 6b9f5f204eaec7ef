"""The reference resolver, in the processes it is made for: unchanged code finds its secrets, and the process's first environment does not."""

import datetime as dt
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.aws import client, fresh
from tests.guard.runtime import RESOLVER, WRAPPER, emulated, environment, invoke, needs_rie, node, started

PASSWORD = "correct horse battery staple"
_PYTHON = "import json, os; print(json.dumps({'env': dict(os.environ), 'first': open('/proc/self/environ').read()}))"
_NODE = "console.log(JSON.stringify({env: process.env, first: require('fs').readFileSync('/proc/self/environ', 'utf8')}))"


@pytest.fixture(params=["python", "node"])
def command(request):
    return [sys.executable, "-c", _PYTHON] if request.param == "python" else [node(), "-e", _NODE]


@pytest.fixture
def secrets():
    aws = fresh()
    manager, parameters = client("secretsmanager", aws.endpoint), client("ssm", aws.endpoint)
    plain = manager.create_secret(Name="shop/password", SecretString=PASSWORD)["ARN"]
    keyed = manager.create_secret(Name="shop/db", SecretString=json.dumps({"user": "shop", "port": 5432}))["ARN"]
    parameters.put_parameter(Name="/shop/token", Value="tok-en", Type="SecureString")
    parameter = parameters.get_parameter(Name="/shop/token")["Parameter"]["ARN"]
    return aws.endpoint, {
        "PASSWORD": f"buckler:secretsmanager:{plain}",
        "DB_USER": f"buckler:secretsmanager:{keyed}#user",
        "DB_PORT": f"buckler:secretsmanager:{keyed}#port",
        "TOKEN": f"buckler:ssm:{parameter}",
        "LEVEL": "debug",
    }


def test_references_become_what_they_name_and_proc_does_not_show_it(command, secrets):
    endpoint, variables = secrets
    done = started(command, endpoint, variables)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert {name: told["env"][name] for name in variables} == {
        "PASSWORD": PASSWORD,
        "DB_USER": "shop",
        "DB_PORT": "5432",
        "TOKEN": "tok-en",
        "LEVEL": "debug",
    }
    assert variables["PASSWORD"] in told["first"]
    assert PASSWORD not in told["first"]
    assert "tok-en" not in told["first"]


def test_without_references_nothing_is_asked(command):
    # Nobody listens there: a request would fail.
    done = started(command, "http://127.0.0.1:1", {"LEVEL": "debug"})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["env"]["LEVEL"] == "debug"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(
            "buckler:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-AbCdEf", "is not there", id="no-secret"
        ),
        pytest.param("buckler:ssm:arn:aws:ssm:eu-west-1:123456789012:parameter/none", "is not there", id="no-parameter"),
        pytest.param("buckler:s3:x", "is not a reference", id="no-such-service"),
        pytest.param("buckler:", "is not a reference", id="nothing"),
    ],
)
def test_what_cannot_be_had_is_named_and_nothing_runs(command, secrets, value, said):
    endpoint, variables = secrets
    done = started(command, endpoint, {**variables, "WRONG": value})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("buckler: WRONG")
    assert said in done.stderr
    assert PASSWORD not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_that_is_not_in_the_secret(command, secrets):
    endpoint, variables = secrets
    done = started(command, endpoint, {"WRONG": variables["DB_USER"].replace("#user", "#none"), "ALSO": variables["PASSWORD"] + "#x"})
    assert done.returncode == 1
    assert "no JSON object with a key `none`" in done.stderr
    assert "no JSON object with a key `x`" in done.stderr
    assert PASSWORD not in done.stderr
    assert "5432" not in done.stderr


class _Answers(BaseHTTPRequestHandler):
    script: list[tuple[int, dict[str, object]]]
    asked: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.asked.append(self.headers["x-amz-target"])
        status, body = self.script[min(len(self.asked), len(self.script)) - 1]
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass


@contextmanager
def _answering(*script: tuple[int, dict[str, object]]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers as recorded: the emulator knows neither throttling nor who may what."""
    asked: list[str] = []
    handler = type("Answers", (_Answers,), {"script": list(script), "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/password-AbCdEf"


def test_a_denial_says_which_permission_is_missing_and_is_not_repeated(command):
    denied = {"__type": "AccessDeniedException", "Message": f"user is not authorized, and the password is not {PASSWORD}"}
    with _answering((400, denied)) as (endpoint, asked):
        done = started(command, endpoint, {"PASSWORD": f"buckler:secretsmanager:{ARN}"})
    assert done.returncode == 1
    assert f"the role of the function may not secretsmanager:GetSecretValue on {ARN}" in done.stderr
    assert PASSWORD not in done.stderr
    assert asked == ["secretsmanager.GetSecretValue"]


def test_throttling_is_waited_out(command):
    throttled = {"__type": "ThrottlingException", "message": "Rate exceeded"}
    with _answering((400, throttled), (503, {}), (200, {"SecretString": PASSWORD})) as (endpoint, asked):
        done = started(command, endpoint, {"PASSWORD": f"buckler:secretsmanager:{ARN}"})
    assert json.loads(done.stdout)["env"]["PASSWORD"] == PASSWORD
    assert len(asked) == 3


def test_one_secret_is_fetched_once_for_all_its_keys(command):
    with _answering((200, {"SecretString": '{"a": "1", "b": "2"}'})) as (endpoint, asked):
        done = started(command, endpoint, {"A": f"buckler:secretsmanager:{ARN}#a", "B": f"buckler:secretsmanager:{ARN}#b"})
    env = json.loads(done.stdout)["env"]
    assert (env["A"], env["B"], len(asked)) == ("1", "2", 1)


def test_a_binary_secret_is_refused(command):
    with _answering((200, {"SecretBinary": "eA=="})) as (endpoint, _):
        done = started(command, endpoint, {"A": f"buckler:secretsmanager:{ARN}"})
    assert (done.returncode, "binary" in done.stderr) == (1, True)


def test_another_runtime_is_refused_in_words(tmp_path):
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho started\n")
    java.chmod(0o755)
    done = started([str(java)], "http://127.0.0.1:1", {"A": f"buckler:secretsmanager:{ARN}"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "use Python or Node.js" in done.stderr


def test_the_wrapper_that_was_there_before_still_wraps(secrets, tmp_path):
    endpoint, variables = secrets
    earlier = tmp_path / "earlier"
    earlier.write_text('#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n')
    earlier.chmod(0o755)
    done = started([sys.executable, "-c", _PYTHON], endpoint, {**variables, "BUCKLER_EXEC_WRAPPER": str(earlier)})
    env = json.loads(done.stdout)["env"]
    assert (env["WRAPPED"], env["PASSWORD"]) == ("yes", PASSWORD)


def test_options_of_the_interpreter_and_scripts_are_kept(secrets, tmp_path):
    endpoint, variables = secrets
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n")
    script = tmp_path / "bootstrap.py"
    script.write_text(
        "import os, sys, beside\nprint(sys.argv[1:], sys.flags.optimize, sys._xoptions, beside.NAME, os.environ['DB_USER'], __name__)\n"
    )
    done = started([sys.executable, "-O", "-X", "faulthandler", str(script), "a b", "c"], endpoint, variables)
    assert done.stdout == "['a b', 'c'] 1 {'faulthandler': True} beside shop __main__\n"


def test_requests_are_signed_as_botocore_signs_them(monkeypatch):
    spec = importlib.util.spec_from_file_location("resolve", RESOLVER / "resolve.py")
    resolve = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(resolve)
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "wJalr", "AWS_SESSION_TOKEN": "tok/en=="}.items():
        monkeypatch.setenv(name, value)
    now = dt.datetime(2026, 11, 26, 10, 0, 0, tzinfo=dt.UTC)
    reference = resolve.parse("A", f"buckler:secretsmanager:{ARN}")
    url, body = "https://secretsmanager.eu-west-1.amazonaws.com", b'{"SecretId": "x"}'
    ours = resolve.signed(resolve.Credentials(), reference, url, "secretsmanager.GetSecretValue", body, now)
    request = AWSRequest(
        "POST", url + "/", {name: value for name, value in ours.items() if name in {"content-type", "x-amz-target", "host"}}, body
    )
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: now)
    SigV4Auth(Credentials("AKIA", "wJalr", "tok/en=="), "secretsmanager", "eu-west-1").add_auth(request)
    assert ours["authorization"] == request.headers["Authorization"]


_HANDLER = """
import os
def handler(event, context):
    return {"user": os.environ["DB_USER"], "long": len(os.environ["PASSWORD"]), "shown": os.environ["PASSWORD"] in open("/proc/self/environ").read()}
"""


@needs_rie
def test_an_unchanged_handler_runs_before_and_after_in_lambdas_own_runtime(secrets, tmp_path):
    endpoint, references = secrets
    handler = tmp_path / "app.py"
    handler.write_text(_HANDLER)
    with emulated(handler, endpoint, {"DB_USER": "shop", "PASSWORD": PASSWORD}, wrapped=False, folder=tmp_path) as port:
        before = invoke(port, {})
    with emulated(handler, endpoint, references, wrapped=True, folder=tmp_path) as port:
        after = invoke(port, {})
    assert before == {"user": "shop", "long": len(PASSWORD), "shown": True}
    assert after == {"user": "shop", "long": len(PASSWORD), "shown": False}


@needs_rie
def test_a_denied_secret_is_a_failed_initialisation_that_says_why(tmp_path):
    handler = tmp_path / "app.py"
    handler.write_text(_HANDLER)
    denied = {"__type": "AccessDeniedException", "Message": "no"}
    with (
        _answering((400, denied)) as (endpoint, _),
        emulated(handler, endpoint, {"PASSWORD": f"buckler:secretsmanager:{ARN}"}, wrapped=True, folder=tmp_path) as port,
    ):
        answer = invoke(port, {})
    log = (tmp_path / "rie.log").read_text()
    assert "may not secretsmanager:GetSecretValue" in log
    assert "exit status 1" in log
    assert answer is None or "errorType" in answer


def test_it_is_python_3_9_and_standard_library_only():
    source = (RESOLVER / "resolve.py").read_text()
    compiled = subprocess.run(
        [sys.executable, "-c", "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 9))"], input=source, text=True, check=False
    )
    assert compiled.returncode == 0
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= set(sys.stdlib_module_names)


def test_the_wrapper_may_be_run():
    assert Path(WRAPPER).stat().st_mode & 0o111
    assert environment("x", {})["PATH"]
