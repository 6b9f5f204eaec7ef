"""A signature by notation is valid for one image, one signer and one time, or says why not."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.image_signing import JOB, NOW, PROFILE, SIGNED_AT, Chain, Tag, attach, aws, chain, cose, dump, jws
from tests.engines.artifact.images import Layout, layer

from buckler.engines.artifact.notation import Trust, notation_signatures, verify_notation
from buckler.engines.artifact.notation_envelope import COSE, JWS
from buckler.engines.artifact.oci import read_image
from buckler.engines.artifact.revocation import Revocations
from buckler.model.unknown import Unknown

DIGEST = "sha256:" + "1" * 64
BY = chain()
ENVELOPE = jws(BY, DIGEST)
TRUST = Trust(roots=(BY.root,))


def verify(envelope: bytes, by: Chain = BY, *, trust: Trust | None = None, now=NOW, digest: str = DIGEST):
    return verify_notation(envelope, JWS, digest, trust=trust or Trust(roots=(by.root,)), now=now)


def test_a_signature_is_verified() -> None:
    found = verify(ENVELOPE)
    assert (found.state, found.why, found.signer, found.signed_at) == ("valid", "", "CN=Shop Signer", "2026-05-01T12:00:00Z")
    assert found.root_fingerprint
    assert found.uncovered


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 2048),
        rsa.generate_private_key(65537, 3072),
    ],
    ids=["p256", "p521", "rsa2048", "rsa3072"],
)
def test_every_algorithm_of_the_specification_is_known(key) -> None:
    by = chain(key=key)
    assert verify(jws(by, DIGEST), by).state == "valid"


def test_signatures_that_came_with_an_image_are_found(tmp_path: Path) -> None:
    layout = Layout()
    image = layout.image((layer({"app.py": b"x"}),))
    attach(layout, image, jws(BY, image["digest"]))
    attach(layout, image, jws(BY, DIGEST))
    read = read_image(layout.write(tmp_path))
    assert read.faults == ()
    found = notation_signatures(read, trust=TRUST, now=NOW)
    assert [(one.state, one.why) for one in found] == [("valid", ""), ("invalid", "it is about another image")]


def test_another_image_is_not_covered() -> None:
    assert verify(ENVELOPE, digest="sha256:" + "2" * 64).why == "it is about another image"


def test_another_root_is_not_trusted() -> None:
    found = verify(ENVELOPE, trust=Trust(roots=(chain().root,)))
    assert found.state == "untrusted"
    nobody = verify(ENVELOPE, trust=Trust()).state
    assert isinstance(nobody, Unknown), "without a certificate nobody can say, which is not a pass and not an accusation"
    assert "notation-certificates" in nobody.need


def test_aws_signers_profile_and_job_are_told_and_can_be_insisted_on() -> None:
    by = chain(leaf_days=10)
    trust = Trust(authorities=(by.root,))
    envelope = jws(by, DIGEST, **aws())
    found = verify(envelope, trust=trust)
    assert (found.state, found.signer, found.job) == ("valid", PROFILE, JOB)
    assert found.expires == "2026-08-09T12:00:00Z"
    assert verify(envelope, trust=Trust(authorities=(by.root,), signers=frozenset({PROFILE}))).state == "valid"
    assert verify(envelope, trust=Trust(authorities=(by.root,), signers=frozenset({"arn:other"}))).state == "untrusted"
    assert verify(envelope, trust=Trust(authorities=(by.root,), revocations=Revocations(names=frozenset({JOB})))).state == "revoked"
    assert verify(envelope, trust=trust, now=SIGNED_AT + timedelta(days=101)).state == "expired"


def test_only_an_authority_vouches_for_the_time() -> None:
    by = chain(leaf_days=10)
    assert verify(jws(by, DIGEST), by).state == "expired"
    # Whoever has a certificate of an ordinary authority can claim any time.
    assert verify(jws(by, DIGEST, **aws()), by, trust=Trust(roots=(by.root,))).state == "expired"
    assert verify(jws(by, DIGEST), trust=Trust(authorities=(by.root,))).state == "untrusted"
    late = jws(by, DIGEST, **aws(at=SIGNED_AT + timedelta(days=20)))
    assert verify(late, trust=Trust(authorities=(by.root,))).state == "expired"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"algorithm": "none"}, "algorithm", id="no-algorithm"),
        pytest.param({"algorithm": "HS384"}, "algorithm", id="hmac"),
        pytest.param({"algorithm": "ES256"}, "algorithm", id="weaker-hash"),
        pytest.param({"algorithm": "PS384"}, "algorithm", id="other-key"),
        pytest.param({"cty": "text/plain"}, "payload", id="another-payload"),
        pytest.param({"crit": []}, "critical", id="scheme-not-critical"),
        pytest.param({"crit": ["io.cncf.notary.signingScheme", "unknown"], "unknown": 1}, "not understood", id="unknown-critical"),
        pytest.param({"crit": ["io.cncf.notary.signingScheme", "io.cncf.notary.expiry"]}, "not there", id="critical-absent"),
        pytest.param({"io.cncf.notary.expiry": "2027-01-01T00:00:00Z"}, "expiry", id="expiry-not-critical"),
        pytest.param({"io.cncf.notary.signingScheme": "mine"}, "scheme", id="another-scheme"),
        pytest.param({"io.cncf.notary.signingTime": "yesterday"}, "times", id="no-time"),
        pytest.param({"io.cncf.notary.signingTime": "2026-05-01T12:00:00"}, "times", id="no-zone"),
        pytest.param({"drop": "io.cncf.notary.signingTime"}, "when it was signed", id="time-left-out"),
        pytest.param({"payload": {"other": 1}}, "another image", id="no-target"),
        pytest.param({"unprotected": {}}, "no certificates", id="no-certificates"),
        pytest.param({"unprotected": {"x5c": []}}, "0 certificates", id="empty-chain"),
        pytest.param({"unprotected": {"x5c": ["AAAA"]}}, "is none", id="broken-certificate"),
        pytest.param({"unprotected": {"x5c": BY.x5c[:2]}}, "no chain", id="no-root"),
        pytest.param({"unprotected": {"x5c": BY.x5c[::-1]}}, "", id="wrong-order"),
        pytest.param({"unprotected": {"x5c": chain().x5c}}, "does not match", id="another-signer"),
        pytest.param({"unprotected": {"x5c": [BY.x5c[0], *chain().x5c[1:]]}}, "no chain", id="another-issuer"),
    ],
)
def test_what_is_wrong_with_an_envelope_is_told(changes: dict, why: str) -> None:
    found = verify(jws(BY, DIGEST, **changes))
    assert found.state == "invalid"
    assert why in found.why


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(chain(authority=False), "may not issue", id="issuer-is-no-authority"),
        pytest.param(chain(signing=False), "not for signing", id="not-for-signing"),
        pytest.param(chain(purpose=ExtendedKeyUsageOID.SERVER_AUTH), "not for signing code", id="for-servers"),
    ],
)
def test_certificates_that_are_for_something_else_are_not_taken(by: Chain, why: str) -> None:
    found = verify(jws(by, DIGEST), by)
    assert (found.state, why in found.why) == ("invalid", True)


COSE_ENVELOPE = cose(BY, DIGEST)


def verify_cose(envelope: bytes, by: Chain = BY, *, trust: Trust | None = None, now=NOW):
    return verify_notation(envelope, COSE, DIGEST, trust=trust or Trust(roots=(by.root,)), now=now)


def test_an_envelope_in_cose_says_the_same_as_one_in_jws() -> None:
    assert verify_cose(COSE_ENVELOPE) == verify(ENVELOPE)
    by = chain(leaf_days=10)
    trust = Trust(authorities=(by.root,))
    times = {
        f"io.cncf.notary.{name}": Tag(1, int((SIGNED_AT + timedelta(days=days)).timestamp()))
        for name, days in (("authenticSigningTime", 0), ("expiry", 100))
    }
    written = {**aws(), **times}
    crit = written.pop("crit")
    found = verify_cose(cose(by, DIGEST, drop="io.cncf.notary.signingTime", more={2: crit, **written}), trust=trust)
    assert found == verify(jws(by, DIGEST, **aws()), trust=trust)
    assert (found.state, found.job) == ("valid", JOB)


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP521R1()), rsa.generate_private_key(65537, 2048)]
)
def test_every_algorithm_in_cose(key) -> None:
    by = chain(key=key)
    assert verify_cose(cose(by, DIGEST), by).state == "valid"


DER = [base64.b64decode(one) for one in BY.x5c]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"algorithm": -38}, "algorithm", id="other-key"),
        pytest.param({"algorithm": 5}, "algorithm", id="hmac"),
        pytest.param({"algorithm": "ES384"}, "algorithm", id="a-name-for-a-number"),
        pytest.param({"tag": 98}, "no COSE envelope", id="many-signers"),
        pytest.param({"more": {2: []}}, "critical", id="scheme-not-critical"),
        pytest.param({"more": {2: ["io.cncf.notary.signingScheme", 9], 9: 1}}, "not understood", id="critical-by-number"),
        pytest.param({"more": {3: "text/plain"}}, "another kind", id="another-payload"),
        pytest.param({"io.cncf.notary.expiry": Tag(1, 1)}, "expiry", id="expiry-not-critical"),
        pytest.param({"io.cncf.notary.signingTime": "2026-05-01T12:00:00Z"}, "times", id="a-text-for-a-time"),
        pytest.param({"io.cncf.notary.signingTime": Tag(1, float("inf"))}, "times", id="no-time"),
        pytest.param({"io.cncf.notary.signingTime": Tag(1, 1 << 60)}, "times", id="after-the-end-of-time"),
        pytest.param({"drop": "io.cncf.notary.signingTime"}, "when it was signed", id="time-left-out"),
        pytest.param({"unprotected": {}}, "no certificates", id="no-certificates"),
        pytest.param({"unprotected": {33: ["x"]}}, "is none", id="certificates-are-texts"),
        pytest.param({"unprotected": {33: DER[:2]}}, "no chain", id="no-root"),
        pytest.param({"unprotected": {33: DER, 1: -35}}, "two places", id="a-header-twice"),
        pytest.param({"payload": {"other": 1}}, "another image", id="no-target"),
    ],
)
def test_what_is_wrong_with_an_envelope_in_cose_is_told(changes: dict, why: str) -> None:
    found = verify_cose(cose(BY, DIGEST, **changes))
    assert found.state == "invalid"
    assert why in found.why


def test_an_envelope_of_a_hash_is_not_assessed() -> None:
    assert isinstance(verify_cose(cose(BY, DIGEST, drop=3, more={258: -16})).state, Unknown)


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xd2\x84", id="cut-off"),
        pytest.param(COSE_ENVELOPE + b"\0", id="something-behind-it"),
        pytest.param(b"\x81" * 100_000, id="deep"),
        pytest.param(b"\x9b" + b"\xff" * 8, id="an-array-without-end"),
        pytest.param(b"\xd2\x9f" + COSE_ENVELOPE[2:] + b"\xff", id="of-no-length"),
        pytest.param(b"\xd2\x84" + dump(b"\xa2\x01\x26\x01\x26") + b"\xa0\x40\x40", id="a-key-twice"),
        pytest.param(b"\xa1\x80\x00", id="a-key-that-is-a-list"),
    ],
)
def test_what_is_no_envelope_in_cose_is_invalid(envelope: bytes) -> None:
    assert verify_cose(envelope).state == "invalid"


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.integers(0, len(COSE_ENVELOPE) - 1), st.integers(0, 255))
def test_no_byte_of_what_is_signed_in_cose_can_be_changed(at: int, value: int) -> None:
    changed = COSE_ENVELOPE[:at] + bytes([value]) + COSE_ENVELOPE[at + 1 :]
    assert changed == COSE_ENVELOPE or verify_cose(changed).state != "valid"


def test_both_envelopes_of_an_image_are_found(tmp_path: Path) -> None:
    layout = Layout()
    image = layout.image((layer({"app.py": b"x"}),))
    attach(layout, image, cose(BY, image["digest"]), COSE)
    found = notation_signatures(read_image(layout.write(tmp_path)), trust=TRUST, now=NOW)
    assert [one.state for one in found] == ["valid"]


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.integers(0, len(ENVELOPE) - 1), st.integers(0, 255))
def test_no_byte_of_what_is_signed_can_be_changed(at: int, value: int) -> None:
    changed = ENVELOPE[:at] + bytes([value]) + ENVELOPE[at + 1 :]
    found = verify(changed)
    if found.state == "valid":
        before, after = json.loads(ENVELOPE), json.loads(changed)
        assert (before["payload"], before["protected"]) == (after["payload"], after["protected"])


def test_a_key_on_a_curve_that_nobody_knows_is_no_signature() -> None:
    told = json.loads(ENVELOPE)
    named = bytes.fromhex("06052b81040022")  # secp384r1
    strange = [base64.b64decode(one).replace(named, named[:-1] + b"\x7f", 1) for one in told["header"]["x5c"]]
    told["header"]["x5c"] = [base64.b64encode(one).decode() for one in strange]
    found = verify(json.dumps(told).encode())
    assert found.state != "valid"
    assert found.why


@pytest.mark.parametrize("envelope", [b"", b"[]", b"{}", b"{" * 50_000, b'{"payload": 1}', b"\xff", b'{"payload":"","payload":""}'])
def test_what_is_no_envelope_is_invalid(envelope: bytes) -> None:
    assert verify(envelope).state == "invalid"


def test_a_certificate_whose_name_is_broken_is_none() -> None:
    name = BY.certificates[0].subject.public_bytes()
    broken = DER[0].replace(name, name[:2] + b"\0" + name[3:])
    found = verify_cose(cose(BY, DIGEST, unprotected={33: [broken, *DER[1:]]}))
    assert (found.state, found.why) == ("invalid", "one of its certificates is none")
    told = json.loads(ENVELOPE)
    told["header"]["x5c"][0] = base64.b64encode(broken).decode()
    assert verify(json.dumps(told).encode()).why == found.why
