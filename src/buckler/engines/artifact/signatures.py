"""All signatures an artifact may carry, verified against what a user trusts: AWS Signer's in zips, notation's and cosign's of images."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from buckler.engines.artifact.cosign import cosign_signatures, load_key
from buckler.engines.artifact.image import Image
from buckler.engines.artifact.notation import Trust, notation_signatures
from buckler.engines.artifact.revocation import Revocations
from buckler.engines.artifact.signer import verify_signer
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown
from buckler.model.value import Value

_WORST_FIRST: Final = ("revoked", "invalid", "expired", "untrusted")


class Trusted(Value):
    """Whom a user trusts. Certificates and keys are in PEM."""

    signer_roots: tuple[bytes, ...] = ()
    """Of AWS Signer's signatures in zips."""
    notation_roots: tuple[bytes, ...] = ()
    notation_authorities: tuple[bytes, ...] = ()
    """Those that vouch for the time of signing as well, as AWS Signer does."""
    notation_signers: frozenset[str] = frozenset()
    """Profile versions or certificate subjects; empty for any."""
    cosign_keys: tuple[bytes, ...] = ()
    revocations: Revocations = Revocations()


def verify_signature(tree: Tree, image: Image | None, trusted: Trusted, now: datetime) -> Signature | None:
    """Verify the signature of an artifact; None when it has none. Raises nothing: what is wrong is the state, and `why`."""
    if image is None:
        return verify_signer(tree, roots=trusted.signer_roots, now=now, revocations=trusted.revocations)
    trust = Trust(
        roots=trusted.notation_roots,
        authorities=trusted.notation_authorities,
        signers=trusted.notation_signers,
        revocations=trusted.revocations,
    )
    keys = [load_key(pem) for pem in trusted.cosign_keys]
    return _one_of((*notation_signatures(image, trust=trust, now=now), *cosign_signatures(image, keys=keys)))


def _one_of(found: Iterable[Signature]) -> Signature | None:
    """Choose the one that speaks for the image: a valid one whoever else signed, since anybody who may push can put a bad one beside it."""
    listed = sorted(found, key=_rank)
    if not listed:
        return None
    first = listed[0]
    if len(listed) == 1 or first.state == "valid":
        return first
    count = len(listed) - 1
    others = "one more beside it is not valid either" if count == 1 else f"{count} more beside it are not valid either"
    return replace(first, why=f"{first.why}; {others}" if first.why else others)


def _rank(signature: Signature) -> int:
    if signature.state == "valid":
        return 0 if signature.revocation is None else 1
    return 10 if isinstance(signature.state, Unknown) else 2 + _WORST_FIRST.index(signature.state)


__all__ = ["Trusted", "verify_signature"]
