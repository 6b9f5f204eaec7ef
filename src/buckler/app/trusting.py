"""From the files a configuration names to the keys, certificates and lists that signatures are verified with.

Loads cryptography: only for artifacts that are signed, or a configuration that says whom to trust.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec.structs import replace

from buckler.config_signing import Signing
from buckler.data.signer_roots import UNCONFIRMED, signer_roots
from buckler.engines.artifact.cosign import load_key
from buckler.engines.artifact.revocation import Revocations
from buckler.engines.artifact.signatures import Trusted
from buckler.errors import UsageError
from buckler.model.artifact import Signature

_KEY: Final = "a public key in PEM, as `cosign public-key` prints it"
_UNCONFIRMED_ROOT: Final = "whose root it is: the one that is shipped could not be confirmed; pin yours with `signer-roots`"
_MOST: Final = 16 * 1024 * 1024
_NAME: Final = re.compile(r"arn:[\w-]+:signer:[\w-]*:\d{12}:/signing-(?:jobs/[\w-]+|profiles/\w+/\w+)")
_HEX: Final = re.compile(r"[0-9a-f]+")
_SHA256, _COMPOSITE = 64, 192
"""Digits of a certificate's fingerprint, and of AWS Signer's composite hash."""


def trusted_by(signing: Signing) -> Trusted:
    """Read whom a configuration trusts. Raises `UsageError` for a file that is not what its setting is for."""
    roots = tuple(_each(signing, "signer-roots", signing.signer_roots, _certificates, "certificates in PEM"))
    return Trusted(
        signer_roots=roots or signer_roots(),
        notation_roots=tuple(_each(signing, "notation-certificates", signing.notation_certificates, _certificates, "certificates in PEM")),
        notation_authorities=tuple(
            _each(signing, "notation-authorities", signing.notation_authorities, _certificates, "certificates in PEM")
        ),
        notation_signers=frozenset(signing.notation_signers),
        cosign_keys=tuple(_each(signing, "cosign-keys", signing.cosign_keys, _key, _KEY)),
        revocations=_revocations(signing),
    )


def doubted(signature: Signature | None, unconfirmed: frozenset[str] = UNCONFIRMED) -> Signature | None:
    """Say of a signature that chains to a root nobody confirmed that it does; others are given as they are."""
    if signature is None or signature.root_fingerprint not in unconfirmed:
        return signature
    return replace(signature, uncovered=(*signature.uncovered, _UNCONFIRMED_ROOT))


def _each(signing: Signing, setting: str, files: Iterable[str], read: Callable[[bytes], Iterable[bytes]], what: str) -> Iterable[bytes]:
    for file in files:
        data = _content(signing, setting, file)
        try:
            yield from read(data)
        except (ValueError, TypeError, x509.InvalidVersion) as bad:
            # The file may be a private key by mistake: it is never quoted.
            private = "this is a private key: name what is public of it, and keep this file away from here"
            hint = private if b"PRIVATE KEY" in data else f"head -1 {file}"
            raise UsageError(f"`{file}` does not hold {what}", place=signing.place(setting), hint=hint) from bad


def _content(signing: Signing, setting: str, file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(_MOST + 1)
    except OSError as bad:
        raise UsageError(f"cannot read `{file}`", cause=bad.strerror or type(bad).__name__, place=signing.place(setting)) from None
    if len(data) > _MOST:
        raise UsageError(f"`{file}` is too large", place=signing.place(setting), hint=f"{_MOST // 1024 // 1024} MB at most")
    return data


def _certificates(data: bytes) -> Iterable[bytes]:
    return [one.public_bytes(Encoding.PEM) for one in x509.load_pem_x509_certificates(data)]


def _key(data: bytes) -> Iterable[bytes]:
    load_key(data)
    return (data,)


def _revocations(signing: Signing) -> Revocations:
    names: set[str] | None = None
    lists: list[bytes] = []
    for file in signing.revoked:
        data = _content(signing, "revoked", file)
        found = _list(data)
        if found is not None:
            lists.append(found)
            continue
        names = names or set()
        for number, line in enumerate(_text(data, file, signing).splitlines(), 1):
            name = _name(line.partition("#")[0].strip())
            if name is None:
                raise UsageError(
                    "this line names nothing that can be revoked",
                    place=f"{file}:{number}",
                    hint="one a line: the ARN of a signing job or of a profile version, or the sha256 of a certificate",
                )
            names.update([name] if name else [])
    return Revocations(names=None if names is None else frozenset(names), lists=tuple(lists))


def _list(data: bytes) -> bytes | None:
    """Read a certificate revocation list, in PEM or DER, and give it as DER; None when it is none."""
    for load in (x509.load_pem_x509_crl, x509.load_der_x509_crl):
        try:
            return load(data).public_bytes(Encoding.DER)
        except (ValueError, TypeError, x509.InvalidVersion):
            continue
    return None


def _text(data: bytes, file: str, signing: Signing) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"`{file}` is neither a revocation list nor text", place=signing.place("revoked"), hint="a CRL in PEM or DER, or names in UTF-8"
        ) from None


def _name(text: str) -> str | None:
    """Give a name as signatures tell it, "" for an empty line, None for what is no name."""
    if not text or _NAME.fullmatch(text):
        return text
    digits = text.lower().removeprefix("sha256:").replace(":", "")
    return digits if len(digits) in {_SHA256, _COMPOSITE} and _HEX.fullmatch(digits) else None


__all__ = ["doubted", "trusted_by"]
