"""Notation's signatures of images (Notary Project), verified offline, in both of its envelopes, as AWS Signer makes them too.

The payload names the manifest by its digest, and so covers all of the image. Timestamps of a third party are not read: without one,
certificates have to be valid now, unless the signing authority vouches for the time.
Sources: Notary Project, "Signature Specification", "Signing Scheme"; read 2026-11-26.
"""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from buckler.engines.artifact.certificates import ChainError, TimeError, fingerprint, insist_on_chain, insist_on_time, trusted
from buckler.engines.artifact.image import Image
from buckler.engines.artifact.notation_envelope import AWS, BadSignatureError, HashEnvelopeError, read_envelope
from buckler.engines.artifact.revocation import Revocations, composite_hashes, look_up
from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

SIGNATURE: Final = "application/vnd.cncf.notary.signature"
UNCOVERED: Final = ("the tag: it can be moved to another signed image",)

_NEED: Final = "`notation-certificates` or `notation-authorities` under [signing] in buckler.toml"


class Trust(Value):
    """Whom to trust. Certificates are in PEM."""

    roots: tuple[bytes, ...] = ()
    """Authorities that vouch for signers."""
    authorities: tuple[bytes, ...] = ()
    """Authorities that vouch for the time of signing as well, as AWS Signer does: their signers' certificates may have run out since."""
    signers: frozenset[str] = frozenset()
    """Signing profile versions or certificate subjects; empty for any. With AWS Signer everybody's certificates lead to the same root."""
    revocations: Revocations = Revocations()
    """What is known to be revoked."""


def notation_signatures(image: Image, *, trust: Trust, now: datetime) -> tuple[Signature, ...]:
    """Verify all of notation's signatures that came with an image."""
    found: list[Signature] = []
    for one in image.attached:
        kind = one.manifest.artifact_type or (one.manifest.config.media_type if one.manifest.config is not None else "")
        if kind != SIGNATURE or one.manifest.subject is None or one.manifest.subject.digest != one.about:
            continue
        for layer, blob in zip(one.manifest.layers or (), one.blobs, strict=False):
            found.append(verify_notation(blob, layer.media_type, one.about, trust=trust, now=now))
    return tuple(found)


def verify_notation(envelope: bytes, media_type: str, digest: str, *, trust: Trust, now: datetime) -> Signature:
    """Verify one envelope about the manifest of a digest. Raises nothing: what is wrong is the state, and `why`."""
    unread = Signature(kind="notation", state="invalid", uncovered=UNCOVERED)
    try:
        signed = read_envelope(envelope, media_type)
    except (BadSignatureError, ChainError) as bad:
        return replace(unread, why=str(bad))
    except HashEnvelopeError:
        why = "a COSE hash envelope, which is not read"
        return replace(unread, state=Unknown(kind=UnknownKind.UNSUPPORTED, why=why, need="a signature that names the image"), why=why)
    said = replace(
        unread,
        signer=signed.attributes.get(f"{AWS}signingProfileVersion") or signed.subject,
        job=signed.attributes.get(f"{AWS}signingJob", ""),
        signed_at=_iso(signed.signed_at),
        expires=_iso(signed.expires),
    )
    try:
        signed.insist_on_signature()
        signed.insist_on_target(digest)
        insist_on_chain(signed.chain)
    except (BadSignatureError, ChainError) as bad:
        return replace(said, why=str(bad))
    authority = trusted(signed.chain, trust.authorities) if signed.claims_authentic_time else ""
    root = authority or trusted(signed.chain, trust.roots)
    said = replace(said, root_fingerprint=root or fingerprint(signed.chain[-1]), certificate_hashes=composite_hashes(signed.chain))
    if not (trust.roots or trust.authorities):
        why = "no certificate was given to verify it with"
        return replace(said, state=Unknown(kind=UnknownKind.NOT_ASKED, why=why, need=_NEED), why=why)
    if not root:
        return replace(said, state="untrusted", why="none of its certificates is among the trusted ones")
    if trust.signers and said.signer not in trust.signers:
        return replace(said, state="untrusted", why="its signer is not among the trusted ones")
    told = look_up(signed.chain, (said.signer, said.job), trust.revocations, now)
    if told.why:
        return replace(said, state="revoked", why=told.why)
    if signed.expires is not None and signed.expires <= now:
        return replace(said, state="expired", why=f"it expired at {said.expires}")
    try:
        if authority:
            insist_on_time(signed.chain, signed.signed_at, "when it was signed")
        else:
            insist_on_time(signed.chain, now, "at the time of this check, and nobody vouches for when it was signed")
    except TimeError as bad:
        return replace(said, state="expired", why=str(bad))
    return replace(said, state="valid", revocation=told.unknown)


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
