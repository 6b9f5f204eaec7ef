"""Conditions and actions of listeners' rules, as every source writes them down.

Source: Elastic Load Balancing, User Guide of Application Load Balancers, "Condition types for listener rules" and "Action types for
listener rules".
"""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from buckler.model.network import OR, REGEX, BalancerListener, BalancerRule
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown

ASKS: Final = frozenset({"authenticate-oidc", "authenticate-cognito", "jwt-validation"})
"""Actions that let nobody pass who does not sign in."""
_WORDS: Final = {
    "path-pattern": "path",
    "host-header": "host",
    "http-request-method": "method",
    "http-header": "header",
    "query-string": "query",
}
_ANY: Final = {"path-pattern": {"*", "/*"}, "host-header": {"*"}}
"""What every request fulfils."""
T = TypeVar("T")


def condition(field: str, values: Iterable[Text], name: str = "", *, regexes: Iterable[Text] = ()) -> tuple[str, ...]:
    """Write a condition that the sender fulfils by choice: `path /admin*`; none where every request fulfils it. *name*: of a header."""
    said = sorted(map(shown, values))
    if not set(said).isdisjoint(_ANY.get(field, set())):
        return ()
    said += [REGEX + one for one in sorted(map(shown, regexes))]
    return (" ".join(filter(None, (_WORDS.get(field, field), name, OR.join(said)))),)


def weighted(groups: Iterable[tuple[T, int | None]]) -> list[T]:
    """Give the target groups of a `forward` that get requests: one of weight 0 gets none, unless all are."""
    every = list(groups)
    return [group for group, weight in every if weight != 0] or [group for group, _ in every]


def in_order(numbered: Sequence[tuple[int, BalancerRule]]) -> tuple[BalancerRule, ...]:
    """Give rules as they are tried."""
    return tuple(rule for _, rule in sorted(numbered, key=lambda one: one[0]))


def listeners_in_order(found: Iterable[BalancerListener]) -> tuple[BalancerListener, ...]:
    """Give listeners by their ports."""
    return tuple(sorted(found, key=lambda one: (one.port, one.protocol)))


def groups_named(listeners: tuple[BalancerListener, ...] | Unknown) -> tuple[str, ...] | Unknown:
    """Give the target groups that any rule names, sorted."""
    if isinstance(listeners, Unknown):
        return listeners
    named: set[str] = set()
    for listener in listeners:
        if isinstance(listener.rules, Unknown):
            return listener.rules
        named.update(group for rule in listener.rules for group in rule.groups)
    return tuple(sorted(named))


def keeps_by_default(target_type: str, protocol: str) -> bool:
    """Say whether the targets of a network load balancer see their clients where nothing is set.

    "By default, client IP preservation is enabled (and can't be disabled) for instance and IP type target groups with UDP and TCP_UDP
    protocols"; of TCP and TLS it is on for instances, off for addresses (User Guide of Network Load Balancers, "Client IP preservation").
    """
    return target_type != "ip" or protocol not in {"TCP", "TLS"}
