"""Which stores are worth a question of their own: with `--deep` all, else those that start functions, as far as the allowance goes."""

from collections.abc import Iterator

from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.policy import Policy
from buckler.model.stores import Store
from buckler.model.unknown import Unknown
from buckler.sources.live.functions import unqualified

ORDINARY = 20
"""Calls for stores that are made of an account at every depth."""
_COSTS = {"bucket": 2, "queue": 2, "topic": 1, "table": 1, "stream": 1}
"""Calls for the policy of a store, by kind; the others are told by lists, or start no function."""


def worth_asking(known: Estate, functions: list[Function], account: str, *, deep: bool) -> list[Store]:
    """List the stores of an account to ask for their policies.

    Without `--deep` half a call per function is spent on them, on the first by kind and name.
    """
    mine = sorted((store for store in known.stores if store.account == account and _is_read(store, account)), key=_order)
    if deep:
        return mine
    left = max(ORDINARY, len(functions) // 2)
    starting = set(_starting(known, functions))
    found: list[Store] = []
    for store in mine:
        cost = _COSTS.get(store.kind, 0)
        if cost and cost <= left and store.arn in starting:
            left -= cost
            found.append(store)
    return found


def _is_read(store: Store, account: str) -> bool:
    """Say whether it was listed where it is: what is known only as somebody's topic cannot be asked here."""
    return getattr(store.origin, "account", account) == account and getattr(store.origin, "call", "") != "sns:ListSubscriptions"


def _order(store: Store) -> tuple[str, str, str]:
    return store.kind, str(store.region), str(store.arn)


def _starting(known: Estate, functions: list[Function]) -> Iterator[object]:
    """Name the stores that functions poll, that their policies let in, or that tell them."""
    arns = {function.arn for function in functions}
    for mapping in known.event_sources:
        if isinstance(mapping.source, str):
            yield mapping.source.partition("/stream/")[0] if ":dynamodb:" in mapping.source else mapping.source
    for function in functions:
        for entry in () if isinstance(function.policies, Unknown) else function.policies:
            if isinstance(entry.policy, Policy):
                yield from _sources(entry.policy)
    for store in known.stores:
        told = () if isinstance(store.notifies, Unknown) else store.notifies
        if any(unqualified(str(one)) in arns for one in told):
            yield store.arn


def _sources(policy: Policy) -> Iterator[object]:
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key.lower() == "aws:sourcearn":
                yield from condition.values
