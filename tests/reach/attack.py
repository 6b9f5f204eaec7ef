"""Small estates for questions about attackers."""

from typing import Any

from tests.estates import ACCOUNT, OTHER, REGION, allow, analysis, at, attached, function, policy, role

from buckler.model.iam import Group, Role, User
from buckler.model.policy import Policy
from buckler.model.stores import KmsKey, Parameter, Secret, Store, StoreKind
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
    kinds: dict[str, type[Any]] = {
        "users": User, "groups": Group, "secrets": Secret, "parameters": Parameter, "keys": KmsKey, "stores": Store
    }  # fmt: skip
    own = {name: tuple(one for one in entities if isinstance(one, kind)) for name, kind in kinds.items()}
    others = [one for one in entities if not isinstance(one, tuple(kinds.values()))]
    return analysis(*others, **own, **more)


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


def _thing(made: type[Any], call: str, where: str, name: str, **more: Any) -> Any:
    base = {"arn": where, "name": name, "account": ACCOUNT, "region": REGION, "origin": at(call, where), "policy": None}
    return made(**{**base, **more})


def secret(name: str, **more: Any) -> Secret:
    return _thing(Secret, "secretsmanager:DescribeSecret", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-abcdef", name, **more)


def parameter(name: str, **more: Any) -> Parameter:
    where = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.removeprefix('/')}"
    return _thing(Parameter, "ssm:DescribeParameters", where, name, **{"type": "SecureString", **more})


def key(name: str, document: Policy | None = None, **more: Any) -> KmsKey:
    where = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}"
    given = document or policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    )
    return _thing(KmsKey, "kms:GetKeyPolicy", where, name, **{"policy": given, "is_customer_managed": True, "grants": (), **more})


def store(kind: StoreKind, name: str, **more: Any) -> Store:
    where = {
        "bucket": f"arn:aws:s3:::{name}",
        "queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
        "topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}",
        "table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
        "stream": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{name}",
        "event-bus": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{name}",
        "repository": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}",
    }[kind]
    return _thing(Store, "s3:GetBucketPolicy", where, name, kind=kind, **more)


__all__ = ["ACCOUNT", "OTHER", "REGION", "allow", "function", "policy", "role"]
