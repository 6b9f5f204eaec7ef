"""Remedies of findings in Terraform configurations, by scans of what was edited."""

import difflib

import pytest

from buckler.app import ScanOptions, read_targets, scan_targets
from buckler.app.fixing import plan_fixes, write_texts
from buckler.errors import UsageError
from buckler.fixes._arguments import ARGUMENTS
from buckler.model.fix import Wishes
from buckler.model.severity import Persona
from buckler.sources.cfn.editing import CannotEditError, apply_spans
from buckler.sources.terraform.hcl.editing import Configuration, Raw
from buckler.sources.terraform.hcl.parse import parse

OPTIONS = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
WISHES = Wishes(reserved_concurrency=10, kms_key=KEY)
MAIN = """\
# the shop
provider "aws" { region = "eu-west-1" }

resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "checkout" {
  function_name = "checkout"
  role          = aws_iam_role.r.arn
  handler       = "app.handler" # where it begins
  runtime       = var.runtime
  filename      = "x.zip"

  environment {
    variables = { API_KEY = "kein-Geheimnis-für-Fremde-42x" }
  }
}

resource "aws_lambda_function_url" "u" {
  function_name      = aws_lambda_function.checkout.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "url" {
  statement_id           = "url"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.checkout.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "via" {
  statement_id             = "via"
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.checkout.function_name
  principal                = "*"
  invoked_via_function_url = true
}

resource "aws_lambda_permission" "s3" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.checkout.function_name
  principal     = "s3.amazonaws.com"
}

resource "aws_lambda_permission" "topic" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.checkout.function_name
  principal     = "sns.amazonaws.com"
}

resource "aws_cloudwatch_log_group" "g" { name = "/aws/lambda/checkout" }

resource "aws_lambda_function_recursion_config" "rc" {
  function_name  = aws_lambda_function.checkout.function_name
  recursive_loop = "Allow"
}

resource "aws_lambda_code_signing_config" "c" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p/v"]
  }
}

module "second" {
  source = "./second"
  role   = aws_iam_role.r.arn
}
"""
VARIABLES = 'variable "runtime" {\n  default = "python3.8" # old\n}\n'
SECOND = """\
variable "role" {}

resource "aws_lambda_function" "this" {
  function_name = "second"
  role = var.role
  handler = "app.handler"
  runtime = "python3.9"
  code_signing_config_arn = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0123456789abcdef0"
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "variables.tf").write_text(VARIABLES)
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "main.tf").write_text(SECOND)
    return tmp_path


def plan_of(path, options=OPTIONS, wishes=WISHES):
    return plan_fixes(read_targets([path], options).estates, options, wishes)


def proved(plan):
    return {(fix.check, fix.subject): fix for fix in plan.fixes if fix.proof.verdict == "proved"}


def changes(before, after):
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:1] in "+-"]


def test_each_is_proved_by_a_scan_of_what_was_edited(folder):
    before = {one.fingerprint for one in scan_targets([folder], OPTIONS).findings}
    plan = plan_of(folder)
    found = proved(plan)
    assert {check for check, _ in found} >= {
        "concurrency-unreserved-on-public-function",
        "function-url-public",
        "log-group-missing",
        "log-group-without-customer-key",
        "log-retention-missing",
        "policy-confused-deputy",
        "recursion-allowed",
        "runtime-deprecated",
        "tracing-off",
    }
    assert (folder / "main.tf").read_text() == MAIN  # planning changes nothing
    write_texts(plan)
    after = scan_targets([folder], OPTIONS).findings
    assert not {one.fingerprint for one in after} & {fix.fingerprint for fix in found.values()}
    assert {one.fingerprint for one in after} < before
    assert proved(plan_of(folder)) == {}
    assert (folder / "variables.tf").read_text() == VARIABLES.replace("python3.8", "python3.14")


def test_only_the_lines_of_remedies_differ(folder):
    write_texts(plan_of(folder))
    # What is added in one place stands in any order.
    assert sorted(changes(MAIN, (folder / "main.tf").read_text())) == sorted(
        [
            "+   reserved_concurrent_executions = 10",
            '+   kms_key_arn   = "' + KEY + '"',
            "+ ",
            "+   tracing_config {",
            '+     mode = "Active"',
            "+   }",
            '-   authorization_type = "NONE"',
            '+   authorization_type = "AWS_IAM"',
            "+   source_account = data.aws_caller_identity.current.account_id",
            '+   source_arn    = "arn:aws:sns:*:${data.aws_caller_identity.current.account_id}:*"',
            '- resource "aws_cloudwatch_log_group" "g" { name = "/aws/lambda/checkout" }',
            '+ resource "aws_cloudwatch_log_group" "g" {',
            '+   name = "/aws/lambda/checkout"',
            f'+   kms_key_id = "{KEY}"',
            "+   retention_in_days = 365",
            "+ }",
            '-   recursive_loop = "Allow"',
            '+   recursive_loop = "Terminate"',
            "+ ",
            '+ data "aws_caller_identity" "current" {}',
        ]
    )


def test_a_module_has_one_code_signing_configuration_for_all_its_files(tmp_path):
    function = SECOND.partition('variable "role" {}\n')[2].replace("  code_signing_config_arn", "  # code_signing_config_arn")
    (tmp_path / "a.tf").write_text('variable "role" {}\n' + function)
    (tmp_path / "b.tf").write_text(function.replace('"this"', '"that"').replace('"second"', '"third"') + "# the end\n")
    profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij"
    options = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", only=("code-signing-missing",))
    plan = plan_of(tmp_path, options, Wishes(signing_profile=profile))
    assert len(proved(plan)) == 2, [fix.proof.why for fix in plan.fixes]
    write_texts(plan)
    a, b = (tmp_path / "a.tf").read_text(), (tmp_path / "b.tf").read_text()
    assert [one.count('resource "aws_lambda_code_signing_config" "code" {') for one in (a, b)] == [1, 0]
    assert [one.count("code_signing_config_arn = aws_lambda_code_signing_config.code.arn") for one in (a, b)] == [1, 1]
    assert profile in a
    assert proved(plan_of(tmp_path, options, Wishes(signing_profile=profile))) == {}


def test_a_configuration_that_changed_since_is_not_written(folder):
    plan = plan_of(folder)
    (folder / "variables.tf").write_text(VARIABLES + "# more\n")
    with pytest.raises(UsageError, match="changed since the plan was made"):
        write_texts(plan)
    assert (folder / "main.tf").read_text() == MAIN


def test_a_variable_that_the_command_line_gives_is_advice(folder):
    options = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", parameters=(("runtime", "python3.7"),))
    (advice, *_) = [fix for fix in plan_of(folder, options).fixes if fix.check == "runtime-deprecated" and fix.subject.endswith("checkout")]
    assert (advice.proof.verdict, advice.proof.why) == ("advice", "the finding would still be there")


def test_every_check_that_is_mended_exists():
    from buckler.checks import all_checks

    assert set(ARGUMENTS) <= {one.id for one in all_checks()}


# --- the editor ----------------------------------------------------------------------------------------------------------


def edit(text, path, value, address="aws_x.y"):
    configuration = Configuration({"main.tf": text})
    spot = configuration.resource(address, "main.tf")
    assert spot is not None
    made = apply_spans(text, [one.span for one in configuration.set(spot, path, value)])
    parse(made.encode(), "main.tf")
    return made


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        pytest.param('resource "aws_x" "y" {\n  a = 1\n}\n', ("a",), 2, 'resource "aws_x" "y" {\n  a = 2\n}\n', id="a-value"),
        pytest.param(
            'resource "aws_x" "y" {\n  long = 1 # why\n}\n',
            ("b",),
            "z",
            'resource "aws_x" "y" {\n  long = 1 # why\n  b    = "z"\n}\n',
            id="beside-it",
        ),
        pytest.param('resource "aws_x" "y" {}\n', ("a",), 1, 'resource "aws_x" "y" {\n  a = 1\n}\n', id="in-an-empty-one"),
        pytest.param('resource "aws_x" "y" {\n}\n', ("a",), 1, 'resource "aws_x" "y" {\n  a = 1\n}\n', id="in-an-empty-one-of-two-lines"),
        pytest.param('resource "aws_x" "y" { a = 1 }\n', ("b",), 2, 'resource "aws_x" "y" {\n  a = 1\n  b = 2\n}\n', id="in-one-line"),
        pytest.param(
            'resource "aws_x" "y" {\n  a = 1\n}\n',
            ("b", "c"),
            2,
            'resource "aws_x" "y" {\n  a = 1\n\n  b {\n    c = 2\n  }\n}\n',
            id="a-new-block",
        ),
        pytest.param(
            'resource "aws_x" "y" {\n  b {\n    d = 1\n  }\n}\n',
            ("b", "c"),
            2,
            'resource "aws_x" "y" {\n  b {\n    d = 1\n    c = 2\n  }\n}\n',
            id="in-a-block",
        ),
        pytest.param(
            'resource "aws_x" "y" {\n  a = [\n    1,\n  ]\n\n  b {}\n}\n',
            ("c",),
            "s",
            'resource "aws_x" "y" {\n  a = [\n    1,\n  ]\n  c = "s"\n\n  b {}\n}\n',
            id="after-a-value-of-many-lines",
        ),
        pytest.param(
            'resource "aws_x" "y" {\r\n  a = "ä"\r\n}\r\n',
            ("b",),
            "ö",
            'resource "aws_x" "y" {\r\n  a = "ä"\r\n  b = "ö"\r\n}\r\n',
            id="ends-of-windows",
        ),
        pytest.param(
            'resource "aws_x" "y" {\n  a = 1\n}\n', ("a",), Raw("var.b"), 'resource "aws_x" "y" {\n  a = var.b\n}\n', id="an-expression"
        ),
        pytest.param(
            'resource "aws_x" "y" {\n  a = "b"\n}\n', ("a",), "${x}", 'resource "aws_x" "y" {\n  a = "$${x}"\n}\n', id="no-expression"
        ),
    ],
)
def test_an_argument_is_set_and_nothing_else_is_touched(before, path, value, after):
    assert edit(before, path, value) == after


@pytest.mark.parametrize(
    ("text", "path", "why"),
    [
        pytest.param('resource "aws_x" "y" {\n  a = local.z\n}\n', ("a",), "plain value", id="an-expression"),
        pytest.param('resource "aws_x" "y" {\n  a = "x${local.z}"\n}\n', ("a",), "plain value", id="a-template"),
        pytest.param('variable "z" {}\nresource "aws_x" "y" {\n  a = var.z\n}\n', ("a",), "no default", id="a-variable-without-default"),
        pytest.param(
            'resource "aws_x" "y" {\n  dynamic "b" {\n    for_each = []\n    content {}\n  }\n}\n', ("b", "c"), "dynamic", id="dynamic"
        ),
        pytest.param('resource "aws_x" "y" {\n  b {}\n  b {}\n}\n', ("b", "c"), "several", id="several-blocks"),
    ],
)
def test_what_cannot_be_set_by_itself_says_why(text, path, why):
    with pytest.raises(CannotEditError, match=why):
        edit(text, path, "v")


def test_addresses_of_modules_and_instances_lead_to_the_block():
    configuration = Configuration({"m/main.tf": 'resource "aws_x" "y" {}\n', "main.tf": 'resource "aws_x" "y" {}\n'})
    for address in ("module.m.aws_x.y", 'module.m["a"].aws_x.y[0]', "aws_x.y.attribute"):
        spot = configuration.resource(address, "m/main.tf")
        assert spot is not None
        assert spot.document.shown == "m/main.tf"
    assert configuration.resource("aws_x.z", "main.tf") is None


def test_two_additions_to_a_block_of_one_line_make_one_block():
    text = 'resource "aws_x" "y" { a = 1 }\n'
    configuration = Configuration({"main.tf": text})
    spot = configuration.resource("aws_x.y", "main.tf")
    placed = {*configuration.set(spot, ("b",), 2), *configuration.set(spot, ("c",), 3)}
    made = apply_spans(text, [one.span for one in placed])
    assert sorted(made.splitlines()[1:4]) == ["  a = 1", "  b = 2", "  c = 3"]
    parse(made.encode(), "main.tf")
