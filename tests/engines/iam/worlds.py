"""Small worlds for the twins: random policies of every layer, and requests that are likely to meet them.

Everything comes from short lists, so that statements and requests agree often enough for every rule to decide some of the cases.
"""

from hypothesis import strategies as st

from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers, Unread
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.stores import Grant
from buckler.model.text import Hole, Partial
from buckler.model.unknown import Unknown, UnknownKind

HERE = ApiOrigin(call="iam:GetPolicyVersion", arn="arn:aws:iam::111111111111:policy/p")
A, B = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{A}:role/team/worker"
OTHER_ROLE = f"arn:aws:iam::{B}:role/worker"
SESSION = f"arn:aws:sts::{A}:assumed-role/worker/s"
USER = f"arn:aws:iam::{A}:user/ann"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1"
FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:shop"

PRINCIPALS = (
    ROLE,
    SESSION,
    USER,
    f"arn:aws:iam::{B}:user/ann",
    f"arn:aws:sts::{B}:assumed-role/worker/s",
    f"arn:aws:sts::{A}:federated-user/eve",
    f"arn:aws:iam::{A}:root",
    f"arn:aws:iam::{B}:root",
    "lambda.amazonaws.com",
    "s3.amazonaws.com",
    f"arn:aws:iam::{A}:oidc-provider/idp.example",
    f"arn:aws:iam::{A}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda",
    "*",
)
ACTIONS = (
    "s3:GetObject",
    "s3:PutBucketPolicy",
    "lambda:InvokeFunction",
    "kms:Decrypt",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "iam:PassRole",
)
RESOURCES = (
    "arn:aws:s3:::bucket/key",
    "arn:aws:s3:::bucket",
    FUNCTION,
    f"{FUNCTION}:live",
    KEY,
    ROLE,
    OTHER_ROLE,
    f"arn:aws:iam::{A}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda",
    "*",
)
ACTION_PATTERNS = (*ACTIONS, "*", "*", "*", "*", "s3:*", "S3:get*", "kms:?ecrypt", "sts:*", "lambda:Invoke*", "nothing")
RESOURCE_PATTERNS = (
    *RESOURCES,
    *("*",) * 6,
    "arn:aws:s3:::*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team}",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'key'}",
    f"arn:aws:lambda:*:{A}:function:*",
    "arn:aws:lambda:*:function:shop",
    "arn:aws:kms",
    Partial(parts=("arn:aws:s3:::", Hole(ref="Bucket", need="--parameter Bucket=..."), "/key")),
)
HOLE = Partial(parts=(Hole(ref="Who", need="--parameter Who=..."),))
KEYS = ("aws:PrincipalTag/team", "aws:SourceIp", "aws:PrincipalArn", "s3:prefix", "aws:MultiFactorAuthAge", "aws:TagKeys")
VALUES = (
    "red",
    "key",
    "",
    "true",
    "10.0.0.1",
    "10.0.0.0/8",
    "7",
    "8",
    ROLE,
    "arn:aws:iam::*:role/*",
    "2026-01-01",
    "r*",
    "${aws:PrincipalTag/team}",
)
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "ForAnyValue:StringNotEquals",
    "ArnLike",
    "ArnNotEquals",
    "NumericLessThan",
    "NumericNotEquals",
    "DateGreaterThan",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "StringSpelledWrong",
)
UNREAD = Unknown(kind=UnknownKind.DENIED, why="AccessDenied", need="iam:GetPolicy")


def few(elements: st.SearchStrategy[object], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple]:  # type: ignore[type-arg]
    return st.lists(elements, min_size=least, max_size=most).map(tuple)


