"""The two envelopes of notation's signatures, JWS and COSE, read into one shape. That the signature is right is asked afterwards.

Sources: Notary Project, "JWS Signature Envelope", "COSE Sign1 Signature Envelope"; RFC 7515, RFC 7518, RFC 9052; read 2026-11-26.
"""

import base64
import binascii
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from buckler.engines.artifact import cbor
from buckler.engines.artifact.certificates import load_chain
from buckler.engines.artifact.image import MOST_JSON
from buckler.engines.artifact.strict_json import json_object
from buckler.model.value import Value

JWS, COSE = "application/jose+json", "application/cose"
AWS: Final = "com.amazonaws.signer."

_PAYLOAD: Final = "application/vnd.cncf.notary.payload.v1+json"
_PREFIX: Final = "io.cncf.notary."
_SCHEMES: Final = {"notary.x509": "signingTime", "notary.x509.signingAuthority": "authenticSigningTime"}
_TIMES: Final = ("signingTime", "authenticSigningTime", "expiry")
_UNDERSTOOD: Final = frozenset(
    {
        *(f"{_PREFIX}{name}" for name in ("signingScheme", "expiry", "authenticSigningTime", "verificationPlugin")),
        f"{_PREFIX}verificationPluginMinVersion",
        f"{AWS}signingJob",
        f"{AWS}signingProfileVersion",
    }
)
# Each algorithm goes with one size of key: `none`, HMAC and PKCS #1 1.5 are not among them.
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_CURVES: Final = {"secp256r1": "256", "secp384r1": "384", "secp521r1": "512"}
_RSA: Final = {2048: "256", 3072: "384", 4096: "512"}
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")

# RFC 9053: what COSE writes as numbers.
_COSE_SIGN1: Final = 18
_COSE_TIME: Final = 1
_ALG, _CRIT, _CONTENT_TYPE, _X5CHAIN, _PAYLOAD_HASH = 1, 2, 3, 33, 258
_COSE_ALGORITHMS: Final = {-7: "ES256", -35: "ES384", -36: "ES512", -37: "PS256", -38: "PS384", -39: "PS512"}


class BadSignatureError(Exception):
    """Something is wrong with a signature, and what."""


class HashEnvelopeError(Exception):
    """The payload is a hash of what was signed, not a description of it."""


class Envelope(Value):
    """What a signature says, whoever made it; none of it is to be believed before `insist_on_signature`."""

    algorithm: str
    """As JWS names it: `ES384`, `PS256`."""
    content_type: str
    attributes: Mapping[str, str]
    """Protected ones that are texts."""
    times: Mapping[str, datetime]
    """Protected ones that are times, in UTC: `signingTime`, `authenticSigningTime`, `expiry`."""
    present: frozenset[str]
    """Names of all protected ones."""
    critical: tuple[object, ...]
    """Names of those that must be understood."""
    chain: tuple[x509.Certificate, ...]
    """The signer's first."""
    payload: bytes
    signature: bytes
    signed: bytes
    """What the signature is of."""

    @property
    def scheme(self) -> str:
        """Name the signing scheme."""
        return self.attributes.get(f"{_PREFIX}signingScheme", "")

    @property
    def subject(self) -> str:
        """Name the signer's certificate."""
        return self.chain[0].subject.rfc4514_string()

    @property
    def claims_authentic_time(self) -> bool:
        """Say whether somebody vouches for the time of signing; whether one believes them is another question."""
        return self.scheme == "notary.x509.signingAuthority"

    @property
    def signed_at(self) -> datetime:
        """Say when it was signed, as it claims."""
        return self.times[_SCHEMES[self.scheme]]

    @property
    def expires(self) -> datetime | None:
        """Say until when it counts; None: for ever."""
        return self.times.get("expiry")

    def insist_on_headers(self) -> None:
        """Insist on what the specification asks of headers. Raises `BadSignatureError`."""
        if f"{_PREFIX}signingScheme" not in self.critical:
            raise BadSignatureError("its scheme is not marked as critical")
        for name in self.critical:
            if name not in _UNDERSTOOD or name not in self.present:
                raise BadSignatureError("it has a critical attribute that is not understood, or not there")
        if f"{_PREFIX}expiry" in self.present and f"{_PREFIX}expiry" not in self.critical:
            raise BadSignatureError("its expiry is not marked as critical")
        if self.content_type != _PAYLOAD:
            raise BadSignatureError("its payload is of another kind")
        if self.scheme not in _SCHEMES:
            raise BadSignatureError("its signing scheme is not known")
        if _SCHEMES[self.scheme] not in self.times:
            raise BadSignatureError("it does not say when it was signed")

    def insist_on_signature(self) -> None:
        """Insist that the key of the signer's certificate made the signature. Raises `BadSignatureError`."""
        try:
            _verify(self.chain[0], self.algorithm, self.signature, self.signed)
        except (InvalidSignature, ValueError) as bad:
            raise BadSignatureError("the signature does not match") from bad

    def insist_on_target(self, digest: str) -> None:
        """Insist that the payload is about a manifest. Raises `BadSignatureError`."""
        payload = _object(self.payload, "its payload is none")
        target = payload.get("targetArtifact")
        if not isinstance(target, dict) or cast("dict[str, Any]", target).get("digest") != digest:
            raise BadSignatureError("it is about another image")


