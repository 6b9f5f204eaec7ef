"""A role that functions of different purpose share, split in the text of a template."""

from collections.abc import Iterator
from typing import Final

from buckler.fixes._fix import Advice
from buckler.fixes._named import Names
from buckler.fixes._policies_beside import beside
from buckler.fixes._role_texts import Beside, subject_in
from buckler.fixes._roles import VERSION
from buckler.fixes._split import OTHERS, Moved, parting
from buckler.fixes._written import Choice, Properties, Written
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.written import written_policies
from buckler.sources.cfn.editing import CannotEditError, Setting

_OWN: Final = "give each function, or at least each application, a role of its own with what it needs"


def split_role(case: Written) -> Iterator[Choice]:
    """Copy the role, as it is written, for each function of another purpose; policies beside it name the copies, too."""
    role = subject_in(case.finding, case.analysis)
    if not isinstance(role, Role):
        return
    try:
        yield _split(case, role)
    except CannotEditError as bad:
        yield Advice(_OWN, str(bad))
    except Undecided as undecided:
        yield Advice(_OWN, f"what it needs to know is not known: {undecided.unknown.why}")


def _split(case: Written, role: Role) -> Properties:
    """Raises `CannotEditError` and `Undecided`."""
    editor, written = case.editor, case.resource
    if editor.scalar(*written, "Type") != "AWS::IAM::Role":
        raise CannotEditError(f"`{role.address}` is not written in the text itself")
    parted = parting(role, case.analysis)
    names = Names(case.analysis.estate)
    lists = list(dict.fromkeys(_lists(case, role)))
    named = ("Properties", "RoleName")
    copies = [(one, f"{one.function.address}Role") for one in parted.moved]
    settings = [setting for one, copy in copies if (setting := _denied(case, copy, one, names))]
    if parted.denied:
        settings.append(beside(case, Beside(role, OTHERS.removeprefix("buckler-"), parted.denied), names))
    for one, copy in copies:
        if not editor.has("Resources", one.function.address, "Properties"):
            raise CannotEditError(f"`{shown(one.function.name)}` is not written in the text itself")
        if editor.has("Resources", copy):
            raise CannotEditError(f"there is a `{copy}` already")
    return Properties(
        parted.summary,
        tuple(settings),
        parted.lost(role),
        anew=tuple((("Resources", one.function.address, "Properties", "Role"), {"Fn::GetAtt": [copy, "Arn"]}) for one, copy in copies),
        appended=tuple((where, {"Ref": copy}) for where in lists for _, copy in copies),
        # A name that is given can be given once.
        duplicates=tuple((written, copy, (named,) if editor.has(*written, *named) else ()) for _, copy in copies),
        copies=dict.fromkeys((copy for _, copy in copies), role.address),
    )


def _lists(case: Written, role: Role) -> Iterator[tuple[str, ...]]:
    """Give the lists of roles of the policies that stand beside a role. Raises `CannotEditError`."""
    for policy in written_policies(role):
        path = tuple(policy.origin.path.split(".")) if isinstance(policy.origin, FileOrigin) else ()
        if path[:2] == case.resource:
            continue
        kind = case.editor.scalar(*path[:2], "Type")
        if path[:1] != ("Resources",) or kind not in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            raise CannotEditError(f"its policy `{policy.name}` is not written in the text itself, or for one role only")
        roles = (*path[:2], "Properties", "Roles")
        if case.editor.has(*roles):
            yield roles  # else the role names the policy, and so does the copy


def _denied(case: Written, copy: str, moved: Moved, names: Names) -> tuple[tuple[str, ...], Setting] | None:
    """Write what is denied to a copy, beside it."""
    if not moved.denied:
        return None
    properties: dict[str, Setting] = {
        "PolicyName": OTHERS.removeprefix("buckler-"),
        "PolicyDocument": {"Version": VERSION, "Statement": names.setting(list(moved.denied))},
        "Roles": [{"Ref": copy}],
    }
    only = case.condition_of(case.finding.subject.id)
    return ("Resources", f"{copy}OthersData"), {"Type": "AWS::IAM::Policy", **only, "Properties": properties}
