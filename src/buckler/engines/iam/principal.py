"""Who a statement of a resource policy speaks of.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "... NotPrincipal".
"""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from buckler.engines.iam.kleene import Doubts, all3, any3, not3
from buckler.engines.iam.match import matches
from buckler.model.policy import Principal, Statement
from buckler.model.text import Partial

_SESSION = re.compile(r"arn:(?P<partition>[^:]*):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/.+")
_MEMBER = re.compile(r"arn:(?P<partition>[^:]*):(?:iam|sts)::(?P<account>\d{12}):(?:user/|role/|assumed-role/|federated-user/|root).*")
_ACCOUNT = re.compile(r"\d{12}")


Form: TypeAlias = Literal["self", "role", "account", "everyone"]
"""How a statement speaks of a caller: by its own ARN, by the role of its session, by its account, or because it speaks of everybody."""

FORMS: tuple[Form, ...] = ("self", "role", "account", "everyone")


def forms_of(statement: Statement, principal: str, doubts: Doubts) -> Mapping[Form, bool | None]:
    """Say in which forms a statement speaks of *principal*. What an Allow of a resource policy is worth depends on it."""
    if statement.principals is None:
        # `NotPrincipal` with Allow speaks of everybody else.
        return {"everyone": principal_matches(statement, principal, doubts)}
    found: dict[Form, bool | None] = dict.fromkeys(FORMS, False)
    for identity in _identities(principal):
        form = _form(identity, principal)
        found[form] = any3(_names(entry, identity, doubts) for entry in statement.principals)
    found["everyone"] = any3(_may_be_everyone(entry, principal, doubts) for entry in statement.principals)
    return found


def _form(identity: str, principal: str) -> Form:
    if _ROLE.fullmatch(identity) or _ROLE_OF_SESSION.fullmatch(identity):
        # AWS: "When you assume a role and make a request, the principal making the request is the IAM role session ARN and not the ARN of
        # the role itself." So a role that asks is one of its sessions, and is never named by its own ARN.
        return "role"
    if _ACCOUNT.fullmatch(identity):
        return "account"
    return "self" if identity == principal else "account"


def _names(entry: Principal, identity: str, doubts: Doubts) -> bool | None:
    return False if _is_everyone(entry) else _is_listed(entry, identity, doubts)


def _may_be_everyone(entry: Principal, principal: str, doubts: Doubts) -> bool | None:
    if _is_everyone(entry):
        return True
    if isinstance(entry.value, str) or entry.kind != "AWS":
        return False
    return all3((_is_listed(entry, principal, doubts), matches(entry.value.parts, "*", doubts)))


def principal_matches(statement: Statement, principal: str, doubts: Doubts) -> bool | None:
    """Say whether a statement speaks of *principal*. One without Principal is part of an identity policy: it speaks of who holds it."""
    if statement.principals is not None:
        return any3(_entry_names(entry, principal, doubts) for entry in statement.principals)
    if statement.not_principals is None:
        return True
    listed = statement.not_principals
    if statement.effect == "Deny":
        # AWS: "When you use NotPrincipal with Deny, you must also specify the account ARN of the not-denied principal. Otherwise, the
        # policy might deny access to the entire account containing the principal." A session must be listed with its role and account.
        return any3(not3(any3(_is_listed(entry, identity, doubts) for entry in listed)) for identity in _identities(principal))
    return not3(any3(_entry_names(entry, principal, doubts) for entry in listed))


def _entry_names(entry: Principal, principal: str, doubts: Doubts) -> bool | None:
    """Say whether one entry of `Principal` names, or stands for the account of, *principal*."""
    return any3(_is_listed(entry, identity, doubts) for identity in _identities(principal))


def _is_everyone(entry: Principal) -> bool:
    """`"*"` and `{"AWS": "*"}` are everyone: AWS principals, nobody, and services alike. Elsewhere in an entry `*` is no wildcard."""
    return entry.value == "*" and entry.kind in {"*", "AWS"}


def _is_listed(entry: Principal, identity: str, doubts: Doubts) -> bool | None:
    if _is_everyone(entry):
        return True
    if identity == "*":
        # Nobody is named by `*` alone. A hole may stand for it.
        return matches(entry.value.parts, "*", doubts) if isinstance(entry.value, Partial) and entry.kind == "AWS" else False
    match entry.kind:
        case "Service":
            return _text_is(entry, identity.lower(), doubts)
        case "AWS":
            if isinstance(entry.value, str):
                return _same_aws(entry.value, identity)
            return any3(matches(entry.value.parts, one, doubts) for one in _spellings(entry.value, identity))
        case _:
            return _text_is(entry, identity, doubts)


def _text_is(entry: Principal, identity: str, doubts: Doubts) -> bool | None:
    value = entry.value
    if isinstance(value, str):
        return (value.lower() if entry.kind == "Service" else value) == identity
    parts = tuple(part.lower() if isinstance(part, str) and entry.kind == "Service" else part for part in value.parts)
    return matches(parts, identity, doubts)


def _spellings(written: Partial, identity: str) -> list[str]:
    """List what an entry with holes may turn out to be to name *identity*: that ARN, `*`, an account's digits, a role with a path."""
    spellings = [identity, "*"]
    root = _ROOT.fullmatch(identity)
    if root:
        spellings.append(root["account"])
    role = _ROLE_OF_SESSION.fullmatch(identity)
    if role:
        head = written.parts[0] if isinstance(written.parts[0], str) else ""
        arn = _ROLE_HEAD.match(head)
        path = head[arn.end() :].rpartition("/")[0] if arn else ""
        partition = arn["partition"] if arn else "aws"
        spellings.append(f"arn:{partition}:iam::{role['account']}:role/{path + '/' if path else ''}{role['name']}")
    return spellings


def _same_aws(written: str, identity: str) -> bool:
    if written == identity:
        return True
    if _ACCOUNT.fullmatch(written):
        # AWS: the account id is short for the ARN of its root.
        return identity.endswith(f"::{written}:root")
    if _ACCOUNT.fullmatch(identity):
        return written.endswith(f"::{identity}:root") and written.startswith("arn:")
    session_role = _ROLE_OF_SESSION.fullmatch(identity)
    if session_role is None:
        return False
    # The ARN of a session does not show the path of its role.
    role = _ROLE.fullmatch(written)
    return role is not None and (role["account"], role["name"]) == (session_role["account"], session_role["name"])


_ROLE = re.compile(r"arn:[^:]*:iam::(?P<account>\d{12}):role/(?:[^:]*/)?(?P<name>[^/:]+)")
_ROLE_HEAD = re.compile(r"arn:(?P<partition>[^:]*):iam::[^:]*:role/")
_ROOT = re.compile(r"arn:[^:]*:iam::(?P<account>\d{12}):root")
_ROLE_OF_SESSION = re.compile(r"role-of-session:(?P<account>\d{12}):(?P<name>.+)")


def _identities(principal: str) -> tuple[str, ...]:
    """List all that AWS knows a caller by: itself, for a session its role, and its account."""
    session = _SESSION.fullmatch(principal)
    member = _MEMBER.fullmatch(principal)
    if member is None:
        return (principal,)
    account = f"arn:{member['partition']}:iam::{member['account']}:root"
    if session:
        return (principal, f"role-of-session:{session['account']}:{session['role']}", account)
    return (principal, account) if principal != account else (principal,)
