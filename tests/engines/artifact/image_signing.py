"""Signs images as notation and cosign do, with keys made here."""

import base64
import json
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.engines.artifact.images import OCI_MANIFEST, Layout

SIGNED_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = SIGNED_AT + timedelta(days=30)
PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop/ABCDEFGHIJ"
JOB = "arn:aws:signer:eu-west-1:123456789012:/signing-jobs/11111111-2222-3333-4444-555555555555"


@dataclass
class Chain:
    key: Any
    certificates: list[x509.Certificate]
    """The signer's first, the root last."""

    @property
    def root(self) -> bytes:
        return self.certificates[-1].public_bytes(serialization.Encoding.PEM)

    @property
    def x5c(self) -> list[str]:
        return [base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in self.certificates]


def chain(
    *, key: Any = None, leaf_days: int = 365, authority: bool = True, signing: bool = True, purpose: Any = ExtendedKeyUsageOID.CODE_SIGNING
) -> Chain:
    """Make a root, an authority below it, and a signer."""
    keys = [key or ec.generate_private_key(ec.SECP384R1()), *(ec.generate_private_key(ec.SECP384R1()) for _ in range(2))]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)]) for title in ("Shop Signer", "Shop CA", "Shop Root")]
    certificates = []
    for place in range(3):
        issuer = min(place + 1, 2)
        is_authority = place == 2 or (place == 1 and authority)
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[place])
            .issuer_name(names[issuer])
            .public_key(keys[place].public_key())
            .serial_number(1000 + place)
            .not_valid_before(SIGNED_AT - timedelta(days=1))
            .not_valid_after(SIGNED_AT + timedelta(days=leaf_days if place == 0 else 3650))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=signing if place == 0 else False,
                    content_commitment=place == 0 and not signing,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=place != 0,
                    crl_sign=False,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if place == 0 and purpose is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        certificates.append(builder.sign(keys[issuer], hashes.SHA384()))
    return Chain(keys[0], certificates)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _algorithm(by: Chain) -> tuple[str, hashes.HashAlgorithm]:
    sizes = {256: "256", 384: "384", 521: "512", 2048: "256", 3072: "384", 4096: "512"}
    size = sizes[by.key.key_size]
    methods = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
    return f"{'ES' if isinstance(by.key, ec.EllipticCurvePrivateKey) else 'PS'}{size}", methods[size]


def _signature(by: Chain, signed: bytes, method: hashes.HashAlgorithm) -> bytes:
    if not isinstance(by.key, ec.EllipticCurvePrivateKey):
        return by.key.sign(signed, padding.PSS(padding.MGF1(method), method.digest_size), method)
    half = (by.key.curve.key_size + 7) // 8
    return b"".join(number.to_bytes(half, "big") for number in decode_dss_signature(by.key.sign(signed, ec.ECDSA(method))))


def jws(
    by: Chain, digest: str, *, algorithm: str = "", payload: Any = None, drop: str = "", unprotected: Any = None, **headers: Any
) -> bytes:
    """Make an envelope; *headers* replace or add to the protected ones."""
    real, method = _algorithm(by)
    protected: dict[str, Any] = {
        "alg": algorithm or real,
        "cty": "application/vnd.cncf.notary.payload.v1+json",
        "crit": ["io.cncf.notary.signingScheme"],
        "io.cncf.notary.signingScheme": "notary.x509",
        "io.cncf.notary.signingTime": SIGNED_AT.isoformat(),
        **headers,
    }
    protected.pop(drop, None)
    body = payload or {"targetArtifact": {"mediaType": OCI_MANIFEST, "digest": digest, "size": 7}}
    first, second = b64url(json.dumps(protected).encode()), b64url(json.dumps(body).encode())
    signed = f"{first}.{second}".encode()
    signature = _signature(by, signed, method)
    header = {"x5c": by.x5c} if unprotected is None else unprotected
    return json.dumps({"payload": second, "protected": first, "header": header, "signature": b64url(signature)}).encode()


