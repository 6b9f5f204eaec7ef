"""Statements of roles in Terraform configurations: only the entries that say nothing go."""

import pytest
from msgspec.structs import replace
from tests.fixes.test_role_blocks import ROLE, TRUST
from tests.fixes.test_texts import changes, plan_of, proved

from buckler.app.fixing import write_texts

HEAD = TRUST + ROLE % {"name": "f", "more": "", "called": '"f"'}
ENCODED = """
resource "aws_iam_role_policy" "own" {
  name = "own"
  role = aws_iam_role.f.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "xray:PutTraceSegments", Resource = "*" },
      {
        Effect = "Allow"
        Action = [
          "s3:GetObject",
          %s, # perhaps
        ]
        Resource = "arn:aws:s3:::uploads/*"
      },
    ]
  })
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "own" {
  statement {
    actions   = ["xray:PutTraceSegments"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:GetObject", "%s"] # perhaps
    resources = ["arn:aws:s3:::uploads/*"]
  }
}

resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.f.id
  policy = data.aws_iam_policy_document.own.json
}
"""
ALONE = """
resource "aws_iam_role_policy" "own" {
  name = "own"
  role = aws_iam_role.f.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "xray:PutTraceSegments", Resource = "*" },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { "aws:SourceAcount" = "1" } } },
    ]
  })
}
"""


@pytest.mark.parametrize(
    ("check", "text", "wanted"),
    [
        pytest.param(
            "policy-action-unknown", ENCODED % '"s3:GetObjct"', ['-           "s3:GetObjct", # perhaps'], id="an-action-of-a-list"
        ),
        pytest.param(
            "policy-grant-impossible", ENCODED % '"s3:ListBucket"', ['-           "s3:ListBucket", # perhaps'], id="an-action-on-nothing"
        ),
        pytest.param(
            "policy-action-unknown",
            DOCUMENT % "s3:GetObjct",
            ['-     actions   = ["s3:GetObject", "s3:GetObjct"] # perhaps', '+     actions   = ["s3:GetObject"] # perhaps'],
            id="of-a-document",
        ),
        pytest.param(
            "policy-condition-unknown",
            ALONE,
            [
                '-       { Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { "aws:SourceAcount" = "1" } } },'
            ],
            id="a-statement-that-grants-nothing",
        ),
    ],
)
def test_only_the_entry_goes(tmp_path, check, text, wanted):
    path = tmp_path / "main.tf"
    path.write_text(HEAD + text)
    plan = plan_of(tmp_path)
    assert [one.proof.why for one in plan.fixes if one.check == check and one.proof.verdict != "proved"] == []
    fix = next(one for (name, _), one in proved(plan).items() if name == check)
    write_texts(replace(plan, fixes=(fix,)))
    assert changes(HEAD + text, path.read_text()) == wanted
    assert check not in {one.check for one in plan_of(tmp_path).fixes}


def test_what_is_meant_is_yours_to_write(tmp_path):
    (tmp_path / "main.tf").write_text(HEAD + ENCODED.replace('Effect = "Allow"\n', 'Effect = "Deny"\n') % '"s3:DeleteObjct"')
    (fix,) = [one for one in plan_of(tmp_path).fixes if one.check == "policy-action-unknown"]
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
