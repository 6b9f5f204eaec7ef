"""Chains of certificates in envelopes: from the signer's to a trusted one, as strict as the specifications of signatures ask."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

E = TypeVar("E", bound=x509.ExtensionType)

LONGEST_CHAIN: Final = 10


class ChainError(ValueError):
    """The certificates do not vouch for the signature."""


class TimeError(ChainError):
    """A certificate was not valid at the time that counts."""


def load_chain(ders: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Read certificates, the signer's first. Raises `ChainError`."""
    listed = list(ders)
    if not 0 < len(listed) <= LONGEST_CHAIN:
        raise ChainError(f"it has {len(listed)} certificates")
    try:
        chain = tuple(x509.load_der_x509_certificate(one) for one in listed)
        for one in chain:
            # cryptography reads these when they are asked for, and only then says that they are broken.
            _ = one.subject, one.issuer, one.not_valid_before_utc, one.not_valid_after_utc
    except (ValueError, TypeError, x509.InvalidVersion) as bad:
        raise ChainError("one of its certificates is none") from bad
    return chain


def insist_on_chain(chain: Sequence[x509.Certificate]) -> None:
    """Insist that each certificate was issued by the next, up to one that signs itself. Raises `ChainError`."""
    for number, one in enumerate(chain):
        issuer = chain[min(number + 1, len(chain) - 1)]
        try:
            one.verify_directly_issued_by(issuer)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as bad:
            raise ChainError("its certificates are no chain that ends in one that signs itself") from bad
        if number:
            _insist_on_authority(one, below=number - 1)
    _insist_on_signer(chain[0])


def insist_on_time(chain: Sequence[x509.Certificate], moment: datetime, when: str) -> None:
    """Insist that all certificates were valid at a moment. Raises `TimeError`."""
    for one in chain:
        if not one.not_valid_before_utc <= moment <= one.not_valid_after_utc:
            raise TimeError(f"a certificate of it was not valid {when}")


def trusted(chain: Sequence[x509.Certificate], roots: Iterable[bytes]) -> str:
    """Give the fingerprint of the first certificate of the chain that is among the trusted ones, in PEM; "" when none is."""
    known: set[str] = set()
    for pem in roots:
        known.update(fingerprint(one) for one in x509.load_pem_x509_certificates(pem))
    return next((mark for mark in map(fingerprint, chain) if mark in known), "")


def fingerprint(certificate: x509.Certificate) -> str:
    """Give the sha256 of a certificate, in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _insist_on_authority(certificate: x509.Certificate, below: int) -> None:
    wrong = ChainError("a certificate that may not issue others did")
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if constraints is None or not constraints.ca or (constraints.path_length is not None and below > constraints.path_length):
        raise wrong
    if usage is not None and not usage.key_cert_sign:
        raise wrong


def _insist_on_signer(certificate: x509.Certificate) -> None:
    usage = _extension(certificate, x509.KeyUsage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if usage is None or not usage.digital_signature:
        raise ChainError("the signer's certificate is not for signing")
    if purposes is not None and ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise ChainError("the signer's certificate is not for signing code")


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    """Give an extension, None when there is none. Raises `ChainError` for one that is broken."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except ValueError as bad:
        raise ChainError("an extension of one of its certificates is broken") from bad
