"""Whether AWS Signer revoked what an artifact was signed with: asked for signatures that were found in code."""

from datetime import datetime

from msgspec.structs import replace

from buckler.model.artifact import Signature
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import strings
from buckler.sources.live.api import Reader
from buckler.sources.live.signing import GET_REVOCATION

_PLATFORMS = {"aws-signer": "AWSLambda-SHA384-ECDSA", "notation": "Notation-OCI-SHA384-ECDSA"}


def ask_revocation(reader: Reader, signature: Signature) -> Signature:
    """Give a signature with what AWS says of its revocation; unchanged when there is nothing to ask.

    Only a signature that holds, and of which no list told already, is asked for. *reader* is of the region of its signing profile. When
    AWS cannot be asked, `revocation` says why.
    """
    platform = _PLATFORMS.get(signature.kind)
    is_open = signature.state == "valid" and signature.revocation is not None
    if not (is_open and platform and signature.certificate_hashes and signature.job and signature.signer.startswith("arn:")):
        return signature
    answer = reader.find(
        GET_REVOCATION,
        signatureTimestamp=datetime.fromisoformat(signature.signed_at),
        platformId=platform,
        profileVersionArn=signature.signer,
        jobArn=signature.job,
        certificateHashes=list(signature.certificate_hashes),
    )
    if answer is None or isinstance(answer, Unknown):
        return signature if answer is None else replace(signature, revocation=answer)
    revoked = strings(answer, "revokedEntities")
    if revoked:
        return replace(signature, state="revoked", revocation=None, why=f"AWS Signer says that {_named(revoked, signature)} was revoked")
    return replace(signature, revocation=None)


def _named(revoked: tuple[str, ...], signature: Signature) -> str:
    if signature.job in revoked:
        return "its signing job"
    return "its signing profile" if signature.signer in revoked else "one of its certificates"
