"""Signs zips as AWS Signer does, with throw-away keys."""

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, core
from asn1crypto import x509 as names
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from buckler.engines.artifact.signer import ENTRY

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop/ABCDEFGHIJ"
JOB = "arn:aws:signer:eu-west-1:123456789012:/signing-jobs/11111111-2222-3333-4444-555555555555"
SIGNED_AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Chain:
    keys: list[ec.EllipticCurvePrivateKey]
    certificates: list[x509.Certificate]
    """The signer's first, the root last."""

    @property
    def root(self) -> bytes:
        return self.certificates[-1].public_bytes(serialization.Encoding.PEM)


def chain(*, curve: ec.EllipticCurve | None = None, authority: bool = True, days: float = 3650) -> Chain:
    """Make a root, a regional authority and a signer."""
    keys = [ec.generate_private_key(curve or ec.SECP384R1()) for _ in range(3)]
    titles = ["signer", "region", "root"]
    certificates = []
    for place in (2, 1, 0):
        issuer = min(place + 1, 2)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, titles[place])]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, titles[issuer])]))
            .public_key(keys[place].public_key())
            .serial_number(1000 + place)
            .not_valid_before(SIGNED_AT - timedelta(days=1))
            .not_valid_after(SIGNED_AT + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=place == 2 or (place == 1 and authority), path_length=None), critical=True)
        )
        certificates.insert(0, builder.sign(keys[issuer], hashes.SHA384()))
    return Chain(keys, certificates)


def sign(
    files: list[tuple[str, bytes]],
    by: Chain,
    *,
    expires: datetime = SIGNED_AT + timedelta(days=365),
    tampered: list[tuple[str, bytes]] | None = None,
    indefinite: bool = False,
    mode: dict[str, int] | None = None,
) -> bytes:
    """Zip *files* with a signature of them; *tampered* stand in the zip instead."""
    digest = hashlib.sha384(b"".join(name.encode() + content for name, content in [*files, ("META_INF/", b"")])).digest()
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [hashlib.sha384(digest).digest()]},
            {"type": "signing_time", "values": [cms.Time({"generalized_time": core.GeneralizedTime(SIGNED_AT)})]},
            {"type": "1.3.187.137.1.2", "values": [core.Any(core.UTF8String(JOB))]},
            {"type": "1.3.187.137.1.3", "values": [core.Any(core.GeneralizedTime(expires))]},
            {"type": "1.3.187.137.1.4", "values": [core.Any(core.UTF8String(PROFILE))]},
        ]
    )
    signer = by.certificates[0]
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": names.Name.load(signer.issuer.public_bytes()), "serial_number": signer.serial_number}
                    )
                }
            ),
            "digest_algorithm": {"algorithm": "sha384"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha384_ecdsa"},
            "signature": by.keys[0].sign(attributes.untag().dump(force=True), ec.ECDSA(hashes.SHA384())),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha384"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [
                cms.CertificateChoices({"certificate": names.Certificate.load(one.public_bytes(serialization.Encoding.DER))})
                for one in by.certificates
            ],
            "signer_infos": [info],
        }
    )
    der = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    if indefinite:
        # BER, as AWS writes it: the outer sequence without a length, ended by two zeros.
        header = 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)
        der = b"\x30\x80" + der[header:] + b"\0\0"
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(der) + b"-----END PKCS7-----\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tampered if tampered is not None else files:
            info_of = zipfile.ZipInfo(name)
            info_of.external_attr = (mode or {}).get(name, 0o100644) << 16
            archive.writestr(info_of, content)
        archive.writestr("META_INF/", b"")
        archive.writestr(ENTRY, pem)
    return buffer.getvalue()
