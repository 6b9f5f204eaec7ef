"""Policies that stand beside the roles of a template, as resources of their own."""

import re

from buckler.fixes._named import Names
from buckler.fixes._role_texts import Beside
from buckler.fixes._roles import VERSION
from buckler.fixes._written import Written
from buckler.model.iam import Role
from buckler.sources.cfn.editing import CannotEditError, Setting


def beside(case: Written, policy: Beside, names: Names) -> tuple[tuple[str, ...], Setting]:
    """Write a policy beside a role: SAM's own roles are no resource of the text, but may be referred to. Raises `CannotEditError`."""
    role, editor = policy.role.address, case.editor
    owner = _owner(case, policy.role)
    name = role + "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", policy.name))
    if editor.has("Resources", name):
        raise CannotEditError(f"there is a `{name}` already")
    properties: dict[str, Setting] = {
        "PolicyName": policy.name,
        "PolicyDocument": {"Version": VERSION, "Statement": names.setting(list(policy.statements))},
        "Roles": [{"Ref": role}],
    }
    return ("Resources", name), {"Type": "AWS::IAM::Policy", **case.condition_of(owner), "Properties": properties}


def _owner(case: Written, role: Role) -> str:
    """Give the resource that makes a role. Raises `CannotEditError`."""
    for name, kind in ((role.address, "AWS::IAM::Role"), (role.address.removesuffix("Role"), "AWS::Serverless::Function")):
        if case.editor.scalar("Resources", name, "Type") == kind:
            return name
    raise CannotEditError(f"`{role.address}` is not written in the text itself")
