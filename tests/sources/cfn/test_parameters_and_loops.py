"""Parameters, their files, loops, inline ignores."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.errors import SourceError, UsageError
from buckler.sources.cfn import read_parameter_file

SAMCONFIG = """
version = 0.1
[default.global.parameters]
stack_name = "s"
[default.deploy.parameters]
parameter_overrides = "A=1 B=\\"two words\\" ParameterKey=C,ParameterValue=3"
[prod.deploy.parameters]
parameter_overrides = "A=9"
"""

FILES = [
    ("cli.json", '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]', {"A": "1"}),
    (
        "section.json",
        '{"Parameters": {"A": "1", "Many": ["x", "y"], "On": true}, "Tags": {"t": "u"}}',
        {"A": "1", "Many": "x,y", "On": "true"},
    ),
    ("pairs.json", '["A=1", "B=x=y"]', {"A": "1", "B": "x=y"}),
    ("plain.yaml", "A: 012345678901\nB: two words\nC: 3\n", {"A": "012345678901", "B": "two words", "C": "3"}),
    (
        "samconfig.toml",
        SAMCONFIG,
        {"A": "1", "B": "two words", "C": "3"},
    ),
    ("list.toml", '[default.deploy.parameters]\nparameter_overrides = ["A=1", "B=2"]\n', {"A": "1", "B": "2"}),
    ("samconfig.yaml", "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      parameter_overrides: [A=1]\n", {"A": "1"}),
]


@pytest.mark.parametrize(("name", "text", "expected"), FILES, ids=[case[0] for case in FILES])
def test_parameter_files(name, text, expected, tmp_path):
    (tmp_path / name).write_text(text)
    assert read_parameter_file(tmp_path / name) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "s3cr3t"),
        ("a.json", '{"A": {"B": "s3cr3t"}}'),
        ("a.json", '[{"Key": "s3cr3t"}]'),
        ("a.toml", "s3cr3t = ["),
        ("a.yaml", "- 1"),
    ],
)
def test_a_file_that_holds_no_parameters_is_refused_without_showing_it(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError) as caught:
        read_parameter_file(tmp_path / name)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [("Size", "s3cr3t"), ("Count", "s3cr3t"), ("AWS__AccountId", "s3cr3t"), ("AWS__Region", "s3cr3t"), ("AWS__Partition", "s3cr3t")],
)
def test_a_value_that_cannot_be_is_a_usage_error_that_does_not_show_it(name, value):
    text = "Parameters: {Size: {Type: String, AllowedValues: [s, m]}, Count: {Type: Number}}\nResources: {A: {Type: X}}\n"
    with pytest.raises(UsageError) as caught:
        read(text, **{name: value})
    assert "s3cr3t" not in str(caught.value)
    assert f"--parameter {name.replace('__', '::')}=..." in caught.value.hint


def test_parameters_of_other_templates_are_no_error():
    assert read("Resources: {A: {Type: X}}", Elsewhere="1").functions == ()


def test_a_loop_over_resources():
    estate = read("""
        Transform: AWS::LanguageExtensions
        Parameters: {Names: {Type: CommaDelimitedList, Default: 'orders,pay-ments'}}
        Resources:
          Fn::ForEach::Functions:
            - Name
            - !Ref Names
            - F&{Name}:
                Type: AWS::Lambda::Function
                Properties:
                  FunctionName: !Sub 'shop-${Name}'
                  Runtime: python3.13
                  Role: !Ref Name
                  Handler: !Sub '${Name}.${AWS::Region}'
          Plain: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Role: x}}
    """)
    assert [one.address for one in estate.functions] == ["Forders", "Fpayments", "Plain"]
    first, second, _ = estate.functions
    assert (first.name, second.name, second.role) == ("shop-orders", "shop-pay-ments", "pay-ments")
    assert said(second.handler) == "pay-ments.${AWS::Region}"
    assert first.origin.line == second.origin.line == 8


def test_loops_in_properties_and_in_loops():
    (one,) = read("""
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              Runtime: python3.13
              Role: x
              Environment:
                Variables:
                  Fn::ForEach::A:
                    - A
                    - [x, y]
                    - Fn::ForEach::B:
                        - B
                        - ['1', '2']
                        - 'V${A}${B}': !Sub '${A}-${B}'
    """).functions
    assert [(variable.name, variable.value) for variable in one.environment] == [
        ("Vx1", "x-1"), ("Vx2", "x-2"), ("Vy1", "y-1"), ("Vy2", "y-2"),
    ]  # fmt: skip


def test_a_loop_over_what_is_not_known_is_noted():
    estate = read("""
        Parameters: {Names: {Type: CommaDelimitedList}}
        Resources:
          Fn::ForEach::L: [N, !Ref Names, {'F${N}': {Type: AWS::Lambda::Function}}]
    """)
    assert estate.functions == ()
    assert [entry.unknown.why for entry in estate.missing if entry.collection == "functions"] == [estate.notes[0].message]
    assert [(note.origin.line, "runs over a list that is not resolved" in note.message) for note in estate.notes] == [(4, True)]


def test_a_loop_that_explodes_is_refused():
    inner = "{'k${A}${B}${C}${D}': x}"
    for name in "DCBA":
        inner = f"{{'Fn::ForEach::L{name}': [{name}, [{', '.join(f'v{n}' for n in range(40))}], {inner}]}}"
    with pytest.raises(SourceError, match="not a template"):
        read(f"Resources: {inner}")


@pytest.mark.parametrize("argument", ["x", "[a]", "[a, [b], c]", "[[a], [b], {}]"])
def test_a_malformed_loop_is_refused(argument):
    with pytest.raises(SourceError) as caught:
        read(f"Resources:\n  Fn::ForEach::L: {argument}\n")
    assert caught.value.place == "template.yaml:2:3"


IGNORES = """\
# buckler: ignore[whole-file] for all of it
Resources:
  # buckler: ignore[above-the-resource] reason one
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.8 # buckler: ignore[runtime-deprecated, second-check] moves in May
      # buckler: ignore[no-reason]
      Role: x
      # buckler: ignore[] nothing named
      Code:
        ZipFile: |
          # buckler: ignore[in-a-text] is not a comment
          x = 1
  # an ordinary comment
  G:
    Type: AWS::Lambda::Function
    # buckler: ignore[last] because
