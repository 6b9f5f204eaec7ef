"""Rules of listeners: to which target groups a load balancer sends what comes from an address.

The sender chooses path, host, headers and method, and not the address that is seen: a rule with conditions on the former is open to
everybody, one on `source-ip` to whom it names. "Rules are evaluated in priority order, from the lowest value to the highest value. The
default rule is evaluated last." The address is the last one's on the way, a NAT gateway's where one stands between: the condition "is not
satisfied by the addresses in the X-Forwarded-For header".

Source: Elastic Load Balancing, User Guide of Application Load Balancers, "Listener rules" and "Condition types for listener rules".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from buckler.engines.net.ranges import Range, range_of, union
from buckler.model.network import BalancerListener, BalancerRule
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.conditions import asks_for_less

Sent: TypeAlias = Literal["always", "may", "unknown"]
SENT_ORDER: Final[tuple[Sent, ...]] = ("always", "may", "unknown")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A target group to which a rule sends requests."""

    group: str
    sent: Sent
    """Of requests that fulfil the conditions: always, for a part of the possible addresses, or as far as the rules are known."""
    rule: BalancerRule
    unknown: Unknown | None = None

    @property
    def how(self) -> str:
        """Say in words what a request has to be; "": any will do."""
        asked = f" after {self.rule.asks}" if self.rule.asks else ""
        return (f" by {' and '.join(self.rule.conditions)}" if self.rule.conditions else "") + asked


def forwarded(listener: BalancerListener, origin: Range) -> tuple[Forwarded, ...] | Unknown:
    """List the target groups that requests from an address are sent to, in the order of the rules; Unknown: the rules were not read."""
    if isinstance(listener.rules, Unknown):
        return listener.rules
    return tuple(_forwarded(listener.rules, origin))


def _forwarded(rules: Iterable[BalancerRule], origin: Range) -> Iterator[Forwarded]:
    # Of the rules before: the conditions of each, and whether it takes every request that fulfils them.
    before: list[tuple[tuple[str, ...], bool | Unknown | None]] = []
    for rule in rules:
        comes = comes_from(origin, rule.sources)
        own = rule.conditions
        earlier = [taken for conditions, taken in before if asks_for_less(conditions, own)]
        if comes is False or True in earlier:
            continue
        before.append((own, comes))
        doubts = [comes, *earlier]
        unknown = next((one for one in doubts if isinstance(one, Unknown)), None)
        sent: Sent = "unknown" if unknown is not None else "may" if None in doubts else "always"
        for group in rule.groups:
            yield Forwarded(group, sent, rule, unknown)


def comes_from(origin: Range, ranges: tuple[Text, ...]) -> bool | Unknown | None:
    """Say whether an address lies in any of some ranges: True, False, None for a part of the possible ones."""
    if not ranges:
        return True
    known: list[tuple[int, int]] = []
    hole: Text | None = None
    for one in ranges:
        try:
            found = range_of(one) if isinstance(one, str) else None
        except ValueError:
            continue  # Elastic Load Balancing accepts none of these
        if found is None:
            hole = one
        elif found.version == origin.version:
            known.append((found.first, found.last))
    joined = union(known)
    if any(first <= origin.first and origin.last <= last for first, last in joined):
        return True
    if hole is not None:
        return Unknown(kind=UnknownKind.UNRESOLVED, why=f"the range `{shown(hole)}` of a rule is not known", need="--parameter")
    return None if any(first <= origin.last and origin.first <= last for first, last in joined) else False
