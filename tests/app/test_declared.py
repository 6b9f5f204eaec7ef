"""Live functions are mended in the templates that declare them, and what is live only is named as drift."""

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky

from buckler.app import fixing, read_targets
from buckler.errors import UsageError
from buckler.model.fix import ApiEdit, TextEdit
from buckler.sources.live import LiveOptions

LIVE = LiveOptions(regions=(aws.REGION,), deep=True)
OPTIONS = replace(leaky.OPTIONS, only=("function-url-public", "tracing-off"))
TEMPLATE = """Transform: AWS::Serverless-2016-10-31
Resources:
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      {name}Handler: app.handler
      Runtime: python3.13
      InlineCode: x
      Tracing: Active # as everywhere
      FunctionUrlConfig:
        AuthType: {auth}
"""
TERRAFORM = """resource "aws_lambda_function" "hook" {
  function_name = "hook"
  handler       = "app.handler"
  runtime       = "python3.13"
  role          = "arn:aws:iam::123456789012:role/r"
  filename      = "app.zip"
}
"""


@pytest.fixture
def endpoint():
    server = aws.fresh()
    lam = aws.client("lambda", server.endpoint)
    for name in ("hook", "other"):
        lam.create_function(
            FunctionName=name,
            Role="arn:aws:iam::123456789012:role/r",
            Runtime="python3.13",
            Handler="app.handler",
            Code={"ZipFile": aws.zipped()},
            Tags={"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": name.title()},
        )
        lam.create_function_url_config(FunctionName=name, AuthType="NONE")
        allow = {"FunctionName": name, "Principal": "*"}
        lam.add_permission(**allow, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
        lam.add_permission(**allow, StatementId="via", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    with aws.environment(server.endpoint):
        yield server.endpoint


def planned(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = read_targets((folder,), OPTIONS).estates
    plan = fixing.plan_fixes((leaky.app.read_live(LIVE),), OPTIONS, project=project)
    return plan, {(fix.name, fix.check): fix for fix in plan.fixes}


@pytest.mark.parametrize("name", ["", "FunctionName: hook\n      "], ids=["by-the-tag", "by-the-name"])
def test_what_the_template_has_too_is_mended_there(endpoint, tmp_path, name):
    plan, fixes = planned(tmp_path, template_yaml=TEMPLATE.format(name=name, auth="NONE"))
    fix = fixes["hook", "function-url-public"]
    (edit,) = fix.edits
    assert isinstance(edit, TextEdit)
    assert (edit.before, edit.after) == ("NONE", "AWS_IAM")
    assert fix.subject.endswith(":function:hook")
    assert fix.proof.verdict == "proved"
    assert "deploy that; until then `hook` is as it was" in fix.notes[0]
    ((written, count),) = fixing.write_texts(plan)
    assert (written, count) == (str(tmp_path / "template.yaml"), 1)
    assert (tmp_path / "template.yaml").read_text() == TEMPLATE.format(name=name, auth="AWS_IAM")


def test_what_is_live_only_is_drift_with_both_values(endpoint, tmp_path):
    _, fixes = planned(tmp_path, template_yaml=TEMPLATE.format(name="", auth="AWS_IAM"))
    fix = fixes["hook", "function-url-public"]
    (edit,) = fix.edits
    assert isinstance(edit, ApiEdit)
    (note,) = fix.notes
    assert note == (
        f"drift: `NONE` live, `AWS_IAM` in {tmp_path}/template.yaml:11:9: "
        "this fix puts it back; a deployment does with a drift-aware change set"
    )
    traced = fixes["hook", "tracing-off"]
    assert traced.notes[0].startswith(f"drift: `PassThrough` live, `Active` in {tmp_path}/template.yaml:3")


def test_what_no_template_declares_is_planned_as_before(endpoint, tmp_path):
    _, fixes = planned(tmp_path, template_yaml=TEMPLATE.format(name="", auth="NONE"))
    fix = fixes["other", "function-url-public"]
    assert isinstance(fix.edits[0], ApiEdit)
    assert fix.notes == ("the CloudFormation stack `shop` made it: mend its template too, or a deployment that touches it takes this back",)


def test_a_plan_of_both_is_applied_where_it_is_live_and_written_where_it_is_text(endpoint, tmp_path):
    plan, _ = planned(tmp_path / "infra", template_yaml=TEMPLATE.format(name="", auth="NONE"))
    outcome = fixing.apply_plan(plan, LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert outcome.refused == ()
    lam = aws.client("lambda", endpoint)
    assert lam.get_function_url_config(FunctionName="other")["AuthType"] == "AWS_IAM"
    assert lam.get_function_url_config(FunctionName="hook")["AuthType"] == "NONE"
    assert fixing.count_proved(plan) == len(outcome.done) < sum(fix.proof.verdict == "proved" for fix in plan.fixes)


def test_a_plan_of_texts_alone_is_not_applied(endpoint, tmp_path):
    plan, _ = planned(tmp_path / "infra", template_yaml=TEMPLATE.format(name="", auth="NONE"))
    texts = tuple(fix for fix in plan.fixes if any(isinstance(edit, TextEdit) for edit in fix.edits))
    alone = replace(plan, fixes=texts, digest="")
    with pytest.raises(UsageError, match="the plan edits files"):
        fixing.apply_plan(replace(alone, digest=fixing.digest(alone)), LIVE, tmp_path / "j", patience=leaky.QUICK)


def test_a_terraform_configuration_is_known_by_the_name(endpoint, tmp_path):
    _, fixes = planned(tmp_path, main_tf=TERRAFORM)
    fix = fixes["hook", "tracing-off"]
    (edit,) = fix.edits
    assert isinstance(edit, TextEdit)
    assert "tracing_config" in edit.after
    # The configuration has no URL at all: somebody made it by hand.
    (note,) = fixes["hook", "function-url-public"].notes
    assert note == f"drift: `NONE` live, not declared in {tmp_path}/main.tf:1: this fix puts it back, and no deployment does"


def test_what_a_tool_wrote_is_not_edited(endpoint, tmp_path):
    _, fixes = planned(
        tmp_path, cdk_out__Shop_template_json='{"Resources": {"Hook": ' + _RESOURCE + ', "Url": ' + _URL + ', "P": ' + _PERMISSIONS + "}}"
    )
    fix = fixes["hook", "function-url-public"]
    assert all(isinstance(edit, ApiEdit) for edit in fix.edits)
    assert "is written by the CDK: mend what it is made of" in fix.notes[0]


_RESOURCE = (
    '{"Type": "AWS::Lambda::Function", "Properties": {"Handler": "a.b", "Runtime": "python3.13", "Code": {"ZipFile": "x"}, '
    '"Role": "arn:aws:iam::123456789012:role/r"}}'
)
_URL = '{"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE", "TargetFunctionArn": {"Ref": "Hook"}}}'
_PERMISSIONS = (
    '{"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Hook"}, "Principal": "*", '
    '"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}}, '
    '"Q": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "Hook"}, "Principal": "*", '
    '"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": true}}'
)


def test_two_templates_that_declare_it_are_named(endpoint, tmp_path):
    text = TEMPLATE.format(name="", auth="NONE")
    _, fixes = planned(tmp_path, a_yaml=text, b_yaml=text)
    assert "which template declares it is not clear" in fixes["hook", "function-url-public"].notes[-1]


def test_an_ignored_finding_of_the_template_is_no_drift(endpoint, tmp_path):
    text = TEMPLATE.format(name="", auth="NONE # buckler: ignore[function-url-public] a webhook")
    _, fixes = planned(tmp_path, template_yaml=text)
    assert "it is ignored there" in fixes["hook", "function-url-public"].notes[0]


def test_what_the_template_does_not_say_is_unknown_and_no_drift(endpoint, tmp_path):
    text = "Parameters:\n  Auth: {Type: String}\n" + TEMPLATE.format(name="", auth="!Ref Auth")
    _, fixes = planned(tmp_path, template_yaml=text)
    assert "is not known: " in fixes["hook", "function-url-public"].notes[0]


def test_another_variables_secret_is_not_the_same_finding(endpoint, tmp_path):
    lam = aws.client("lambda", endpoint)
    lam.update_function_configuration(FunctionName="hook", Environment={"Variables": {"DB_PASSWORD": "hunter2-hunter2-hunter2"}})
    text = TEMPLATE.format(name="", auth="AWS_IAM") + "      Environment:\n        Variables:\n          API_PASSWORD: another-Secret-77\n"
    (tmp_path / "template.yaml").write_text(text)
    options = replace(OPTIONS, only=("secret-in-environment",))
    plan = fixing.plan_fixes((leaky.app.read_live(LIVE),), options, project=read_targets((tmp_path,), options).estates)
    (fix,) = [fix for fix in plan.fixes if fix.name == "hook"]
    assert "does not lead to it" in fix.notes[0]


def test_the_url_of_an_alias_is_not_the_functions(endpoint, tmp_path):
    lam = aws.client("lambda", endpoint)
    lam.publish_version(FunctionName="hook")
    lam.create_alias(FunctionName="hook", Name="live", FunctionVersion="1")
    lam.create_function_url_config(FunctionName="hook", Qualifier="live", AuthType="NONE")
    allow = {"FunctionName": "hook", "Qualifier": "live", "Principal": "*"}
    lam.add_permission(**allow, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    lam.add_permission(**allow, StatementId="via", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    plan, _ = planned(tmp_path, template_yaml=TEMPLATE.format(name="", auth="AWS_IAM"))
    (fix,) = [fix for fix in plan.fixes if fix.name == "hook" and "`live`" in fix.message]
    assert fix.notes[0].startswith("drift: `NONE` live, not declared in ")


IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api"
BY_TAG = {
    "template_yaml": """Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: api
      PackageType: Image
      ImageUri: {}
""",
    "main_tf": """resource "aws_lambda_function" "api" {{
  function_name = "api"
  package_type  = "Image"
  role          = "arn:aws:iam::123456789012:role/r"
  image_uri     = {}
}}
""",
}


@pytest.mark.parametrize(
    ("file", "written", "wanted"),
    [
        ("template_yaml", f"{IMAGE}:v1 # ours", f"{IMAGE}@DIGEST # ours"),
        ("template_yaml", "!Sub '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/shop/api:v1'", "!Sub '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/shop/api@DIGEST'"),
        ("template_yaml", f"{IMAGE}:v2", ""),
        ("main_tf", f'"{IMAGE}:v1"', f'"{IMAGE}@DIGEST"'),
        ("main_tf", f'"{IMAGE}:v2"', ""),
    ],
)  # fmt: skip
def test_the_digest_that_runs_is_what_a_template_is_told(endpoint, tmp_path, file, written, wanted):
    lam = aws.client("lambda", endpoint)
    lam.create_function(FunctionName="api", Role="arn:aws:iam::123456789012:role/r", PackageType="Image", Code={"ImageUri": f"{IMAGE}:v1"})
    digest = lam.get_function(FunctionName="api")["Code"]["ResolvedImageUri"].rpartition("@")[2]
    (tmp_path / file.replace("_", ".")).write_text(BY_TAG[file].format(written))
    options = replace(leaky.OPTIONS, only=("image-tag-not-digest",))
    project = read_targets((tmp_path,), options).estates
    (fix,) = fixing.plan_fixes((leaky.app.read_live(LIVE),), options, project=project).fixes
    assert fix.proof.verdict == "proved", fix.proof.why
    if not wanted:
        assert isinstance(fix.edits[0], ApiEdit), "another image is declared"
        return
    assert all(isinstance(edit, TextEdit) for edit in fix.edits)
    fixing.write_texts(fixing.plan_fixes((leaky.app.read_live(LIVE),), options, project=project))
    assert (tmp_path / file.replace("_", ".")).read_text() == BY_TAG[file].format(wanted.replace("DIGEST", digest))


def test_a_template_alone_does_not_tell_which_image_runs(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(BY_TAG["template_yaml"].format(f"{IMAGE}:v1"))
    options = replace(leaky.OPTIONS, only=("image-tag-not-digest",))
    (fix,) = fixing.plan_fixes(read_targets((path,), options).estates, options).fixes
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "no file tells which one runs: read the account too, buckler fix --project")