Outputs:
  # buckler: ignore[after] reason
  X: {Value: y}
"""


def test_inline_ignores():
    estate = read(IGNORES)
    assert [(one.check, one.reason, one.address, one.origin.line) for one in estate.suppressions] == [
        ("whole-file", "for all of it", "", 1),
        ("above-the-resource", "reason one", "F", 3),
        ("runtime-deprecated", "moves in May", "F", 7),
        ("second-check", "moves in May", "F", 7),
        ("last", "because", "G", 18),
        ("after", "reason", "", 20),
    ]
    assert [note.origin.line for note in estate.notes] == [8, 10]


def test_cdk_and_serverless_framework_output_are_plain_templates():
    estate = read(
        """{
          "Resources": {
            "Handler886CB40B": {
              "Type": "AWS::Lambda::Function",
              "Properties": {
                "Code": {"S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "abc.zip"},
                "Role": {"Fn::GetAtt": ["HandlerServiceRoleFCDC14AE", "Arn"]},
                "Runtime": "nodejs22.x"
              },
              "Metadata": {"aws:cdk:path": "Stack/Handler/Resource", "aws:asset:path": "asset.abc"}
            },
            "HandlerServiceRoleFCDC14AE": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
          }
        }""",
        suffix=".template.json",
    )
    assert estate.functions[0].address == "Handler886CB40B"
    assert estate.functions[0].role == estate.roles[0].arn
