"""Worlds as the simulator reads them: policy documents in JSON, and the context as plain values."""

from collections.abc import Iterable, Sequence

from bench.oracle.worlds import RCP_FULL_ACCESS, World

from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.request import Case
from buckler.model.policy import Policy, Principal, Statement
from buckler.model.text import shown


def simulation(world: World) -> dict[str, object]:
    """Write a world as the argument of `runSimulation`."""
    request, layers = world
    account = Case(request, layers).resource_account or "999999999999"
    asked: dict[str, object] = {
        "principal": request.principal,
        "action": request.action,
        "resource": {"resource": request.resource, "accountId": account},
        "contextVariables": {
            entry.key: list(entry.values) if len(entry.values) > 1 or _is_set(entry.key) else entry.values[0]
            for entry in request.context
            if entry.values
        },
    }
    found: dict[str, object] = {
        "anonymous": request.principal == "*",
        "request": asked,
        "identityPolicies": _named(layers.identity, "identity"),
        "serviceControlPolicies": _levels(layers.scp, "scp"),
        "resourceControlPolicies": _levels([[one for one in level if one != RCP_FULL_ACCESS] for level in layers.rcp], "rcp"),
        "additionalSettings": {"s3": {"blockPublicAccess": layers.blocks_public}},
    }
    if layers.resource is not None:
        found["resourcePolicy"] = document(layers.resource)
    if layers.boundary is not None:
        found["permissionBoundaryPolicies"] = _named([layers.boundary], "boundary")
    if layers.endpoint is not None:
        found["vpcEndpointPolicies"] = _named([layers.endpoint], "endpoint")
    if layers.session:
        found["sessionPolicy"] = document(layers.session[0])
    return found


def document(policy: Policy) -> dict[str, object]:
    """Write a policy as AWS does."""
    return {"Version": policy.version, "Statement": [_statement(one) for one in policy.statements]}


def _named(policies: Iterable[Policy], name: str) -> list[dict[str, object]]:
    return [{"name": f"{name}-{number}", "policy": document(policy)} for number, policy in enumerate(policies)]


def _levels(levels: Sequence[Sequence[Policy]], name: str) -> list[dict[str, object]]:
    return [{"orgIdentifier": f"ou-{number}", "policies": _named(level, f"{name}-{number}")} for number, level in enumerate(levels)]


def _statement(statement: Statement) -> dict[str, object]:
    found: dict[str, object] = {"Effect": statement.effect}
    lists = (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    )
    found.update({name: [shown(one) for one in texts] for name, texts in lists if texts is not None})
    for name, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            found[name] = _principals(principals)
    conditions: dict[str, dict[str, list[str]]] = {}
    for one in statement.conditions:
        conditions.setdefault(one.operator, {})[one.key] = [shown(value) for value in one.values]
    if conditions:
        found["Condition"] = conditions
    return found


def _principals(principals: Sequence[Principal]) -> object:
    if any(one.kind == "*" for one in principals):
        return "*"
    found: dict[str, list[str]] = {}
    for one in principals:
        found.setdefault(one.kind, []).append(shown(one.value))
    return found


def _is_set(key: str) -> bool:
    return key.lower() in _GLOBAL_SETS or (catalogue().key_type(key) or "").startswith("ArrayOf")


_GLOBAL_SETS = {"aws:tagkeys", "aws:calledvia", "aws:principalorgpaths"}
