"""Who becomes administrator, judged by AWS's rules: accounts of the kind people really have, and their look-alikes."""

import pytest
from tests.estates import attached
from tests.reach.attack import ACCOUNT, OTHER, REGION, allow, arn, can, deny, estate, function, group, policy, trust, user
from tests.reach.test_control import ROOT as ORGANIZATION_ROOT
from tests.reach.test_control import control, organization

from buckler.model.entity import Tag
from buckler.reach.escalations import escalation_of

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ASSUME, PASS = "sts:AssumeRole", "iam:PassRole"
MAKE = ["lambda:CreateFunction", "lambda:InvokeFunction"]
TRUSTS_ACCOUNT = trust(aws=ROOT)
SERVICES = trust(service=["lambda.amazonaws.com", "ec2.amazonaws.com"])
BOUNDARY = attached(arn("policy", "b"), policy(allow("s3:*")))
SAME_TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


def boss(trusting=TRUSTS_ACCOUNT, **more):
    return can("boss", allow("*"), trust=trusting, **more)


def team(name):
    return {"tags": (Tag(key="team", value=name),)}


def equals(key, value, operator="StringEquals"):
    return {"Condition": {operator: {key: value}}}


def associated(pattern):
    return user("ann", allow(PASS, **equals("iam:AssociatedResourceArn", pattern, "ArnLike")), allow(MAKE)), boss(SERVICES)


def becomes(*entities):
    there = estate(*entities)
    return escalation_of(next(one for one in there.estate.users if one.name == "ann"), there)


