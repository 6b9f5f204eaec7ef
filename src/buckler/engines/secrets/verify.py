"""Closer looks at a string that has the outline of a credential: checksums, structure, filler.

Each takes the string and answers how sure we are that it is a credential, or None when it is not.
"""

import base64
import binascii
import json
import re
import string
import zlib
from typing import cast

from buckler.engines.secrets.entropy import shannon
from buckler.model.severity import Confidence

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FILLER = re.compile(r"(?i)x{6}|\.{3}|\*{3}|0{8}|1234567|abcdefg|example|your|placeholder|redacted|changeme|replace")


def not_filler(text: str) -> Confidence | None:
    """Refuse `xxxxxxxx`, `1234567890` and other stand-ins people write in documentation."""
    return None if _FILLER.search(text) or len(set(text[-16:])) < 6 else Confidence.HIGH


def mixed(text: str) -> Confidence | None:
    """Refuse text without digits and letters of real spread."""
    if _FILLER.search(text) or not any(char.isdigit() for char in text) or not any(char.isalpha() for char in text):
        return None
    return Confidence.HIGH if shannon(text) >= 3.2 else None


def mixed_case(text: str) -> Confidence | None:
    body = text[3:]
    return None if _FILLER.search(text) or body.islower() or body.isupper() or shannon(body) < 3.2 else Confidence.HIGH


def has_digits(text: str) -> Confidence | None:
    return None if _FILLER.search(text) or sum(char.isdigit() for char in text) < 3 else Confidence.HIGH


def aws_key_id(text: str) -> Confidence | None:
    """Refuse the ids of AWS's documentation, which end in EXAMPLE, and stand-ins."""
    return None if text.endswith("EXAMPLE") or len(set(text[4:])) < 6 or "EXAMPLE" in text else Confidence.HIGH


def crc32_tail(text: str) -> Confidence | None:
    """Compare the last six characters with the base-62 CRC-32 of the thirty before them, as GitHub and npm make them.

    A wrong checksum lowers the confidence instead of refusing: the issuers do not promise the scheme.
    Source: GitHub blog, "Behind GitHub's new authentication token formats", 2021-04-05.
    """
    if not_filler(text) is None:
        return None
    body = text.split("_", 1)[1]
    return Confidence.HIGH if base62_crc32(body[:-6]) == body[-6:] else Confidence.MEDIUM


def base62_crc32(text: str) -> str:
    """The CRC-32 of *text* as six base-62 digits, padded with zeros."""
    number, digits = zlib.crc32(text.encode()), ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(6, "0")


def unbase64(text: str) -> bytes | None:
    """Decode base64 or base64url with or without padding; None when *text* is neither."""
    try:
        return base64.b64decode(text.rstrip("=").replace("-", "+").replace("_", "/") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def json_object(text: str | bytes) -> dict[str, object] | None:
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", parsed) if isinstance(parsed, dict) else None


def jwt(text: str) -> Confidence | None:
    """Decode the header and claims of a JSON Web Token.

    Not a secret: one whose role claim is `anon`, which its issuer (Supabase) means to be shipped to browsers.
    """
    header_part, claims_part, signature = text.split(".", 2)
    header, claims = unbase64(header_part), unbase64(claims_part)
    head, body = json_object(header or b""), json_object(claims or b"")
    if head is None or body is None or "alg" not in head:
        return None
    if body.get("role") == "anon":
        return None
    # An unsigned token can be made by anyone: it proves nothing, and gives little away.
    return Confidence.HIGH if signature and str(head["alg"]).lower() != "none" else Confidence.LOW


def discord(text: str) -> Confidence | None:
    """Accept only when the first part decodes to the bot's numeric user id."""
    user = unbase64(text.split(".", 1)[0])
    return Confidence.HIGH if user and user.isdigit() else None


def basic(text: str) -> Confidence | None:
    """Accept when it decodes to `user:password`."""
    try:
        pair = (unbase64(text) or b"").decode()
    except UnicodeDecodeError:
        return None
    user, colon, password = pair.partition(":")
    return Confidence.HIGH if colon and user.isprintable() and len(password) >= 3 and not _FILLER.search(password) else None


def bearer(text: str) -> Confidence | None:
    if text.startswith("eyJ"):
        return None  # the JWT rule looks inside
    return mixed(text)
