"""Configurations as people write them, read without a plan."""

import json
from pathlib import Path

import pytest

from buckler.engines.secrets import judge
from buckler.errors import SourceError
from buckler.model.estate import Estate
from buckler.model.origin import FileOrigin
from buckler.model.secret import Redacted
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.sources.discover import discover
from buckler.sources.terraform.hcl import read_folder

_FUNCTION = """
resource "aws_iam_role" "r" {
  name               = "runner"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_lambda_function" "f" {
  function_name = "shop"
  role          = aws_iam_role.r.arn
  handler       = "index.handler"
  runtime       = "python3.13"
  filename      = "code.zip"
}
"""


def _read(folder: Path, **files: str) -> Estate:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    estate, broken = read_folder(folder, judge=judge, shown="infra")
    assert broken == ()
    return estate


def test_a_function_its_role_and_where_each_is_written(tmp_path: Path) -> None:
    estate = _read(tmp_path, main_dot_tf=_FUNCTION)
    (function,) = estate.functions
    (role,) = estate.roles
    assert (function.name, shown(function.role)) == ("shop", shown(role.arn))  # type: ignore[arg-type]
    assert function.origin == FileOrigin(file="infra/main.tf", line=17, path="aws_lambda_function.f")
    assert not isinstance(role.trust, Unknown)
    assert role.trust.statements[0].actions == ("sts:AssumeRole",)
    assert role.trust.statements[0].origin == FileOrigin(file="infra/main.tf", line=8, path="data.aws_iam_policy_document.trust.statement")


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(
            'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })',
            id="jsonencode",
        ),
        pytest.param(
            '<<-EOT\n  {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.b.arn}/*"}]}\n  EOT\n',
            id="heredoc",
        ),
        pytest.param('templatefile("${path.module}/policy.json", { arn = aws_s3_bucket.b.arn })', id="templatefile"),
        pytest.param("data.aws_iam_policy_document.p.json", id="document"),
        pytest.param("local.policy", id="local"),
    ],
)
def test_a_policy_however_it_is_written(tmp_path: Path, policy: str) -> None:
    (tmp_path / "policy.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${arn}/*"}]}'
    )
    around = (
        'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = "goods-${data.aws_caller_identity.me.account_id}"\n}\n'
        'data "aws_caller_identity" "me" {}\n'
        'data "aws_iam_policy_document" "p" {\n  statement {\n    actions = ["s3:GetObject"]\n    resources = ["${aws_s3_bucket.b.arn}/*"]\n  }\n}\n'
        "locals {\n  policy = data.aws_iam_policy_document.p.json\n}\n"
        f'resource "aws_iam_role_policy" "p" {{\n  role = aws_iam_role.r.name\n  policy = {policy}\n}}\n'
    )
    (role,) = _read(tmp_path, main_dot_tf=_FUNCTION + around).roles
    assert not isinstance(role.inline, Unknown)
    (statement,) = role.inline[0].statements
    assert [shown(one) for one in statement.resources or ()] == ["arn:aws:s3:::goods-${AWS::AccountId}/*"]
    assert statement.actions == ("s3:GetObject",)


def test_count_for_each_dynamic_blocks_and_modules(tmp_path: Path) -> None:
    root = (
        _FUNCTION
        + """
variable "names" { default = ["a", "b"] }
resource "aws_lambda_function" "many" {
  for_each      = toset(var.names)
  function_name = "many-${each.key}"
  role          = aws_iam_role.r.arn
  runtime       = "nodejs22.x"
  handler       = "i.h"
  dynamic "environment" {
    for_each = each.key == "a" ? [{ LEVEL = "debug" }] : []
    content { variables = environment.value }
  }
}
resource "aws_lambda_function" "none" {
  count         = var.names == [] ? 1 : 0
  function_name = "none"
  role          = aws_iam_role.r.arn
}
module "door" {
  source   = "./door"
  function = aws_lambda_function.many["b"].function_name
}
"""
    )
    door = 'variable "function" {}\nresource "aws_lambda_function_url" "u" {\n  function_name = var.function\n  authorization_type = "NONE"\n}\n'
    estate = _read(tmp_path, main_dot_tf=root, door__main_dot_tf=door)
    by_name = {shown(one.name): one for one in estate.functions}
    assert sorted(by_name) == ["many-a", "many-b", "shop"]
    variables = by_name["many-a"].environment
    assert not isinstance(variables, Unknown)
    assert [(one.name, one.value) for one in variables] == [("LEVEL", "debug")]
    urls = by_name["many-b"].urls
    assert not isinstance(urls, Unknown)
    assert [(url.auth_type, url.origin.file if isinstance(url.origin, FileOrigin) else "") for url in urls] == [
        ("NONE", "infra/door/main.tf")
    ]
    assert by_name["many-a"].urls == ()


def test_variable_files_and_parameters(tmp_path: Path) -> None:
    text = 'variable "name" {}\nvariable "memory" { type = number }\n' + _FUNCTION.replace('"shop"', "var.name").replace(
        '"code.zip"', '"code.zip"\n  memory_size = var.memory'
    )
    (tmp_path / "main.tf").write_text(text)
    (tmp_path / "terraform.tfvars").write_text('name = "from-the-file"\nmemory = 256\n')
    (tmp_path / "z.auto.tfvars.json").write_text(json.dumps({"memory": 512}))
    (function,) = read_folder(tmp_path, judge=judge, shown="infra")[0].functions
    assert (function.name, function.memory_mb) == ("from-the-file", 512)
    (function,) = read_folder(tmp_path, judge=judge, shown="infra", parameters={"name": "typed", "memory": "1024"})[0].functions
    assert (function.name, function.memory_mb) == ("typed", 1024)


