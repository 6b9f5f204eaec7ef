"""A scan that could not list functions anywhere, or did not follow something, does not look clean."""

import json
import subprocess
import sys

import pytest
from tests.aws import fresh, standard_env
from tests.cli.test_errors import buckler
from tests.proxy import Fault, Proxy

from buckler.demo.shop import deploy

NESTED = """\
Resources:
  Job:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13  # buckler: ignore[runtime-deprecated]
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/job
  Rest:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./rest.yaml}
"""


@pytest.fixture(scope="module")
def endpoint():
    aws = fresh()
    deploy(aws.endpoint)
    return aws.endpoint


def scan(endpoint, state, *arguments):
    env = {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": str(state), **standard_env(endpoint)}
    return subprocess.run(
        [sys.executable, "-m", "buckler.cli.main", "scan", *arguments], capture_output=True, text=True, check=False, env=env
    )


@pytest.mark.parametrize(("arguments", "code"), [([], 3), (["--strict"], 4), (["--fail-on", "never"], 3)])
def test_a_role_without_any_permission(endpoint, tmp_path, arguments, code):
    services = [
        "lambda",
        "iam",
        "ec2",
        "logs",
        "cloudtrail",
        "guardduty",
        "inspector2",
        "secretsmanager",
        "ssm",
        "apigateway",
        "apigatewayv2",
        "elbv2",
    ]
    faults = [Fault(f"{service}:*", kind="denied") for service in (*services, "resourcegroupstaggingapi", "organizations", "kms", "signer")]
    with Proxy(endpoint, faults=faults) as proxy:
        done = scan(proxy.endpoint, tmp_path, *arguments)
    assert done.returncode == code, done.stderr
    assert "error: no function could be listed\ncause: AccessDenied on lambda:ListFunctions\nhint: buckler permissions" in done.stderr
    assert "grant lambda:ListFunctions" in done.stdout


def test_one_region_seen_is_something_seen(endpoint, tmp_path):
    faults = [Fault("lambda:ListFunctions", kind="denied", after=1)]
    with Proxy(endpoint, faults=faults) as proxy:
        done = scan(proxy.endpoint, tmp_path, "--region", "eu-west-1", "--region", "ap-south-1", "--fail-on", "never")
    assert done.returncode == 0
    assert "error:" not in done.stderr


def test_what_was_not_followed_is_told_in_every_report(tmp_path):
    (tmp_path / "template.yaml").write_text(NESTED)
    for format_name in ("console", "json", "sarif", "markdown", "html"):
        extra = ["-v"] if format_name == "console" else []
        told = buckler("scan", "template.yaml", "--format", format_name, *extra, cwd=tmp_path).stdout
        assert "nested stack" in told, format_name
        assert "has no reason and does not count" in " ".join(told.split()), format_name
    assert "2 notes on what was not followed or does not count: listed by `-v`" in buckler("scan", "template.yaml", cwd=tmp_path).stdout
    notes = json.loads(buckler("scan", "template.yaml", "--format", "json", cwd=tmp_path).stdout)["coverage"]["notes"]
    assert notes[0].startswith("template.yaml:")


def test_a_gap_of_a_file_names_the_file(tmp_path):
    (tmp_path / "template.yaml").write_text(
        NESTED + "  Api:\n    Type: AWS::ApiGateway::RestApi\n    Properties: {BodyS3Location: {Bucket: b, Key: k}}\n"
    )
    gaps = json.loads(buckler("scan", "template.yaml", "--format", "json", cwd=tmp_path).stdout)["gaps"]
    subjects = {(gap["subject"], gap["resource"]["place"]) for gap in gaps if gap["resource"]["kind"] == "collection"}
    assert ("triggers of template.yaml", "template.yaml") in subjects
