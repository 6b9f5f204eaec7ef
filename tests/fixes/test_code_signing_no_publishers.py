import pytest
from msgspec.structs import replace
from tests.estates import code_signing_config, function
from tests.fixes.remedies import planned
from tests.fixes.test_texts import changes, plan_of, proved

from buckler.app.fixing import write_texts
from buckler.checks.code_signing_no_publishers import code_signing_no_publishers as check
from buckler.model.fix import Wishes

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release/abcdefghij"
TEMPLATE = """\
Resources:
  Signing:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers:
        SigningProfileVersionArns: []  # later
      CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/r
      CodeSigningConfigArn: !Ref Signing
"""
HCL = """\
resource "aws_lambda_code_signing_config" "signing" {
  allowed_publishers {
    signing_profile_version_arns = [] # later
  }
}
resource "aws_lambda_function" "f" {
  function_name           = "f"
  runtime                 = "python3.14"
  handler                 = "a.b"
  filename                = "x.zip"
  role                    = "arn:aws:iam::123456789012:role/r"
  code_signing_config_arn = aws_lambda_code_signing_config.signing.arn
}
"""


def test_in_an_account_the_command_is_named_and_why_it_is_left():
    config = code_signing_config(publishers=())
    fix = planned(check, config, function(code_signing_config=config.arn), signing_profile=PROFILE)
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert fix.summary.endswith(f"--allowed-publishers SigningProfileVersionArns={PROFILE}`")


@pytest.mark.parametrize(("name", "text", "gone", "come"), [
    ("template.yaml", TEMPLATE, ["-         SigningProfileVersionArns: []  # later"], f'"{PROFILE}"'),
    ("main.tf", HCL, ["-     signing_profile_version_arns = [] # later"], f'    signing_profile_version_arns = ["{PROFILE}"] # later'),
])  # fmt: skip
def test_in_a_text_the_profile_is_written(tmp_path, name, text, gone, come):
    path = tmp_path / name
    path.write_text(text)
    target = path if name.endswith(".yaml") else tmp_path
    plan = plan_of(target, wishes=Wishes(signing_profile=PROFILE))
    fix = next(one for (found, _), one in proved(plan).items() if found == check.id)
    write_texts(replace(plan, fixes=(fix,)))
    lines = changes(text, path.read_text())
    assert [line for line in lines if line.startswith("-")] == gone
    (line,) = [line for line in lines if line.startswith("+")]
    assert come in line
    assert line.endswith("# later")
