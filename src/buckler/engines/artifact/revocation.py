"""Whether a signature was revoked after it was made: by lists a user gives, since no signature can tell that of itself.

Lists are of two kinds: names (ARNs of signing jobs and profile versions, fingerprints of certificates, and the composite hashes of AWS
Signer), and certificate revocation lists (RFC 5280), which count only when the issuer itself signed them and they have not run out.
Sources: AWS Signer API reference, `GetRevocationStatus`; RFC 5280, section 5; read 2026-11-26.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from buckler.engines.artifact.certificates import fingerprint
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

NOT_CHECKED: Final = Unknown(
    kind=UnknownKind.NOT_ASKED,
    why="whether the signature was revoked since was not checked",
    need="`revoked` under [signing] in buckler.toml",
)


class Revocations(Value):
    """What a user knows to be revoked."""

    names: frozenset[str] | None = None
    """ARNs of jobs and profile versions, and hex of certificates: sha256, or AWS Signer's composite hashes. None: nobody gave a list."""
    lists: tuple[bytes, ...] = ()
    """Certificate revocation lists, DER."""


class Told(Value):
    """The answer for one signature."""

    why: str = ""
    """Why it counts as revoked; empty when it does not."""
    unknown: Unknown | None = None
    """Why nobody knows; None when it was looked up."""


def look_up(chain: Sequence[x509.Certificate], names: Sequence[str], given: Revocations, now: datetime) -> Told:
    """Ask the lists about a signature: its *chain*, the signer's certificate first, and the *names* of its job and profile version."""
    listed = given.names or frozenset()
    if listed.intersection(names):
        return Told(why="its signing job or profile version was revoked")
    if listed & {*composite_hashes(chain), *map(fingerprint, chain)}:
        return Told(why="one of its certificates was revoked")
    covered = True
    for number, one in enumerate(chain[:-1]):
        answer = _by_lists(one, chain[number + 1], given.lists, now)
        if answer is True:
            return Told(why="a certificate of it is on its issuer's revocation list")
        covered = covered and answer is False
    if given.names is not None or (covered and given.lists):
        return Told()
    return Told(unknown=NOT_CHECKED)


def composite_hashes(chain: Sequence[x509.Certificate]) -> tuple[str, ...]:
    """Give what AWS Signer names certificates by: SHA-384 over what its issuer signed, and over what the issuer's issuer signed, in hex.

    A root counts as its own issuer. *chain* begins with the signer's certificate.
    """
    marks = [_tbs(one) for one in chain]
    return tuple(mark + marks[min(number + 1, len(marks) - 1)] for number, mark in enumerate(marks))


def _tbs(certificate: x509.Certificate) -> str:
    digest = hashes.Hash(hashes.SHA384())
    digest.update(certificate.tbs_certificate_bytes)
    return digest.finalize().hex()


def _by_lists(one: x509.Certificate, issuer: x509.Certificate, lists: Sequence[bytes], now: datetime) -> bool | None:
    """Say whether a certificate is on a list of its issuer; None when there is no such list that still counts."""
    answer: bool | None = None
    for der in lists:
        found = x509.load_der_x509_crl(der)
        if found.issuer != one.issuer or not _signed_by(found, issuer):
            continue
        if found.get_revoked_certificate_by_serial_number(one.serial_number) is not None:
            return True
        if found.next_update_utc is None or found.next_update_utc > now:
            answer = False
    return answer


def _signed_by(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - others raise
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