def dump(value: Any) -> bytes:
    """Write CBOR, each thing in its shortest form; apart from the reader on purpose."""
    match value:
        case bool() | None:
            return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
        case int():
            return _cbor_head(0, value) if value >= 0 else _cbor_head(1, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case bytes():
            return _cbor_head(2, len(value)) + value
        case str():
            return _cbor_head(3, len(value.encode())) + value.encode()
        case list():
            return _cbor_head(4, len(value)) + b"".join(map(dump, value))
        case dict():
            return _cbor_head(5, len(value)) + b"".join(dump(key) + dump(one) for key, one in value.items())
        case Tag():
            return _cbor_head(6, value.number) + dump(value.value)
    raise TypeError(value)


@dataclass
class Tag:
    number: int
    value: Any


def _cbor_head(major: int, count: int) -> bytes:
    for mark, (size, letter) in {23: (0, ""), 24: (1, "B"), 25: (2, "H"), 26: (4, "I"), 27: (8, "Q")}.items():
        if size == 0 and count <= 23:
            return bytes([major << 5 | count])
        if size and count < 1 << (8 * size):
            return bytes([major << 5 | mark]) + struct.pack(f">{letter}", count)
    raise OverflowError(count)


COSE_ALGORITHMS = {"ES256": -7, "ES384": -35, "ES512": -36, "PS256": -37, "PS384": -38, "PS512": -39}


def cose(
    by: Chain,
    digest: str,
    *,
    algorithm: Any = None,
    payload: Any = None,
    drop: Any = "",
    unprotected: Any = None,
    tag: int = 18,
    **headers: Any,
) -> bytes:
    """Make an envelope in COSE; *headers* replace or add to the protected ones, those of `more` under any label."""
    more = headers.pop("more", {})
    real, method = _algorithm(by)
    protected: dict[Any, Any] = {
        1: COSE_ALGORITHMS[real] if algorithm is None else algorithm,
        2: ["io.cncf.notary.signingScheme"],
        3: "application/vnd.cncf.notary.payload.v1+json",
        "io.cncf.notary.signingScheme": "notary.x509",
        "io.cncf.notary.signingTime": Tag(1, int(SIGNED_AT.timestamp())),
        **headers,
        **more,
    }
    protected.pop(drop, None)
    body = json.dumps(payload or {"targetArtifact": {"mediaType": OCI_MANIFEST, "digest": digest, "size": 7}}).encode()
    head = dump(protected)
    signature = _signature(by, dump(["Signature1", head, b"", body]), method)
    certificates = [one.public_bytes(serialization.Encoding.DER) for one in by.certificates]
    return dump(Tag(tag, [head, {33: certificates} if unprotected is None else unprotected, body, signature]))


def aws(at: datetime = SIGNED_AT, expires: datetime = SIGNED_AT + timedelta(days=100)) -> dict[str, Any]:
    """The protected headers of AWS Signer."""
    return {
        "crit": [
            "io.cncf.notary.signingScheme",
            "io.cncf.notary.authenticSigningTime",
            "io.cncf.notary.expiry",
            "io.cncf.notary.verificationPlugin",
            "com.amazonaws.signer.signingJob",
            "com.amazonaws.signer.signingProfileVersion",
        ],
        "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
        "io.cncf.notary.authenticSigningTime": at.isoformat(),
        "io.cncf.notary.expiry": expires.isoformat(),
        "io.cncf.notary.verificationPlugin": "com.amazonaws.signer.notation.plugin",
        "com.amazonaws.signer.signingJob": JOB,
        "com.amazonaws.signer.signingProfileVersion": PROFILE,
    }


def attach(layout: Layout, image: dict[str, Any], envelope: bytes, media_type: str = "application/jose+json") -> None:
    """Put notation's signature of an image beside it."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.blob(b"{}", "application/vnd.cncf.notary.signature"),
        "layers": [layout.blob(envelope, media_type)],
        "subject": {key: image[key] for key in ("mediaType", "digest", "size")},
    }
    layout.index["manifests"].append(layout.document(manifest, OCI_MANIFEST))


def simple_payload(digest: str, repository: str = "registry.invalid/shop", kind: str = "cosign container image signature") -> bytes:
    critical = {"identity": {"docker-reference": repository}, "image": {"docker-manifest-digest": digest}, "type": kind}
    return json.dumps({"critical": critical, "optional": None}).encode()


def signed_by(key: Any, data: bytes) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        made = key.sign(data, ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, rsa.RSAPrivateKey):
        made = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    else:
        made = key.sign(data)
    return base64.b64encode(made).decode()


def attach_simple(layout: Layout, image: dict[str, Any], payload: bytes, signature: str, **notes: str) -> None:
    """Put cosign's signature of an image beside it, under the tag cosign gives it."""
    annotations = {"dev.cosignproject.cosign/signature": signature, **notes}
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.blob(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [layout.blob(payload, "application/vnd.dev.cosign.simplesigning.v1+json", annotations=annotations)],
    }
    tag = {"org.opencontainers.image.ref.name": f"{image['digest'].replace(':', '-')}.sig"}
    layout.index["manifests"].append(layout.document(manifest, OCI_MANIFEST, annotations=tag))


def bundle(key: Any, digest: str, *, predicate: str = "https://sigstore.dev/cosign/sign/v1", material: Any = None) -> bytes:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": predicate,
        "predicate": {},
    }
    payload = json.dumps(statement).encode()
    kind = "application/vnd.in-toto+json"
    signed = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    envelope = {"payload": base64.b64encode(payload).decode(), "payloadType": kind, "signatures": [{"sig": signed_by(key, signed)}]}
    whole = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material or {"publicKey": {"hint": "x"}},
        "dsseEnvelope": envelope,
    }
    return json.dumps(whole).encode()
