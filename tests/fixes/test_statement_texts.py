"""Statements of roles in templates: only the entries that are wrong change."""

import pytest
from msgspec.structs import replace
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app.fixing import write_texts

HEAD = """\
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.14, Handler: a.b, Code: {ZipFile: x}, Role: !GetAtt R.Arn}
  Uploads: {Type: AWS::S3::Bucket}
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "xray:PutTraceSegments", Resource: "*"}
"""


@pytest.mark.parametrize(
    ("check", "written", "wanted"),
    [
        pytest.param(
            "policy-action-unknown",
            """\
              - Effect: Allow
                Action:
                  - s3:GetObject
                  - s3:HeadObject  # asks whether it is there
                Resource: !Sub "${Uploads.Arn}/*"
""",
            ["-                   - s3:HeadObject  # asks whether it is there"],
            id="an-action-goes-with-its-line",
        ),
        pytest.param(
            "policy-action-unknown",
            """\
              - {Effect: Allow, Action: ["s3:GetObjct", "s3:GetObject"], Resource: "*"}
""",
            [
                '-               - {Effect: Allow, Action: ["s3:GetObjct", "s3:GetObject"], Resource: "*"}',
                '+               - {Effect: Allow, Action: ["s3:GetObject"], Resource: "*"}',
            ],
            id="an-action-of-a-line",
        ),
        pytest.param(
            "policy-action-unknown",
            """\
              - Effect: Deny
                Action: iam:CreateUsr
                Resource: "*"
""",
            ["-                 Action: iam:CreateUsr", "+                 Action: iam:CreateUser"],
            id="what-is-meant",
        ),
        pytest.param(
            "policy-condition-unknown",
            """\
              - Effect: Deny
                Action: "s3:*"
                Resource: "*"
                Condition:
                  StringEquals: {aws:SourceAcount: "111122223333"}
""",
            [
                '-                   StringEquals: {aws:SourceAcount: "111122223333"}',
                '+                   StringEquals: {"aws:SourceAccount": "111122223333"}',
            ],
            id="a-key-that-is-meant",
        ),
        pytest.param(
            "policy-condition-unknown",
            """\
              - Effect: Allow
                Action: s3:GetObject
                Resource: "*"
                Condition:
                  StringEquals: {aws:SourceAcount: "111122223333"}
""",
            [
                "-               - Effect: Allow",
                "-                 Action: s3:GetObject",
                '-                 Resource: "*"',
                "-                 Condition:",
                '-                   StringEquals: {aws:SourceAcount: "111122223333"}',
            ],
            id="a-statement-that-grants-nothing",
        ),
        pytest.param(
            "policy-condition-unknown",
            """\
              - Effect: Allow
                Action: s3:GetObject
                Resource: "*"
                Condition:
                  StringEqualsIfExists: {aws:Whatever: x}
""",
            ["-                 Condition:", "-                   StringEqualsIfExists: {aws:Whatever: x}"],
            id="a-condition-that-restricts-nobody",
        ),
        pytest.param(
            "policy-grant-impossible",
            """\
              - Effect: Allow
                Action:
                  - s3:GetObject
                  - s3:ListBucket
                Resource: !Sub "${Uploads.Arn}/*"
""",
            ["-                   - s3:ListBucket"],
            id="an-action-on-nothing-of-the-statement",
        ),
        pytest.param(
            "policy-grant-impossible",
            """\
              - Effect: Allow
                Action: s3:GetObject
                Resource: [!Sub "${Uploads.Arn}/*", "arn:aws:s3:::exports"]
""",
            [
                '-                 Resource: [!Sub "${Uploads.Arn}/*", "arn:aws:s3:::exports"]',
                '+                 Resource: [!Sub "${Uploads.Arn}/*"]',
            ],
            id="a-resource-that-nothing-acts-on",
        ),
    ],
)
def test_only_the_entry_changes(tmp_path, check, written, wanted):
    path = tmp_path / "template.yaml"
    path.write_text(HEAD + written)
    plan = plan_of(path)
    assert [one.proof.why for one in plan.fixes if one.check == check and one.proof.verdict != "proved"] == []
    fix = next(one for (name, _), one in proved(plan).items() if name == check)
    write_texts(replace(plan, fixes=(fix,)))
    assert sorted(changes(HEAD + written, path.read_text())) == sorted(wanted)
    assert check not in {one.check for one in plan_of(path).fixes}


@pytest.mark.parametrize(
    ("check", "written", "why"),
    [
        pytest.param(
            "policy-grant-impossible",
            '              - {Effect: Deny, Action: "s3:GetObject", Resource: !GetAtt Uploads.Arn}\n',
            "stands alone",
            id="one-value-where-two-would-be-needed",
        ),
        pytest.param(
            "policy-action-unknown",
            '              - {Effect: Allow, Action: !Ref What, Resource: "*"}\n'
            "Parameters: {What: {Type: String, Default: 's3:GetObjct'}}\n",
            "not written out",
            id="a-parameter-decides",
        ),
    ],
)
def test_what_cannot_be_edited_is_said(tmp_path, check, written, why):
    path = tmp_path / "template.yaml"
    path.write_text(HEAD + written)
    fixes = [one for one in plan_of(path, OPTIONS).fixes if one.check == check]
    assert [(one.proof.verdict, why in one.proof.why) for one in fixes] == [("advice", True)]
