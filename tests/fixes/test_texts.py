"""Remedies of findings in templates, by scans of what was edited."""

import difflib
from pathlib import Path

import pytest
from tests.shared import shared

from buckler.app import ScanOptions, read_targets, scan_targets
from buckler.app.fixing import plan_fixes, write_texts
from buckler.errors import NothingToScan, UsageError
from buckler.fixes._properties import PROPERTIES
from buckler.model.fix import TextEdit, Wishes
from buckler.model.severity import Persona

OPTIONS = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26")
WISHES = Wishes(reserved_concurrency=10, kms_key="arn:aws:kms:eu-west-1:123456789012:key/1")
SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.8   # for all
    Handler: app.handler
    CodeUri: s3://bucket/code.zip
Resources:
  Checkout:
    Type: AWS::Serverless::Function
    Properties:
      RecursiveLoop: Allow
      FunctionUrlConfig:
        AuthType: NONE
  Second:
    Type: AWS::Serverless::Function
    Properties:
      Tracing: Active
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /aws/lambda/${Checkout}
  Signing:
    Type: AWS::Lambda::CodeSigningConfig
    Properties:
      AllowedPublishers: {SigningProfileVersionArns: ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/p/v"]}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(SAM)
    return path


def plan_of(path, options=OPTIONS, wishes=WISHES, **more):
    return plan_fixes(read_targets([path], options).estates, options, wishes, **more)


def proved(plan):
    return {(fix.check, fix.name.strip("${}")): fix for fix in plan.fixes if fix.proof.verdict == "proved"}


def changes(before, after):
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:1] in "+-"]


def test_each_is_proved_by_a_scan_of_what_was_edited_and_written_once(file):
    plan = plan_of(file)
    found = proved(plan)
    assert {check for check, _ in found} >= {
        "concurrency-unreserved-on-public-function",
        "function-url-public",
        "log-group-missing",
        "log-group-without-customer-key",
        "log-retention-missing",
        "recursion-allowed",
        "runtime-deprecated",
        "tracing-off",
    }
    assert file.read_text() == SAM  # planning changes nothing
    assert write_texts(plan) == ((str(file), len(found)),)
    after = scan_targets([file], OPTIONS).findings
    assert not {one.fingerprint for one in after} & {fix.fingerprint for fix in found.values()}
    assert changes(SAM, file.read_text())[:2] == ["-     Runtime: python3.8   # for all", "+     Runtime: python3.14   # for all"]
    assert file.read_text().count("python3.14") == 1  # two functions, one line
    assert proved(plan_of(file)) == {}


def test_the_same_template_gives_the_same_plan(file):
    assert plan_of(file) == plan_of(file)


def test_only_what_cannot_break_anything(file):
    assert {fix.check for fix in plan_of(file, only_safe=True).fixes} == {"tracing-off"}


def test_what_only_the_user_can_decide_is_advice(file):
    plan = plan_of(file, wishes=Wishes())
    why = {fix.check: fix.proof.why for fix in plan.fixes if fix.proof.verdict == "advice"}
    assert why["concurrency-unreserved-on-public-function"] == "only you know how much it needs"
    assert why["log-group-without-customer-key"] == "only you know which key"
    assert why["code-signing-missing"] == "only you know which profile signs your code"
    assert why["runtime-security-extension-missing"] == "only you know which product protects your functions"
    assert why["vpc-missing"] == "only you know which network filters where it goes"
    # Without a key, a new log group would be found to lack one.
    assert why["log-group-missing"].startswith("this would appear: log-group-without-customer-key")


