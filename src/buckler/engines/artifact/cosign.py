"""Cosign's signatures of images, verified offline against given public keys: simple signing payloads, and DSSE bundles.

Both name the manifest by its digest, and so cover all of the image. Signatures without a key of one's own (a certificate of some minutes,
and a log that saw it) need that log's keys and are told as not verified.
Sources: cosign, "Signature Specification"; Sigstore bundle format 0.3; DSSE protocol 1.0.2; in-toto Statement 1; read 2026-11-26.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias, cast

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from msgspec.structs import replace

from buckler.engines.artifact.image import MOST_JSON, Descriptor, Image, digest_of
from buckler.engines.artifact.notation import UNCOVERED
from buckler.engines.artifact.strict_json import json_object
from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown, UnknownKind

PublicKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

SIMPLE_SIGNING: Final = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE: Final = "application/vnd.dev.sigstore.bundle"
_NEED: Final = "`cosign-keys` under [signing] in buckler.toml"
_TYPE: Final = "cosign container image signature"
_NOTES: Final = "dev.cosignproject.cosign/signature"
_CERTIFICATE: Final = "dev.sigstore.cosign/certificate"
_STATEMENT: Final = "application/vnd.in-toto+json"
_PREDICATE: Final = "https://sigstore.dev/cosign/sign/v1"
_UNREAD: Final = Signature(kind="cosign", state="invalid", uncovered=UNCOVERED)


class _BadSignature(Exception):  # noqa: N818 - control flow inside this module
    pass


def load_key(pem: bytes) -> PublicKey:
    """Read a public key, as `cosign generate-key-pair` writes it. Raises `ValueError`."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as bad:
        raise ValueError("it is no public key in PEM") from bad
    if isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey, ed25519.Ed25519PublicKey)):
        return key
    raise ValueError("it is a key of a kind that cosign does not use")


def cosign_signatures(image: Image, *, keys: Sequence[PublicKey], repository: str = "") -> tuple[Signature, ...]:
    """Verify all of cosign's signatures that came with an image; attestations about it are none."""
    found: list[Signature] = []
    for one in image.attached:
        for layer, blob in zip(one.manifest.layers or (), one.blobs, strict=False):
            if layer.media_type == SIMPLE_SIGNING:
                found.append(verify_simple(blob, layer, one.about, keys=keys, repository=repository))
            elif layer.media_type.startswith(BUNDLE):
                signature = verify_bundle(blob, one.about, keys=keys)
                found.extend([signature] if signature is not None else [])
    return tuple(found)


def verify_simple(payload: bytes, layer: Descriptor, digest: str, *, keys: Sequence[PublicKey], repository: str = "") -> Signature:
    """Verify a simple signing payload; its signature stands in the annotations of its layer.

    *repository*, where given, is that which the signer must have named. Raises nothing: what is wrong is the state, and `why`.
    """
    notes = layer.annotations or {}
    try:
        signature = _base64(notes.get(_NOTES))
        if digest_of(payload) != layer.digest:
            return replace(_UNREAD, why="its payload is not the one its manifest names")
        if _CERTIFICATE in notes and not keys:
            return _keyless()
        if not keys:
            return _no_keys()
        key = _maker(keys, signature, payload)
        if key is None:
            return replace(_UNREAD, state="untrusted", why="none of the given keys made it")
        said = replace(_UNREAD, signer=_key_name(key), root_fingerprint=_key_mark(key))
    except _BadSignature as bad:
        return replace(_UNREAD, why=str(bad))
    try:
        named = _insist_on_payload(payload, digest)
    except _BadSignature as bad:
        return replace(said, why=str(bad))
    if repository and _repository(named) != repository:
        return replace(said, why="it was made for another repository")
    covered = () if repository else UNCOVERED
    return replace(said, state="valid", uncovered=covered)


