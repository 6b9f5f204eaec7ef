"""What AWS sees of a request that a function sends, and `why` of it."""

import pytest
from msgspec.structs import replace
from tests.engines.net.build import SUBNETS, Net, entity
from tests.estates import DENIED, TODAY, function, scope
from tests.reach.attack import allow, can, deny, policy

from buckler.app import ask_why
from buckler.model.network import VpcEndpoint
from buckler.reach.analysis import Analysis

OBJECT, SECRET = "arn:aws:s3:::orders/1", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
GATEWAY = "endpoint vpce-s3 com.amazonaws.eu-west-1.s3 app"
OURS = {**allow("s3:*", "arn:aws:s3:::orders/*"), "Principal": "*"}


def interface(name="vpce-sm", service="com.amazonaws.eu-west-1.secretsmanager", *, private_dns=True, **more):
    fields = {"vpc_id": SUBNETS["app"][0], "service": service, "endpoint_type": "Interface", "policy": None, "private_dns": private_dns}
    return VpcEndpoint(**entity(name), **{**fields, **more})


def about(lines, *statements, policies=(), endpoints=(), **facts):
    net = Net(lines)
    role = can("r", allow("*"), *statements)
    fn = function("f", **{"role": role.arn, "vpc": net.vpc_config, **facts})
    estate = net.estate
    held = (
        tuple(replace(one, policy=given) for one, given in zip(estate.endpoints, policies, strict=True)) if policies else estate.endpoints
    )
    estate = replace(estate, functions=(fn,), roles=(role,), scopes=(scope(),), endpoints=(*held, *endpoints))
    return [Analysis(estate, today=TODAY)]


def asked(there, action="s3:GetObject", resource=OBJECT, **more):
    return ask_why(there, "f", action, resource, **more)


def sent(answer):
    return {entry.key: entry.values for entry in answer.request.context if entry.key in {"aws:SourceVpce", "aws:SourceVpc"}}


@pytest.mark.parametrize(
    ("statement", "resource", "verdict"),
    [
        (OURS, OBJECT, "allowed"),
        (OURS, "arn:aws:s3:::theirs/1", "not allowed"),
        ({**deny("s3:GetObject"), "Principal": "*"}, OBJECT, "denied"),
    ],
    ids=["named", "another", "denied"],
)
def test_the_policy_of_the_endpoint_has_a_say(statement, resource, verdict):
    answer = asked(about(GATEWAY, policies=(policy(statement),)), resource=resource)
    assert answer.verdict == verdict
    assert "sent through the endpoint vpce-s3 (com.amazonaws.eu-west-1.s3)" in answer.notes
    assert sent(answer) == {"aws:SourceVpce": ("vpce-s3",), "aws:SourceVpc": ("a",)}


def test_one_that_could_not_be_read_leaves_it_open():
    answer = asked(about(GATEWAY, policies=(DENIED,)))
    assert (answer.verdict, [one.layer for one in answer.unread]) == ("depends", ["endpoint"])


def test_endpoints_nobody_could_list_leave_it_open():
    there = about("lost endpoints")
    assert asked(there).verdict == "depends"


@pytest.mark.parametrize(
    ("lines", "action", "resource", "facts"),
    [
        ("endpoint vpce-s3 com.amazonaws.eu-west-1.s3 db", "s3:GetObject", OBJECT, {}),
        (GATEWAY, "dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:123456789012:table/t", {}),
        (GATEWAY, "s3:GetObject", OBJECT, {"vpc": None}),
        (GATEWAY, "s3:GetObject", "arn:aws:s3:us-east-1:123456789012:accesspoint/p/object/1", {}),
    ],
    ids=["no-route", "another-service", "no-vpc", "another-region"],
)
def test_where_it_does_not_go_through_one_its_policy_says_nothing(lines, action, resource, facts):
    answer = asked(about(lines, policies=(policy({**deny("*"), "Principal": "*"}),), **facts), action, resource)
    assert answer.verdict == "allowed"
    assert sent(answer) == {"aws:SourceVpce": (), "aws:SourceVpc": ()}


@pytest.mark.parametrize(("private_dns", "verdict"), [(True, "denied"), (False, "allowed")])
def test_the_name_of_a_service_leads_to_an_interface_endpoint_with_private_dns(private_dns, verdict):
    closed = interface(private_dns=private_dns, policy=policy({**deny("*"), "Principal": "*"}))
    assert asked(about("", endpoints=(closed,)), "secretsmanager:GetSecretValue", SECRET).verdict == verdict


def test_the_subnet_that_lambda_picks_decides():
    answer = asked(about(f"{GATEWAY}; fn app,app2", policies=(policy(OURS),)))
    assert answer.verdict == "depends"
    assert "Lambda picks the subnet" in answer.unread[0].unknown.why


@pytest.mark.parametrize(("wanted", "verdict"), [("vpce-s3", "allowed"), ("vpce-other", "denied")])
def test_a_policy_that_asks_for_the_endpoint(wanted, verdict):
    """A data perimeter: deny what does not come through our endpoint."""
    perimeter = deny("s3:*", Condition={"StringNotEquals": {"aws:SourceVpce": wanted}})
    assert asked(about(GATEWAY, perimeter)).verdict == verdict


def test_a_policy_that_asks_for_the_function():
    name = "arn:aws:lambda:eu-west-1:123456789012:function:{}"
    for wanted, verdict in (("f", "allowed"), ("g", "denied")):
        held = deny("*", Condition={"ArnNotEquals": {"lambda:SourceFunctionArn": name.format(wanted)}})
        assert asked(about("", held)).verdict == verdict


def test_what_is_said_of_the_request_comes_first(tmp_path):
    there = about(GATEWAY, policies=(policy({**deny("*"), "Principal": "*"}),))
    (tmp_path / "p.json").write_text(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'
    )
    assert asked(there, endpoint=tmp_path / "p.json").verdict == "allowed"
    assert asked(there, context=[("aws:SourceVpce", "vpce-9")]).request.context != asked(there).request.context
    # The role may be used from anywhere.
    assert ask_why(there, "r", "s3:GetObject", OBJECT).verdict == "allowed"
