"""What roles are allowed, mended in the text of templates and configurations: policies beside them, and statements taken out."""

import json

import pytest
from msgspec.structs import replace
from tests.fixes.test_texts import OPTIONS, changes, plan_of, proved

from buckler.app import read_targets
from buckler.app.fixing import plan_fixes, write_texts
from buckler.fixes._named import Names
from buckler.model.estate import Estate
from buckler.model.fix import Wishes
from buckler.sources.cfn.editing import CannotEditError, Editor, apply_spans

TRUST = """\
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
"""
FUNCTION = """\
  %s:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.14, Handler: a.b, Code: {ZipFile: x}, Role: !GetAtt %s.Arn}
"""
OPS = (
    "  Ops:\n    Type: AWS::IAM::Role\n    Properties:\n"
    + TRUST
    + "      ManagedPolicyArns:\n        - arn:aws:iam::aws:policy/AdministratorAccess # all of it\n"
    + "        - arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess\n"
)
HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
ADMIN = HEAD + FUNCTION % ("Nightly", "Ops") + OPS
WORKER = "  Worker:\n    Type: AWS::IAM::Role\n    Condition: Prod\n    Properties:\n" + TRUST
SAM = """\
  Report:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      CodeUri: s3://bucket/code.zip
      Policies:
        - Statement:
            - {Effect: Allow, Action: "iam:AttachRolePolicy", Resource: "*"}
"""
ALLOWED = """\
      Policies:
        - PolicyName: work
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::in/*"}
              # Everything else.
              - Effect: Allow
                Action: "%s"
                Resource: %s
"""
CONDITIONS = "Conditions:\n  Prod: !Equals [!Ref AWS::Region, eu-west-1]\n"


def beside(name, policy, role, *statements, condition=()):
    return [
        f"+   {name}:",
        '+     Type: "AWS::IAM::Policy"',
        *condition,
        "+     Properties:",
        f"+       PolicyName: {policy}",
        "+       PolicyDocument:",
        '+         Version: "2012-10-17"',
        "+         Statement:",
        *(line for one in statements for line in one),
        "+       Roles:",
        f"+         - Ref: {role}",
    ]


def statement(effect, action, *resource):
    return [f"+           - Effect: {effect}", f"+             Action: {action}", *(f"+             {line}" for line in resource)]


LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/${Nightly}"
NEEDED = (
    statement("Allow", '"logs:CreateLogGroup"', "Resource:", f'  Fn::Sub: "{LOGS}"'),
    statement("Allow", '["logs:CreateLogStream", "logs:PutLogEvents"]', "Resource:", f'  Fn::Sub: "{LOGS}:*"'),
)
TEMPLATES = [
    pytest.param(
        "role-administrator",
        ADMIN,
        [
            "-         - arn:aws:iam::aws:policy/AdministratorAccess # all of it",
            *beside("OpsNeeded", "needed", "Ops", *NEEDED),
        ],
        id="an-attached-policy-goes-and-what-is-needed-comes",
    ),
    pytest.param(
        "role-administrator",
        HEAD + FUNCTION % ("Nightly", "Ops") + "  Ops:\n    Type: AWS::IAM::Role\n    Properties:\n" + TRUST + ALLOWED % ("*", '"*"'),
        [
            "-               - Effect: Allow",
            '-                 Action: "*"',
            '-                 Resource: "*"',
            *beside("OpsNeeded", "needed", "Ops", *NEEDED),
        ],
        id="a-statement-goes-and-its-neighbour-stays",
    ),
    pytest.param(
        "role-can-escalate",
        CONDITIONS + ADMIN + WORKER + ALLOWED % ("lambda:UpdateFunctionCode", "!GetAtt Nightly.Arn") + FUNCTION % ("Deploys", "Worker"),
        beside(
            "WorkerNoEscalation",
            "no-escalation",
            "Worker",
            statement("Deny", '"lambda:UpdateFunctionCode"', "Resource:", "  Fn::GetAtt: [Nightly, Arn]"),
            condition=["+     Condition: Prod"],
        ),
        id="a-step-to-a-function-of-the-template-is-denied-by-reference",
    ),
    pytest.param(
        "role-can-escalate",
        HEAD + SAM,
        beside(
            "ReportRoleNoEscalation",
            "no-escalation",
            "ReportRole",
            statement("Deny", '"iam:AttachRolePolicy"', 'Resource: "*"'),
        ),
        id="of-a-role-that-sam-makes",
    ),
    pytest.param(
        "role-can-escalate",
        HEAD
        + "  Worker:\n    Type: AWS::IAM::Role\n    Properties:\n"
        + TRUST
        + ALLOWED % ("lambda:UpdateFunctionCode", '"*"')
        + FUNCTION % ("Deploys", "Worker"),
        beside("WorkerNoEscalation", "no-escalation", "Worker", statement("Deny", '"lambda:UpdateFunctionCode"', 'Resource: "*"')),
        id="of-functions-that-the-template-does-not-make-all-are-meant",
    ),
    pytest.param(
        "role-assume-role-any",
        HEAD
        + "  Worker:\n    Type: AWS::IAM::Role\n    Properties:\n"
        + TRUST
        + ALLOWED % ("sts:AssumeRole", '"*"')
        + FUNCTION % ("Calls", "Worker")
        + "  Meant:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement:\n"
        + "          - {Effect: Allow, Principal: {AWS: !GetAtt Worker.Arn}, Action: sts:AssumeRole}\n",
        beside(
            "WorkerAssumeNoOther",
            "assume-no-other",
            "Worker",
            [
                "+           - Effect: Deny",
                '+             Action: "sts:AssumeRole"',
                "+             NotResource:",
                "+               Fn::GetAtt: [Meant, Arn]",
            ],
        ),
        id="roles-that-name-it-may-be-assumed",
    ),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("check", "text", "wanted"), TEMPLATES)
def test_a_template_is_mended_where_it_makes_the_role(tmp_path, check, text, wanted, newline):
    path = tmp_path / "template.yaml"
    path.write_bytes(text.replace("\n", newline).encode())
    plan = plan_of(path)
    assert [one for one in plan.fixes if one.check == check and one.proof.verdict != "proved"] == []
    only = proved(plan_fixes(read_targets([path], OPTIONS).estates, OPTIONS, Wishes()))
    fix = next(one for (name, _), one in only.items() if name == check)
    write_texts(replace(plan, fixes=(fix,)))
    after = path.read_bytes().decode()
    assert sorted(changes(text, after.replace("\r\n", "\n"))) == sorted(wanted)
    assert after.count("\n") == after.count(newline)
    assert check not in {one.check for one in plan_of(path).fixes}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            ADMIN + "  OpsNeeded: {Type: AWS::SNS::Topic}\n",
            "there is a `OpsNeeded` already",
            id="its-name-is-taken",
        ),
        pytest.param(
            HEAD
            + FUNCTION % ("Nightly", "Ops")
            + "  Ops:\n    Type: AWS::IAM::Role\n    Properties:\n"
            + TRUST
            + "  All:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      Roles: [!Ref Ops]\n      PolicyDocument:\n"
            + "        Statement: [{Effect: Allow, Action: '*', Resource: '*'}]\n",
            "is not written at the role itself",
            id="a-managed-policy-of-the-template",
        ),
    ],
)
def test_what_is_not_the_roles_own_is_advice(tmp_path, text, why):
    path = tmp_path / "template.yaml"
    path.write_text(text)
    (fix,) = [one for one in plan_of(path).fixes if one.check == "role-administrator"]
    assert fix.proof.verdict == "advice"
    assert why in fix.proof.why


