"""Signatures of AWS Signer are verified offline, and what they leave open is told."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.engines.artifact.attacks import plain
from tests.engines.artifact.signing import JOB, PROFILE, SIGNED_AT, chain, sign

from buckler.data.signer_roots import UNCONFIRMED, signer_roots
from buckler.engines.artifact.revocation import Revocations
from buckler.engines.artifact.signer import ENTRY, roots_of, verify_signer
from buckler.engines.artifact.zip import read_zip
from buckler.model.artifact import Signature

FILES = [("handler.py", b"print(1)\n"), ("lib/a.py", b"x = 2\n" * 300)]
NOW = SIGNED_AT + timedelta(days=30)
CHAIN = chain()


def verify(data: bytes, *roots: bytes, revoked: frozenset[str] | None = None, now=NOW) -> Signature:
    found = verify_signer(read_zip(data), roots=roots or (CHAIN.root,), now=now, revocations=Revocations(names=revoked))
    assert found is not None
    return found


@pytest.mark.parametrize("indefinite", [False, True])
def test_a_good_signature_says_who_signed_and_until_when(indefinite: bool) -> None:
    found = verify(sign(FILES, CHAIN, indefinite=indefinite))
    assert (found.state, found.why) == ("valid", "")
    assert (found.signer, found.job) == (PROFILE, JOB)
    assert (found.signed_at, found.expires) == ("2026-05-01T12:00:00Z", "2027-05-01T12:00:00Z")
    assert found.root_fingerprint == roots_of([CHAIN.root])[0]


def test_an_unsigned_zip_has_none() -> None:
    assert verify_signer(read_zip(plain()), roots=(CHAIN.root,), now=NOW) is None


@pytest.mark.parametrize(
    "tampered",
    [
        pytest.param([("handler.py", b"print(2)\n"), FILES[1]], id="content changed"),
        pytest.param([("handlers.py", b"print(1)\n"), FILES[1]], id="name changed"),
        pytest.param([*FILES, ("evil.py", b"")], id="entry added"),
        pytest.param(FILES[:1], id="entry taken away"),
        pytest.param(FILES[::-1], id="order changed"),
    ],
)
def test_a_changed_archive_is_noticed(tampered: list[tuple[str, bytes]]) -> None:
    found = verify(sign(FILES, CHAIN, tampered=tampered))
    assert (found.state, found.why) == ("invalid", "its content is not what was signed")


def test_what_is_not_covered_is_told() -> None:
    """Bytes moved from the content into the name keep the signature valid, as do mode bits: nobody may conclude otherwise."""
    moved = [("handler.pyprint", b"(1)\n"), FILES[1]]
    found = verify(sign(FILES, CHAIN, tampered=moved, mode={"lib/a.py": 0o100755}))
    assert found.state == "valid"
    assert found.uncovered == ("mode bits: 1 files are executable, as `lib/a.py`", "where a name ends and its content begins")


def test_links_are_not_covered() -> None:
    found = verify(sign(FILES, CHAIN, mode={"handler.py": 0o120777}))
    assert any("link" in one for one in found.uncovered)


@pytest.mark.parametrize(
    ("data", "roots", "more", "state"),
    [
        pytest.param(sign(FILES, CHAIN), (chain().root,), {}, "untrusted", id="another root"),
        pytest.param(sign(FILES, CHAIN), signer_roots(), {}, "untrusted", id="signed by nobody AWS knows"),
        pytest.param(sign(FILES, CHAIN, expires=NOW - timedelta(days=1)), (), {}, "expired", id="expired"),
        pytest.param(sign(FILES, CHAIN), (), {"revoked": frozenset({PROFILE})}, "revoked", id="profile revoked"),
        pytest.param(sign(FILES, CHAIN), (), {"revoked": frozenset({JOB})}, "revoked", id="job revoked"),
    ],
)
def test_states(data: bytes, roots: tuple[bytes, ...], more: dict[str, frozenset[str]], state: str) -> None:
    assert verify(data, *roots, **more).state == state


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(chain(curve=ec.SECP256R1()), "it is not signed by ECDSA on P-384 with SHA-384", id="another curve"),
        pytest.param(chain(authority=False), "a certificate that may not issue others did", id="issued by no authority"),
        pytest.param(chain(days=-0.5), "a certificate was not valid when it was signed", id="certificates out of date"),
    ],
)
def test_chains_that_prove_nothing(by, why: str) -> None:
    found = verify(sign(FILES, by), by.root)
    assert (found.state, found.why) == ("invalid", why)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"-----BEGIN PKCS7-----\n!!!!\n-----END PKCS7-----", id="no base64"),
        pytest.param(b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----", id="truncated"),
        pytest.param(b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----", id="an empty sequence"),
        pytest.param(b"x" * 400_000, id="large"),
    ],
)
def test_a_broken_signature_is_invalid_and_no_crash(content: bytes) -> None:
    found = verify(plain(*FILES, (ENTRY, content)))
    assert found.state == "invalid"
    assert found.why


def test_an_archive_with_two_readings_proves_nothing() -> None:
    found = verify(b"#!/bin/sh\n" + sign(FILES, CHAIN))
    assert found.state == "invalid"
    assert "two ways" in found.why


def test_the_shipped_root_is_the_one_that_is_documented() -> None:
    assert set(roots_of(signer_roots())) == UNCONFIRMED