def read_envelope(data: bytes, media_type: str) -> Envelope:
    """Read an envelope. Raises `BadSignatureError`, `ChainError`, and `HashEnvelopeError` for a form that is not read."""
    envelope = _cose(data) if media_type == COSE else _jws(data)
    envelope.insist_on_headers()
    return envelope


# --- JWS -----------------------------------------------------------------------------------------------------------------


def _jws(data: bytes) -> Envelope:
    whole = _object(data, "it is no JWS envelope")
    payload, protected = _member(whole, "payload"), _member(whole, "protected")
    headers = _object(_decoded(protected), "its protected header is none")
    unprotected = whole.get("header")
    certificates = cast("dict[str, Any]", unprotected).get("x5c") if isinstance(unprotected, dict) else None
    if not isinstance(certificates, list):
        raise BadSignatureError("it has no certificates")
    critical = headers.get("crit")
    return Envelope(
        algorithm=_text(headers.get("alg")),
        content_type=_text(headers.get("cty")),
        attributes=_texts(headers),
        times={name: _iso_time(headers[f"{_PREFIX}{name}"]) for name in _TIMES if f"{_PREFIX}{name}" in headers},
        present=frozenset(headers),
        critical=tuple(cast("list[object]", critical)) if isinstance(critical, list) else (),
        chain=tuple(load_chain(_der(one) for one in cast("list[object]", certificates))),
        payload=_decoded(payload),
        signature=_decoded(_member(whole, "signature")),
        signed=f"{protected}.{payload}".encode(),
    )


def _object(data: bytes, why: str) -> dict[str, Any]:
    try:
        return json_object(data, MOST_JSON)
    except ValueError as bad:
        raise BadSignatureError(why) from bad


def _member(whole: dict[str, Any], name: str) -> str:
    value = whole.get(name)
    if not isinstance(value, str):
        raise BadSignatureError("it is no JWS envelope")
    return value


def _decoded(text: str) -> bytes:
    if not _BASE64URL.fullmatch(text):
        raise BadSignatureError("a part of it is not base64url")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as bad:
        raise BadSignatureError("a part of it is not base64url") from bad


def _der(value: object) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (ValueError, binascii.Error) as bad:
        raise BadSignatureError("one of its certificates is none") from bad


def _iso_time(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError as bad:
        raise BadSignatureError("one of its times is none") from bad
    if moment.tzinfo is None:
        raise BadSignatureError("one of its times is none")
    return moment.astimezone(UTC)


# --- COSE ----------------------------------------------------------------------------------------------------------------


def _cose(data: bytes) -> Envelope:
    parts = _cbor(data, "it is no COSE envelope")
    listed = cast("list[object]", parts.value) if isinstance(parts, cbor.Tagged) and isinstance(parts.value, list) else []
    if not isinstance(parts, cbor.Tagged) or parts.number != _COSE_SIGN1 or len(listed) != 4:
        raise BadSignatureError("it is no COSE envelope")
    protected, unprotected, payload, signature = listed
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes) and isinstance(unprotected, dict)):
        raise BadSignatureError("it is no COSE envelope")
    found = _cbor(protected, "its protected header is none")
    if not isinstance(found, dict):
        raise BadSignatureError("its protected header is none")
    headers, free = cast("dict[object, object]", found), cast("dict[object, object]", unprotected)
    if headers.keys() & free.keys():
        raise BadSignatureError("a header of it stands in two places")
    if _PAYLOAD_HASH in headers:
        raise HashEnvelopeError
    critical, algorithm = headers.get(_CRIT), headers.get(_ALG)
    named = {key: value for key, value in headers.items() if isinstance(key, str)}
    return Envelope(
        algorithm=_COSE_ALGORITHMS.get(algorithm, "") if isinstance(algorithm, int) else "",
        content_type=_text(headers.get(_CONTENT_TYPE)),
        attributes=_texts(named),
        times={name: _epoch_time(named[f"{_PREFIX}{name}"]) for name in _TIMES if f"{_PREFIX}{name}" in named},
        present=frozenset(named),
        critical=tuple(cast("list[object]", critical)) if isinstance(critical, list) else (),
        chain=tuple(load_chain(_certificates(headers.get(_X5CHAIN, free.get(_X5CHAIN))))),
        payload=payload,
        signature=signature,
        signed=cbor.array_of(cbor.text_string("Signature1"), cbor.byte_string(protected), cbor.byte_string(b""), cbor.byte_string(payload)),
    )


def _cbor(data: bytes, why: str) -> object:
    try:
        return cbor.decode(data, MOST_JSON)
    except ValueError as bad:
        raise BadSignatureError(why) from bad


def _certificates(value: object) -> list[bytes]:
    listed: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
    if value is None:
        raise BadSignatureError("it has no certificates")
    if not all(isinstance(one, bytes) for one in listed):
        raise BadSignatureError("one of its certificates is none")
    return cast("list[bytes]", listed)


def _epoch_time(value: object) -> datetime:
    seconds = value.value if isinstance(value, cbor.Tagged) and value.number == _COSE_TIME else None
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not math.isfinite(seconds):
        raise BadSignatureError("one of its times is none")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as bad:
        raise BadSignatureError("one of its times is none") from bad


# --- both ----------------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(headers: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if isinstance(value, str)}


def _verify(certificate: x509.Certificate, algorithm: str, signature: bytes, signed: bytes) -> None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as bad:
        raise BadSignatureError("the signer's key is none that is known") from bad
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
        raise BadSignatureError("its algorithm is not one for the signer's key")
