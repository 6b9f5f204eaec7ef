"""Permissions boundaries of roles: made, and set where there is none. One that is there is never replaced."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from buckler.engines.iam.compare import compare
from buckler.fixes._denies import narrowest
from buckler.fixes._documents import Document, document_of
from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Mend
from buckler.fixes._needed import needed
from buckler.fixes._roles import VERSION, ask_iam, edit_role
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.iam import Attached, Role
from buckler.model.layers import Layers
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.escalations import escalation_of

_LONGEST: Final = 6144
"""Characters of a managed policy, white space aside. Source: IAM User Guide, "IAM and AWS STS quotas", read 2026-11-27."""
_MOST: Final = 40
"""Steps of an escalation that are tried."""
LOST_BY_NAME: Final = "what policies of resources allow the role by its name, where the boundary does not: add it there"


def with_boundary(role: Role, arn: str, document: Policy) -> Callable[[Estate], Estate]:
    """Change the estate as `set_boundary` changes the account."""
    return lambda estate: on_each(estate, "roles", role.arn, boundary=Attached(arn=arn, document=document))


def set_boundary(role: Role, arn: str) -> ApiEdit:
    """Give a role a boundary that is there, in place of none."""
    where: Document = {"RoleName": shown(role.name)}
    return edit_role(
        role,
        "permissions boundary",
        ask_iam("GetRole", where),
        ("Role", "PermissionsBoundary", "PermissionsBoundaryArn"),
        (None, arn),
        (ask_iam("PutRolePermissionsBoundary", where | {"PermissionsBoundary": arn}), ask_iam("DeleteRolePermissionsBoundary", where)),
    )


def bounded(role: Role, statements: Sequence[Document], summary: str, lost: Iterable[str]) -> Mend | None:
    """Make a boundary of these statements and set it; None where the role has one, or IAM would not take it. Raises `Undecided`."""
    document: Document = {"Version": VERSION, "Statement": list(statements)}
    text = json.dumps(document, separators=(",", ":"))
    if known(role.boundary) is not None or len(text) > _LONGEST:
        return None
    name = f"buckler-boundary-{shown(role.name)}"
    arn = f"{shown(role.arn).partition(':role/')[0]}:policy/{name}"
    where: Document = {"PolicyArn": arn}
    mark = f"permissions boundary of {shown(role.name)}, made by buckler"
    make = edit_role(
        role,
        f"managed policy `{name}`",
        ask_iam("GetPolicyVersion", where | {"VersionId": "v1"}),
        # Whoever changed it since made another version the default.
        ("PolicyVersion", "Document,IsDefaultVersion"),
        (None, {"Document": document, "IsDefaultVersion": True}),
        (
            ask_iam("CreatePolicy", {"PolicyName": name, "PolicyDocument": text, "Description": mark}),
            ask_iam("DeletePolicy", where),
        ),
    )
    policy = parse_policy(document, role.origin, name=arn)
    return Mend(summary, (make, set_boundary(role, arn)), with_boundary(role, arn, policy), lost=(*lost, LOST_BY_NAME))


def needs_only(role: Role, analysis: Analysis) -> Mend | None:
    """Bound a role by what the configuration of its functions needs, whatever its policies say. Raises `Undecided`."""
    statements = needed(role, analysis)
    if not statements:
        return None
    return bounded(
        role,
        statements,
        "set a permissions boundary that allows what the configuration of its functions needs, and leave its policies as they are",
        ("what the code of its functions calls besides: add it to the boundary first",),
    )


def no_steps(role: Role, analysis: Analysis) -> Mend | None:
    """Bound a role by everything but the actions by which it becomes administrator; None when that finds no end."""
    denied: list[str] = []
    mend: Mend | None = None
    now, own = analysis, role
    while (found := escalation_of(own, now)) is not None:
        step = narrowest(own, found.path.edges[0].proof)
        if step is None or step.action in denied or len(denied) == _MOST:
            return None
        denied.append(step.action)
        statements: list[Document] = [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": sorted(denied), "Resource": "*"},
        ]
        mend = bounded(
            role,
            statements,
            "set a permissions boundary that denies the role the actions by which it becomes administrator",
            tuple(f"the role may no longer `{action}`, of anything" for action in sorted(denied)),
        )
        if mend is None:
            return None
        estate = mend.change(analysis.estate)
        now = Analysis(estate, today=analysis.today)
        own = next(one for one in estate.roles if one.arn == role.arn)
    return mend


def no_more_than_now(role: Role) -> Mend | None:
    """Bound a role by what its policies allow today; None where that is not known, is everything, or does not fit. Raises `Undecided`."""
    policies = policies_of(role)
    allows = [replace(one, statements=tuple(each for each in one.statements if each.effect == "Allow")) for one in policies]
    if any(each.actions is None or any(shown(action) == "*" for action in each.actions) for one in allows for each in one.statements):
        return None  # it would bound nothing
    documents = [document_of(one) for one in allows]
    if any(one is None for one in documents):
        return None
    statements: list[Document] = []
    for one in documents:
        for statement in one["Statement"] if one is not None else ():
            unnamed = {name: value for name, value in statement.items() if name != "Sid"}
            statements += [] if unnamed in statements else [unnamed]
    actions = [shown(action) for one in allows for each in one.statements for action in each.actions or ()]
    services = sorted({f"{one.partition(':')[0].lower()}:*" for one in actions})
    whole: Document = {"Effect": "Allow", "Action": services, "Resource": "*"}
    later = ("what is attached to the role later, until the boundary allows it too",)
    what = "set a permissions boundary of {} its policies allow today: whatever is attached later takes effect only within it"
    tight = bounded(role, statements, what.format("what"), later)
    loose = bounded(role, [whole], what.format("the services that"), later)
    mend = tight or loose
    return mend if mend is not None and statements and loses_nothing(role, mend) else None


def policies_of(role: Role) -> tuple[Policy, ...]:
    """Give the identity policies of a role. Raises `Undecided` where one could not be read."""
    return (*known(role.inline), *(known(one.document) for one in known(role.attached)))


def loses_nothing(role: Role, mend: Mend) -> bool:
    """Say whether the engine proves that the role may with the boundary of a mend what it may without, by its own policies."""
    boundary = known(mend.change(Estate(roles=(role,))).roles[0].boundary)
    if boundary is None:
        return False
    identity = policies_of(role)
    bound = Layers(identity=identity, boundary=known(boundary.document))
    return compare(bound, Layers(identity=identity), principal=shown(role.arn)).verdict == "no-wider"


def usual(role: Role, boundary: Attached) -> Mend:
    """Set the boundary that other roles have."""
    arn = shown(boundary.arn)
    return Mend(
        f"set the permissions boundary that other roles for functions have: `{arn.rpartition('/')[2]}`",
        (set_boundary(role, arn),),
        all_of(with_boundary(role, arn, known(boundary.document))),
        lost=("what is attached to the role later and the boundary does not allow", LOST_BY_NAME),
    )
