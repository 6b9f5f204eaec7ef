"""AWS Signer's signatures inside Lambda zips, verified offline.

A signed zip holds `META_INF/aws_signer_signature_v1.0.SF`: a PEM block of CMS SignedData (detached, one signer, ECDSA on P-384 with
SHA-384). What it signs is SHA-384 over the names and contents of all other entries, in the order of the archive, one after the other and
without lengths. So times, permissions, and where a name ends and its content begins are not signed; what that leaves open is listed with
every signature.
Sources: RFC 5652 (CMS); AWS Signer Developer Guide; the format as a public emulator writes it and as probes of our own reproduced it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from buckler.engines.artifact.names import SIGNATURE
from buckler.engines.artifact.revocation import Revocations, composite_hashes, look_up
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Signature

# asn1crypto has no types of its own: what comes out of it is `Any` until it is checked here.
_cms: Any = import_module("asn1crypto.cms")
_names: Any = import_module("asn1crypto.x509")
_core: Any = import_module("asn1crypto.core")

ENTRY = SIGNATURE

_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----(.+?)-----END (?:PKCS7|CMS)-----", re.DOTALL)
_MOST = 256 * 1024
_JOB, _EXPIRES, _PROFILE = "1.3.187.137.1.2", "1.3.187.137.1.3", "1.3.187.137.1.4"
_LONGEST_CHAIN = 8


_TWO_READINGS = {"duplicate-name", "local-header-differs", "second-name", "prefixed-data", "several-ends", "overlapping-entries"}


class _BadSignature(Exception):  # noqa: N818 - control flow inside this module
    pass


def verify_signer(tree: Tree, *, roots: Sequence[bytes], now: datetime, revocations: Revocations | None = None) -> Signature | None:
    """Verify the signature of a zip; None when it has none.

    *roots* are certificates in PEM that are trusted. *revocations* is what is known to be revoked; without it, a signature that holds says
    that nobody looked.
    Raises nothing: what is wrong is the state, and `why`.
    """
    if ENTRY not in tree:
        return None
    unread = Signature(kind="aws-signer", state="invalid")
    try:
        signed = _Signed(tree.read(ENTRY))
    except KeyError:
        return replace(unread, why="its signature cannot be read")
    except _BadSignature as bad:
        return replace(unread, why=str(bad))
    said = Signature(
        kind="aws-signer",
        state="invalid",
        signer=signed.text(_PROFILE),
        job=signed.text(_JOB),
        signed_at=_iso(signed.signed_at),
        expires=_iso(signed.expires),
        uncovered=tuple(_uncovered(tree)),
    )
    try:
        _insist_on_one_reading(tree)
        signed.insist_on(content_digest(tree))
        chain = signed.chain()
    except _BadSignature as bad:
        return replace(said, why=str(bad))
    root = chain[-1].fingerprint(hashes.SHA256()).hex()
    said = replace(said, root_fingerprint=root, certificate_hashes=composite_hashes(chain))
    if root not in roots_of(roots):
        return replace(said, state="untrusted", why="it chains to a root that is not among the trusted ones")
    told = look_up(chain, (said.signer, said.job), revocations or Revocations(), now)
    if told.why:
        return replace(said, state="revoked", why=told.why)
    if signed.expires is not None and signed.expires <= now:
        return replace(said, state="expired", why=f"it expired at {said.expires}")
    return replace(said, state="valid", revocation=told.unknown)


def content_digest(tree: Tree) -> bytes:
    """Hash what the signature is about: every name and content but the signature's own, in the order of the archive."""
    total = hashlib.sha384()
    for entry in tree:
        if entry.path == ENTRY:
            continue
        total.update(entry.path.encode("utf-8", "surrogateescape"))
        if entry.kind != "directory":
            total.update(tree.read(entry.path))
    return total.digest()


def _insist_on_one_reading(tree: Tree) -> None:
    """Refuse an archive in which two readers see two things: the signature may be about the other one."""
    for fault in tree.faults:
        if fault.is_fatal or fault.kind in _TWO_READINGS:
            raise _BadSignature(
                f"the archive can be read in two ways: {fault.detail}" if not fault.is_fatal else f"an entry cannot be read: {fault.detail}"
            )


