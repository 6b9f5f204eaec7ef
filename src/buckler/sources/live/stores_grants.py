"""Grants of KMS keys: what lets somebody use a key though no policy says so."""

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.stores import Grant, KmsKey
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader
from buckler.sources.live.stores import COLLECTOR, collect_key

GRANTS = COLLECTOR.call("kms", "ListGrants", "grants of those KMS keys", result="Grants", page=("Marker", "NextMarker"), is_deep=True)


def collect(reader: Reader, used_as: str, *, deep: bool) -> Estate:
    """Read one key by the ARN or alias under which something uses it; its grants, when deep."""
    estate = collect_key(reader, used_as)
    return replace(estate, keys=tuple(_granted(reader, key) for key in estate.keys)) if deep else estate


def _granted(reader: Reader, key: KmsKey) -> KmsKey:
    if isinstance(key.is_customer_managed, Unknown):
        return replace(key, grants=key.is_customer_managed)
    pages = reader.pages(GRANTS, KeyId=key.arn, Limit=100)
    grants = tuple(_grant(entry) for entry in pages)
    return replace(key, grants=pages.unknown or grants)


def _grant(entry: Answer) -> Grant:
    constraints = inner(entry, "Constraints")
    return Grant(
        grantee=entry["GranteePrincipal"],
        operations=strings(entry, "Operations"),
        context_equals=_context(constraints, "EncryptionContextEquals"),
        context_subset=_context(constraints, "EncryptionContextSubset"),
    )


def _context(constraints: Answer, name: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(key), str(value)) for key, value in inner(constraints, name).items()))
