"""Put the pieces together in an order that does not depend on which came first."""

from collections.abc import Iterable
from typing import Any, cast

from msgspec.structs import replace

from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate, Missing, Scope, merge
from buckler.model.functions import LayerVersion
from buckler.model.iam import Organization
from buckler.model.origin import ApiOrigin
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown
from buckler.sources.live.accounts import Reach, scopes_of


def assemble(parts: Iterable[Estate], reach: Reach, taken_at: str) -> Estate:
    """Merge, keep of what was seen twice the better view, and sort."""
    estate = merge([*parts, Estate(missing=tuple(reach.missing))])
    scopes = tuple(
        Scope(
            kind="live",
            name=f"{account.id}/{region}",
            account=account.id,
            region=region,
            origin=ApiOrigin(call="sts:GetCallerIdentity", arn=account.arn, account=account.id, region=region),
        )
        for account, region in scopes_of(reach)
    )
    collections: dict[str, Any] = {name: _ordered(getattr(estate, name)) for name in COLLECTIONS}
    missing = tuple(sorted(estate.missing, key=lambda m: (shown(m.account), shown(m.region), m.collection, m.unknown.why)))
    return replace(
        estate, **collections, scopes=tuple(sorted(scopes, key=lambda scope: scope.name)), missing=_once(missing), taken_at=taken_at
    )


def _ordered(values: tuple[Entity | Organization, ...]) -> tuple[Entity | Organization, ...]:
    """Sort by account, region and ARN; of two views of one thing (a shared layer, a trail of the organisation) keep the owner's."""
    best: dict[tuple[str, ...], Entity | Organization] = {}
    for value in values:
        key = _key(value)
        if key not in best:
            best[key] = value
        else:
            better, other = (value, best[key]) if _standing(value) > _standing(best[key]) else (best[key], value)
            if isinstance(better, LayerVersion) and isinstance(other, LayerVersion) and other.is_used:
                better = replace(better, is_used=True)  # by an account that does not own it
            best[key] = better
    return tuple(best[key] for key in sorted(best))


def _key(value: Entity | Organization) -> tuple[str, ...]:
    if isinstance(value, Organization):
        return (value.id,)
    return (shown(value.account), shown(value.region), shown(value.arn), shown(value.name))


def _standing(value: Entity | Organization) -> tuple[bool, int]:
    """Rank a view: the owner's first, then the one that knows more."""
    owner = isinstance(value, Entity) and isinstance(value.origin, ApiOrigin) and value.origin.account == value.account
    fields = (cast("object", getattr(value, name)) for name in value.__struct_fields__)
    return owner, -sum(isinstance(field, Unknown) for field in fields)


def _once(missing: tuple[Missing, ...]) -> tuple[Missing, ...]:
    """Keep one reason per collection and place."""
    kept: dict[tuple[str, Text, Text], Missing] = {}
    for one in missing:
        kept.setdefault((one.collection, one.account, one.region), one)
    return tuple(kept.values())
