"""A signature by cosign is that of a key we were given, about this image, or says why not."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.image_signing import attach_simple, bundle, signed_by, simple_payload
from tests.engines.artifact.images import OCI_INDEX, OCI_MANIFEST, Layout, digest, layer

from buckler.engines.artifact.cosign import cosign_signatures, load_key, verify_bundle, verify_simple
from buckler.engines.artifact.image import Descriptor
from buckler.engines.artifact.oci import read_image
from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown

DIGEST = "sha256:" + "1" * 64
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
NOTE = "dev.cosignproject.cosign/signature"


def verify(payload: bytes, signature: str, *, keys: Any = (KEY,), repository: str = "", **notes: str) -> Signature:
    described = Descriptor(digest=digest(payload), annotations={NOTE: signature, **notes})
    return verify_simple(payload, described, DIGEST, keys=[key.public_key() for key in keys], repository=repository)


@pytest.mark.parametrize(
    "key",
    [KEY, ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()],
    ids=["p256", "p384", "rsa", "ed25519"],
)
def test_a_signature_is_verified(key) -> None:
    payload = simple_payload(DIGEST)
    found = verify(payload, signed_by(key, payload), keys=(OTHER, key))
    assert (found.state, found.why) == ("valid", "")
    assert found.signer == f"key sha256:{found.root_fingerprint}"
    assert found.uncovered
    assert verify_bundle(bundle(key, DIGEST), DIGEST, keys=[OTHER.public_key(), key.public_key()]).state == "valid"


def test_signatures_that_came_with_an_image_are_found(tmp_path: Path) -> None:
    layout = Layout()
    image = layout.image((layer({"app.py": b"x"}),))
    payload, about_another = simple_payload(image["digest"]), simple_payload(DIGEST)
    attach_simple(layout, image, payload, signed_by(KEY, payload))
    attach_simple(layout, image, about_another, signed_by(KEY, about_another))
    signed = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "config": layout.blob(b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [layout.blob(bundle(KEY, image["digest"]), "application/vnd.dev.sigstore.bundle.v0.3+json")],
        "subject": {key: image[key] for key in ("mediaType", "digest", "size")},
    }
    layout.index["manifests"].append(layout.document(signed, OCI_MANIFEST))
    read = read_image(layout.write(tmp_path))
    assert read.faults == ()
    assert read.digest == image["digest"]
    found = cosign_signatures(read, keys=[KEY.public_key()])
    assert [(one.state, one.why) for one in found] == [("valid", ""), ("invalid", "it is about another image"), ("valid", "")]


def test_who_signed_the_index_signed_the_image(tmp_path: Path) -> None:
    layout = Layout()
    inner = layout.image((layer({"app.py": b"x"}),), listed=False)
    nested = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [inner]}
    index = layout.document(nested, OCI_INDEX)
    layout.index["manifests"] = [index]
    payload = simple_payload(index["digest"])
    attach_simple(layout, index, payload, signed_by(KEY, payload))
    read = read_image(layout.write(tmp_path))
    assert (read.digest, read.index_digests) == (inner["digest"], (index["digest"],))
    assert [one.state for one in cosign_signatures(read, keys=[KEY.public_key()])] == ["valid"]


def test_a_key_we_were_not_given_is_not_trusted() -> None:
    payload = simple_payload(DIGEST)
    assert verify(payload, signed_by(OTHER, payload)).state == "untrusted"
    assert verify_bundle(bundle(OTHER, DIGEST), DIGEST, keys=[KEY.public_key()]).state == "untrusted"


def test_without_keys_nothing_is_known() -> None:
    payload = simple_payload(DIGEST)
    for found in (
        verify(payload, signed_by(KEY, payload), keys=()),
        verify(payload, signed_by(KEY, payload), keys=(), **{"dev.sigstore.cosign/certificate": "PEM"}),
        verify_bundle(bundle(KEY, DIGEST), DIGEST, keys=[]),
        verify_bundle(bundle(KEY, DIGEST, material={"certificate": {"rawBytes": "x"}}), DIGEST, keys=[]),
    ):
        assert isinstance(found.state, Unknown)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        pytest.param(simple_payload("sha256:" + "2" * 64), "another image", id="another-image"),
        pytest.param(simple_payload(DIGEST, kind="atomic container signature"), "another kind", id="another-kind"),
        pytest.param(b'{"critical": {}}', "another kind", id="nothing-critical"),
        pytest.param(b"[]", "is none", id="no-object"),
        pytest.param(b"[" * 50_000, "is none", id="deep"),
        pytest.param(simple_payload(DIGEST)[:-1] + b', "critical": {}}', "is none", id="key-twice"),
    ],
)
def test_what_is_wrong_with_a_payload_is_told(payload: bytes, why: str) -> None:
    found = verify(payload, signed_by(KEY, payload))
    assert (found.state, why in found.why) == ("invalid", True)


def test_a_payload_that_the_manifest_does_not_name_is_not_taken() -> None:
    payload = simple_payload(DIGEST)
    described = Descriptor(digest=DIGEST, annotations={NOTE: signed_by(KEY, payload)})
    assert verify_simple(payload, described, DIGEST, keys=[KEY.public_key()]).state == "invalid"


@pytest.mark.parametrize("signature", ["", "!", "AAAA"])
def test_what_is_no_signature_is_not_valid(signature: str) -> None:
    assert verify(simple_payload(DIGEST), signature).state in {"invalid", "untrusted"}


@pytest.mark.parametrize(
    ("named", "state"),
    [
        ("registry.invalid:5000/shop", "valid"),
        ("registry.invalid:5000/shop:1", "valid"),
        (f"registry.invalid:5000/shop@{DIGEST}", "valid"),
        ("registry.invalid:5000/other", "invalid"),
        ("", "invalid"),
    ],
)
def test_the_repository_can_be_insisted_on(named: str, state: str) -> None:
    payload = simple_payload(DIGEST, repository=named)
    found = verify(payload, signed_by(KEY, payload), repository="registry.invalid:5000/shop")
    assert found.state == state
    assert state == "invalid" or not found.uncovered


def test_a_bundle_about_another_image_is_not_valid() -> None:
    found = verify_bundle(bundle(KEY, "sha256:" + "2" * 64), DIGEST, keys=[KEY.public_key()])
    assert (found.state, found.why) == ("invalid", "it is about another image")


def test_an_attestation_is_no_signature() -> None:
    assert verify_bundle(bundle(KEY, DIGEST, predicate="https://slsa.dev/provenance/v1"), DIGEST, keys=[KEY.public_key()]) is None


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_no_byte_of_a_bundles_payload_can_be_changed(at: int, value: int) -> None:
    good = BUNDLE
    changed = good[: at % len(good)] + bytes([value]) + good[at % len(good) + 1 :]
    found = verify_bundle(changed, DIGEST, keys=[KEY.public_key()])
    if found is not None and found.state == "valid":
        assert json.loads(changed)["dsseEnvelope"]["payload"] == json.loads(good)["dsseEnvelope"]["payload"]


BUNDLE = bundle(KEY, DIGEST)


def test_keys_are_read_from_pem() -> None:
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert load_key(pem).public_numbers() == KEY.public_key().public_numbers()
    wrong = x25519.X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for bad in (b"", b"hello", wrong):
        with pytest.raises(ValueError, match="it is"):
            load_key(bad)
