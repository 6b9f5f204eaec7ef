"""Asking `decide` with layers of policies, in few words: `ask(USER, "s3:GetObject", OBJECT, identity=[allow("*")])`."""

from tests.estates import allow, policy

from buckler.engines.iam import Answer, Decision, decide
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers, Unread
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown, UnknownKind

A, D, I, U = Answer.ALLOW, Answer.DENY, Answer.IMPLICIT_DENY, Answer.UNKNOWN  # noqa: E741 - one letter per answer keeps the tables readable

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build-7"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/zoe"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER = f"arn:aws:iam::{OTHER}:user/bob"
STRANGE_ROOT = f"arn:aws:iam::{OTHER}:root"

FN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:tools:3"
BUCKET = "arn:aws:s3:::shop-data"
OBJECT = "arn:aws:s3:::shop-data/orders/1.json"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"

ALL = [allow("*")]
NOTHING: list[dict] = []
_DOCUMENTS = {"resource", "boundary", "endpoint"}
_LISTS = {"identity", "session"}
_LEVELS = {"scp", "rcp"}


def unread(layer):
    return Unread(layer=layer, unknown=Unknown(kind=UnknownKind.DENIED, why=f"AccessDenied on the {layer}", need=f"read:{layer}"))


def deny(action="*", resource="*", **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def to(principal, action="*", resource="*", **more):
    """Allow *principal*: an ARN, an account, `*`, or what `Principal` holds."""
    return allow(action, resource, Principal={"AWS": principal} if isinstance(principal, str) and principal != "*" else principal, **more)


def trusting(principal, action="sts:AssumeRole", **more):
    """A statement of a trust policy, which has no Resource."""
    statement = to(principal, action, **more)
    del statement["Resource"]
    return statement


def layers_of(**given):
    """Make layers of lists of statements: one list for `resource`, `boundary` and `endpoint`, lists of lists for the others that have many.

    `identity` and `session` take the statements of one policy; `scp` and `rcp` a list of levels, each the statements of one policy.
    """
    made = {}
    for name, value in given.items():
        if name in _DOCUMENTS:
            made[name] = None if value is None else policy(*value)
        elif name in _LISTS:
            made[name] = None if value is None else (policy(*value),)
        elif name in _LEVELS:
            made[name] = tuple((policy(*level),) for level in value)
        elif name == "unread":
            made[name] = tuple(unread(layer) for layer in value)
        else:
            made[name] = value
    return Layers(**made)


def request(principal, action, resource, context=None):
    entries = tuple(
        ContextEntry(key=key, values=(value,) if isinstance(value, str) else tuple(value)) for key, value in (context or {}).items()
    )
    return Request(principal=principal, action=action, resource=resource, context=entries)


def ask(principal, action, on, /, context=None, **given) -> Decision:
    return decide(request(principal, action, on, context), layers_of(**given))


def grant(grantee, *operations, equals=(), subset=()):
    return Grant(grantee=grantee, operations=operations, context_equals=tuple(equals), context_subset=tuple(subset))
