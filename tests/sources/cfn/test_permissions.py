"""A permission becomes the statement AWS stores, in the policy of the qualifier it names."""

import msgspec
import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.functions import LATEST
from buckler.model.policy import Policy
from buckler.model.text import Partial

P, R, A = "${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"
ARN = f"arn:{P}:lambda:{R}:{A}:function:checkout"

HEAD = """
    Parameters: {Open: {Type: String}}
    Conditions: {C: !Equals [!Ref Open, x]}
    Resources:
      Fn:
        Type: AWS::Lambda::Function
        Properties: {FunctionName: checkout, Runtime: python3.13, Role: 'arn:aws:iam::123456789012:role/r'}
      Live:
        Type: AWS::Lambda::Alias
        Properties: {Name: live, FunctionName: !Ref Fn, FunctionVersion: !GetAtt V.Version}
      V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Fn}}
      Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: photos}}
"""


def permission(**properties: str) -> str:
    settings = {"Action": "lambda:InvokeFunction", "FunctionName": "!Ref Fn", "Principal": "s3.amazonaws.com"} | properties
    lines = "\n".join(f"          {key}: {value}" for key, value in settings.items() if value)
    return f"{HEAD}      Let:\n        Type: AWS::Lambda::Permission\n        Properties:\n{lines}\n"


def policies(text: str, **parameters: str):
    (function,) = read(text, **parameters).functions
    return {said(entry.qualifier): entry.policy for entry in function.policies}


def statement(text: str, qualifier: str = LATEST):
    policy = policies(text)[qualifier]
    (found,) = policy.statements
    return found


def written(value):
    """Write a statement as AWS does, for reading."""
    conditions: dict = {}
    for condition in value.conditions:
        (one,) = condition.values
        conditions.setdefault(condition.operator, {})[condition.key] = said(one)
    (principal,) = value.principals
    return {
        "Sid": value.sid,
        "Effect": value.effect,
        "Principal": "*" if principal.kind == "*" else {principal.kind: said(principal.value)},
        "Action": said(value.actions[0]),
        "Resource": said(value.resources[0]),
    } | ({"Condition": conditions} if conditions else {})


BASE = {"Sid": "Let", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ARN}

