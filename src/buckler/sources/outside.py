"""What a template or a plan never tells: it says what it makes, not what else is in the account. Of these, an absence proves nothing."""

from collections.abc import Iterable, Iterator

from buckler.model.estate import Missing
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind

OUTSIDE = {
    "trails": "the trails of the account",
    "detectors": "GuardDuty in the account",
    "inspectors": "Inspector in the account",
    "organizations": "the organisation",
    "concurrency": "the account's limits",
    "interfaces": "network interfaces",
    "prefix_lists": "entries of prefix lists",
    "data_services": "what guards caches, search domains and file systems",
    "load_balancers": "where load balancers listen",
    "dns_firewalls": "DNS Firewall in the account",
    "users": "the users of the account",
    "groups": "the groups of the account",
}
WITHOUT_REGION = frozenset({"organizations", "roles", "users", "groups"})
"""Collections of things that are the account's, in no region."""


def outside(source: str, places: Iterable[tuple[Text, Text]]) -> Iterator[Missing]:
    """List what *source* (`a template`, `a plan`) does not tell of the accounts and regions that it makes something in."""
    places = tuple(places)
    for collection, what in OUTSIDE.items():
        unknown = Unknown(kind=UnknownKind.OUTSIDE, why=f"{source} does not tell of {what}", need="a live scan")
        for account, region in dict.fromkeys((account, "" if collection in WITHOUT_REGION else region) for account, region in places):
            yield Missing(collection=collection, account=account, region=region, unknown=unknown)
