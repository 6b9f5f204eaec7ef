"""No secret of the shop, nor a third of one, is in anything buckler prints or writes, whatever the source, the format and the mishap."""

import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from tests.aws import PARTNER, SHOP, fresh, standard_env
from tests.proxy import Fault, Proxy

from buckler.demo.shop import deploy, secrets

PASSWORD = secrets.DATABASE_URL.split(":")[2].partition("@")[0]
BROKER = "ingest:correct-horse-battery"
PLANTED = {
    "AWS_BACKUP_SECRET_ACCESS_KEY": secrets.AWS_KEY,
    "AWS_BACKUP_ACCESS_KEY_ID": secrets.AWS_KEY_ID,
    "STRIPE_SECRET_KEY": secrets.STRIPE_KEY,
    "SLACK_TOKEN": secrets.SLACK_TOKEN,
    "GITHUB_TOKEN": secrets.GITHUB_TOKEN,
    "DATABASE_URL": secrets.DATABASE_URL,
    "SIGNING_KEY": secrets.PRIVATE_KEY,
}
LIVE = ["--deep", "--region", "eu-west-1", "--region", "us-east-1"]
ROLES = [f"--role-arn=arn:aws:iam::{account}:role/BucklerAudit" for account in (SHOP, PARTNER)]
FORMATS = ("console", "json", "sarif", "ocsf", "asff", "csv", "junit", "markdown", "html")


def _pieces() -> set[str]:
    """Every run of 10 characters of what makes a secret secret; its format's prefix is none."""
    # The path, host and user of a URL, and the armour of a key, are no secrets.
    armoured = "".join(secrets.PRIVATE_KEY.splitlines()[1:-1])
    whole = (
        secrets.AWS_KEY, secrets.AWS_KEY_ID[4:], secrets.STRIPE_KEY[8:], secrets.SLACK_TOKEN[5:], secrets.GITHUB_TOKEN[4:],
        PASSWORD, armoured, BROKER.partition(":")[2],
    )  # fmt: skip
    return {secret[start : start + 10] for secret in whole for start in range(len(secret) - 9)}


PIECES = _pieces()


def leaks(*told: str | bytes) -> set[str]:
    texts = [one if isinstance(one, str) else one.decode("utf-8", "replace") for one in told]
    texts += [re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text) for text in texts]
    return {piece for piece in PIECES for text in texts if piece in text}