class _Signed:
    """The CMS structure."""

    def __init__(self, pem: bytes) -> None:
        match = _PEM.search(pem) if len(pem) <= _MOST else None
        if match is None:
            raise _BadSignature("it is no PEM block of a signature")
        try:
            info: Any = _cms.ContentInfo.load(base64.b64decode(match[1], validate=False))
            if info["content_type"].native != "signed_data":
                raise _BadSignature("it is no CMS SignedData")
            data = info["content"]
            signers = list(data["signer_infos"])
            self.certificates = [
                x509.load_der_x509_certificate(one.chosen.dump()) for one in data["certificates"] if one.name == "certificate"
            ]
        except (ValueError, TypeError, KeyError, binascii.Error, x509.InvalidVersion) as bad:
            raise _BadSignature("its structure is broken") from bad
        if len(signers) != 1:
            raise _BadSignature(f"it has {len(signers)} signers, not one")
        self.signer: Any = signers[0]
        try:
            self.attributes: dict[str, Any] = {one["type"].dotted: one["values"] for one in self.signer["signed_attrs"]}
            self.algorithms: tuple[str, str] = (
                self.signer["digest_algorithm"]["algorithm"].native,
                self.signer["signature_algorithm"]["algorithm"].native,
            )
        except (ValueError, TypeError, KeyError) as bad:
            raise _BadSignature("its signed attributes are broken") from bad

    def _first(self, oid: str) -> Any:  # noqa: ANN401 - an ASN.1 value
        values = self.attributes.get(oid)
        try:
            return values[0] if values is not None and len(values) else None
        except (ValueError, TypeError):
            return None

    def text(self, oid: str) -> str:
        """Give an attribute as text."""
        value = self._first(oid)
        native = _native(value)
        return native if isinstance(native, str) else ""

    def _time(self, oid: str) -> datetime | None:
        native = _native(self._first(oid))
        return native.astimezone(UTC) if isinstance(native, datetime) else None

    @property
    def signed_at(self) -> datetime | None:
        return self._time("1.2.840.113549.1.9.5")

    @property
    def expires(self) -> datetime | None:
        return self._time(_EXPIRES)

    def insist_on(self, digest: bytes) -> None:
        """Insist that the signed digest is that of the content."""
        said = _native(self._first("1.2.840.113549.1.9.4"))
        if said != hashlib.sha384(digest).digest():
            raise _BadSignature("its content is not what was signed")

    def chain(self) -> list[x509.Certificate]:
        """Verify the signature and give the certificates from the signer's to the root. Raises `_BadSignature`."""
        leaf = self._leaf()
        try:
            key = leaf.public_key()
        except (UnsupportedAlgorithm, ValueError) as bad:
            raise _BadSignature("the signer's key is none that is known") from bad
        if self.algorithms[0] != "sha384" or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp384r1":
            raise _BadSignature("it is not signed by ECDSA on P-384 with SHA-384")
        # What is signed is the set of attributes, with the tag of a set instead of its own (RFC 5652, 5.4).
        attributes: bytes = self.signer["signed_attrs"].untag().dump(force=True)
        try:
            key.verify(self.signer["signature"].native, attributes, ec.ECDSA(hashes.SHA384()))
        except (InvalidSignature, ValueError, TypeError) as bad:
            raise _BadSignature("the signature does not match") from bad
        return self._up(leaf)

    def _leaf(self) -> x509.Certificate:
        sid: Any = self.signer["sid"]
        for one in self.certificates:
            if sid.name == "issuer_and_serial_number":
                wanted: Any = sid.chosen
                issuer: Any = _names.Name.load(one.issuer.public_bytes())
                if wanted["serial_number"].native == one.serial_number and wanted["issuer"] == issuer:
                    return one
            elif _key_id(one) == sid.native:
                return one
        raise _BadSignature("the signer's certificate is not there")

    def _up(self, leaf: x509.Certificate) -> list[x509.Certificate]:
        moment = self.signed_at or datetime.now(UTC)
        chain = [leaf]
        while chain[-1].issuer != chain[-1].subject:
            above = next((one for one in self.certificates if one not in chain and _issued(one, chain[-1])), None)
            if above is None or len(chain) >= _LONGEST_CHAIN:
                raise _BadSignature("its certificates lead to no root")
            chain.append(above)
        if not _issued(chain[-1], chain[-1]):
            raise _BadSignature("its root does not sign itself")
        for one in chain:
            if not one.not_valid_before_utc <= moment <= one.not_valid_after_utc:
                raise _BadSignature("a certificate was not valid when it was signed")
        for one in chain[1:]:
            if not _is_authority(one):
                raise _BadSignature("a certificate that may not issue others did")
        return chain


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _key_id(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return b""


def _native(value: Any) -> object:  # noqa: ANN401 - an ASN.1 value
    """Give an attribute's value as Python's. Attributes AWS made up have no type of their own: their values are read by their tags."""
    if value is None:
        return None
    try:
        plain: Any = value if not isinstance(value, _core.Any) else value.parse()
        native: object = plain.native
    except (ValueError, TypeError):
        return None
    return native


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _uncovered(tree: Tree) -> Iterator[str]:
    """Say what could be changed without the signature noticing."""
    executable = [entry.path for entry in tree.files() if entry.mode & 0o111]
    links = [entry.path for entry in tree if entry.kind == "symlink"]
    yield f"mode bits: {len(executable)} files are executable, as `{executable[0]}`" if executable else "mode bits: no file is executable"
    if links:
        yield f"what is a link: {len(links)} are, as `{links[0]}`"
    yield "where a name ends and its content begins"


def roots_of(pems: Iterable[bytes]) -> tuple[str, ...]:
    """Give the fingerprints of roots, for reports."""
    return tuple(x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256()).hex() for pem in pems)


__all__ = ["ENTRY", "content_digest", "roots_of", "verify_signer"]
