"""Small estates for questions about attackers."""

from typing import Any

from tests.estates import ACCOUNT, OTHER, REGION, allow, analysis, at, attached, function, policy, role, scope

from buckler.model.iam import Group, Role, User
from buckler.model.policy import Policy
from buckler.reach.analysis import Analysis
from buckler.reach.graph import Graph, graph_of

EVERYTHING = policy(allow("*"), name="everything")


def arn(kind: str, name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def trust(*, service: str | list[str] = "", aws: str | list[str] = "", **more: Any) -> Policy:
    principal = {"Service": service} if service else {"AWS": aws}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def user(name: str, *statements: dict[str, Any], **more: Any) -> User:
    defaults: dict[str, Any] = {
        "arn": arn("user", name),
        "name": name,
        "account": ACCOUNT,
        "region": "",
        "origin": at("iam:GetAccountAuthorizationDetails", arn("user", name)),
        "inline": (policy(*statements),) if statements else (),
        "attached": (),
        "boundary": None,
        "groups": (),
    }
    return User(**{**defaults, **more})


def group(name: str, *statements: dict[str, Any], **more: Any) -> Group:
    defaults: dict[str, Any] = {
        "arn": arn("group", name),
        "name": name,
        "account": ACCOUNT,
        "region": "",
        "origin": at("iam:GetAccountAuthorizationDetails", arn("group", name)),
        "inline": (policy(*statements),) if statements else (),
        "attached": (),
    }
    return Group(**{**defaults, **more})


def can(name: str, *statements: dict[str, Any], **more: Any) -> Role:
    """A role with these statements."""
    return role(name, inline=(policy(*statements),), **more)


def managed(name: str, *statements: dict[str, Any], account: str = ACCOUNT) -> Any:
    return attached(f"arn:aws:iam::{account}:policy/{name}", policy(*statements))


def estate(*entities: Any, **more: Any) -> Analysis:
    """An analysis of roles, functions and, unlike `tests.estates.analysis`, users and groups."""
    users = tuple(one for one in entities if isinstance(one, User))
    groups = tuple(one for one in entities if isinstance(one, Group))
    others = [one for one in entities if not isinstance(one, User | Group)]
    return analysis(*others, users=users, groups=groups, **more)


def graph(*entities: Any, **more: Any) -> Graph:
    return graph_of(estate(*entities, **more))


def techniques(of: Graph, principal: str) -> set[str]:
    """Ids of what a principal can use, whose proof holds."""
    actor = of.actor(principal)
    assert actor is not None
    found: set[str] = set()
    for move in of.moves(actor):
        arns = of.things.class_of(move.technique.variable).arns if move.technique.variable else [""]
        for number, target in enumerate(arns):
            if (move.sure | move.perhaps) >> number & 1 and of.prover.prove(actor, move.technique, target) is not None:
                found.add(move.technique.id)
    return found


__all__ = ["ACCOUNT", "EVERYTHING", "OTHER", "REGION", "allow", "arn", "can", "deny", "estate", "function", "graph", "group", "managed", "policy", "role",
           "scope", "techniques", "trust", "user"]  # fmt: skip
