"""Remedies of Terraform configurations that write or take out blocks and lists: by scans of what was edited, line by line."""

import difflib
import re
from pathlib import Path

import pytest

from buckler.app import ScanOptions, read_targets, scan_targets
from buckler.app.fixing import plan_fixes, write_texts
from buckler.fixes._blocks import BLOCKS
from buckler.fixes._policies import POLICIES
from buckler.model.fix import Wishes
from buckler.model.severity import Persona
from buckler.sources.cfn.editing import CannotEditError, apply_spans
from buckler.sources.terraform.hcl.editing import Configuration

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failed"
EXTENSION = "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
HEAD = """\
provider "aws" { region = "eu-west-1" }

resource "aws_iam_role" "r" {
  name = "r" # the one
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "shop" {
  function_name = "shop"
  role          = aws_iam_role.r.arn
  handler       = "app.handler"
  runtime       = "python3.14"
  filename      = "x.zip"
%s}
"""
FUNCTION = HEAD % ""
URL = """
resource "aws_lambda_function_url" "u" {
  function_name      = aws_lambda_function.shop.function_name
  authorization_type = "NONE"
  cors {
    allow_origins = ["*"] # all of them
    allow_methods = ["GET"]
  }
}

resource "aws_lambda_permission" "url" {
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.shop.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "via" {
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.shop.function_name
  principal                = "*"
  invoked_via_function_url = true
}
"""
STREAM = """
resource "aws_lambda_event_source_mapping" "s" {
  event_source_arn  = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"
  function_name     = aws_lambda_function.shop.arn
  starting_position = "LATEST"
}
"""
TOPIC = """
resource "aws_sns_topic" "t" { name = "t" }

resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.shop.arn
}

resource "aws_lambda_permission" "t" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.shop.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.t.arn
}
"""
INVOKED = """
resource "aws_lambda_function_event_invoke_config" "shop" {
  function_name          = aws_lambda_function.shop.function_name
  maximum_retry_attempts = 1
}
"""
OPEN = """
# Whoever wants it.
resource "aws_lambda_permission" "all" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.shop.function_name
  principal     = "*"
}

resource "aws_lambda_permission" "partner" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.shop.function_name
  principal     = "999988887777"
}
"""
LAYER = """
resource "aws_lambda_layer_version" "l" {
  layer_name = "l"
  filename   = "l.zip"
}

resource "aws_lambda_layer_version_permission" "all" {
  layer_name     = aws_lambda_layer_version.l.layer_name
  version_number = 1
  statement_id   = "all"
  action         = "lambda:GetLayerVersion"
  principal      = "*"
}

resource "aws_lambda_layer_version_permission" "partner" {
  layer_name     = aws_lambda_layer_version.l.layer_name
  version_number = 1
  statement_id   = "partner"
  action         = "lambda:GetLayerVersion"
  principal      = "999988887777"
}
"""
PASS = """
resource "aws_iam_role_policy" "p" {
  name = "p"
  role = aws_iam_role.r.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:PassRole", Resource = "*" }]
  })
}
"""
SIGNED = (
    HEAD % "  code_signing_config_arn = aws_lambda_code_signing_config.c.arn\n"
    + """
resource "aws_lambda_code_signing_config" "c" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p/abcdefghij"]
  }
  policies {
    untrusted_artifact_on_deployment = "Enforce"
  }
}
"""
)
HEREDOC = """
resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        { "Effect": "Deny", "Action": "bedrock:*", "Resource": "arn:aws:bedrock:*:*:agent/é" },
        {
          "Effect": "Allow",
          "Action": "bedrock:*",
          "Resource": "*"
        }
      ]
    }
  EOT
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "d" {
  statement {
    actions = [
      # What it needs.
      "bedrock:*",
    ]
    resources = ["*"]
  }
  statement {
    effect    = "Deny"
    actions   = ["bedrock:*"]
    resources = ["arn:aws:bedrock:*:*:agent/*"]
  }
}

resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.d.json
}
"""
TWO = """\
    Statement = [
      # A leftover.
      {
        Effect = "Allow", Action = "sts:AssumeRole"
        Principal = { AWS = "arn:aws:iam::999988887777:root" }
      },
      {"""
