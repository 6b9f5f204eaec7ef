"""What S3 calls public, and what `RestrictPublicBuckets` leaves of a public policy.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

import pytest
from tests.engines.iam.layered import ACCOUNT, ALL, BUCKET, OBJECT, OTHER, STRANGER, USER, A, D, I, U, ask, deny, to
from tests.estates import DENIED, policy

from buckler.engines.iam.public import is_public
from buckler.model.text import Hole, Partial, hole


def when(operator, key, value):
    return to("*", "s3:GetObject", f"{BUCKET}/*", Condition={operator: {key: value}})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # AWS's own examples of public policies.
        pytest.param(
            {"Principal": {"Federated": "graph.facebook.com"}, "Resource": "*", "Action": "s3:PutObject", "Effect": "Allow"},
            True,
            id="B1-federated",
        ),
        pytest.param({"Principal": "*", "Resource": "*", "Action": "s3:PutObject", "Effect": "Allow"}, True, id="B1-everyone"),
        pytest.param(when("StringLike", "aws:SourceVpc", "vpc-*"), True, id="B1-any-vpc"),
        # "you can make the last policy preceding non-public by setting aws:SourceVpc to a fixed value".
        pytest.param(when("StringEquals", "aws:SourceVpc", "vpc-91237329"), False, id="B1-one-vpc"),
        # "a bucket policy must grant access only to fixed values ... for one or more of the following: An AWS principal, user, role, or
        # service principal".
        pytest.param(to(OTHER), False, id="B2-an-account"),
        pytest.param(to(USER), False, id="B2-a-user"),
        pytest.param(to({"Service": "cloudtrail.amazonaws.com"}), False, id="B2-a-service"),
        pytest.param(to({"CanonicalUser": "79a59d"}), False, id="B2-a-canonical-user"),
        pytest.param(to({"AWS": ["*", OTHER]}), True, id="B2-one-of-two-is-everyone"),
        pytest.param({"Effect": "Allow", "NotPrincipal": {"AWS": OTHER}, "Action": "*", "Resource": "*"}, True, id="B2-everyone-but"),
        pytest.param(when("StringEquals", "aws:PrincipalOrgID", "o-abc"), False, id="B2-an-organisation"),
        pytest.param(when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/*"), True, id="B2-a-wildcard-in-an-arn"),
        pytest.param(when("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{OTHER}:role/x"), False, id="B2-an-arn"),
        # "values broader than /8 for IPv4 and /32 for IPv6 (excluding RFC1918 private ranges)".
        pytest.param(when("IpAddress", "aws:SourceIp", "0.0.0.0/1"), True, id="B3-half-of-the-internet"),
        pytest.param(when("IpAddress", "aws:SourceIp", "203.0.0.0/8"), False, id="B3-slash-8"),
        pytest.param(when("IpAddress", "aws:SourceIp", "203.0.0.0/7"), True, id="B3-slash-7"),
        pytest.param(when("IpAddress", "aws:SourceIp", "203.0.113.9"), False, id="B3-one-address"),
        pytest.param(when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0"]), True, id="B3-one-of-two-is-broad"),
        pytest.param(when("IpAddress", "aws:SourceIp", "2001:db8::/32"), False, id="B3-v6-slash-32"),
        pytest.param(when("IpAddress", "aws:SourceIp", "2001::/16"), True, id="B3-v6-slash-16"),
        pytest.param(when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), False, id="B3-private"),
        pytest.param(when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), True, id="B3-everywhere-but"),
        # "this value can contain a wildcard for the access point name without rendering the policy public, as long as the account id is fixed."
        pytest.param(
            when("StringLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/*"), False, id="B4-access-points"
        ),
        pytest.param(when("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:*:accesspoint/*"), True, id="B4-of-any-account"),
        pytest.param(when("StringEquals", "s3:DataAccessPointAccount", ACCOUNT), False, id="B4-account"),
        # "values that don't contain a wildcard or an AWS Identity and Access Management Policy Variable".
        pytest.param(when("StringEquals", "aws:SourceVpc", "${aws:PrincipalTag/vpc}"), True, id="B5-a-variable"),
        pytest.param(when("StringEquals", "aws:UserAgent", "secret"), True, id="B5-a-key-that-is-not-listed"),
        pytest.param(when("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"), True, id="B5-if-exists-lets-the-rest-in"),
        pytest.param(when("StringNotEquals", "aws:SourceVpc", "vpc-1"), True, id="B5-negated"),
        pytest.param(when("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-1"), True, id="B5-for-all-values-of-none"),
        pytest.param(when("StringEquals", "aws:SourceArn", "arn:aws:s3:::x"), False, id="B5-source-arn"),
        pytest.param(when("StringLike", "aws:userid", "AROAEXAMPLE:*"), False, id="B5-sessions-of-one-role"),
        pytest.param(when("StringLike", "aws:userid", "*"), True, id="B5-any-user-id"),
        pytest.param(deny(Principal="*"), False, id="B5-a-deny-opens-nothing"),
        # What a template does not tell.
        pytest.param(to({"AWS": hole("Who")}), None, id="B6-a-hole-may-be-everyone"),
        pytest.param(when("StringEquals", "aws:SourceVpc", hole("Vpc")), None, id="B6-a-hole-in-a-condition"),
        pytest.param(when("StringLike", "aws:SourceVpc", Partial(parts=("vpc-*", Hole(ref="V")))), True, id="B6-a-wildcard-beside-a-hole"),
    ],
)
def test_public(statement, expected):
    assert is_public(policy(statement))[0] is expected


def test_a_statement_nobody_could_read_may_be_public():
    assert is_public(policy(to(OTHER), DENIED)) == (None, (DENIED,))
    assert is_public(policy(to("*"), DENIED)) == (True, ())
    assert is_public(policy()) == (False, ())


# AWS's own example: a statement for CloudTrail, one for another account, and a public one.
MIXED = [to({"Service": "cloudtrail.amazonaws.com"}), to(OTHER), to("*")]


@pytest.mark.parametrize(
    ("principal", "resource", "more", "expected"),
    [
        # "Amazon S3 allows access only by CloudTrail ... As a result, Amazon S3 disables cross-account access, even though the policy
        # delegates access to a specific account".
        pytest.param("cloudtrail.amazonaws.com", MIXED, {}, A, id="B7-a-service"),
        pytest.param(STRANGER, MIXED, {"identity": ALL}, I, id="B7-another-account"),
        pytest.param("*", MIXED, {}, I, id="B7-nobody"),
        # "if you remove statement 3 from the policy ... Account-2 regains access to the bucket".
        pytest.param(STRANGER, MIXED[:2], {"identity": ALL}, A, id="B7-without-the-public-statement"),
        # "authorized users of the bucket owner's account".
        pytest.param(USER, MIXED, {"resource_account": ACCOUNT}, A, id="B7-the-owner-s-account"),
        pytest.param(USER, MIXED, {"identity": ALL, "resource_account": OTHER}, I, id="B7-we-are-strangers-there"),
        pytest.param(STRANGER, [*MIXED, deny(Principal="*")], {"identity": ALL}, D, id="B7-a-deny-still-denies"),
    ],
)
def test_block_public_access(principal, resource, more, expected):
    layers = {"resource_account": ACCOUNT, **more}
    decision = ask(principal, "s3:GetObject", OBJECT, resource=resource, blocks_public=True, **layers)
    assert decision.answer is expected
    if expected is I:
        assert decision.layer == "public-access-block"
        assert ask(principal, "s3:GetObject", OBJECT, resource=resource, **layers).answer is A


def test_settings_nobody_could_read_matter_only_to_those_they_may_stop():
    given = {"resource_account": ACCOUNT, "unread": ["public-access-block"]}
    assert ask(STRANGER, "s3:GetObject", OBJECT, resource=MIXED, identity=ALL, **given).needs == ("read:public-access-block",)
    assert ask(STRANGER, "s3:GetObject", OBJECT, resource=[to(OTHER)], identity=ALL, **given).answer is A
    assert ask(STRANGER, "s3:GetObject", OBJECT, resource=[to(OTHER, "s3:PutObject"), to("*", "s3:ListBucket")], **given).answer is I
    assert ask(USER, "s3:GetObject", OBJECT, resource=MIXED, **given).answer is A
    assert (
        ask(
            STRANGER, "s3:GetObject", OBJECT, resource=[to({"AWS": hole("W")})], identity=ALL, blocks_public=True, resource_account=ACCOUNT
        ).answer
        is U
    )