def trusted_by_team(own, theirs):
    """Two roles that trust those of their own team: `boss` of one, `aide` of the other."""
    alike = trust(aws=ROOT, Condition=SAME_TEAM)
    return user("ann", allow(ASSUME), **team("b")), can("aide", allow("s3:*"), trust=alike, **team(own)), boss(alike, **team(theirs))


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((user("ann", groups=("g",)), group("g", allow(ASSUME, arn("role", "bo*"))), boss()), True, id="by-a-group"),
        pytest.param((user("ann", allow(ASSUME), groups=("g",)), group("g", deny("sts:*")), boss()), False, id="denied-by-a-group"),
        pytest.param((user("ann", allow(ASSUME), boundary=BOUNDARY), boss()), False, id="bounded"),
        pytest.param((user("ann", boundary=BOUNDARY), boss(trust(aws=arn("user", "ann")))), True, id="named-by-a-trust-beyond-the-boundary"),
        pytest.param((user("ann", allow(ASSUME)), boss(boundary=BOUNDARY)), False, id="the-role-is-bounded"),
        pytest.param((user("ann", allow(ASSUME, arn("role", "app-*"))), boss()), False, id="other-names"),
        pytest.param((user("ann", allow(ASSUME, arn("role", "boss"))), boss(arn=arn("role", "team/boss"))), False, id="the-path-is-missing"),
        pytest.param((user("ann", allow(ASSUME, arn("role", "*boss"))), boss(arn=arn("role", "team/boss"))), True, id="the-path-is-matched"),
        pytest.param((user("ann", allow([ASSUME, PASS, *MAKE])), boss(is_service_linked=True)), False, id="service-linked"),
        pytest.param((user("ann", allow(ASSUME, **equals("aws:PrincipalTag/x", "y", "StringEqual"))), boss()), False, id="no-such-operator"),
        pytest.param((user("ann", allow(ASSUME, **equals("sts:DurationSeconds", "3600", "NumericLessThan"))), boss()), True, id="short-sessions"),
        pytest.param(
            (user("ann", allow([ASSUME, "sts:SetSourceIdentity"])), boss(trust(aws=ROOT, **equals("sts:SourceIdentity", "*", "StringLike")))),
            True,
            id="with-a-source-identity",
        ),
        pytest.param((user("ann", allow(ASSUME, Condition=SAME_TEAM), **team("a")), boss(**team("a"))), True, id="same-team"),
        pytest.param((user("ann", allow(ASSUME, Condition=SAME_TEAM), **team("b")), boss(**team("a"))), False, id="another-team"),
        pytest.param((user("ann", allow(ASSUME, Condition=SAME_TEAM)), boss(**team("a"))), False, id="of-no-team"),
        pytest.param(trusted_by_team("a", "b"), True, id="trusted-by-its-team"),
        pytest.param(trusted_by_team("b", "a"), False, id="not-trusted-by-the-other-team"),
        pytest.param(associated(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:*"), True, id="passed-for-functions"),
        pytest.param(associated("arn:aws:*:*:*:*"), True, id="passed-for-anything"),
        pytest.param(associated("arn:aws:ec2:*:*:instance/*"), False, id="passed-for-instances"),
        pytest.param((user("ann", allow("iam:PutUserPolicy", **equals("iam:PermissionsBoundary", arn("policy", "b")))),), False,
                     id="only-users-with-a-boundary"),
        pytest.param(
            (
                user("ann", allow(["lambda:UpdateFunctionCode", MAKE[1]], **equals("aws:ResourceTag/team", "a"))),
                boss(SERVICES), function("f", role=arn("role", "boss"), **team("b")),
            ),
            False,
            id="functions-of-another-team",
        ),
        pytest.param(
            (
                user("ann", allow(ASSUME, arn("role", "boss", OTHER))),
                boss(trust(aws=ROOT, **equals("sts:ExternalId", "x1")), arn=arn("role", "boss", OTHER), account=OTHER),
            ),
            True,
            id="another-account-with-external-id",
        ),
        pytest.param((user("ann"), boss(trust(aws=arn("user", "ann")), arn=arn("role", "boss", OTHER), account=OTHER)), False,
                     id="another-account-needs-both-sides"),
    ],
)  # fmt: skip
def test_administrator(entities, expected):
    assert bool(becomes(*entities)) is expected


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions(partition):
    def there(text):
        return text.replace("arn:aws:", f"arn:{partition}:")

    ec2 = "ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com"
    ann = {"arn": there(arn("user", "ann"))}
    chief = {"arn": there(arn("role", "boss"))}
    assert becomes(user("ann", allow(ASSUME, there(arn("role", "boss"))), **ann), boss(trust(aws=there(ROOT)), **chief))
    assert not becomes(user("ann", allow(ASSUME, arn("role", "boss")), **ann), boss(trust(aws=there(ROOT)), **chief))
    assert becomes(user("ann", allow([PASS, "ec2:*"]), **ann), boss(trust(service=ec2), **chief))


@pytest.mark.parametrize(
    ("allowed", "whose", "expected"),
    [
        pytest.param("iam:CreatePolicyVersion", ACCOUNT, True, id="it-writes-its-boundary"),
        pytest.param("iam:CreatePolicyVersion", "aws", False, id="its-boundary-is-of-aws"),
        pytest.param("iam:GetPolicyVersion", ACCOUNT, False, id="it-reads-its-boundary"),
    ],
)
def test_a_boundary_that_may_be_rewritten_is_none(allowed, whose, expected):
    edge = attached(arn("policy", "edge", whose), policy(allow([allowed, "s3:*"])))
    assert bool(becomes(user("ann", allow("*"), boundary=edge))) is expected


def test_a_control_policy_of_the_resources_may_name_one_of_roles_that_trust_alike():
    def forbidding(name):
        document = policy({**allow("*"), "Principal": "*"}, {**deny(ASSUME, arn("role", name)), "Principal": "*"})
        return {"organizations": (organization(control("root", (ORGANIZATION_ROOT,), document, "RESOURCE_CONTROL_POLICY")),)}

    ann, aide = user("ann", allow(ASSUME)), can("aide", allow("s3:*"), trust=TRUSTS_ACCOUNT)
    for name, leads in (("aide", True), ("boss", False)):
        there = estate(ann, aide, boss(), **forbidding(name))
        assert bool(escalation_of(there.estate.users[0], there)) is leads
