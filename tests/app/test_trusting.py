"""Whose signatures count is what the configuration says, and a scan tells the ways apart in which one does not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.engines.artifact import image_signing as images
from tests.engines.artifact.images import Layout, layer
from tests.engines.artifact.signing import JOB, SIGNED_AT, Chain, chain, sign

from buckler.app import options_of, scan_targets
from buckler.app.inspecting import Inspector, inspector, read_artifact
from buckler.app.locked import pin_artifacts
from buckler.app.trusting import doubted, trusted_by
from buckler.config import load_config
from buckler.engines.artifact.revocation import composite_hashes
from buckler.errors import UsageError
from buckler.model.artifact import Inventory, Signature
from buckler.model.result import ScanResult
from buckler.model.unknown import Unknown

BY, NOW = chain(), SIGNED_AT + timedelta(days=30)
FILES = [("handler.py", b"print(1)\n"), ("lib/a.py", b"x = 2\n")]
KEY = ec.generate_private_key(ec.SECP256R1())
NOTARY = images.chain()


@pytest.fixture(autouse=True)
def _own_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", raising=False)
    inspector.cache_clear()


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def configure(folder: Path, settings: str, **files: bytes) -> Path:
    for name, content in files.items():
        (folder / f"{name}.pem").write_bytes(content)
    (folder / "buckler.toml").write_text(f"[signing]\n{settings}\n" if settings else "")
    return folder / "buckler.toml"


def signature(config: Path, target: Path, now: datetime = NOW) -> Signature:
    estate = read_artifact(target, Inspector(signing=load_config(config).signing, now=lambda: now))
    inventory = estate.artifacts[0].inventory
    assert isinstance(inventory, Inventory)
    assert isinstance(inventory.signature, Signature)
    return inventory.signature


def scan(config: Path, target: Path) -> ScanResult:
    return scan_targets([target], options_of(load_config(config), only=("signature-invalid",)))


def archive(folder: Path, by: Chain = BY, **how) -> Path:
    path = folder / "code.zip"
    path.write_bytes(sign(FILES, by, **how))
    return path


def image(folder: Path, *, cosign=None, notation: images.Chain | None = None, about: str = "", **headers) -> Path:
    layout = Layout()
    made = layout.image((layer({"app.py": b"x"}),))
    digest = about or made["digest"]
    if cosign is not None:
        payload = images.simple_payload(digest)
        images.attach_simple(layout, made, payload, images.signed_by(cosign, payload))
    if notation is not None:
        images.attach(layout, made, images.jws(notation, digest, **headers))
    return layout.write(folder)


ROOT = 'signer-roots = ["root.pem"]'


@pytest.mark.parametrize(
    ("settings", "how", "state", "why"),
    [
        pytest.param(ROOT, {}, "valid", "", id="pinned-root"),
        pytest.param("", {}, "untrusted", "it chains to a root that is not among the trusted ones", id="only-the-shipped-root"),
        pytest.param(ROOT, {"tampered": [("handler.py", b"x"), FILES[1]]}, "invalid", "its content is not what was signed", id="tampered"),
        pytest.param(ROOT, {"expires": SIGNED_AT + timedelta(days=1)}, "expired", "it expired at 2026-05-02T12:00:00Z", id="expired"),
        pytest.param(ROOT, {"by": chain()}, "untrusted", "it chains to a root that is not among the trusted ones", id="another-root"),
    ],
)
def test_signed_zips(tmp_path: Path, settings: str, how: dict, state: str, why: str) -> None:
    found = signature(configure(tmp_path, settings, root=BY.root), archive(tmp_path, **how))
    assert (found.state, found.why) == (state, why)


COSIGN, NOTATION = 'cosign-keys = ["key.pem"]', 'notation-certificates = ["root.pem"]'
OTHER = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("settings", "how", "state", "why"),
    [
        pytest.param(COSIGN, {"cosign": KEY}, "valid", "", id="cosign"),
        pytest.param(COSIGN, {"cosign": KEY, "about": OTHER}, "invalid", "it is about another image", id="cosign-about-another-image"),
        pytest.param(
            COSIGN,
            {"cosign": ec.generate_private_key(ec.SECP256R1())},
            "untrusted",
            "none of the given keys made it",
            id="cosign-other-key",
        ),
        pytest.param(NOTATION, {"notation": NOTARY}, "valid", "", id="notation"),
        pytest.param(NOTATION, {"notation": NOTARY, "about": OTHER}, "invalid", "it is about another image", id="notation-other-image"),
        pytest.param(
            NOTATION,
            {"notation": images.chain()},
            "untrusted",
            "none of its certificates is among the trusted ones",
            id="notation-other-root",
        ),
        pytest.param(
            NOTATION,
            {
                "notation": NOTARY,
                "crit": ["io.cncf.notary.signingScheme", "io.cncf.notary.expiry"],
                "io.cncf.notary.expiry": "2026-05-02T00:00:00Z",
            },
            "expired",
            "it expired at 2026-05-02T00:00:00Z",
            id="notation-expired",
        ),
        pytest.param(
            f'{NOTATION}\nnotation-signers = ["CN=Somebody Else"]',
            {"notation": NOTARY},
            "untrusted",
            "its signer is not among the trusted ones",
            id="notation-other-signer",
        ),
        pytest.param(COSIGN, {"cosign": KEY, "notation": NOTARY}, "valid", "", id="one-that-holds-is-enough"),
    ],
)
def test_signed_images(tmp_path: Path, settings: str, how: dict, state: str, why: str) -> None:
    config = configure(tmp_path, settings, root=NOTARY.root, key=public(KEY))
    found = signature(config, image(tmp_path / "image", **how), images.NOW)
    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize(
    ("how", "need"), [({"cosign": KEY}, "cosign-keys"), ({"notation": NOTARY}, "notation-certificates")], ids=["cosign", "notation"]
)
def test_a_signed_image_without_keys_is_neither_good_nor_bad(tmp_path: Path, how: dict, need: str) -> None:
    config = configure(tmp_path, "")
    found = signature(config, image(tmp_path / "image", **how), images.NOW)
    assert isinstance(found.state, Unknown)
    assert need in found.state.need
    result = scan(config, tmp_path / "image")
    assert result.findings == ()
    assert "not given" in found.why or "no " in found.why


def test_a_bad_signature_beside_is_no_help_and_is_counted(tmp_path: Path) -> None:
    config = configure(tmp_path, COSIGN, key=public(KEY))
    stranger = ec.generate_private_key(ec.SECP256R1())
    found = signature(config, image(tmp_path / "image", cosign=stranger, notation=NOTARY), images.NOW)
    assert (found.state, found.why) == ("untrusted", "none of the given keys made it; one more beside it is not valid either")


# --- revocation ----------------------------------------------------------------------------------------------------------


def crl(by: images.Chain, *, serials: tuple[int, ...], issuer: int = 1, signed_by=None, until: datetime | None = None) -> bytes:
    """A revocation list of the authority above the signer. The keys of authorities are not kept, so chains here are made anew."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificates[issuer].subject)
        .last_update(SIGNED_AT)
        .next_update(until or SIGNED_AT + timedelta(days=3650))
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(SIGNED_AT).build()
        builder = builder.add_revoked_certificate(revoked)
    return builder.sign(signed_by, hashes.SHA384()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("listed", "state", "is_checked"),
    [
        pytest.param(None, "valid", False, id="no-list"),
        pytest.param("# nobody yet", "valid", True, id="a-list-of-nobody"),
        pytest.param(JOB, "revoked", True, id="the-job"),
        pytest.param(JOB.upper().replace("ARN:AWS:SIGNER", "arn:aws:signer").replace("/SIGNING-JOBS/", "/signing-jobs/")[:-1] + "6",
                     "valid", True, id="another-job"),
        pytest.param(f"sha256:{BY.certificates[1].fingerprint(hashes.SHA256()).hex().upper()}  # leaked", "revoked", True, id="an-authority"),
        pytest.param(composite_hashes(BY.certificates)[0], "revoked", True, id="as-aws-names-it"),
    ],
)  # fmt: skip
def test_names_that_were_revoked(tmp_path: Path, listed: str | None, state: str, is_checked: bool) -> None:
    (tmp_path / "revoked.txt").write_text(listed or "")
    config = configure(tmp_path, ROOT if listed is None else f'{ROOT}\nrevoked = ["revoked.txt"]', root=BY.root)
    found = signature(config, archive(tmp_path))
    assert (found.state, found.revocation is None) == (state, is_checked)
    assert found.certificate_hashes == composite_hashes(BY.certificates)


