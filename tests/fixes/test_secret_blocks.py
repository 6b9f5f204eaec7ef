"""Secrets in the text of Terraform configurations: taken out, granted, and handed to the resolver."""

import pytest
from msgspec.structs import replace
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app import scan_targets
from buckler.app.fixing import write_plan, write_texts
from buckler.model.fix import Wishes
from buckler.model.severity import Persona

PASSWORD, KEY, OTHER = "kX9vQ2mLp7Rz4TnW", "AKIAIOSFODNN7EXAMPLX", "zR4nT7wQ1pLm9KvX"
LAYER = "buckler-resolve:3"
ARN = (
    "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}"
    ":layer:buckler-resolve:3"
)
MAIN = f"""\
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "lambda.amazonaws.com" }} }}]
  }})
}}

# takes money
resource "aws_lambda_function" "checkout" {{
  function_name = "checkout"
  role          = aws_iam_role.r.arn
  handler       = "app.handler"
  runtime       = "python3.13"
  filename      = "x.zip"

  environment {{
    variables = {{
      TABLE       = "orders"
      DB_PASSWORD = "{PASSWORD}" # rotate me
      "API_KEY"   = "{KEY}",
    }}
  }}
}}
"""
MAIL = f"""\
resource "aws_iam_role" "m" {{
  name = "m"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "lambda.amazonaws.com" }} }}]
  }})
}}

resource "aws_lambda_function" "mail" {{
  function_name = "mail"
  role          = aws_iam_role.m.arn
  handler       = "app.handler"
  runtime       = "nodejs22.x"
  filename      = "x.zip"
  layers        = ["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90"]
  environment {{
    variables = {{ SMTP_PASSWORD = "{OTHER}" }}
  }}
}}
"""
WISHES = Wishes(secrets_to="secretsmanager", resolver_layer=LAYER)
ONLY = replace(OPTIONS, only=("secret-in-environment",))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "mail.tf").write_text(MAIL)
    return tmp_path


def test_all_secrets_become_references_that_their_roles_may_follow(folder):
    plan = plan_of(folder, ONLY, WISHES)
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")] * 3
    assert not any(one in write_plan(plan) for one in (PASSWORD, KEY, OTHER))
    write_texts(plan)
    main, mail = (folder / "main.tf").read_text(), (folder / "mail.tf").read_text()
    assert not any(one in main + mail for one in (PASSWORD, KEY, OTHER))
    lines = changes(MAIN, main)
    assert [line[2:] for line in lines if line.startswith("-")] == [
        f'      DB_PASSWORD = "{PASSWORD}" # rotate me',
        f'      "API_KEY"   = "{KEY}",',
    ]
    added = [line[2:].strip() for line in lines if line.startswith("+")]
    assert added[:5] == [
        f'layers        = ["{ARN}"]',
        'AWS_LAMBDA_EXEC_WRAPPER = "/opt/buckler/wrapper"',
        'DB_PASSWORD = "buckler:secretsmanager:${var.checkout_db_password_secret}" # rotate me',
        '"API_KEY"   = "buckler:secretsmanager:${var.checkout_api_key_secret}",',
        "",
    ]
    assert 'resource "aws_iam_role_policy" "r_buckler_secrets" {' in added
    assert 'resource "aws_iam_role_policy" "m_buckler_secrets" {' in mail
    assert [line[2:] for line in changes(MAIL, mail) if line.startswith("-")] == [
        '  layers        = ["arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90"]',
        f'    variables = {{ SMTP_PASSWORD = "{OTHER}" }}',
    ]
    assert (
        'variables = { AWS_LAMBDA_EXEC_WRAPPER = "/opt/buckler/wrapper", '
        'SMTP_PASSWORD = "buckler:secretsmanager:${var.mail_smtp_password_secret}" }' in mail
    )
    assert not [one for one in scan_targets([folder], ONLY).findings if one.check == "secret-in-environment"]
    # Asked whole, nothing new is found in what was written.
    assert plan_of(folder, ONLY, WISHES).fixes == ()


def test_the_role_may_read_these_and_nothing_else(folder):
    write_texts(plan_of(folder, ONLY, WISHES))
    text = (folder / "main.tf").read_text() + (folder / "mail.tf").read_text()
    assert text.count('Action   = "secretsmanager:GetSecretValue"') == text.count('"buckler-secrets"') == 2
    for name in ("checkout_db_password", "checkout_api_key", "mail_smtp_password"):
        assert text.count(f"var.{name}_secret") == 2
        assert f'variable "{name}_secret" {{' in text


def test_parameters(folder):
    (folder / "mail.tf").unlink()
    write_texts(plan_of(folder, ONLY, replace(WISHES, secrets_to="ssm")))
    text = (folder / "main.tf").read_text()
    assert '"buckler:ssm:${var.checkout_db_password_parameter}"' in text
    assert 'Action   = "ssm:GetParameter"' in text


@pytest.mark.parametrize(
    ("old", "new", "wishes", "why"),
    [
        pytest.param("python3.13", "provided.al2023", WISHES, "not for provided.al2023", id="another-runtime"),
        pytest.param("aws_iam_role.r.arn", '"arn:aws:iam::123456789012:role/r"', WISHES, "not one of the configuration", id="role-elsewhere"),
        pytest.param(f'"{PASSWORD}"', "local.password", WISHES, "not written at the function", id="a-value-elsewhere"),
        pytest.param('TABLE       = "orders"', 'AWS_LAMBDA_EXEC_WRAPPER = "/opt/other"', WISHES, "in use already", id="another-wrapper"),
        pytest.param("# takes money", 'variable "checkout_db_password_secret" {}', WISHES, "there is a variable", id="a-name-taken"),
        pytest.param("# takes", "# takes", Wishes(secrets_to="ssm"), "yours to say", id="no-layer-named"),
        pytest.param('  function_name = "checkout"', '  count = 2\n  function_name = "checkout${count.index}"', WISHES, "not written as one", id="many"),
    ],
)  # fmt: skip
def test_what_cannot_follow_a_reference_keeps_its_value(tmp_path, old, new, wishes, why):
    text = MAIN.replace(old, new) + (f'locals {{ password = "{PASSWORD}" }}\n' if "local." in new else "")
    (tmp_path / "main.tf").write_text(text)
    plan = plan_of(tmp_path, ONLY, wishes)
    about = next(fix for fix in plan.fixes if "DB_PASSWORD" in fix.message)
    assert (about.proof.verdict, about.edits) == ("advice", ())
    assert why in about.proof.why


def test_of_one_function_that_cannot_the_others_move(folder):
    (folder / "mail.tf").write_text(MAIL.replace("nodejs22.x", "ruby3.4"))
    found = proved(plan_of(folder, ONLY, WISHES))
    assert {name for _, name in found} == {"checkout"}


def test_in_a_module_it_is_advice(tmp_path):
    (tmp_path / "main.tf").write_text('module "shop" { source = "./shop" }\n')
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.tf").write_text(MAIN)
    plan = plan_of(tmp_path, replace(ONLY, persona=Persona.REGULAR), WISHES)
    assert {(fix.proof.verdict, "stands in a module" in fix.proof.why) for fix in plan.fixes} == {("advice", True)}