def test_a_secret_in_the_middle_of_a_string_is_found_and_not_kept(tmp_path: Path) -> None:
    key = "AKIA" + "Z7Q2LMXN4T5RWVBC"
    text = _FUNCTION.replace(
        '"code.zip"',
        '"code.zip"\n  environment {\n    variables = {\n      A = "x"\n      URL = "${aws_iam_role.r.arn}?key=KEY"\n    }\n  }'.replace(
            "KEY", key
        ),
    )
    (function,) = _read(tmp_path, main_dot_tf=text).functions
    assert not isinstance(function.environment, Unknown)
    found = {one.name: one for one in function.environment}
    assert isinstance(found["URL"].value, Redacted)
    assert found["URL"].value.is_secret
    assert isinstance(found["URL"].origin, FileOrigin)
    assert found["URL"].origin.line == 26
    assert key not in repr(function)


def test_what_is_not_here_is_missing_and_said(tmp_path: Path) -> None:
    text = (
        _FUNCTION
        + 'module "far" {\n  source = "terraform-aws-modules/lambda/aws"\n}\nresource "aws_lambda_function" "maybe" {\n  count = var.on ? 1 : 0\n  function_name = "maybe"\n  role = aws_iam_role.r.arn\n}\nvariable "on" {}\n'
    )
    estate = _read(tmp_path, main_dot_tf=text)
    assert [note.message for note in estate.notes] == [
        "`module.far` was not read: its source `terraform-aws-modules/lambda/aws` is not here",
        "nobody knows how many of `aws_lambda_function.maybe` there are: it was read as if there was one",
    ]
    whys = {one.unknown.why for one in estate.missing if one.collection == "functions"}
    assert "`module.far` is not here" in whys
    assert sorted(shown(one.name) for one in estate.functions) == ["maybe", "shop"]


def test_a_module_that_init_fetched_is_read(tmp_path: Path) -> None:
    listed = {"Modules": [{"Key": "", "Dir": "."}, {"Key": "far", "Source": "x/y/aws", "Dir": ".terraform/modules/far"}]}
    text = _FUNCTION + 'module "far" {\n  source = "x/y/aws"\n  name = "fetched"\n}\n'
    inner = 'variable "name" {}\nresource "aws_lambda_function" "f" {\n  function_name = var.name\n  role = "arn:aws:iam::123456789012:role/x"\n}\n'
    (tmp_path / ".terraform/modules/far").mkdir(parents=True)
    (tmp_path / ".terraform/modules/modules.json").write_text(json.dumps(listed))
    (tmp_path / ".terraform/modules/far/main.tf").write_text(inner)
    estate = _read(tmp_path, main_dot_tf=text)
    assert sorted(shown(one.name) for one in estate.functions) == ["fetched", "shop"]
    assert estate.notes == ()


def test_a_broken_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_FUNCTION)
    (tmp_path / "broken.tf").write_text('resource "aws_lambda_function" "g" {\n  role = \n}\n')
    estate, broken = read_folder(tmp_path, judge=judge, shown="infra")
    assert [error.place for error in broken] == ["infra/broken.tf:2:3"]
    assert [one.name for one in estate.functions] == ["shop"]
    assert any(one.collection == "functions" and "broken.tf" in one.unknown.why for one in estate.missing)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("terraform.tfvars", b"name = \n", id="tfvars"),
        pytest.param("x.auto.tfvars.json", b"{", id="tfvars-json"),
        pytest.param("terraform.tfvars", b"\xff\xfe", id="not-text"),
    ],
)
def test_a_broken_variable_file_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "main.tf").write_text(_FUNCTION)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read_folder(tmp_path, judge=judge, shown="infra")
    assert raised.value.place.startswith(f"infra/{name}")


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("leaked-name")
    (tmp_path / "infra").mkdir()
    text = _FUNCTION.replace('"shop"', 'file("../outside.txt")')
    (function,) = _read(tmp_path / "infra", main_dot_tf=text).functions
    assert "leaked-name" not in repr(function)


def test_an_inline_ignore_belongs_to_its_resource(tmp_path: Path) -> None:
    text = _FUNCTION.replace("  handler ", "  # buckler: ignore[runtime-deprecated] a test\n  handler ")
    estate = _read(tmp_path, main_dot_tf=text)
    assert [(one.check, one.reason, one.address) for one in estate.suppressions] == [
        ("runtime-deprecated", "a test", "aws_lambda_function.f")
    ]


def test_the_roots_among_folders_are_found_and_a_plan_beside_one_counts_for_it(tmp_path: Path) -> None:
    for name in ("a", "a/inner", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('module "inner" {\n  source = "./inner"\n}\n' if name == "a" else _FUNCTION)
    (tmp_path / "c/plan.json").write_text('{"format_version": "1.2", "planned_values": {}, "terraform_version": "1.11.4"}')
    found = [(one.kind, Path(one.path).relative_to(tmp_path).as_posix()) for one in discover(tmp_path)]
    assert found == [("plan", "c/plan.json"), ("terraform", "a"), ("terraform", "b")]
    assert [(one.kind, one.path) for one in discover(tmp_path / "b/main.tf")] == [("terraform", str(tmp_path / "b"))]
