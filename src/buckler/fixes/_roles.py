"""Policies of roles and users: their documents as AWS writes them, one inline policy, one attached policy or the trust policy at a time."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from buckler.fixes._documents import Document, document_of
from buckler.fixes._estates import on_each
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask
from buckler.model.iam import Attached, Role, User
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import shown
from buckler.model.unknown import known

VERSION: Final = "2012-10-17"
Holder: TypeAlias = Role | User
"""Who has policies."""
_ALL_INLINE: Final = {"Role": 10_240, "User": 2_048}
"""Characters of all inline policies of one, white space aside. Source: IAM User Guide, "IAM and AWS STS quotas", read 2026-11-27."""


def put_inline(role: Holder, name: str, document: Document | None, what: str = "") -> ApiEdit | None:
    """Write an inline policy, in place of the one of that name; *document* None takes it away. None when what stands there is not known."""
    before = None
    old = next((one for one in known(role.inline) if one.name == name), None)
    if old is not None:
        before = document_of(old)
        if before is None:
            return None
    kind = kind_of(role)
    where: Document = {f"{kind}Name": shown(role.name), "PolicyName": name}
    read, pick = ask_iam(f"Get{kind}Policy", where), ("PolicyDocument",)
    asks = _put(kind, where, document), _put(kind, where, before)
    return edit_role(role, what or f"inline policy `{name}`", read, pick, (before, document), asks)


def kind_of(holder: Holder) -> str:
    """Say what it is, as IAM names its operations."""
    return "Role" if isinstance(holder, Role) else "User"


def edit_role(role: Holder, what: str, read: Ask, pick: tuple[str, ...], states: tuple[Any, Any], asks: tuple[Ask, Ask]) -> ApiEdit:
    """Move a piece of a role or user from the first state to the second by the first call, and back by the second."""
    account, arn = shown(role.account), shown(role.arn)
    before, after = states
    do, undo = asks
    region = _region(role)
    return ApiEdit(account=account, region=region, arn=arn, what=what, read=read, pick=pick, before=before, after=after, do=do, undo=undo)


def ask_iam(operation: str, parameters: Document) -> Ask:
    """Write a call of IAM."""
    return Ask(service="iam", operation=operation, parameters=parameters)


def _put(kind: str, where: Document, document: Document | None) -> Ask:
    if document is None:
        return ask_iam(f"Delete{kind}Policy", where)
    return ask_iam(f"Put{kind}Policy", where | {"PolicyDocument": _text(document)})


def _region(role: Holder) -> str:
    """Say where to ask: IAM has no regions, but each partition its own."""
    return {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}.get(shown(role.arn).split(":")[1], "us-east-1")


def _text(document: Document) -> str:
    return json.dumps(document)


def with_inline(role: Holder, name: str, document: Document | None) -> Callable[[Estate], Estate]:
    """Change the estate as `put_inline` changes the account."""

    def change(estate: Estate) -> Estate:
        own = in_estate(role, estate)
        if not isinstance(own.inline, tuple):
            return estate
        kept = tuple(one for one in own.inline if one.name != name)
        added = () if document is None else (parse_policy(document, own.origin, name=name),)
        inline = tuple(sorted((*kept, *added), key=lambda one: one.name))
        return on_each(estate, f"{kind_of(role).lower()}s", role.arn, inline=inline)

    return change


def in_estate(holder: Holder, estate: Estate) -> Holder:
    """Give a role or user as an estate has it; as it is given where the estate has none."""
    same: tuple[Holder, ...] = estate.roles if isinstance(holder, Role) else estate.users
    return next((one for one in same if one.arn == holder.arn), holder)


def create_role(role: Role, trust: Document, mark: str, boundary: Attached | None) -> ApiEdit:
    """Make a role that is not there; *mark*: its description, by which buckler knows its own."""
    where: Document = {"RoleName": shown(role.name)}
    made = where | {"AssumeRolePolicyDocument": _text(trust), "Path": role.path, "Description": mark}
    made |= {"PermissionsBoundary": shown(boundary.arn)} if boundary is not None else {}
    pick = ("Role", "Description")
    return edit_role(
        role, "role", ask_iam("GetRole", where), pick, (None, mark), (ask_iam("CreateRole", made), ask_iam("DeleteRole", where))
    )


def detach(role: Role, attached: Attached) -> ApiEdit:
    """Take a managed policy off a role."""
    arn = shown(attached.arn)
    where: Document = {"RoleName": shown(role.name), "PolicyArn": arn}
    read = ask_iam("ListAttachedRolePolicies", {"RoleName": shown(role.name)})
    pick = ("AttachedPolicies", f"PolicyArn={arn}", "PolicyArn")
    asks = (ask_iam("DetachRolePolicy", where), ask_iam("AttachRolePolicy", where))
    return edit_role(role, f"attached policy `{arn.rpartition('/')[2]}`", read, pick, (arn, None), asks)


def without_attached(role: Role, attached: Attached) -> Callable[[Estate], Estate]:
    """Change the estate as `detach` changes the account."""

    def change(estate: Estate) -> Estate:
        own = next((one for one in estate.roles if one.arn == role.arn), role)
        if not isinstance(own.attached, tuple):
            return estate
        return on_each(estate, "roles", role.arn, attached=tuple(one for one in own.attached if one.arn != attached.arn))

    return change


def put_trust(role: Role, trust: Policy) -> ApiEdit | None:
    """Write the trust policy of a role; None when some of what stands there is not known."""
    before, after = document_of(known(role.trust)), document_of(trust)
    if before is None or after is None:
        return None
    where: Document = {"RoleName": shown(role.name)}

    def update(document: Document) -> Ask:
        return ask_iam("UpdateAssumeRolePolicy", where | {"PolicyDocument": _text(document)})

    pick = ("Role", "AssumeRolePolicyDocument")
    return edit_role(role, "trust policy", ask_iam("GetRole", where), pick, (before, after), (update(after), update(before)))


def with_trust(role: Role, change_of: Callable[[Policy], Policy]) -> Callable[[Estate], Estate]:
    """Change the estate as `put_trust` changes the account."""

    def change(estate: Estate) -> Estate:
        own = next((one for one in estate.roles if one.arn == role.arn), role)
        return on_each(estate, "roles", role.arn, trust=change_of(own.trust)) if isinstance(own.trust, Policy) else estate

    return change


def no_longer(role: Holder, statements: Sequence[Document], name: str) -> tuple[ApiEdit, Callable[[Estate], Estate]] | None:
    """Deny a role or user what it is allowed, by an inline policy of buckler's own; what the policy denies already stays denied."""
    old = next((one for one in known(role.inline) if one.name == name), None)
    before = document_of(old) if old is not None else None
    there: list[Document] = list(before["Statement"]) if before is not None else []
    document = {"Version": VERSION, "Statement": [*there, *(one for one in statements if one not in there)]}
    if not fits(role, name, document):
        return None
    edit = put_inline(role, name, document)
    return None if edit is None else (edit, with_inline(role, name, document))


def fits(role: Holder, name: str, document: Document) -> bool:
    """Say whether IAM takes an inline policy beside the others; of what is not known AWS will tell."""
    others = [document_of(one) for one in known(role.inline) if one.name != name]
    return sum(len(json.dumps(one, separators=(",", ":"))) for one in (document, *others) if one is not None) <= _ALL_INLINE[kind_of(role)]