class Shell:
    """Runs buckler in a folder and keeps all it said."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "BUCKLER_TRACEBACK": "1",
            **env,
        }

    def __call__(self, *arguments: str, code: int | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "buckler.cli.main", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.env,
        )
        assert done.returncode in ({0, 1, 2, 3} if code is None else {code}), done.stderr
        return done.stdout + done.stderr

    def written(self) -> list[bytes]:
        return [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def endpoint():
    aws = fresh()
    deploy(aws.endpoint)
    return aws.endpoint


def test_the_pieces_would_be_found():
    assert leaks(f"STRIPE={secrets.STRIPE_KEY}")
    assert leaks(json.dumps({"key": secrets.PRIVATE_KEY}))
    assert leaks(f"postgres://shop:{PASSWORD}@x")
    assert not leaks("postgres://shop:********@orders.db.shop.invalid:5432/orders")


def test_the_live_account_in_every_format(endpoint, tmp_path):
    shell = Shell(tmp_path, **standard_env(endpoint))
    shell("snap", "shop.buckler", *LIVE, *ROLES, "-v", code=0)
    packed = (tmp_path / "shop.buckler").read_bytes()
    assert not leaks(packed, zlib.decompress(packed.partition(b"\n")[2]))
    told = shell("scan", *LIVE, *ROLES, "-v", "--persona", "auditor", code=1)
    assert "STRIPE_SECRET_KEY" in told
    assert "secret-in-environment" in told
    assert not leaks(told)
    for name in FORMATS:
        told = shell("scan", "shop.buckler", "-v", "--persona", "auditor", "--format", name, code=1)
        assert len(told) > 1000
        assert not leaks(told), name
    assert not leaks(shell("diff", "shop.buckler", "shop.buckler", "--format", "json"))


def test_the_journal_of_an_interrupted_scan(endpoint, tmp_path):
    with Proxy(endpoint, faults=[Fault("cloudtrail:GetEventSelectors", kind="expired")]) as proxy:
        shell = Shell(tmp_path, **standard_env(proxy.endpoint))
        assert not leaks(shell("scan", *LIVE, *ROLES, "-v", code=2))
    journal = shell.written()
    assert any(b"checkout" in one for one in journal)
    assert not leaks(*journal)


def _template() -> dict[str, object]:
    variables = {**PLANTED, "JOINED": {"Fn::Sub": f"postgres://shop:{PASSWORD}@${{Host}}/x"}, "REFERRED": {"Ref": "Token"}}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Host": {"Type": "String"}, "Token": {"Type": "String", "Default": secrets.GITHUB_TOKEN}},
        "Mappings": {"Keys": {"live": {"stripe": secrets.STRIPE_KEY}}},
        "Resources": {
            "Job": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Handler": "app.handler",
                    "Runtime": "python3.6",
                    "InlineCode": "x",
                    "Environment": {"Variables": variables},
                    "FunctionName": {"Fn::Sub": "job-${Host}"},
                },
            }
        },
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_a_template_in_every_format(tmp_path, indent):
    shell = Shell(tmp_path)
    (tmp_path / "template.json").write_text(json.dumps(_template(), indent=indent))
    for name in FORMATS:
        told = shell("scan", "template.json", "-v", "--persona", "auditor", "--format", name, code=1)
        assert ("STRIPE" in told) is (name != "asff"), name  # which needs an account
        assert not leaks(told), name
    shell("snap", "it.buckler", "template.json")
    assert not leaks(zlib.decompress((tmp_path / "it.buckler").read_bytes().partition(b"\n")[2]))


def test_a_plan_in_every_format(tmp_path):
    shell = Shell(tmp_path)
    function = {
        "function_name": "job", "role": "arn:aws:iam::123456789012:role/job", "runtime": "python3.6", "handler": "a.b",
        "environment": [{"variables": PLANTED}],
    }  # fmt: skip
    resource = {"address": "aws_lambda_function.job", "mode": "managed", "type": "aws_lambda_function", "name": "job", "values": function}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": [resource]}}}
    for indent in (None, 1):
        (tmp_path / "plan.json").write_text(json.dumps(plan, indent=indent))
        for name in FORMATS:
            told = shell("scan", "plan.json", "-v", "--persona", "auditor", "--format", name, code=1)
            assert ("STRIPE" in told) is (name != "asff"), name  # which needs an account
            assert not leaks(told), (name, indent)


def _broken() -> dict[str, str]:
    whole = json.dumps(_template())
    at = whole.index(secrets.STRIPE_KEY) + 20
    key = secrets.STRIPE_KEY
    head = "Resources:\n  Job:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n"
    return {
        "cut.json": whole[:at],
        "unquoted.json": whole.replace(f'"{key}"', key),
        "control.json": whole.replace(key, key[:30] + "\n" + key[30:]),
        "tab.yaml": f"{head}          KEY: {key}\n\t\tOTHER: {secrets.GITHUB_TOKEN}\n",
        "open.yaml": f'{head}          KEY: "{key}\n',
        "alias.yaml": f"{head}          KEY: *{key}\n",
        "anchor.yaml": f"{head}          KEY: &{key} x\n          KEY2: *{secrets.GITHUB_TOKEN}\n",
        "tag.yaml": f"{head}          KEY: !{key} x\n          K2: !Sub '${{{secrets.GITHUB_TOKEN}'\n",
        "key.yaml": f"{head}          {key}: {key}: {key}\n",
        "twice.yaml": f"{head}          KEY: {key}\n          KEY: {secrets.GITHUB_TOKEN}\n",
        "where.yaml": f"{head}          K: !Ref {key}\n          L: !GetAtt {key}\n          M: !FindInMap [{key}, a]\n",
        "sub.yaml": f"{head}          K: !Sub 'a ${{!x}} ${{{key}}} {secrets.GITHUB_TOKEN}'\n",
        "list.yaml": f"{head.rstrip()} [{key}]\n",
        "env.yaml": f"{head.rpartition('Variables')[0].rstrip()} {key}\n",
        "bytes.yaml": f"{head}          KEY: {key}\x00\n",
        "buckler.toml": f'fail-on = "{key}\n',
    }


@pytest.mark.parametrize("name", sorted(_broken()))
def test_a_broken_file_is_not_quoted(tmp_path, name):
    (tmp_path / name).write_text(_broken()[name])
    shell = Shell(tmp_path)
    told = [shell("scan", ".", "-v", "--persona", "auditor", "--format", form) for form in ("console", "json", "html")]
    assert not leaks(*told)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--parameter", secrets.STRIPE_KEY],
        ["--parameter", f"Token={secrets.STRIPE_KEY}"],
        ["--parameter-file", "parameters.json"],
        ["--parameter-file", "broken.json"],
        ["--parameter-file", "samconfig.toml"],
    ],
)
def test_a_parameter_is_not_quoted(tmp_path, arguments):
    (tmp_path / "template.json").write_text(json.dumps(_template()))
    (tmp_path / "parameters.json").write_text(json.dumps([{"ParameterKey": "Token", "ParameterValue": secrets.STRIPE_KEY}]))
    (tmp_path / "broken.json").write_text(json.dumps([{"ParameterKey": "Token", "ParameterValue": secrets.STRIPE_KEY}])[:60])
    (tmp_path / "samconfig.toml").write_text(f'[default.deploy.parameters]\nparameter_overrides = "Token={secrets.STRIPE_KEY}\n')
    told = [Shell(tmp_path)("scan", "template.json", *arguments, "-v", "--format", name) for name in ("console", "json")]
    assert not leaks(*told)
