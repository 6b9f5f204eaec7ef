"""Every intrinsic function, in both forms, as far as a template tells."""

import json
import time

import pytest
from tests.growth import allowed
from tests.sources.cfn.templates import read, said

HEAD = """
Parameters:
  Stage: {Type: String, Default: dev}
  Open: {Type: String}
  Zones: {Type: CommaDelimitedList, Default: 'a, b,c'}
  OpenList: {Type: 'List<String>'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /ami/latest}
  Quiet: {Type: String, NoEcho: true, Default: hush}
Mappings:
  Sizes:
    dev: {memory: small, shared: one}
    prod: {memory: large, shared: one}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Equals [!Ref Stage, prod]
  IsOpen: !Equals [!Ref Open, yes-please]
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Named: {Type: 'AWS::SQS::Queue', Properties: {QueueName: jobs}}
  Topic: {Type: 'AWS::SNS::Topic'}
  Table: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: orders}}
  Other: {Type: 'Custom::Thing'}
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/r
      Description: x
      Code: {ZipFile: x}
      Environment:
        Variables:
          V: %s
"""

LINE = HEAD[: HEAD.index("V: %s")].count("\n") + 1
A, R, P = "${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}"

CASES = [
    ("literal", "plain", "plain"),
    ("number", "12", "12"),
    ("boolean", "true", "true"),
    ("yes-is-true", "yes", "true"),
    ("date-is-text", "2012-10-17", "2012-10-17"),
    ("account-id-keeps-its-zero", "012345678901", "012345678901"),
    ("octal-keeps-its-digits", "001234567012", "001234567012"),
    ("sexagesimal-is-text", "22:22", "22:22"),
    ("float-is-text", "3.10", "3.10"),
    ("hexadecimal-is-text", "0x1F", "0x1F"),
    ("ref-parameter", "!Ref Stage", "dev"),
    ("ref-long", "{Ref: Stage}", "dev"),
    ("ref-open-parameter", "!Ref Open", "${Open}"),
    ("ref-ssm-parameter-is-a-hole", "!Ref Stored", "${Stored}"),
    ("ref-pseudo", "!Ref AWS::Region", R),
    ("ref-queue-is-its-url", "!Ref Named", f"https://sqs.{R}.${{AWS::URLSuffix}}/{A}/jobs"),
    ("ref-topic-is-its-arn", "!Ref Topic", f"arn:{P}:sns:{R}:{A}:${{Topic}}"),
    ("ref-unknown-type", "!Ref Other", "${Other}"),
    ("getatt", "!GetAtt Named.Arn", f"arn:{P}:sqs:{R}:{A}:jobs"),
    ("getatt-long", "{'Fn::GetAtt': [Table, StreamArn]}", f"arn:{P}:dynamodb:{R}:{A}:table/orders/stream/${{Table.StreamLabel}}"),
    ("getatt-string", "{'Fn::GetAtt': Named.QueueName}", "jobs"),
    ("getatt-unknown-attribute", "!GetAtt Other.Some.Thing", "${Other.Some.Thing}"),
    ("sub", "!Sub '${Stage}-${Open}-${AWS::Region}-${Named.QueueName}'", f"dev-${{Open}}-{R}-jobs"),
    ("sub-literal", "!Sub 'a${!Stage}b'", "a${Stage}b"),
    ("sub-with-map", "!Sub ['${X}/${Stage}', {X: !Ref Topic}]", f"arn:{P}:sns:{R}:{A}:${{Topic}}/dev"),
    ("sub-long", "{'Fn::Sub': '${Stage}'}", "dev"),
    ("join", "!Join ['-', [a, !Ref Stage, !Ref Open]]", "a-dev-${Open}"),
    ("join-list-parameter", "!Join ['+', !Ref Zones]", "a+b+c"),
    ("join-open-list", "!Join [',', !Ref OpenList]", "${OpenList joined with ,}"),
    ("join-leaves-no-value-out", "!Join [',', [a, !Ref 'AWS::NoValue', b]]", "a,b"),
    ("select", "!Select [1, !Ref Zones]", "b"),
    ("select-string-index", "!Select ['2', [x, y, z]]", "z"),
    ("select-behind-the-end", "!Select [9, [x]]", "?"),
    ("select-of-open-list", "!Select [0, !Ref OpenList]", "${OpenList[0]}"),
    ("split", "!Select [1, !Split [',', 'a,b']]", "b"),
    ("split-arn-with-pseudo-holes", "!Select [5, !Split [':', !GetAtt Named.Arn]]", "jobs"),
    ("split-arn-with-name-hole", "!Select [5, !Split [':', !GetAtt Queue.Arn]]", "${Queue}"),
    ("split-of-open-value", "!Select [1, !Split [',', !Ref Open]]", "${Fn::Split at , of Open[1]}"),
    ("if-true", "!If [IsDev, yes1, no1]", "yes1"),
    ("if-false", "!If [IsProd, yes1, no1]", "no1"),
    ("if-undecided", "!If [IsOpen, yes1, no1]", "?"),
    ("if-undecided-but-equal", "!If [IsOpen, same, same]", "same"),
    ("if-undecided-inside-a-string", "!Sub ['a-${X}', {X: !If [IsOpen, 1, 2]}]", f"a-${{Fn::If at {LINE}:31}}"),
    ("if-nested", "!If [IsProd, x, !If [IsDev, !Ref Stage, y]]", "dev"),
    ("find-in-map", "!FindInMap [Sizes, !Ref Stage, memory]", "small"),
    ("find-in-map-missing", "!FindInMap [Sizes, nope, memory]", "?"),
    ("find-in-map-default", "!FindInMap [Sizes, nope, memory, {DefaultValue: fallback}]", "fallback"),
    ("find-in-map-open-key", "!FindInMap [Sizes, !Ref Open, memory]", "?"),
    ("find-in-map-open-key-but-equal", "!FindInMap [Sizes, !Ref Open, shared]", "one"),
    ("base64", "{'Fn::Base64': hello}", "aGVsbG8="),
    ("base64-of-a-hole", "!Base64 {Ref: Open}", "${Fn::Base64 of Open}"),
    ("import-value", "!ImportValue net-vpc", "${Fn::ImportValue:net-vpc}"),
    ("import-value-nested", "{'Fn::ImportValue': !Sub '${Stage}-x'}", "${Fn::ImportValue:dev-x}"),
    ("cidr", "!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
    ("cidr-of-a-hole", "!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 2, 8]]", "${Fn::Cidr by 8 of Vpc.CidrBlock[1]}"),
    ("get-azs", "!Select [0, !GetAZs '']", f"${{Fn::GetAZs of {R}[0]}}"),
    ("get-azs-region", "!Select [1, 'Fn::GetAZs': eu-west-1]", "${Fn::GetAZs of eu-west-1[1]}"),
    ("length", "{'Fn::Length': !Ref Zones}", "3"),
    ("to-json-string", "{'Fn::ToJsonString': {a: [1, !Ref Stage], b: !Ref Open}}", '{"a":[1,"dev"],"b":"${Open}"}'),
    ("transform-stays-unknown", "{'Fn::Transform': {Name: Mine}}", "?"),
    ("unknown-function", "!Frobnicate x", "?"),
    ("dynamic-reference", "'{{resolve:ssm:/db/host:1}}'", "${resolve:ssm:/db/host:1}"),
    (
        "dynamic-reference-inside",
        "!Sub 'x-{{resolve:secretsmanager:${Stage}:SecretString}}'",
        "x-${resolve:secretsmanager:dev:SecretString}",
    ),
    ("null", "null", ""),
]


@pytest.mark.parametrize(("written", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_value(written, expected):
    (function,) = read(HEAD % written).functions
    (variable,) = function.environment
    assert said(variable.value) == expected


def test_json_text_is_exact_whatever_is_in_it():
    written = """{'Fn::ToJsonString': {"\\ue0000\\ue001": ['a"b', !Sub '${Open}"', !If [IsOpen, 1, 2], [], {}, null]}}"""
    (function,) = read(HEAD % written).functions
    assert said(function.environment[0].value) == '{"\ue0000\ue001":["a\\"b","${Open}\\"",${value at %d:11},[],{},null]}' % LINE  # noqa: UP031 - braces


def test_holes_of_one_name_have_one_value():
    estate = read("""
        Parameters: {Open: {Type: String}}
        Conditions: {C: !Equals [!Ref Open, x]}
        Resources:
          Fn::ForEach::L:
            - N
            - [a, b]
            - F${N}: {Type: AWS::Lambda::Function, Properties: {Runtime: x, Role: !Sub ['r-${V}', {V: !If [C, !Sub '${N}1', z]}]}}
    """)
    first, second = estate.functions
    assert first.role != second.role


def test_no_value_removes_the_variable():
    (function,) = read(HEAD % "!Ref AWS::NoValue").functions
    assert function.environment == ()


def test_json_means_the_same_as_yaml():
    resources = {
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/r"}, "Runtime": "python3.13", "Timeout": 30},
        }
    }
    (function,) = read(json.dumps({"Resources": resources}, indent="\t"), suffix=".json").functions
    assert said(function.role) == f"arn:aws:iam::{A}:role/r"
    assert function.timeout_s == 30
    assert (function.origin.line, function.origin.column) == (3, 3)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!Equals [a, a]", True),
        ("!Equals [a, b]", False),
        ("!Not [!Equals [a, b]]", True),
        ("!And [!Equals [a, a], !Equals [!Ref Open, x]]", None),
        ("!And [!Equals [a, b], !Equals [!Ref Open, x]]", False),
        ("!Or [!Equals [a, a], !Equals [!Ref Open, x]]", True),
        ("!Or [!Equals [a, b], !Equals [!Ref Open, x]]", None),
        ("!Not [{Condition: Undecided}]", None),
        ("!Equals [!Sub 'x-${Open}', y-1]", False),
        ("!Equals [!Ref AWS::Region, eu-west-1]", None),
        ("!Equals [!Ref AWS::Region, not a region]", False),
        ("{Condition: Round}", None),
        ("!Equals [!Join ['', !Ref Many], '']", None),
    ],
)
def test_condition(condition, expected):
    estate = read(f"""
        Parameters:
          Open: {{Type: String}}
          Many: {{Type: CommaDelimitedList}}
        Conditions:
          Undecided: !Equals [!Ref Open, x]
          Round: !Not [{{Condition: Round}}]
          It: {condition}
        Resources:
          Always: {{Type: AWS::Logs::LogGroup}}
          Maybe: {{Type: AWS::Logs::LogGroup, Condition: It}}
    """)
    kept = "Maybe" in {group.address for group in estate.log_groups}
    noted = any("`Maybe` is read as if deployed" in note.message for note in estate.notes)
    assert (kept, noted) == {True: (True, False), False: (False, False), None: (True, True)}[expected]


def test_an_undecided_value_says_which_parameter_would_decide_it():
    estate = read("""
        Parameters: {Open: {Type: String}}
        Conditions: {C: !Not [{Condition: D}], D: !Equals [!Ref Open, x]}
        Resources:
          F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Role: !If [C, a, b]}}
    """)
    assert estate.functions[0].role.need == "--parameter Open=..."


def test_parameters_given_win_over_defaults():
    (function,) = read(HEAD % "!Sub '${Stage}-${Open}-${AWS::AccountId}'", Stage="prod", Open="x", AWS__AccountId="123456789012").functions
    assert function.environment[0].value == "prod-x-123456789012"


def test_names_made_of_names_do_not_grow_without_end() -> None:
    """Each name is the next one three times: twelve such names are half a million holes."""
    chain = "".join(
        f"""
          R{number}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Sub '${{R{number + 1}}}${{R{number + 1}}}${{R{number + 1}}}'}}}}"""
        for number in range(30)
    )
    started = time.process_time()
    estate = read(
        f"""
        Resources:{chain}
          F: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: !Ref R0, Runtime: python3.14, Role: !GetAtt R0.Arn}}}}
        """
    )
    assert len(estate.functions) == 1
    assert time.process_time() - started < allowed(3)
