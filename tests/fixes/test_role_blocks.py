"""What roles of Terraform configurations are allowed, mended in their text."""

from collections import Counter

import pytest
from tests.fixes.test_text_blocks import plan_of

from buckler.app.fixing import write_texts

TRUST = """\
data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
"""
ROLE = """
resource "aws_iam_role" "%(name)s" {
  assume_role_policy = data.aws_iam_policy_document.assume.json%(more)s
}

resource "aws_lambda_function" "%(name)s" {
  function_name = %(called)s
  role          = aws_iam_role.%(name)s.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "x.zip"
}
"""
ATTACHED = """
resource "aws_iam_role_policy_attachment" "ops" {
  role       = aws_iam_role.ops.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
LISTED = """
  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
    "arn:aws:iam::aws:policy/AdministratorAccess", # all of it
  ]"""
WRITTEN = """
resource "aws_iam_role_policy" "ops" {
  role = aws_iam_role.ops.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::in/*" },
      {
        Effect   = "Allow"
        Action   = %s
        Resource = "*"
      },
    ]
  })
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "ops" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::in/*"]
  }

  # Everything else.
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "ops" {
  role   = aws_iam_role.ops.id
  policy = data.aws_iam_policy_document.ops.json
}
"""
QUEUE = """
resource "aws_sqs_queue" "q" {}

resource "aws_lambda_event_source_mapping" "q" {
  function_name    = aws_lambda_function.ops.arn
  event_source_arn = aws_sqs_queue.q.arn
}
"""
SECOND = """
resource "aws_iam_role_policy" "copy" {
  role   = aws_iam_role.ops.id
  policy = data.aws_iam_policy_document.ops.json
}
"""


def role(name, called=None, more=""):
    return ROLE % {"name": name, "called": called or f'"{name}"', "more": more}


def beside(name, policy, role, *statements):
    lines = [
        "+ ",
        f'+ resource "aws_iam_role_policy" "{name}" {{',
        f'+   name   = "{policy}"',
        f"+   role   = aws_iam_role.{role}.id",
        "+   policy = jsonencode({",
        '+     Version   = "2012-10-17"',
        "+     Statement = [{",
    ]
    for number, one in enumerate(statements):
        lines += ["+     }, {"] * (number > 0) + [f"+       {line}" for line in one]
    return [*lines, "+     }]", "+   })", "+ }"]


def logs(name):
    return (
        ['Effect   = "Allow"', 'Action   = "logs:CreateLogGroup"', f'Resource = "arn:*:logs:*:*:log-group:/aws/lambda/{name}"'],
        [
            'Effect   = "Allow"',
            'Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]',
            f'Resource = "arn:*:logs:*:*:log-group:/aws/lambda/{name}:*"',
        ],
    )


NEEDED = beside("ops_needed", "needed", "ops", *logs("ops"))
CASES = [
    pytest.param(
        "role-administrator",
        TRUST + role("ops") + ATTACHED,
        [
            "- ",
            '- resource "aws_iam_role_policy_attachment" "ops" {',
            "-   role       = aws_iam_role.ops.name",
            '-   policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"',
            "- }",
            *NEEDED,
        ],
        id="an-attachment",
    ),
    pytest.param(
        "role-administrator",
        TRUST + role("ops", more=LISTED),
        ['-     "arn:aws:iam::aws:policy/AdministratorAccess", # all of it', *NEEDED],
        id="an-item-of-a-list",
    ),
    pytest.param(
        "role-administrator",
        TRUST + role("ops") + WRITTEN % '"*"',
        ["-       {", '-         Effect   = "Allow"', '-         Action   = "*"', '-         Resource = "*"', "-       },", *NEEDED],
        id="a-statement-of-jsonencode",
    ),
    pytest.param(
        "role-administrator",
        TRUST + role("ops", called="var.name") + DOCUMENT + QUEUE + 'variable "name" {}\n',
        [
            "- ",
            "-   statement {",
            '-     actions   = ["*"]',
            '-     resources = ["*"]',
            "-   }",
            *beside(
                "ops_needed",
                "needed",
                "ops",
                *logs("${aws_lambda_function.ops.function_name}"),
                [
                    'Effect   = "Allow"',
                    'Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]',
                    "Resource = aws_sqs_queue.q.arn",
                ],
            ),
        ],
        id="a-statement-of-a-document-and-what-event-sources-need",
    ),
    pytest.param(
        "role-can-escalate",
        TRUST
        + role("admin", more='\n  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]')
        + role("ops")
        + WRITTEN.replace('"*"\n      },', "aws_lambda_function.admin.arn\n      },") % '"lambda:UpdateFunctionCode"',
        beside(
            "ops_no_escalation",
            "no-escalation",
            "ops",
            ['Effect   = "Deny"', 'Action   = "lambda:UpdateFunctionCode"', "Resource = aws_lambda_function.admin.arn"],
        ),
        id="a-step-is-denied-by-reference",
    ),
    pytest.param(
        "role-assume-role-any",
        TRUST + role("ops") + WRITTEN % '["sts:AssumeRole"]',
        beside("ops_assume_no_other", "assume-no-other", "ops", ['Effect   = "Deny"', 'Action   = "sts:AssumeRole"', 'Resource = "*"']),
        id="no-other-role-is-assumed",
    ),
]


def changes(before, after):
    """Lines that are gone, and lines that are new: blank ones aside."""
    old, new = (Counter(line for line in text.splitlines() if line.strip()) for text in (before, after))
    return sorted([f"- {line}" for line in (old - new).elements()] + [f"+ {line}" for line in (new - old).elements()])


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("check", "text", "wanted"), CASES)
def test_a_configuration_is_mended_where_it_makes_the_role(tmp_path, check, text, wanted, newline):
    path = tmp_path / "main.tf"
    path.write_bytes(text.replace("\n", newline).encode())
    plan = plan_of(tmp_path, check, {})
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    write_texts(plan)
    after = path.read_bytes().decode()
    gone, new = ("\n".join(line[2:] for line in wanted if line[0] == sign) for sign in "-+")
    assert changes(text, after) == changes(gone, new)
    assert after.count("\n") == after.count(newline)
    assert plan_of(tmp_path, check, {}).fixes == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            TRUST
            + role("ops")
            + ATTACHED
            + SECOND.replace('"copy"', '"ops_needed"').replace("data.aws_iam_policy_document.ops.json", '"{}"'),
            "there is a `aws_iam_role_policy.ops_needed` already",
            id="its-name-is-taken",
        ),
        pytest.param(TRUST + role("ops") + DOCUMENT + SECOND, "is the policy of others, too", id="a-document-of-two"),
        pytest.param(
            TRUST + role("ops", more="\n  count = 2").replace("ops.arn", "ops[0].arn") + ATTACHED.replace("ops.name", "ops[0].name"),
            "`count` or `for_each`",
            id="several-roles",
        ),
    ],
)
def test_what_cannot_be_edited_alone_is_advice(tmp_path, text, why):
    (tmp_path / "main.tf").write_text(text)
    (fix,) = plan_of(tmp_path, "role-administrator", {}).fixes
    assert fix.proof.verdict == "advice"
    assert why in fix.proof.why