@pytest.mark.parametrize(
    ("lists", "state", "is_checked"),
    [
        pytest.param([("region", (1000,)), ("root", ())], "revoked", True, id="the-signer-is-on-it"),
        pytest.param([("region", ()), ("root", ())], "valid", True, id="on-none-of-them"),
        pytest.param([("region", ())], "valid", False, id="of-one-issuer-only"),
        pytest.param([("region-forged", (1000,)), ("root", ())], "valid", False, id="a-list-its-issuer-did-not-sign"),
        pytest.param([("region-old", ()), ("root", ())], "valid", False, id="a-list-that-has-run-out"),
        pytest.param([("region-old", (1000,))], "revoked", True, id="who-was-revoked-stays-so"),
    ],
)
def test_revocation_lists(tmp_path: Path, lists: list[tuple[str, tuple[int, ...]]], state: str, is_checked: bool) -> None:
    names = []
    for number, (who, serials) in enumerate(lists):
        place = 2 if who == "root" else 1
        until = SIGNED_AT + timedelta(days=1) if "old" in who else None
        key = ec.generate_private_key(ec.SECP384R1()) if "forged" in who else BY.keys[place]
        (tmp_path / f"{number}.crl").write_bytes(crl(BY, serials=serials, issuer=place, signed_by=key, until=until))
        names.append(f"{number}.crl")
    config = configure(tmp_path, f"{ROOT}\nrevoked = {json.dumps(names)}", root=BY.root)
    found = signature(config, archive(tmp_path))
    assert (found.state, found.revocation is None) == (state, is_checked)