def test_a_value_that_the_command_line_gives_is_advice(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(
        SAM.replace("Runtime: python3.8   # for all", "Runtime: !Ref Rt") + "Parameters: {Rt: {Type: String, Default: python3.8}}\n"
    )
    assert ("runtime-deprecated", "Checkout") in proved(plan_of(path))
    given = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", parameters=(("Rt", "python3.7"),))
    (advice, *_) = [fix for fix in plan_of(path, given).fixes if fix.check == "runtime-deprecated"]
    assert (advice.proof.verdict, advice.proof.why) == ("advice", "the finding would still be there")


def test_a_template_that_changed_since_is_not_written(file):
    plan = plan_of(file)
    file.write_text(SAM + "# more\n")
    with pytest.raises(UsageError, match="changed since the plan was made"):
        write_texts(plan)
    assert file.read_text() == SAM + "# more\n"


def test_permissions_are_closed_to_other_accounts(tmp_path):
    path = tmp_path / "t.yaml"
    text = SAM + (
        "  Api: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Second, Action: lambda:InvokeFunction, "
        "Principal: apigateway.amazonaws.com}}\n  Bucket:\n    Type: AWS::Lambda::Permission\n    Properties:\n"
        "      FunctionName: !Ref Second\n      Action: lambda:InvokeFunction\n      Principal: s3.amazonaws.com\n"
    )
    path.write_text(text)
    options = ScanOptions(only=("policy-confused-deputy",), today="2026-11-26")
    plan = plan_of(path, options)
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved"]
    write_texts(plan)
    assert [line for line in changes(text, path.read_text()) if "Principal" not in line and line[:1] != "?"] == [
        "+       SourceAccount:",
        '+         Ref: "AWS::AccountId"',
    ]
    assert "SourceArn" in path.read_text()


def test_every_check_that_is_mended_exists():
    from buckler.checks import all_checks

    assert set(PROPERTIES) <= {one.id for one in all_checks()}


def templates():
    folder = Path(__file__).parents[3] / "shared" / "data" / "sam"
    return [path for path in sorted(folder.rglob("*")) if path.suffix in {".yaml", ".yml", ".json"}] if folder.exists() else []


def test_every_real_template_is_mended_and_nothing_else_of_it_is_touched(tmp_path):
    """Of each: what is proved is gone when the edited copy is scanned, nothing is new, and only lines of edits differ."""
    shared("sam")
    mended = 0
    for number, path in enumerate(templates()):
        try:
            before = scan_targets([path], OPTIONS)
        except NothingToScan:
            continue
        if before.coverage.scopes and before.coverage.scopes[0].kind != "template":
            continue
        plan = plan_of(path)
        assert not [fix for fix in plan.fixes if fix.check in PROPERTIES and "could not be read" in fix.proof.why], path
        # Of one check and function there may be several.
        made = [fix for fix in plan.fixes if fix.proof.verdict == "proved"]
        edits = {edit for fix in made for edit in fix.edits if isinstance(edit, TextEdit)}
        if not edits:
            continue
        copy = tmp_path / f"{number}{path.suffix}"
        copy.write_bytes(path.read_bytes())
        again = plan_of(copy)
        write_texts(again)
        mended += sum(fix.proof.verdict == "proved" for fix in again.fixes)
        text, edited = path.read_bytes().decode(), copy.read_bytes().decode()
        added = sum(edit.after.count("\n") - edit.before.count("\n") for edit in edits)
        touched = sum(max(edit.before.count("\n"), edit.before != "" or edit.after[:1] not in "\r\n") for edit in edits)
        assert len(edited.splitlines()) - len(text.splitlines()) == added, path
        assert sum(line[:1] == "-" for line in changes(text, edited)) <= touched, path
    assert mended > 400


def test_the_command_says_what_it_wrote_and_when_it_wrote_nothing(file, capfd):
    from buckler.cli.main import main

    assert main(["fix", str(file), "--only", "recursion-allowed", "--write"]) == 0
    assert f"{file}: 1 fix written" in capfd.readouterr().out
    assert main(["fix", str(file), "--only", "recursion-allowed", "--write"]) == 0
    assert "nothing was written" in capfd.readouterr().err


ROUTES = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: s3://bucket/code.zip
      Events:
        Rest:
          Type: Api
          Properties: {Path: /rest, Method: get}
        Http:
          Type: HttpApi
          Properties:
            Path: /http
            Method: get
        Own:
          Type: HttpApi
          Properties:
            ApiId: !Ref Front
            Path: /own
            Method: get
  Front:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: live
"""


def test_routes_of_each_kind_of_api_ask_for_credentials(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(ROUTES)
    options = ScanOptions(only=("api-route-unauthenticated",), today="2026-11-26")
    plan = plan_of(path, options)
    assert [fix.proof.verdict for fix in plan.fixes] == ["proved", "proved", "proved"]
    write_texts(plan)
    assert scan_targets([path], options).findings == ()
    after = path.read_text()
    assert after.count("Authorizer: AWS_IAM") == 3
    assert after.count("EnableIamAuthorizer: true") == 2  # the API that is written out, and the one that SAM makes
