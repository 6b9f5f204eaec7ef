"""A small world of policies and requests, in which they meet often."""

from hypothesis import strategies as st
from tests.estates import DENIED, policy

from buckler.model.layers import LayerName, Layers, Unread
from buckler.model.stores import Grant

ROLE = "arn:aws:iam::111122223333:role/app"
OTHER = "arn:aws:iam::444455556666:role/app"
KEY = "arn:aws:kms:us-east-1:111122223333:key/k"

ACTIONS = ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "sts:AssumeRole", "new:Thing"]
RESOURCES = [
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/b",
    KEY,
    "arn:aws:kms:us-east-1:444455556666:key/k",
    "arn:aws:kms:eu-west-1:444455556666:key/k",
    "arn:aws:iam::111122223333:role/r",
    "arn:aws:iam::444455556666:role/r",
    "arn:aws:iam::111122223333:role/aws-service-role/r",
]
_ACTION_PATTERNS = st.sampled_from(["*", "s3:*", "s3:Get*", "kms:Decrypt", "sts:*", "n*:*", "*:*Object"])
_RESOURCE_PATTERNS = st.sampled_from(
    [
        "*",
        "arn:aws:s3:::a*",
        "arn:aws:s3:::a/?",
        "arn:aws:kms",
        "arn:*:role/*",
        "arn:aws:*:*:4444*",
        "arn:*:*:us-*",
        "arn:aws:iam:*:*:role/r",
    ]
)
_CONDITIONS = st.sampled_from(
    [
        {},
        {},
        {"StringEquals": {"k": "a"}},
        {"StringNotEquals": {"k": "a"}},
        {"StringLike": {"aws:PrincipalArn": "*app"}},
        {"StringEquals": {"aws:ResourceAccount": "111122223333"}},
        {"StringNotLike": {"aws:RequestedRegion": "us-*"}},
    ]
)
_PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": ROLE},
        {"AWS": OTHER},
        {"AWS": "111122223333"},
        {"AWS": "arn:aws:sts::111122223333:assumed-role/app/s"},
        {"Service": "s3.amazonaws.com"},
    ]
)
CALLERS = [ROLE, OTHER, "arn:aws:sts::111122223333:assumed-role/app/s", "arn:aws:iam::111122223333:root", "s3.amazonaws.com", "*"]


@st.composite
def statements(draw, *, has_principal=False):
    statement = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])), "Condition": draw(_CONDITIONS)}
    statement[draw(st.sampled_from(["Action", "Action", "Action", "NotAction"]))] = draw(st.lists(_ACTION_PATTERNS, min_size=1, max_size=2))
    statement[draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]))] = draw(
        st.lists(_RESOURCE_PATTERNS, min_size=1, max_size=2)
    )
    if has_principal:
        statement[draw(st.sampled_from(["Principal", "Principal", "Principal", "NotPrincipal"]))] = draw(_PRINCIPALS)
    return statement


def documents(**more):
    return st.lists(statements(**more), max_size=2).map(lambda document: policy(*document))


_LEVELS = st.lists(st.lists(documents(), min_size=1, max_size=1).map(tuple), max_size=1).map(tuple)
_NAMES: tuple[LayerName, ...] = ("identity", "resource", "boundary", "session", "scp", "rcp", "endpoint", "grant")
_UNREAD = [(Unread(layer=name, unknown=DENIED),) for name in _NAMES]
LAYERS = st.builds(
    Layers,
    identity=st.lists(documents(), max_size=1).map(tuple),
    resource=st.none() | documents(has_principal=True),
    boundary=st.none() | documents(),
    session=st.none() | st.none() | documents().map(lambda document: (document,)),
    scp=st.just(()) | _LEVELS,
    rcp=st.just(()) | st.just(()) | _LEVELS,
    endpoint=st.none() | st.none() | documents(has_principal=True),
    grants=st.lists(st.builds(Grant, grantee=st.sampled_from([ROLE, OTHER]), operations=st.just(("Decrypt",))), max_size=1).map(tuple),
    unread=st.just(()) | st.just(()) | st.just(()) | st.sampled_from(_UNREAD),
)
