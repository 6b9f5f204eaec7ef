"""Notation's signatures of images (Notary Project), verified offline: JWS envelopes with X.509 certificates, as AWS Signer makes them too.

The payload names the manifest by its digest, and so covers all of the image. Timestamps of a third party are not read: without one,
certificates have to be valid now, unless the signing authority vouches for the time.
Sources: Notary Project, "Signature Specification", "JWS Signature Envelope", "Signing Scheme"; RFC 7515, RFC 7518; read 2026-11-26.
"""

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any, Final, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from msgspec.structs import replace

from buckler.engines.artifact.certificates import ChainError, TimeError, fingerprint, insist_on_chain, insist_on_time, load_chain, trusted
from buckler.engines.artifact.image import MOST_JSON, Image
from buckler.engines.artifact.revocation import Revocations, composite_hashes, look_up
from buckler.engines.artifact.strict_json import json_object
from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

SIGNATURE: Final = "application/vnd.cncf.notary.signature"
JWS, COSE = "application/jose+json", "application/cose"
UNCOVERED: Final = ("the tag: it can be moved to another signed image",)

_NEED: Final = "`notation-certificates` or `notation-authorities` under [signing] in buckler.toml"
_PAYLOAD: Final = "application/vnd.cncf.notary.payload.v1+json"
_PREFIX: Final = "io.cncf.notary."
_SCHEMES: Final = {"notary.x509": "signingTime", "notary.x509.signingAuthority": "authenticSigningTime"}
_AWS: Final = "com.amazonaws.signer."
_UNDERSTOOD: Final = frozenset(
    {
        *(f"{_PREFIX}{name}" for name in ("signingScheme", "expiry", "authenticSigningTime", "verificationPlugin")),
        f"{_PREFIX}verificationPluginMinVersion",
        f"{_AWS}signingJob",
        f"{_AWS}signingProfileVersion",
    }
)
# Each algorithm goes with one size of key: `none`, HMAC and PKCS #1 1.5 are not among them.
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_CURVES: Final = {"secp256r1": "256", "secp384r1": "384", "secp521r1": "512"}
_RSA: Final = {2048: "256", 3072: "384", 4096: "512"}
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")


class _BadSignature(Exception):  # noqa: N818 - control flow inside this module
    pass


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
    if media_type == COSE:
        why = "a COSE envelope, which is not read"
        return replace(unread, state=Unknown(kind=UnknownKind.UNSUPPORTED, why=why, need="a signature in JWS form"), why=why)
    try:
        signed = _Jws(envelope)
        said = replace(
            unread,
            signer=signed.attribute(f"{_AWS}signingProfileVersion") or signed.subject,
            job=signed.attribute(f"{_AWS}signingJob"),
            signed_at=_iso(signed.signed_at),
            expires=_iso(signed.expires),
        )
    except (_BadSignature, ChainError) as bad:
        return replace(unread, why=str(bad))
    try:
        signed.insist_on_signature()
        signed.insist_on_target(digest)
        insist_on_chain(signed.chain)
    except (_BadSignature, ChainError) as bad:
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
        if authority and signed.signed_at is not None:
            insist_on_time(signed.chain, signed.signed_at, "when it was signed")
        else:
            insist_on_time(signed.chain, now, "at the time of this check, and nobody vouches for when it was signed")
    except TimeError as bad:
        return replace(said, state="expired", why=str(bad))
    return replace(said, state="valid", revocation=told.unknown)


