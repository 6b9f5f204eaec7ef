"""Sets of resources for which the rules of evaluation are the same, whatever the statements say.

What `Case` reads off a resource is whose it is, and whether it is a role, a service-linked role, a key, or nothing at all (`*`). So the
resources of each combination are one place. An account is twelve characters here, twelve digits to AWS: there is no other.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from buckler.engines.iam.globs import MANY, MANY_INSIDE, ONE, ONE_INSIDE, Glob


class Place(NamedTuple):
    """One such set."""

    sample: str
    """One of its resources, without a region."""
    within: tuple[Glob, ...] = ()
    """All of these name each of its resources."""
    without: tuple[Glob, ...] = ()
    """None of these does."""
    retry: tuple["Place", ...] = ()
    """Smaller places with resources as AWS makes them, for a witness, when this one is wider than that."""
    region: str | None = None
    """The region of each of its resources ("": they have none), where the place was split by that."""


_S = MANY_INSIDE
_ACCOUNT_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")
_STRANGER = "999999999999"


def _arn(service: Iterable[str], region: Iterable[str], account: Iterable[str], rest: Iterable[str]) -> Glob:
    return Glob(("a", "r", "n", ":", _S, ":", *service, ":", *region, ":", *account, ":", *rest))


_ROLE = _arn("iam", (), (_S,), (*"role/", ONE, MANY))
_SERVICE_LINKED = _arn("iam", (), (_S,), (*"role/aws-service-role/", ONE, MANY))
_KEY = _arn("kms", (_S,), (_S,), (*"key/", ONE, MANY))
_OWNED = _arn((_S,), (_S,), (ONE_INSIDE,) * 12, (MANY,))
_REGIONAL = Glob((*"arn:", _S, ":", _S, ":", ONE_INSIDE, _S, ":", MANY))
_NOTHING = Glob("*")


def places(action: str, account: str | None, mentioned: Iterable[str], *, with_accounts: bool, with_kinds: bool) -> Iterator[Place]:
    """Split all resources.

    *account* is the principal's; *mentioned* are texts in which other accounts may stand. Without accounts (nothing turns on whose a
    resource is) or kinds (nor on what it is) there are fewer places.
    """
    if with_kinds:
        yield Place(sample="*", within=(_NOTHING,))
    others = sorted({found for text in mentioned for found in _ACCOUNT_DIGITS.findall(text)} - {account}) if with_accounts else []
    for kind, within, without in _kinds(action, with_kinds=with_kinds):
        nothing = (_NOTHING,) if with_kinds else ()
        if not with_accounts:
            yield Place(_sample(kind, account or ""), within, (*without, *nothing))
            continue
        if account:
            yield Place(_sample(kind, account), (*within, _of(account)), without)
        yield Place(_sample(kind, ""), within, (*without, *nothing, _OWNED))
        for other in others:
            yield Place(_sample(kind, other), (*within, _of(other)), without)
        known = tuple(_of(one) for one in (*others, *((account,) if account else ())))
        stranger = Place(_sample(kind, _STRANGER), (*within, _of(_STRANGER)), (*without, *known))
        yield Place(_sample(kind, _STRANGER), (*within, _OWNED), (*without, *known), retry=(stranger,))


def by_region(place: Place, regions: Iterable[str]) -> Iterator[Place]:
    """Split a place by the region that stands in the ARNs; "" are the resources without one."""
    for region in regions:
        if not region:
            yield place._replace(without=(*place.without, _REGIONAL), region="")
            continue
        yield place._replace(within=(*place.within, Glob((*"arn:", _S, ":", _S, ":", *region, ":", MANY))), region=region)


def _kinds(action: str, *, with_kinds: bool) -> Iterator[tuple[str, tuple[Glob, ...], tuple[Glob, ...]]]:
    if not with_kinds:
        yield "other", (), ()
        return
    yield "role", (_ROLE,), (_SERVICE_LINKED,)
    yield "service-linked", (_SERVICE_LINKED,), ()
    if action.lower().startswith("kms:"):
        yield "key", (_KEY,), ()
        yield "other", (), (_ROLE, _KEY)
    else:
        yield "other", (), (_ROLE,)


def _sample(kind: str, account: str) -> str:
    match kind:
        case "role":
            return f"arn:aws:iam::{account}:role/x"
        case "service-linked":
            return f"arn:aws:iam::{account}:role/aws-service-role/x"
        case "key":
            return f"arn:aws:kms::{account}:key/x"
        case _:
            return f"arn:aws:x::{account}:x"


def _of(account: str) -> Glob:
    return _arn((_S,), (_S,), account, (MANY,))
