"""What a statement says and can never mean, and nothing else."""

import json
from pathlib import Path

import pytest
import samtranslator

from buckler.engines.iam.validity import Validity, validity
from buckler.model.origin import FileOrigin
from buckler.model.policy import parse_policy
from buckler.model.text import hole, join, shown

HERE = FileOrigin(file="t.yaml", line=1)
UPLOADS = "arn:aws:s3:::uploads"


def judged(action, resource="*", effect="Allow", **more):
    document = {"Statement": {"Effect": effect, "Action": action, "Resource": resource, **more}}
    if action is None:
        del document["Statement"]["Action"]
    (statement,) = parse_policy(document, HERE).statements
    return validity(statement)


def idle(found):
    return [(one.written, one.instead if one.instead is None else shown(one.instead)) for one in found.idle_actions]


@pytest.mark.parametrize(
    ("action", "meant"),
    [("lambda:InvokeFunctions", "lambda:InvokeFunction"), ("s3:HeadObject", "s3:GetObject"), ("s3:Zzz*", None), ("nobody:*", None)],
)
def test_an_action_that_does_not_exist(action, meant):
    (unknown,) = judged(["s3:GetObject", action]).unknown_actions
    assert (unknown.written, unknown.element, unknown.meant) == (action, "Action", meant)


def test_what_not_action_leaves_out_may_not_exist_either():
    (unknown,) = judged(None, NotAction=["iam:*", "organisations:*"]).unknown_actions
    assert (unknown.written, unknown.element) == ("organisations:*", "NotAction")


@pytest.mark.parametrize(
    "action", ["*", "s3:*", "s3:Get*", "sqs:SendMessageBatch", "zocalo:*", "evidently:GetFeature", hole("Which"), "S3:GETOBJECT"]
)
def test_an_action_that_exists_or_once_did_or_may(action):
    assert judged(action) == Validity()


@pytest.mark.parametrize(
    ("actions", "resources", "expected"),
    [
        ("s3:GetObject", UPLOADS, [("s3:GetObject", f"{UPLOADS}/*")]),
        (["s3:GetObject", "s3:ListBucket"], UPLOADS, [("s3:GetObject", f"{UPLOADS}/*")]),
        (["s3:GetObject", "s3:ListBucket"], f"{UPLOADS}/in/*", [("s3:ListBucket", UPLOADS)]),
        ("s3:*Object", UPLOADS, [("s3:*Object", f"{UPLOADS}/*")]),
        ("s3:GetObject", join("arn:aws:s3:::", hole("Uploads")), [("s3:GetObject", "arn:aws:s3:::${Uploads}/*")]),
        ("lambda:ListFunctions", "arn:aws:lambda:*:*:function:f", [("lambda:ListFunctions", "*")]),
        (["sqs:SendMessage", "kms:Decrypt"], "arn:aws:sqs:*:*:q", [("kms:Decrypt", None)]),
        ("logs:*", "arn:aws:firehose:*:*:deliverystream/d", [("logs:*", None)]),
    ],
)
def test_an_action_without_a_resource_to_act_on(actions, resources, expected):
    assert idle(judged(actions, resources)) == expected
    assert idle(judged(actions, resources, effect="Deny")) == expected


@pytest.mark.parametrize(
    ("actions", "resources"),
    [
        (["s3:GetObject", "s3:ListBucket"], [UPLOADS, f"{UPLOADS}/*"]),
        ("s3:GetObject", [UPLOADS, f"{UPLOADS}/*"]),
        (["sqs:SendMessage", "s3:GetObject"], ["arn:aws:sqs:*:*:q", f"{UPLOADS}/*"]),
        ("s3:*", UPLOADS),
        ("s3:GetObjects", UPLOADS),
        ("dynamodb:Query", ["arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:*:*:table/t/index/*"]),
        ("dynamodb:GetItem", ["arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:*:*:table/t/stream/*"]),
        ("*", UPLOADS),
        ("*:Get*", "arn:aws:sqs:eu-west-1:111122223333:not/a/queue"),
    ],
)
def test_nothing_idle(actions, resources):
    found = judged(actions, resources)
    assert (found.idle_actions, found.idle_resources) == ((), ())


def test_a_resource_beside_others_that_is_meant_otherwise():
    (one,) = judged("s3:GetObject", [f"{UPLOADS}/*", "arn:aws:s3:::exports"]).idle_resources
    assert (one.written, one.instead) == ("arn:aws:s3:::exports", "arn:aws:s3:::exports/*")


def test_says_what_the_action_acts_on():
    (one,) = judged("kms:Decrypt", "arn:aws:kms:*:*:alias/a").idle_actions
    assert one.acts_on == ("arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}",)


def test_without_a_resource_element_there_is_none_to_be_wrong():
    document = {"Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    (statement,) = parse_policy(document, HERE).statements
    assert validity(statement) == Validity()


def test_an_absurd_statement_is_given_up():
    assert judged(["s3:GetObject", "s3:PutObject"] * 30, [f"arn:aws:s3:::b{n}" for n in range(1_000)]).idle_actions == ()


TEMPLATES = json.loads((Path(samtranslator.__file__).parent / "policy_templates_data/policy_templates.json").read_text())["Templates"]


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("parameter", ["given", None], ids=["given", "not-given"])
def test_aws_own_policy_templates_are_not_reported(name, parameter):
    if parameter and name == "EcsRunTaskPolicy":
        parameter = "given:*"  # a task definition is named with its revision

    def filled(value):
        if isinstance(value, list):
            return [filled(one) for one in value]
        if isinstance(value, dict):
            ((function, inside),) = value.items()
            return _substituted(inside if isinstance(inside, str) else inside[0], parameter) if function == "Fn::Sub" else filler(inside)
        return value

    def filler(ref):
        return parameter if parameter and not str(ref).startswith("AWS::") else hole(str(ref), "--parameter")

    for entry in TEMPLATES[name]["Definition"]["Statement"]:
        document = {"Statement": {"Effect": "Allow", "Action": filled(entry["Action"]), "Resource": filled(entry.get("Resource", "*"))}}
        for statement in parse_policy(document, HERE).statements:
            assert validity(statement) == Validity()


def _substituted(text, parameter):
    pieces = [piece for part in text.split("${") for piece in part.split("}", 1)]
    refs = (
        parameter if parameter and not ref.startswith("AWS::") else hole(ref, "" if ref.startswith("AWS::") else "-p")
        for ref in pieces[1::2]
    )
    return join(pieces[0], *(text for pair in zip(refs, pieces[2::2], strict=True) for text in pair))
