import pytest
from tests.estates import ACCOUNT, DENIED, LAMBDA_TRUST, allow, analysis, attached, function, policy, role

from buckler.engines.iam import Answer, decide
from buckler.model.entity import Tag
from buckler.model.text import Hole, Partial
from buckler.model.unknown import Undecided
from buckler.reach.roles import concerns, deciding, is_administrator, is_execution_role, is_proven_administrator, may_deploy, powers_of

EC2 = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
BY_SUFFIX = Partial(parts=("lambda.", Hole(ref="AWS::URLSuffix")))
EVERYONE = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})


def powers(subject, *entities):
    return powers_of(subject, analysis(subject, *entities))


def test_powers_are_made_once_per_role():
    estate = analysis(role())
    assert powers_of(estate.estate.roles[0], estate) is powers_of(estate.estate.roles[0], estate)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param({"StringEquals": {"aws:PrincipalTag/team": "shop"}}, True, id="a-tag-of-the-role"),
        pytest.param({"StringEquals": {"aws:PrincipalTag/team": "crm"}}, False, id="another-value"),
        pytest.param({"StringEquals": {"aws:PrincipalTag/stage": "prod"}}, False, id="a-tag-the-role-has-not"),
        pytest.param({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True, id="the-region-of-its-function"),
        pytest.param({"StringEquals": {"aws:ResourceTag/open": "yes"}}, False, id="no-tag-of-the-resource"),
        pytest.param({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/team/*"}}, True, id="its-path"),
        pytest.param({"Null": {"aws:MultiFactorAuthAge": "true"}}, True, id="no-second-factor"),
    ],
)
def test_requests_carry_what_the_role_s_session_brings(condition, expected):
    subject = role(
        arn=f"arn:aws:iam::{ACCOUNT}:role/team/worker",
        tags=(Tag(key="team", value="shop"),),
        inline=(policy(allow("s3:Get", Condition=condition)),),
    )
    assert powers(subject, function(role=subject.arn)).may("s3:Get", "*") is expected


def test_what_nobody_can_know_is_undecided():
    with pytest.raises(Undecided, match="aws:SourceVpc"):
        powers(role(inline=(policy(allow("s3:Get", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),))).may("s3:Get", "*")


def test_an_unread_boundary_matters_only_where_something_is_granted():
    bounded = powers(role(inline=(policy(allow("s3:Get")),), boundary=attached("arn", DENIED)))
    assert bounded.may("sqs:Send", "*") is False
    with pytest.raises(Undecided):
        bounded.may("s3:Get", "*")


def test_insist_raises_for_what_could_not_be_read_and_only_then():
    powers(role(inline=(policy(allow("s3:Get")),))).insist()
    for unread in ({"inline": DENIED}, {"attached": DENIED}, {"attached": (attached("arn", DENIED),)}, {"inline": (policy(DENIED),)}):
        with pytest.raises(Undecided):
            powers(role(**unread)).insist()


def test_a_witness_replays_under_a_boundary_too():
    free = powers(role(inline=(policy(allow("s3:*")),)))
    witness = free.witness((free.request("s3:Get", "*"),))
    assert decide(witness.requests[0], witness.policies).answer is Answer.ALLOW
    assert [statement.actions for statement in deciding(free, witness.requests)] == [("s3:*",)]
    bounded = powers(role(inline=(policy(allow("s3:*")),), boundary=attached("arn", policy(allow("*")))))
    witness = bounded.witness((bounded.request("s3:Get", "*"),))
    assert decide(witness.requests[0], witness.policies).answer is Answer.ALLOW


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"trust": EC2}, False),
        ({"trust": policy({"Effect": "Allow", "Principal": {"Service": BY_SUFFIX}, "Action": "sts:AssumeRole"})}, True),
        ({"trust": EVERYONE}, False),
        ({"trust": LAMBDA_TRUST, "is_service_linked": True}, False),
        ({"trust": policy({**allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}), "Effect": "Deny"})}, False),
    ],
)
def test_which_roles_lambda_may_use(facts, expected):
    subject = role("spare", **facts)
    assert is_execution_role(subject, analysis(subject)) is expected


def test_a_role_functions_run_as_needs_no_readable_trust():
    subject = role(trust=DENIED)
    assert is_execution_role(subject, analysis(subject, function()))
    with pytest.raises(Undecided):
        is_execution_role(subject, analysis(subject))
    in_part = role(trust=policy(DENIED, {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}))
    with pytest.raises(Undecided):
        is_execution_role(in_part, analysis(in_part))


def test_what_an_unread_policy_allows_may_concern_us():
    subject = role("ci", trust=EC2, attached=(attached("arn", DENIED),))
    with pytest.raises(Undecided):
        concerns(subject, analysis(subject))
    linked = role("AWSServiceRoleForX", trust=EC2, attached=(attached("arn", DENIED),), is_service_linked=True)
    assert concerns(linked, analysis(linked)) is False


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("lambda:UpdateFunctionCode"), True),
        (allow("lambda:*", "arn:aws:lambda:*:*:function:shop-*"), True),
        (allow("lambda:Get*"), False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": "lambda:*", "Resource": "*"}, False),
        ({"Effect": "Deny", "Action": "lambda:*", "Resource": "*"}, False),
    ],
)
def test_who_may_deploy(statement, expected):
    subject = role("ci", trust=EC2, inline=(policy(statement),))
    assert may_deploy(subject, analysis(subject)) is expected
    assert concerns(subject, analysis(subject)) is expected


def test_an_administrator_is_proven_by_requests():
    subject = role(inline=(policy(allow("iam:*")),))
    requests = is_administrator(subject, analysis(subject))
    assert {request.action for request in requests} >= {"iam:AttachRolePolicy", "iam:PassRole"}
    undecided = role(inline=(policy(allow("*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),))
    with pytest.raises(Undecided):
        is_administrator(undecided, analysis(undecided))
    assert is_proven_administrator(undecided, analysis(undecided)) is False
