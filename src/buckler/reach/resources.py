"""The resource side of a request: which policy guards an ARN, and whose account it is in."""

from buckler.engines.iam import sample, settle_policy
from buckler.model.entity import Entity
from buckler.model.functions import LATEST, Function
from buckler.model.policy import Policy
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


class Guarded(Value):
    """What stands between a request and a resource, on the resource's side."""

    policy: Policy | None = None
    unread: Unknown | None = None
    """Why the policy, or a part of it, is not known."""
    account: str = ""
    """Owner; "" when neither the estate nor the ARN tells."""
    grants: tuple[Grant, ...] = ()
    blocks_public: bool = False


@once
def _by_arn(analysis: Analysis) -> dict[str, Entity]:
    """Everything with a policy or tags of its own, by its ARN with holes filled as `sample` fills them."""
    estate = analysis.estate
    groups = (estate.functions, estate.layers, estate.roles, estate.users, estate.keys, estate.secrets, estate.parameters, estate.stores)
    return {sample(entity.arn): entity for group in groups for entity in group}


@once
def _guards(_: Analysis) -> dict[str, Guarded]:
    return {}


def entity_at(arn: str, analysis: Analysis) -> Entity | None:
    """Find what an ARN names, or stands in: a function for its alias, a bucket for its object, a table for its index."""
    index = _by_arn(analysis)
    found = index.get(arn)
    if found is not None:
        return found
    if ":function:" in arn:
        return index.get(":".join(arn.split(":")[:7]))
    if arn.startswith("arn:") and ":s3:::" in arn:
        return index.get(arn.split("/", 1)[0])
    if ":dynamodb:" in arn and "/index/" in arn:
        return index.get(arn.split("/index/", 1)[0])
    return None


def guard_of(arn: str, analysis: Analysis) -> Guarded:
    """Say what guards a resource. One the estate does not hold has no policy that we know of, and the account its ARN names."""
    kept = _guards(analysis)
    found = kept.get(arn)
    if found is None:
        found = kept[arn] = _guard(arn, analysis)
    return found


def _guard(arn: str, analysis: Analysis) -> Guarded:
    entity = entity_at(arn, analysis)
    if entity is None:
        return Guarded(account=account_in_arn(arn))
    account = sample(entity.account)
    policy = _policy(entity, arn)
    blocks = getattr(entity, "blocks_public_policy", False)
    grants = getattr(entity, "grants", ())
    unread = policy if isinstance(policy, Unknown) else None
    if isinstance(policy, Policy):
        # A statement nobody could read is set aside by `settle_policy`: it may allow, or deny, anything.
        unread = policy.unresolved[0] if policy.unresolved else None
        policy = settle_policy(policy, attached=True)
    return Guarded(
        policy=policy if isinstance(policy, Policy) else None,
        unread=unread,
        account=account,
        grants=() if isinstance(grants, Unknown) else grants,
        blocks_public=blocks is True,
    )


def _policy(entity: Entity, arn: str) -> Policy | Unknown | None:
    if isinstance(entity, Function):
        qualifier = arn[len(sample(entity.arn)) + 1 :]
        return entity.policy_of(qualifier or LATEST)
    found: Policy | Unknown | None = getattr(entity, "trust", None) or getattr(entity, "policy", None)
    return found


def account_in_arn(arn: str) -> str:
    """Give the account an ARN names, "" when it names none."""
    pieces = arn.split(":", 5)
    return pieces[4] if len(pieces) == 6 and len(pieces[4]) == 12 and pieces[4].isdigit() else ""
