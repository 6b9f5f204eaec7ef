"""`buckler blast` and `buckler paths`, as somebody types them."""

import json

import pytest
from tests.cli.test_errors import buckler

SHOP = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      InlineCode: x
      FunctionUrlConfig: {AuthType: NONE}
      Policies:
        - Statement:
            - {Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref Password}
            - {Effect: Allow, Action: sts:AssumeRole, Resource: !GetAtt Deploy.Arn}
  Quiet:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.13, InlineCode: x}
  Password:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: prod/db}
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deploy
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: sts:AssumeRole}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def test_blast_says_the_worst_first(folder):
    done = buckler("blast", "Checkout", "shop.yaml", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("critical: owning")
    assert "administrator" in done.stdout
    assert "shop.yaml:" in done.stdout


def test_blast_as_json_and_as_a_picture(folder):
    document = json.loads(buckler("blast", "Checkout", "shop.yaml", "--format", "json", cwd=folder).stdout)
    assert document["schema"] == "buckler/blast/1"
    assert document["worst"] == "critical"
    assert buckler("blast", "Checkout", "shop.yaml", "--format", "svg", "--output", "x.svg", cwd=folder).returncode == 0
    assert (folder / "x.svg").read_text().startswith("<svg")


def test_a_function_nobody_knows_gets_one_clear_error(folder):
    done = buckler("blast", "Checkuot", "shop.yaml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["error: there is no function `Checkuot`", "hint: a similar one exists: `Checkout`"]


def test_paths_from_the_internet(folder):
    done = buckler("paths", "--to", "secret:*", "shop.yaml", cwd=folder)
    assert done.returncode == 1
    assert "internet to prod/db by `Checkout` in 3 steps" in done.stdout
    document = json.loads(buckler("paths", "--to", "administrator", "shop.yaml", "--format", "json", cwd=folder).stdout)
    assert (document["schema"], document["from"], document["to"]) == ("buckler/paths/1", "internet", "administrator")
    assert [document["steps"][step]["kind"] for step in document["paths"][0]] == ["invoke", "runs-as", "assume", "admin"]


def test_no_path(folder):
    done = buckler("paths", "--from", "Quiet", "--to", "secret:*", "shop.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "no path from `Quiet` to `secret:*` was found\n")


def test_a_selector_nobody_knows(folder):
    done = buckler("paths", "--from", "internet", "--to", "prod/dbx", "shop.yaml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: nothing in the estate is `prod/dbx`"