SENDS = [
    "+ ",
    '+ resource "aws_iam_role_policy" "shop_failures" {',
    '+   name   = "failures"',
    "+   role   = aws_iam_role.r.id",
    "+   policy = jsonencode({",
    '+     Version   = "2012-10-17"',
    "+     Statement = [{",
    '+       Effect   = "Allow"',
    '+       Action   = "sqs:SendMessage"',
    f'+       Resource = "{QUEUE}"',
    "+     }]",
    "+   })",
    "+ }",
]


def plan_of(path, check, wishes):
    options = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", only=(check,))
    return plan_fixes(read_targets([path], options).estates, options, Wishes(**wishes))


def changes(before, after):
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:1] in "+-"]


CASES = [
    pytest.param(
        "cors-wildcard-on-public-url",
        FUNCTION + URL,
        {"allow_origins": ("https://a.example", "https://b.example")},
        ['-     allow_origins = ["*"] # all of them', '+     allow_origins = ["https://a.example", "https://b.example"] # all of them'],
        id="origins",
    ),
    pytest.param(
        "event-source-failure-destination-missing",
        FUNCTION + STREAM,
        {"failure_destination": QUEUE},
        ["+ ", "+   destination_config {", "+     on_failure {", f'+       destination_arn = "{QUEUE}"', "+     }", "+   }", *SENDS],
        id="records-of-a-stream",
    ),
    pytest.param(
        "failure-destination-missing",
        FUNCTION + TOPIC,
        {"failure_destination": QUEUE},
        [
            "+ ",
            '+ resource "aws_lambda_function_event_invoke_config" "shop" {',
            "+   function_name     = aws_lambda_function.shop.function_name",
            "+ ",
            "+   destination_config {",
            "+     on_failure {",
            f'+       destination = "{QUEUE}"',
            "+     }",
            "+   }",
            "+ }",
            *SENDS,
        ],
        id="what-a-function-fails-on",
    ),
    pytest.param(
        "failure-destination-missing",
        FUNCTION + TOPIC + INVOKED,
        {"failure_destination": QUEUE},
        ["+ ", "+   destination_config {", "+     on_failure {", f'+       destination = "{QUEUE}"', "+     }", "+   }", *SENDS],
        id="in-the-block-that-is-there",
    ),
    pytest.param(
        "durable-state-without-customer-key",
        HEAD % "\n  durable_config {\n    execution_timeout = 60\n  }\n",
        {"kms_key": KEY},
        [f'+     kms_key_arn       = "{KEY}"'],
        id="durable-state",
    ),
    pytest.param(
        "runtime-update-not-pinned",
        SIGNED,
        {},
        [
            "+ ",
            '+ resource "aws_lambda_runtime_management_config" "shop" {',
            "+   function_name     = aws_lambda_function.shop.function_name",
            '+   update_runtime_on = "FunctionUpdate"',
            "+ }",
        ],
        id="runtime",
    ),
    pytest.param(
        "runtime-security-extension-missing", FUNCTION, {"extension_layer": EXTENSION}, [f'+   layers        = ["{EXTENSION}"]'], id="layer"
    ),
    pytest.param(
        "runtime-security-extension-missing",
        HEAD % '  layers        = [\n    "arn:aws:lambda:eu-west-1:123456789012:layer:a:1",\n  ]\n',
        {"extension_layer": EXTENSION},
        [f'+     "{EXTENSION}",'],
        id="one-more-layer",
    ),
    pytest.param(
        "policy-open-to-anyone",
        FUNCTION + OPEN,
        {},
        [
            '- resource "aws_lambda_permission" "all" {',
            '-   action        = "lambda:InvokeFunction"',
            "-   function_name = aws_lambda_function.shop.function_name",
            '-   principal     = "*"',
            "- }",
        ],
        id="anyone",
    ),
    pytest.param(
        "policy-open-to-account",
        FUNCTION + OPEN[OPEN.index('\nresource "aws_lambda_permission" "partner"') :],
        {},
        [
            "- ",
            '- resource "aws_lambda_permission" "partner" {',
            '-   action        = "lambda:InvokeFunction"',
            "-   function_name = aws_lambda_function.shop.function_name",
            '-   principal     = "999988887777"',
            "- }",
        ],
        id="account",
    ),
    pytest.param(
        "layer-version-public",
        FUNCTION + LAYER,
        {},
        [
            "- ",
            '- resource "aws_lambda_layer_version_permission" "all" {',
            "-   layer_name     = aws_lambda_layer_version.l.layer_name",
            "-   version_number = 1",
            '-   statement_id   = "all"',
            '-   action         = "lambda:GetLayerVersion"',
            '-   principal      = "*"',
            "- }",
        ],
        id="public-layer",
    ),
    pytest.param(
        "layer-version-shared",
        FUNCTION + re.sub(r'\nresource "aws_lambda_layer_version_permission" "all" .*?\n}\n', "", LAYER, flags=re.DOTALL),
        {},
        [
            "- ",
            '- resource "aws_lambda_layer_version_permission" "partner" {',
            "-   layer_name     = aws_lambda_layer_version.l.layer_name",
            "-   version_number = 1",
            '-   statement_id   = "partner"',
            '-   action         = "lambda:GetLayerVersion"',
            '-   principal      = "999988887777"',
            "- }",
        ],
        id="shared-layer",
    ),
    pytest.param(
        "role-pass-role-any",
        FUNCTION + PASS,
        {},
        [
            "+ ",
            '+ resource "aws_iam_role_policy" "r_pass_to_lambda" {',
            '+   name   = "pass-to-lambda"',
            "+   role   = aws_iam_role.r.id",
            "+   policy = jsonencode({",
            '+     Version   = "2012-10-17"',
            "+     Statement = [{",
            '+       Effect    = "Deny"',
            '+       Action    = "iam:PassRole"',
            '+       Resource  = "*"',
            "+       Condition = {",
            "+         StringNotEquals = {",
            '+           "iam:PassedToService" = "lambda.amazonaws.com"',
            "+         }",
            "+       }",
            "+     }]",
            "+   })",
            "+ }",
        ],
        id="pass-role",
    ),
    pytest.param(
        "role-service-wildcard",
        FUNCTION + PASS.replace('"iam:PassRole"', '["xray:PutTraceSegments", "events:*"]'),
        {},
        [
            '-     Statement = [{ Effect = "Allow", Action = ["xray:PutTraceSegments", "events:*"], Resource = "*" }]',
            '+     Statement = [{ Effect = "Allow", Action = ["xray:PutTraceSegments", "events:PutEvents"], Resource = "*" }]',
        ],
        id="an-action-of-a-list",
    ),
    pytest.param(
        "role-service-wildcard",
        FUNCTION + PASS.replace('"iam:PassRole"', '"sns:*"'),
        {},
        [
            '-     Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }]',
            '+     Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = "*" }]',
        ],
        id="an-action-alone",
    ),
    pytest.param(
        "role-service-wildcard",
        FUNCTION + HEREDOC,
        {},
        ['-           "Action": "bedrock:*",', '+           "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],'],
        id="json-in-a-heredoc",
    ),
    pytest.param(
        "role-service-wildcard",
        FUNCTION + DOCUMENT,
        {},
        ['-       "bedrock:*",', '+       "bedrock:InvokeModel",', '+       "bedrock:InvokeModelWithResponseStream",'],
        id="a-policy-document",
    ),
    pytest.param(
        "role-trust-beyond-lambda",
        FUNCTION.replace('"lambda.amazonaws.com" }', '["lambda.amazonaws.com", "ec2.amazonaws.com"] }'),
        {},
        [
            '-     Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["lambda.amazonaws.com", "ec2.amazonaws.com"] } }]',
            '+     Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["lambda.amazonaws.com"] } }]',
        ],
        id="one-of-a-list",
    ),
    pytest.param(
        "role-trust-beyond-lambda",
        FUNCTION.replace("    Statement = [{", TWO),
        {},
        [
            "-       {",
            '-         Effect = "Allow", Action = "sts:AssumeRole"',
            '-         Principal = { AWS = "arn:aws:iam::999988887777:root" }',
            "-       },",
        ],
        id="a-statement",
    ),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("check", "text", "wishes", "wanted"), CASES)
