"""Whether a bucket's policy is public, as S3 understands the word.

AWS: "Amazon S3 begins by assuming that the policy is public ... To be considered non-public, a bucket policy must grant access only to
fixed values (values that don't contain a wildcard or an AWS Identity and Access Management Policy Variable) for one or more of the
following".
Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public", read 2026-11-26.
"""

import ipaddress

from buckler.engines.iam.kleene import any3, not3
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import Hole, Partial, Text, unresolved
from buckler.model.unknown import Unknown

_FIXING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)

# Operators under which the key must have one of the values: an absent key, or any other value, must not get in.
_FIXING_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})

_WIDEST_V4, _WIDEST_V6 = 8, 32
_ARN_SEGMENTS = 6


def is_public(policy: Policy) -> tuple[bool | None, tuple[Unknown, ...]]:
    """Say whether a bucket policy is public; with None, what would have to be known."""
    verdict = any3((*(_admits_anybody(statement) for statement in policy.statements), *(None for _ in policy.unresolved)))
    return (None, _holes(policy)) if verdict is None else (verdict, ())


def _admits_anybody(statement: Statement) -> bool | None:
    if statement.effect == "Deny":
        return False
    if statement.not_principals is not None:
        open_ended: bool | None = True
    else:
        open_ended = any3(not3(_is_fixed_principal(entry)) for entry in statement.principals or ())
    if open_ended is False:
        return False
    closed = any3(_closes(condition) for condition in statement.conditions)
    return False if closed else not3(closed) if open_ended else None


def _is_fixed_principal(entry: Principal) -> bool | None:
    if entry.kind == "*":
        return False
    if entry.kind == "Federated":
        # AWS's own example of a public policy has the principal `{"Federated": "graph.facebook.com"}`: anybody may have an account there.
        return False
    return _is_fixed(entry.value)


def _is_fixed(text: Text) -> bool | None:
    if isinstance(text, Partial):
        return False if any(isinstance(part, str) and _is_open(part) for part in text.parts) else None
    return not _is_open(text)


def _is_open(text: str) -> bool:
    return "*" in text or "?" in text or "${" in text


def _closes(condition: Condition) -> bool | None:
    quantifier, _, operator = condition.operator.lower().rpartition(":")
    key = condition.key.lower()
    # ForAllValues and IfExists let in whoever does not send the key.
    if quantifier == "forallvalues" or operator not in _FIXING_OPERATORS or key not in _FIXING_KEYS:
        return False
    if not condition.values:
        return True
    if operator == "ipaddress":
        verdicts = [_is_narrow(value) for value in condition.values]
    elif key == "aws:userid":
        verdicts = [_is_fixed_user(value) for value in condition.values]
    elif operator in {"stringequals", "stringequalsignorecase"}:
        verdicts = [_is_fixed(value) for value in condition.values]
    else:
        verdicts = [_is_fixed_pattern(key, value) for value in condition.values]
    return not3(any3(not3(verdict) for verdict in verdicts))


def _is_fixed_pattern(key: str, value: Text) -> bool | None:
    """Say whether a pattern counts as a fixed value.

    AWS, of `s3:DataAccessPointArn`: "this value can contain a wildcard for the access point name without rendering the policy public, as
    long as the account id is fixed."
    """
    if key == "s3:dataaccesspointarn" and isinstance(value, str):
        segments = value.split(":", 5)
        return len(segments) == _ARN_SEGMENTS and not _is_open(":".join(segments[:5])) and "${" not in value
    return _is_fixed(value)


def _is_fixed_user(value: Text) -> bool | None:
    """AWS: "aws:userid, outside the pattern `AROLEID:*`", so that pattern is a fixed one."""
    if isinstance(value, str) and value.endswith(":*"):
        return not _is_open(value[:-2])
    return _is_fixed(value)


def _is_narrow(value: Text) -> bool | None:
    """AWS: "values broader than /8 for IPv4 and /32 for IPv6 (excluding RFC1918 private ranges)" are public."""
    if isinstance(value, Partial):
        return None
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    # A private range is never broader than that.
    return network.prefixlen >= (_WIDEST_V6 if isinstance(network, ipaddress.IPv6Network) else _WIDEST_V4)


def _holes(policy: Policy) -> tuple[Unknown, ...]:
    found = list(policy.unresolved)
    for statement in policy.statements:
        texts = [entry.value for entry in statement.principals or ()]
        texts.extend(value for condition in statement.conditions for value in condition.values)
        found.extend(unresolved(next(part for part in text.parts if isinstance(part, Hole))) for text in texts if isinstance(text, Partial))
    return tuple(dict.fromkeys(found))