def test_aws_names_certificates_by_what_was_signed_of_them_and_of_their_issuer() -> None:
    marks = composite_hashes(BY.certificates)
    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {192}
    assert marks[0][96:] == marks[1][:96]
    assert marks[2][:96] == marks[2][96:], "a root is its own issuer"


# --- what the configuration says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "line"),
    [
        ('cosign-key = ["key.pem"]', "unknown setting `cosign-key` in [signing]", 2),
        ('cosign-keys = "key.pem"', "`cosign-keys` must be a list of strings, with one at least", 2),
        ("cosign-keys = []", "`cosign-keys` must be a list of strings, with one at least", 2),
        ('# keys\n\ncosign-keys = ["none.pem"]', "`cosign-keys` names `none.pem`, and there is no such file", 4),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, settings: str, error: str, line: int) -> None:
    config = configure(tmp_path, settings, key=public(KEY))
    with pytest.raises(UsageError) as raised:
        load_config(config)
    assert (raised.value.error, raised.value.place) == (error, f"{config}:{line}")
    assert raised.value.hint


PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("setting", "content", "said"),
    [
        ("cosign-keys", BY.root, "does not hold a public key"),
        ("cosign-keys", PRIVATE, "does not hold a public key"),
        ("signer-roots", PRIVATE, "does not hold certificates"),
        ("notation-certificates", b"\xff\x00", "does not hold certificates"),
        ("notation-authorities", b"", "does not hold certificates"),
        ("revoked", b"arn:aws:s3:::bucket", "this line names nothing that can be revoked"),
        ("revoked", b"\xff\xfe\x00", "is neither a revocation list nor text"),
    ],
)
def test_a_file_that_is_something_else_is_refused_and_not_quoted(tmp_path: Path, setting: str, content: bytes, said: str) -> None:
    config = configure(tmp_path, f'{setting} = ["key.pem"]', key=content)
    with pytest.raises(UsageError) as raised:
        trusted_by(load_config(config).signing)
    assert said in raised.value.error
    told = f"{raised.value.error} {raised.value.hint} {raised.value.cause}"
    assert not any(line in told for line in PRIVATE.decode().splitlines()[1:-1])
    if content is PRIVATE:
        assert "private key" in str(raised.value.hint)
    # The scan goes on: the artifact is told as one that could not be read.
    result = scan(config, archive(tmp_path))
    assert [said in error.error for error in result.errors] == [True]


def test_a_root_that_nobody_confirmed_is_told_as_such(tmp_path: Path) -> None:
    found = signature(configure(tmp_path, ROOT, root=BY.root), archive(tmp_path))
    assert doubted(found) == found, "a pinned root is the user's own"
    told = doubted(found, frozenset({found.root_fingerprint}))
    assert told is not None
    assert "could not be confirmed" in told.uncovered[-1]


def test_a_lock_pins_what_a_scan_sees(tmp_path: Path) -> None:
    configure(tmp_path, COSIGN, key=public(KEY))
    signing = load_config(tmp_path / "buckler.toml").signing
    pins, errors = pin_artifacts([image(tmp_path / "image", cosign=KEY)], now=datetime.now(UTC), signing=signing)
    assert errors == ()
    assert pins[0].signature is not None
    assert pins[0].signature.state == "valid"