def test_only_the_lines_of_the_remedy_differ(tmp_path, check, text, wishes, wanted, newline):
    path = tmp_path / "main.tf"
    path.write_bytes(text.replace("\n", newline).encode())
    plan = plan_of(tmp_path, check, wishes)
    assert [(fix.check, fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [(check, "proved", "")]
    write_texts(plan)
    after = path.read_bytes().decode()
    assert sorted(changes(text.replace("\n", newline), after)) == sorted(wanted)
    assert newline == "\n" or "\n" not in after.replace("\r\n", "")
    assert scan_targets([tmp_path], ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", only=(check,))).findings == ()


GUIDE = Path(__file__).parents[2] / "docs" / "guide"
WISHES = {
    "reserved_concurrency": 10, "kms_key": KEY, "allow_origins": ("https://shop.example",), "timeout_s": 30, "failure_destination": QUEUE,
    "extension_layer": EXTENSION, "signing_profile": "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij",
}  # fmt: skip


def _configurations():
    """Give the examples of the guide, page by page, and the texts above, by name."""
    for page in sorted(GUIDE.glob("*.md")):
        blocks = re.findall(r"^```hcl (\S+\.tf)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        if blocks:
            yield pytest.param(dict(blocks), id=page.stem)
    for case in CASES:
        yield pytest.param({"main.tf": case.values[1]}, id=f"case-{case.id}")


@pytest.mark.parametrize("texts", list(_configurations()))
def test_every_example_is_mended_by_everything_that_applies_and_nothing_else_of_it_is_touched(tmp_path, texts):
    """A scan of what was edited tells: what was mended is gone, and nothing is new."""
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    options = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26")
    before = {one.fingerprint for one in scan_targets([tmp_path], options).findings}
    plan = plan_fixes(read_targets([tmp_path], options).estates, options, Wishes(**WISHES))
    made = {fix.fingerprint: fix for fix in plan.fixes if fix.proof.verdict == "proved"}
    assert made
    touched = {str(Path(edit.file).relative_to(tmp_path)): 0 for fix in made.values() for edit in fix.edits}
    gone = sum(edit.before.count("\n") + 1 for fix in made.values() for edit in fix.edits if edit.before)
    write_texts(plan)
    after = {one.fingerprint for one in scan_targets([tmp_path], options).findings}
    assert after <= before - made.keys()  # some are mended by the way
    for name, text in texts.items():
        now = (tmp_path / name).read_text()
        lines = changes(text, now)
        assert bool(lines) == (name in touched)
        assert sum(line.startswith("-") for line in lines) <= gone
        assert set(re.findall(r"#.*", text)) <= set(re.findall(r"#.*", now)), "comments stay"
    again = plan_fixes(read_targets([tmp_path], options).estates, options, Wishes(**WISHES))
    # Behind what was mended there may stand another that does the same.
    assert not {fix.fingerprint for fix in again.fixes if fix.proof.verdict == "proved"} & made.keys()


def test_each_check_that_blocks_mend_has_a_case():
    assert {*BLOCKS, *POLICIES} <= {case.values[0] for case in CASES}


@pytest.mark.parametrize(
    ("check", "wishes", "why"),
    [
        pytest.param("cors-wildcard-on-public-url", {}, "only you know whose scripts call it", id="origins"),
        pytest.param("failure-destination-missing", {}, "only you know who looks at it", id="destination"),
        pytest.param("runtime-security-extension-missing", {}, "only you know which product protects your functions", id="product"),
    ],
)
def test_what_only_the_user_can_decide_is_advice(tmp_path, check, wishes, why):
    (tmp_path / "main.tf").write_text(FUNCTION + URL + TOPIC)
    assert {(fix.proof.verdict, fix.proof.why) for fix in plan_of(tmp_path, check, wishes).fixes} == {("advice", why)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(OPEN.replace('"all" {', '"all" {\n  count         = 2'), "makes several by `count` or `for_each`", id="count"),
        pytest.param(
            OPEN + '\noutput "o" { value = aws_lambda_permission.all.id }\n',
            "is named elsewhere in the configuration",
            id="named-elsewhere",
        ),
    ],
)
def test_a_block_that_something_hangs_on_is_advice(tmp_path, text, why):
    (tmp_path / "main.tf").write_text(FUNCTION + text)
    fixes = plan_of(tmp_path, "policy-open-to-anyone", {}).fixes
    assert fixes
    assert all(fix.proof.verdict == "advice" and re.search(why, fix.proof.why) for fix in fixes)


def test_a_module_that_is_called_twice_is_edited_once_and_that_is_said(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text('variable "name" {}\n' + SIGNED.replace('"shop"\n', "var.name\n"))
    calls = [f'module "{name}" {{\n  source = "./m"\n  name   = "{name}"\n}}\n' for name in ("a", "b")]
    said = "the same for every other call of the module: its text is one for all of them"
    for count in (1, 2):
        (tmp_path / "main.tf").write_text("\n".join(calls[:count]))
        fixes = plan_of(tmp_path, "runtime-update-not-pinned", {}).fixes
        assert [fix.proof.verdict for fix in fixes] == ["proved"] * count
        assert [said in fix.lost for fix in fixes] == [count > 1] * count
    write_texts(plan_of(tmp_path, "runtime-update-not-pinned", {}))
    assert (tmp_path / "m" / "main.tf").read_text().count("aws_lambda_runtime_management_config") == 1


def test_the_instances_of_a_function_each_get_the_block(tmp_path):
    (tmp_path / "main.tf").write_text(
        SIGNED.replace('"shop" {', '"shop" {\n  for_each      = toset(["a", "b"])').replace('"shop"\n', "each.key\n")
    )
    plan = plan_of(tmp_path, "runtime-update-not-pinned", {})
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"]
    write_texts(plan)
    text = (tmp_path / "main.tf").read_text()
    assert text.count("aws_lambda_runtime_management_config") == 1
    assert "  function_name     = aws_lambda_function.shop[each.key].function_name\n" in text


# --- the editor ----------------------------------------------------------------------------------------------------------


def added(text):
    configuration = Configuration({"main.tf": text})
    spot = configuration.resource("aws_x.y", "main.tf")
    return apply_spans(text, [one.span for one in configuration.add_item(spot, "l", "n")])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[]", '["n"]', id="empty"),
        pytest.param('["a"] # why', '["a", "n"] # why', id="one"),
        pytest.param('["a", aws_z.w.arn, ]', '["a", aws_z.w.arn, "n" ]', id="comma-at-the-end"),
        pytest.param('[\n    "é",\n  ]', '[\n    "é",\n    "n",\n  ]', id="lines"),
        pytest.param('[\n    "a"\n  ]', '[\n    "a",\n    "n",\n  ]', id="lines-without-a-comma"),
    ],
)
def test_an_item_is_added_and_nothing_else_is_touched(before, after):
    text = 'resource "aws_x" "y" {\n  l = %s\n}\n'
    assert added(text % before) == text % after


@pytest.mark.parametrize("value", ["var.l", "[\n    # why\n    1\n  ]", "concat([1], [2])"])
def test_a_list_that_is_not_written_out_is_left(value):
    with pytest.raises(CannotEditError, match="is not a list that is written out"):
        added('resource "aws_x" "y" {\n  l = ' + value + "\n}\n")