def verify_bundle(bundle: bytes, digest: str, *, keys: Sequence[PublicKey]) -> Signature | None:
    """Verify a Sigstore bundle that holds a DSSE envelope; None when what it says of the image is no signature."""
    try:
        whole = _object(bundle, "it is no bundle")
        envelope = _part(whole, "dsseEnvelope")
        payload = _base64(envelope.get("payload"))
        statement = _object(payload, "its statement is none")
        if statement.get("predicateType") != _PREDICATE:
            return None
        if envelope.get("payloadType") != _STATEMENT:
            return replace(_UNREAD, why="its payload is of another kind")
        if not keys:
            return _keyless() if "certificate" in _part(whole, "verificationMaterial") else _no_keys()
        signed = b" ".join((b"DSSEv1", str(len(_STATEMENT)).encode(), _STATEMENT.encode(), str(len(payload)).encode(), payload))
        key = next((made for one in _signatures(envelope) if (made := _maker(keys, one, signed)) is not None), None)
        if key is None:
            return replace(_UNREAD, state="untrusted", why="none of the given keys made it")
        said = replace(_UNREAD, signer=_key_name(key), root_fingerprint=_key_mark(key))
    except _BadSignature as bad:
        return replace(_UNREAD, why=str(bad))
    if digest not in _subjects(statement):
        return replace(said, why="it is about another image")
    return replace(said, state="valid")


def _keyless() -> Signature:
    why = "it was made without a key of its own, and the keys of the log that saw it are not there"
    return replace(_UNREAD, state=Unknown(kind=UnknownKind.UNSUPPORTED, why=why, need="a signature made with a key"), why=why)


def _no_keys() -> Signature:
    why = "no key was given to verify it with"
    return replace(_UNREAD, state=Unknown(kind=UnknownKind.NOT_ASKED, why=why, need=_NEED), why=why)


def _maker(keys: Sequence[PublicKey], signature: bytes, signed: bytes) -> PublicKey | None:
    """Give the key that made a signature, None when none of them did."""
    for key in keys:
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            else:
                key.verify(signature, signed)
        except (InvalidSignature, ValueError):
            continue
        return key
    return None


def _insist_on_payload(payload: bytes, digest: str) -> str:
    """Insist that a payload is about a manifest, and give the repository it names."""
    critical = _part(_object(payload, "its payload is none"), "critical")
    if critical.get("type") != _TYPE:
        raise _BadSignature("its payload is of another kind")
    if _part(critical, "image").get("docker-manifest-digest") != digest:
        raise _BadSignature("it is about another image")
    named = _part(critical, "identity").get("docker-reference")
    return named if isinstance(named, str) else ""


def _repository(named: str) -> str:
    """Drop tag and digest of a reference."""
    host, slash, rest = named.partition("@")[0].rpartition("/")
    return f"{host}{slash}{rest.partition(':')[0]}"


def _signatures(envelope: dict[str, Any]) -> Iterator[bytes]:
    listed = envelope.get("signatures")
    for one in cast("list[object]", listed) if isinstance(listed, list) else []:
        if isinstance(one, dict):
            yield _base64(cast("dict[str, Any]", one).get("sig"))


def _subjects(statement: dict[str, Any]) -> Iterator[str]:
    listed = statement.get("subject")
    for one in cast("list[object]", listed) if isinstance(listed, list) else []:
        digests = cast("dict[str, Any]", one).get("digest") if isinstance(one, dict) else None
        if isinstance(digests, dict):
            yield f"sha256:{cast('dict[str, Any]', digests).get('sha256')}"


def _object(data: bytes, why: str) -> dict[str, Any]:
    try:
        return json_object(data, MOST_JSON)
    except ValueError as bad:
        raise _BadSignature(why) from bad


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    found = whole.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _base64(value: object) -> bytes:
    try:
        found = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (ValueError, binascii.Error) as bad:
        raise _BadSignature("a part of it is not base64") from bad
    if not found:
        raise _BadSignature("it has no signature, or nothing that is signed")
    return found


def _key_mark(key: PublicKey) -> str:
    """Give the sha256 of a key, in hex."""
    return digest_of(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).removeprefix("sha256:")


def _key_name(key: PublicKey) -> str:
    return f"key sha256:{_key_mark(key)}"
