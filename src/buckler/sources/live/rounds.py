"""Which pieces of work there are: in bulk, per function, and what follows from both."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from buckler.model.entity import Entity
from buckler.model.estate import Estate, Missing
from buckler.model.functions import Concurrency, Function
from buckler.model.origin import ApiOrigin
from buckler.model.secret import Judge
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import (
    access,
    event_sources,
    functions,
    iam,
    iam_usage,
    layers,
    logs,
    monitoring,
    network,
    organization,
    settings,
    signing,
    stores,
    stores_data,
    stores_details,
    stores_follow,
    stores_grants,
    trails,
    triggers,
)
from buckler.sources.live.accounts import Reach, scopes_of
from buckler.sources.live.api import Account, Reader
from buckler.sources.live.journal import Part


@dataclass(frozen=True)
class Piece:
    """One piece of work.

    INVARIANT: `key` says what is read and how, so that a piece from the journal is what would be read again.
    """

    key: str
    read: Callable[[Reader], Part]
    account: Account
    region: str
    is_global: bool = False


_PER_ACCOUNT: dict[str, Callable[[Reader], Estate]] = {
    "iam": iam.collect,
    "organization": organization.collect,
}
_PER_REGION: dict[str, Callable[[Reader], Estate]] = {
    "layers": layers.collect,
    "logs": logs.collect,
    "trails": trails.collect,
    "guardduty": monitoring.collect_guardduty,
    "inspector": monitoring.collect_inspector,
    "secrets": stores.collect_secrets,
    "data stores": stores_data.collect,
    "rest apis": triggers.collect_rest,
    "http apis": triggers.collect_http,
    "load balancers": triggers.collect_balancers,
}


def bulk(reach: Reach, judge: Judge, *, deep: bool) -> list[Piece]:
    """Give what is told in bulk for an account or a region."""
    regional: dict[str, Callable[[Reader], Estate]] = {
        "functions": partial(functions.collect, judge=judge, deep=deep),
        "event sources": partial(event_sources.collect, judge=judge),
        "parameters": partial(stores.collect_parameters, deep=deep),
        **_PER_REGION,
    }
    pieces = [
        Piece(f"{name} {account.id}", read, account, account.home, is_global=True)
        for account in reach.accounts
        for name, read in _PER_ACCOUNT.items()
    ]
    for account in reach.accounts:
        regions = [region for owner, region in scopes_of(reach) if owner is account]
        # Buckets have regions, but one list: what is missing of it is missing in each region.
        pieces.append(Piece(f"buckets {account.id}", partial(stores_data.collect_buckets, regions=regions), account, account.home))
    pieces += [
        Piece(f"{name} {account.id}/{region}", read, account, region)
        for account, region in scopes_of(reach)
        for name, read in regional.items()
    ]
    return pieces


def per_function(reach: Reach, estates: list[Estate], *, deep: bool) -> list[Piece]:
    """Give what is asked of each function."""
    limits = {(limit.account, limit.region): limit for estate in estates for limit in estate.concurrency}
    by_id = {account.id: account for account in reach.accounts}
    pieces: list[Piece] = []
    # INVARIANT: the functions of one region are in one estate, so that its allowance is spent once.
    for estate in estates:
        counts = [0 if isinstance(function.versions, Unknown) else len(function.versions) for function in estate.functions]
        newest = None if deep else access.affordable(counts)
        for function in estate.functions:
            limit = limits.get((function.account, function.region))
            pieces.append(_function(function, by_id[str(function.account)], limit, newest=newest, deep=deep))
    return pieces


def _function(function: Function, account: Account, limits: Concurrency | None, *, newest: int | None, deep: bool) -> Piece:
    def read(reader: Reader) -> Function:
        return settings.collect(reader, access.collect(reader, function, newest=newest), limits, deep=deep)

    is_cut = newest is not None and not isinstance(function.versions, Unknown) and len(function.versions) > newest
    return Piece(f"function {function.arn}" + (f" newest {newest}" if is_cut else ""), read, account, str(function.region))


def follow_ups(reach: Reach, known: Estate, read: list[Function], *, deep: bool, also: tuple[str, ...] = ()) -> list[Piece]:
    """Give what is asked of things that were named by what is known so far; *also*: profile versions that nothing names yet."""
    pieces = _trails(reach, known)
    for account in reach.accounts:
        mine = [function for function in read if function.account == account.id]
        pieces += [
            Piece(f"store {store.arn}", partial(stores_details.collect, store=store, deep=deep), account, str(store.region))
            for store in stores_follow.worth_asking(known, mine, account.id, deep=deep)
        ]
        pieces += _uses(known, mine, account) if deep else []
    for account, region in scopes_of(reach):
        here = [function for function in read if (function.account, function.region) == (account.id, region)]
        wanted = tuple(arn for arn in also if arn.split(":")[3:5] == [region, account.id])
        pieces += _in_region(account, region, known, here, deep=deep, also=wanted)
    return pieces


def _uses(known: Estate, functions: list[Function], account: Account) -> list[Piece]:
    """Ask which services the roles use that functions run as; where functions could not be listed, nobody can say which roles those are."""
    named = {function.role for function in functions}
    # Roles have no region, so a function of any region may run as each.
    unlisted = (one for one in known.missing if (one.collection, one.account) == ("functions", account.id))
    untold = next((one.unknown for one in unlisted if one.unknown.kind is not UnknownKind.NOT_ASKED), None)
    return [
        Piece(
            f"use of {role.arn}",
            partial(iam_usage.collect, role=role, untold=None if role.arn in named else untold),
            account,
            account.home,
            is_global=True,
        )
        for role in known.roles
        if role.account == account.id and iam_usage.is_worth_asking(role) and (role.arn in named or untold is not None)
    ]


def _in_region(account: Account, region: str, known: Estate, here: list[Function], *, deep: bool, also: tuple[str, ...]) -> list[Piece]:
    scope = f"{account.id}/{region}"

    def piece(name: str, read: Callable[[Reader], Part], *, where: str = region) -> Piece:
        return Piece(f"{name} {scope}", read, account, where)

    def mine(entity: Entity | Missing) -> bool:
        return (entity.account, entity.region) == (account.id, region)

    used = layers.used_by(here)
    named = signing.profiles((config for config in known.code_signing_configs if mine(config)), here)
    profiles = (*named, *(arn for arn in also if arn not in named))
    pieces = [piece(f"layer {arn}", partial(layers.collect_used, arn=arn)) for arn in used]
    pieces += [
        piece(f"unused layer {layer.arn}", partial(layers.collect_policy, layer=layer))
        for layer in known.layers
        if mine(layer) and layer.arn not in used
    ]
    pieces += [piece(f"log group {name}", partial(logs.collect_named, name=name)) for name in logs.named_by(here)]
    pieces += [piece(f"key {key}", partial(stores_grants.collect, used_as=key, deep=deep)) for key in _keys(known, here, mine)]
    pieces += [
        piece(f"profile {arn}", partial(signing.collect_profile, version_arn=arn), where=arn.split(":")[3] or region) for arn in profiles
    ]
    if deep:
        pieces += [
            piece(f"secret {secret.arn}", partial(stores.collect_secret_policy, secret=secret)) for secret in known.secrets if mine(secret)
        ]
        pieces += [
            piece(f"redrive {mapping.arn}", partial(event_sources.collect_redrive, mapping=mapping))
            for mapping in known.event_sources
            if mine(mapping)
        ]
    derived = _derived(known, mine)
    if derived:
        pieces.append(piece("derived", partial(_unknown, derived=derived)))
    if deep or network.is_needed(here):
        return pieces + [piece(name, read) for name, read in network.PIECES.items()]
    return pieces if "vpcs" in derived else [*pieces, piece("no network", network.not_needed)]


def _derived(known: Estate, mine: Callable[[Missing], bool]) -> dict[str, Unknown]:
    """Say which collections are incomplete because the one whose entities name theirs is."""
    # What the depth did not ask, because nothing names it, names nothing further either.
    unread = (missing for missing in known.missing if mine(missing) and missing.unknown.kind is not UnknownKind.NOT_ASKED)
    gone = {missing.collection: missing.unknown for missing in unread}
    derived: dict[str, Unknown] = {}
    for collection, named_by in _NAMED_BY.items():
        unknown = next((gone[name] for name in named_by if name in gone), None)
        if unknown is not None:
            derived[collection] = unknown
    return derived


_NAMED_BY = {
    "layers": ("functions",),
    "log_groups": ("functions",),
    "keys": ("functions", "log_groups", "capacity_providers"),
    "signing_profiles": ("code_signing_configs",),
    **dict.fromkeys(network.COLLECTED, ("functions",)),
}
"""Collection -> the collections whose entities say what to ask for."""


def _unknown(reader: Reader, derived: dict[str, Unknown]) -> Estate:
    return Estate(missing=tuple(reader.missing(collection, unknown) for collection, unknown in derived.items()))


def _keys(known: Estate, here: list[Function], mine: Callable[[Entity], bool]) -> list[str]:
    """Give the keys that functions, their log groups and their machines use, once."""
    named = [key for function in here for key in (function.kms_key, function.durable_kms_key)]
    named += [group.kms_key for group in known.log_groups if mine(group)]
    named += [provider.kms_key for provider in known.capacity_providers if mine(provider)]
    return sorted({key for key in named if isinstance(key, str)})


def _trails(reach: Reach, known: Estate) -> list[Piece]:
    """Ask for each trail once, in its home region, and its owner where that account is read."""
    by_id = {account.id: account for account in reach.accounts}
    pieces: dict[str, Piece] = {}
    for trail in known.trails:
        seen_by = trail.origin.account if isinstance(trail.origin, ApiOrigin) else ""
        account = by_id.get(str(trail.account)) or by_id[seen_by]
        if str(trail.arn) not in pieces:
            pieces[str(trail.arn)] = Piece(
                f"trail {trail.arn}", partial(trails.collect_details, trail=trail), account, str(trail.home_region)
            )
    return list(pieces.values())


def without_followed(estate: Estate, followed: list[Estate], *, deep: bool) -> Estate:
    """Leave out what the later rounds have read again, completely."""
    again = {store.arn for one in followed for store in one.stores}
    stores_left = tuple(store for store in estate.stores if store.arn not in again)
    told = {role.arn for one in followed for role in one.roles}
    roles_left = tuple(role for role in estate.roles if role.arn not in told)
    kept = replace(estate, functions=(), layers=(), trails=(), stores=stores_left, roles=roles_left)
    return replace(kept, secrets=(), event_sources=()) if deep else kept
