"""Signs packages as AWS Signer does, with an authority of the shop's own: nobody else trusts its root."""

import base64
import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# asn1crypto has no types of its own.
cms: Any = import_module("asn1crypto.cms")
core: Any = import_module("asn1crypto.core")
names: Any = import_module("asn1crypto.x509")
ENTRY = "META_INF/aws_signer_signature_v1.0.SF"
_DAY = timedelta(days=1)


class Signer:
    """A root, an authority of the region, and a signer below them."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._keys = [ec.generate_private_key(ec.SECP384R1()) for _ in range(3)]
        self._chain = [self._certificate(place) for place in range(3)]
        """The signer's first, the root last."""

    @property
    def root(self) -> bytes:
        """The certificate to trust, as PEM."""
        return self._chain[-1].public_bytes(serialization.Encoding.PEM)

    def _certificate(self, place: int) -> x509.Certificate:
        titles = ("Shop signer", "Shop regional authority", "Shop root")
        issuer = min(place + 1, 2)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, titles[place])]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, titles[issuer])]))
            .public_key(self._keys[place].public_key())
            .serial_number(1000 + place)
            .not_valid_before(self._now - 2 * _DAY)
            .not_valid_after(self._now + 5000 * _DAY)
            .add_extension(x509.BasicConstraints(ca=place > 0, path_length=None), critical=True)
        )
        return builder.sign(self._keys[issuer], hashes.SHA384())

    def sign(self, files: dict[str, bytes], profile_version: str, job: str) -> bytes:
        """Zip *files* with a signature of them by a signing profile and job (ARNs)."""
        content = b"".join(name.encode() + body for name, body in (*files.items(), ("META_INF/", b"")))
        return zipped({**files, "META_INF/": b"", ENTRY: self._signature(hashlib.sha384(content).digest(), profile_version, job)})

    def sign_archive(self, archive: zipfile.ZipFile, profile_version: str, job: str) -> bytes:
        """Sign what is in an archive: the same entries, with their modes, and a signature."""
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        modes = {entry.filename: entry.external_attr for entry in archive.infolist()}
        with zipfile.ZipFile(io.BytesIO(self.sign(files, profile_version, job))) as plain:
            return zipped({name: plain.read(name) for name in plain.namelist()}, modes)

    def _signature(self, digest: bytes, profile_version: str, job: str) -> bytes:
        attributes: Any = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["data"]},
                {"type": "message_digest", "values": [hashlib.sha384(digest).digest()]},
                {"type": "signing_time", "values": [cms.Time({"generalized_time": core.GeneralizedTime(self._now - _DAY)})]},
                {"type": "1.3.187.137.1.2", "values": [core.Any(core.UTF8String(job))]},
                {"type": "1.3.187.137.1.3", "values": [core.Any(core.GeneralizedTime(self._now + 4000 * _DAY))]},
                {"type": "1.3.187.137.1.4", "values": [core.Any(core.UTF8String(profile_version))]},
            ]
        )
        issuer = {"issuer": names.Name.load(self._chain[0].issuer.public_bytes()), "serial_number": self._chain[0].serial_number}
        info = {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(issuer)}),
            "digest_algorithm": {"algorithm": "sha384"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha384_ecdsa"},
            "signature": self._keys[0].sign(attributes.untag().dump(force=True), ec.ECDSA(hashes.SHA384())),
        }
        certificates = [names.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in self._chain]
        signed = {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha384"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [cms.CertificateChoices({"certificate": one}) for one in certificates],
            "signer_infos": [cms.SignerInfo(info)],
        }
        der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump()
        return b"-----BEGIN PKCS7-----\n" + base64.encodebytes(der) + b"-----END PKCS7-----\n"


def zipped(files: dict[str, bytes], attributes: dict[str, int] | None = None) -> bytes:
    """Zip *files*, all of one fixed date, so that the same files are the same archive; *attributes*: as zip notes them, by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (attributes or {}).get(name, 0o100644 << 16)
            archive.writestr(entry, content)
    return buffer.getvalue()
