"""What was looked at, scope by scope."""

from collections import Counter
from collections.abc import Iterator

from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate
from buckler.model.result import ScopeCount
from buckler.model.unknown import UnknownKind


def count(estate: Estate) -> Iterator[ScopeCount]:
    """Count what was read, per scope; what is global (IAM) counts in the first scope of its account."""
    counts: dict[int, Counter[str]] = {}
    first_of_account: dict[object, int] = {}
    index: dict[object, int] = {}
    for number, scope in enumerate(estate.scopes):
        counts[number] = Counter()
        index.setdefault((scope.account, scope.region), number)
        first_of_account.setdefault(scope.account, number)
    for collection in COLLECTIONS:
        for entity in getattr(estate, collection):
            if isinstance(entity, Entity):
                number = index.get((entity.account, entity.region), first_of_account.get(entity.account, 0))
                counts.setdefault(number, Counter())[collection] += 1
    for number, scope in enumerate(estate.scopes):
        unread = sorted(
            (missing.collection, missing.unknown.why)
            for missing in estate.missing
            if missing.unknown.kind not in {UnknownKind.NOT_ASKED, UnknownKind.OUTSIDE}
            and missing.account in {scope.account, ""}
            and missing.region in {scope.region, ""}
        )
        yield ScopeCount(
            name=scope.name,
            kind=scope.kind,
            counts=tuple((name, counts[number][name]) for name in COLLECTIONS if counts[number][name]),
            unread=tuple(dict.fromkeys(unread)),
        )