class _Jws:
    """A JWS in flattened JSON form."""

    def __init__(self, envelope: bytes) -> None:
        whole = _object(envelope, "it is no JWS envelope")
        self.payload = _member(whole, "payload")
        self.protected = _member(whole, "protected")
        self.signature = _decoded(_member(whole, "signature"))
        self.headers = _object(_decoded(self.protected), "its protected header is none")
        unprotected = whole.get("header")
        certificates = cast("dict[str, Any]", unprotected).get("x5c") if isinstance(unprotected, dict) else None
        if not isinstance(certificates, list):
            raise _BadSignature("it has no certificates")
        self.chain = load_chain(_der(one) for one in cast("list[object]", certificates))
        self._insist_on_headers()

    def _insist_on_headers(self) -> None:
        critical = self.headers.get("crit")
        if not isinstance(critical, list) or f"{_PREFIX}signingScheme" not in critical:
            raise _BadSignature("its scheme is not marked as critical")
        for name in cast("list[object]", critical):
            if name not in _UNDERSTOOD or name not in self.headers:
                raise _BadSignature("it has a critical attribute that is not understood, or not there")
        if f"{_PREFIX}expiry" in self.headers and f"{_PREFIX}expiry" not in critical:
            raise _BadSignature("its expiry is not marked as critical")
        if self.headers.get("cty") != _PAYLOAD:
            raise _BadSignature("its payload is of another kind")
        if self.attribute(f"{_PREFIX}signingScheme") not in _SCHEMES:
            raise _BadSignature("its signing scheme is not known")

    def attribute(self, name: str) -> str:
        value = self.headers.get(name)
        return value if isinstance(value, str) else ""

    @property
    def subject(self) -> str:
        return self.chain[0].subject.rfc4514_string()

    @property
    def claims_authentic_time(self) -> bool:
        return self.attribute(f"{_PREFIX}signingScheme") == "notary.x509.signingAuthority"

    def _time(self, name: str) -> datetime | None:
        if f"{_PREFIX}{name}" not in self.headers:
            return None
        try:
            moment = datetime.fromisoformat(self.attribute(f"{_PREFIX}{name}"))
        except ValueError as bad:
            raise _BadSignature("one of its times is none") from bad
        if moment.tzinfo is None:
            raise _BadSignature("one of its times is none")
        return moment.astimezone(UTC)

    @property
    def signed_at(self) -> datetime | None:
        name = _SCHEMES[self.attribute(f"{_PREFIX}signingScheme")]
        moment = self._time(name)
        if moment is None:
            raise _BadSignature("it does not say when it was signed")
        return moment

    @property
    def expires(self) -> datetime | None:
        return self._time("expiry")

    def insist_on_signature(self) -> None:
        """Insist that the key of the signer's certificate made the signature. Raises `_BadSignature`."""
        signed = f"{self.protected}.{self.payload}".encode()
        algorithm = self.attribute("alg")
        try:
            _verify(self.chain[0], algorithm, self.signature, signed)
        except (InvalidSignature, ValueError) as bad:
            raise _BadSignature("the signature does not match") from bad

    def insist_on_target(self, digest: str) -> None:
        """Insist that the payload is about a manifest. Raises `_BadSignature`."""
        payload = _object(_decoded(self.payload), "its payload is none")
        target = payload.get("targetArtifact")
        if not isinstance(target, dict) or cast("dict[str, Any]", target).get("digest") != digest:
            raise _BadSignature("it is about another image")


def _verify(certificate: x509.Certificate, algorithm: str, signature: bytes, signed: bytes) -> None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as bad:
        raise _BadSignature("the signer's key is none that is known") from bad
    if isinstance(key, ec.EllipticCurvePublicKey) and algorithm == f"ES{_CURVES.get(key.curve.name, '')}":
        half = (key.curve.key_size + 7) // 8
        if len(signature) != 2 * half:
            raise ValueError("length")
        numbers = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        key.verify(encode_dss_signature(*numbers), signed, ec.ECDSA(_HASHES[algorithm[2:]]))
    elif isinstance(key, rsa.RSAPublicKey) and algorithm == f"PS{_RSA.get(key.key_size, '')}":
        method = _HASHES[algorithm[2:]]
        key.verify(signature, signed, padding.PSS(padding.MGF1(method), method.digest_size), method)
    else:
        raise _BadSignature("its algorithm is not one for the signer's key")


def _object(data: bytes, why: str) -> dict[str, Any]:
    try:
        return json_object(data, MOST_JSON)
    except ValueError as bad:
        raise _BadSignature(why) from bad


def _member(whole: dict[str, Any], name: str) -> str:
    value = whole.get(name)
    if not isinstance(value, str):
        raise _BadSignature("it is no JWS envelope")
    return value


def _decoded(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text):
        raise _BadSignature("a part of it is not base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as bad:
        raise _BadSignature("a part of it is not base64url") from bad


def _der(value: object) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (ValueError, binascii.Error) as bad:
        raise _BadSignature("one of its certificates is none") from bad


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