conditions = st.builds(Condition, operator=st.sampled_from(OPERATORS), key=st.sampled_from(KEYS), values=few(st.sampled_from(VALUES), 1, 2))
principals = st.one_of(
    st.just(Principal(kind="*", value="*")),
    st.builds(
        Principal,
        kind=st.just("AWS"),
        value=st.sampled_from((*(one for one in PRINCIPALS if one.startswith("arn:")), "*", A, B, HOLE, "AIDAEXAMPLE")),
    ),
    st.builds(Principal, kind=st.just("Service"), value=st.sampled_from(("lambda.amazonaws.com", "s3.amazonaws.com"))),
    st.builds(Principal, kind=st.just("Federated"), value=st.just(f"arn:aws:iam::{A}:oidc-provider/idp.example")),
)


@st.composite
def statements(draw: st.DrawFn, *, of_resource: bool = False) -> Statement:
    actions = draw(few(st.sampled_from(ACTION_PATTERNS), 1, 2))
    resources = draw(few(st.sampled_from(RESOURCE_PATTERNS), 1, 2))
    named = draw(few(principals, 1, 2)) if of_resource else None
    inverted = draw(st.integers(0, 9))
    return Statement(
        effect=draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny"))),
        actions=None if inverted == 0 else actions,
        not_actions=actions if inverted == 0 else None,
        resources=None if inverted in {1, 2} else resources,
        not_resources=resources if inverted == 1 else None,
        principals=None if inverted == 3 else named,
        not_principals=named if inverted == 3 else None,
        conditions=draw(few(conditions, 1, 2)) if draw(st.integers(0, 3)) == 0 else (),
        origin=HERE,
    )


def documents(*, of_resource: bool = False) -> st.SearchStrategy[Policy]:
    return st.builds(
        Policy,
        statements=few(statements(of_resource=of_resource), 1, 3),
        version=st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17")),
        origin=st.just(HERE),
        unresolved=st.sampled_from(((), (), (), (), (UNREAD,))),
    )


def rarely(strategy: st.SearchStrategy[object], otherwise: object) -> st.SearchStrategy[object]:
    return st.integers(0, 3).flatmap(lambda number: strategy if number == 0 else st.just(otherwise))


ALL = Policy(statements=(Statement(effect="Allow", actions=("*",), resources=("*",), origin=HERE),), version="2012-10-17", origin=HERE)
levels = few(st.one_of(st.just((ALL,)), st.tuples(st.just(ALL), documents()), few(documents(), 1, 2)), 1, 2)
grants = st.builds(
    Grant,
    grantee=st.sampled_from((ROLE, SESSION, USER, f"arn:aws:iam::{B}:user/ann", "lambda.amazonaws.com")),
    operations=st.just(("Decrypt",)),
    context_equals=st.sampled_from(((), (("a", "b"),))),
)
layers = st.builds(
    Layers,
    identity=few(documents(), 0, 2),
    resource=st.one_of(st.none(), documents(of_resource=True)),
    boundary=rarely(documents(), None),
    session=rarely(few(documents(), 0, 1), None),
    scp=rarely(levels, ()),
    rcp=rarely(levels, ()),
    endpoint=rarely(documents(of_resource=True), None),
    grants=rarely(few(grants, 1, 1), ()),
    resource_account=st.sampled_from(("", "", A, B)),
    blocks_public=st.booleans(),
    unread=rarely(
        few(
            st.builds(
                Unread,
                layer=st.sampled_from(
                    (
                        "identity",
                        "resource",
                        "boundary",
                        "session",
                        "scp",
                        "rcp",
                        "endpoint",
                        "trust",
                        "key-policy",
                        "grant",
                        "public-access-block",
                    )
                ),
                unknown=st.just(UNREAD),
            ),
            1,
            2,
        ),
        (),
    ),
)
entries = st.builds(ContextEntry, key=st.sampled_from(KEYS), values=few(st.sampled_from(VALUES), 0, 2))
requests = st.builds(
    Request,
    principal=st.sampled_from(PRINCIPALS),
    action=st.sampled_from(ACTIONS),
    resource=st.sampled_from(RESOURCES),
    context=few(entries, 0, 4),
)