# --- the editor ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "paths", "after"),
    [
        pytest.param("R:\n  a: 1\n  b: {c: 2}\n", ["R.a"], "R:\n  b: {c: 2}\n", id="an-entry"),
        pytest.param("R:\n  b:\n    l:\n      - x\n    k: 1\n", ["R.b.l.0"], "R:\n  b:\n    k: 1\n", id="the-only-item-with-its-list"),
        pytest.param("R:\n  b:\n    l: [x, y, z]\n", ["R.b.l.0", "R.b.l.1"], "R:\n  b:\n    l: [z]\n", id="two-in-brackets"),
        pytest.param("R:\n  b:\n    l: [x, y, z]\n", ["R.b.l.2"], "R:\n  b:\n    l: [x, y]\n", id="the-last-in-brackets"),
        pytest.param('{"R": {"a": [1, 2], "b": 3}}', ["R.a"], '{"R": {"b": 3}}', id="json"),
        pytest.param('{"R": {"a": [1, 2], "b": 3}}', ["R.a.0", "R.a.1"], '{"R": {"b": 3}}', id="json-all-items"),
        pytest.param('{\n  "R": {\n    "a": 1,\n    "b": 3\n  }\n}', ["R.b"], '{\n  "R": {\n    "a": 1\n  }\n}', id="json-lines"),
    ],
)
def test_entries_and_items_go_with_what_is_left_empty(text, paths, after):
    assert apply_spans(text, Editor(text).remove([path.split(".") for path in paths])) == after


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param("R:\n  a: 1\n", "R.a", id="nothing-would-be-left"),
        pytest.param("R:\n  a: 1\n", "R.b", id="not-there"),
        pytest.param("R:\n  a: [1]\n", "R", id="a-whole-section"),
        pytest.param("R:\n  - a: 1\n    b: 2\n", "R.0.a", id="in-the-line-of-the-dash"),
        pytest.param("R:\n  a: &x [1]\n  b: [2, *x]\n  c: 3\n", "R.b.1", id="an-alias"),
    ],
)
def test_what_cannot_go_alone_is_left(text, path):
    with pytest.raises(CannotEditError):
        Editor(text).remove([path.split(".")])


def test_variables_of_iam_are_no_holes():
    names = Names(Estate())
    assert names.setting("arn:aws:s3:::home/${aws:username}/*") == "arn:aws:s3:::home/${aws:username}/*"
    assert names.setting("arn:aws:s3:::${Bucket}/${aws:username}") == {"Fn::Sub": "arn:aws:s3:::${Bucket}/${!aws:username}"}
    with pytest.raises(CannotEditError, match="cannot be written in a policy"):
        names.setting("arn:aws:s3:::${Fn::ImportValue}/*")


def test_json_in_lines_gets_lines_and_json_in_one_line_stays_in_one(tmp_path):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    kept, gone = (f"arn:aws:iam::aws:policy/{name}" for name in ("AWSXRayDaemonWriteAccess", "AdministratorAccess"))
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [gone, kept]}}
    settings = {"Runtime": "python3.14", "Handler": "a.b", "Role": {"Fn::GetAtt": ["Ops", "Arn"]}, "Code": {"ZipFile": "x"}}
    template = {"Resources": {"Ops": role, "Nightly": {"Type": "AWS::Lambda::Function", "Properties": settings}}}
    for name, text in (("lines.json", json.dumps(template, indent=4)), ("line.json", json.dumps(template))):
        path = tmp_path / name
        path.write_text(text)
        plan = plan_of(path)
        write_texts(replace(plan, fixes=tuple(fix for fix in plan.fixes if fix.check == "role-administrator")))
        after = path.read_text()
        made = json.loads(after)
        assert made["Resources"]["Ops"]["Properties"]["ManagedPolicyArns"] == [kept]
        assert made["Resources"]["OpsNeeded"]["Properties"]["Roles"] == [{"Ref": "Ops"}]
        if "\n" in text:
            assert [line for line in changes(text, after) if line[0] == "-"] == [f'-                     "{gone}",']
            assert after == json.dumps(made, indent=4)
        else:
            assert "\n" not in after