CASES = [
    ("service", {}, {"Principal": {"Service": "s3.amazonaws.com"}}),
    (
        "source-arn",
        {"SourceArn": "!GetAtt Bucket.Arn"},
        {"Principal": {"Service": "s3.amazonaws.com"}, "Condition": {"ArnLike": {"AWS:SourceArn": f"arn:{P}:s3:::photos"}}},
    ),
    (
        "source-account",
        {"SourceAccount": "!Ref AWS::AccountId", "SourceArn": "arn:aws:s3:::photos"},
        {
            "Principal": {"Service": "s3.amazonaws.com"},
            "Condition": {"StringEquals": {"AWS:SourceAccount": A}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::photos"}},
        },
    ),
    ("anyone", {"Principal": "'*'"}, {"Principal": "*"}),
    ("account", {"Principal": "210987654321"}, {"Principal": {"AWS": f"arn:{P}:iam::210987654321:root"}}),
    ("own-account", {"Principal": "!Ref AWS::AccountId"}, {"Principal": {"AWS": f"arn:{P}:iam::{A}:root"}}),
    ("arn", {"Principal": "arn:aws:iam::210987654321:role/x"}, {"Principal": {"AWS": "arn:aws:iam::210987654321:role/x"}}),
    ("arn-with-holes", {"Principal": "!Sub 'arn:aws:iam::${AWS::AccountId}:role/x'"}, {"Principal": {"AWS": f"arn:aws:iam::{A}:role/x"}}),
    ("regional-service", {"Principal": "!Sub 'logs.${AWS::Region}.amazonaws.com'"}, {"Principal": {"Service": f"logs.{R}.amazonaws.com"}}),
    (
        "organisation",
        {"Principal": "'*'", "PrincipalOrgID": "o-abc123"},
        {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc123"}}},
    ),
    (
        "url-auth-type",
        {"Principal": "'*'", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
        {"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
    ),
    (
        "invoked-via-url",
        {"Principal": "'*'", "InvokedViaFunctionUrl": "true"},
        {"Principal": "*", "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
    ),
    ("invoked-in-any-way", {"Principal": "'*'", "InvokedViaFunctionUrl": "false"}, {"Principal": "*"}),
    (
        "alexa-token",
        {"Principal": "alexa-appkit.amazon.com", "EventSourceToken": "amzn1.ask.skill.x"},
        {
            "Principal": {"Service": "alexa-appkit.amazon.com"},
            "Condition": {"StringEquals": {"lambda:EventSourceToken": "${Let.EventSourceToken}"}},
        },
    ),
]


@pytest.mark.parametrize(("properties", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_statement_is_what_aws_stores(properties, expected):
    assert written(statement(permission(**properties))) == BASE | expected


NAMES = [
    ("ref", "!Ref Fn", LATEST),
    ("getatt", "!GetAtt Fn.Arn", LATEST),
    ("name", "checkout", LATEST),
    ("name-with-qualifier", "checkout:live", "live"),
    ("literal-arn", "arn:aws:lambda:eu-west-1:123456789012:function:checkout", LATEST),
    ("literal-arn-with-qualifier", "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live", "live"),
    ("sub", "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:checkout'", LATEST),
    ("sub-of-arn", "!Sub '${Fn.Arn}:live'", "live"),
    ("partial-arn", "!Sub '${AWS::AccountId}:function:checkout'", LATEST),
    ("alias", "!Ref Live", "live"),
    ("version", "!Ref V", "${V.Version}"),
    ("other-version", "checkout:7", "7"),
]


@pytest.mark.parametrize(("reference", "qualifier"), [pytest.param(*case[1:], id=case[0]) for case in NAMES])
def test_it_goes_to_the_qualifier_that_is_named_and_to_no_other(reference, qualifier):
    found = policies(permission(FunctionName=reference))
    assert {name for name, policy in found.items() if policy is not None} == {qualifier}
    assert next(iter(found)) == LATEST
    assert {"live", "${V.Version}"} <= set(found)
    (resource,) = found[qualifier].statements[0].resources
    assert said(resource) == (ARN if qualifier == LATEST else f"{ARN}:{qualifier}")


@pytest.mark.parametrize("key", ["SourceArn", "SourceAccount", "PrincipalOrgID", "FunctionUrlAuthType"])
def test_a_limit_that_is_not_decided_makes_the_statement_unresolved_not_open(key):
    policy = policies(permission(**{key: "!If [C, a, !Ref 'AWS::NoValue']"}))[LATEST]
    assert policy.statements == ()
    assert [one.need for one in policy.unresolved] == ["--parameter Open=..."]


def test_a_principal_that_is_not_known_makes_the_statement_unresolved():
    policy = policies(permission(Principal="!Ref Open"))[LATEST]
    assert (policy.statements, len(policy.unresolved)) == ((), 1)
    assert policy.unresolved[0].need == "--parameter Open=..."


def test_a_function_that_is_not_decided_leaves_every_policy_it_may_go_to_unresolved():
    found = policies(permission(FunctionName="!If [C, !Ref Live, !Ref Fn]"))
    assert all(policy is not None and policy.unresolved for policy in found.values())


def test_no_permission_is_no_policy():
    assert policies(HEAD) == {LATEST: None, "live": None, "${V.Version}": None}


def test_a_function_elsewhere_is_noted():
    estate = read(permission(FunctionName="somebody-elses"))
    assert estate.functions[0].policies[0].policy is None
    assert any(note.message == "`Let` lets somebody invoke a function that is not in this template" for note in estate.notes)


def test_literal_arn_of_another_account_is_another_function():
    text = permission(FunctionName="arn:aws:lambda:eu-west-1:999999999999:function:checkout")
    assert policies(text, AWS__AccountId="123456789012")[LATEST] is None
    assert policies(text, AWS__AccountId="999999999999")[LATEST] is not None


def test_origin_is_the_permission():
    found = statement(permission())
    assert found.origin.path == "Resources.Let"
    assert found.origin.line > 0


def test_values_are_plain_and_storable():
    (function,) = read(permission(SourceArn="!GetAtt Bucket.Arn")).functions
    encoded = msgspec.json.encode(function)
    assert msgspec.json.decode(encoded, type=type(function)) == function
    assert isinstance(function.policies[0].policy, Policy)
    assert isinstance(function.arn, Partial)
