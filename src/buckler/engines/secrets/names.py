"""What a name says about its value: a password, a key, something *about* a secret, or nothing.

English compounds carry their meaning in the last noun: `DB_SECRET_ARN` is an ARN, `TOKEN_TTL` a duration, `ARN_SECRET` a secret.
So a name is cut into words, endings that say nothing are dropped, and the last word decides.
"""

import enum
import re
from functools import lru_cache

from buckler.engines.secrets import vocabulary


class Naming(enum.Enum):
    """What kind of value the name promises."""

    PASSWORD = "password"  # noqa: S105 - a kind of name
    """Whatever is in it is the password, however weak."""
    CREDENTIAL = "credential"
    """A key, token or shared secret: any value that is not a placeholder or a reference."""
    SUSPECT = "suspect"
    """Could be a credential or could be an ordinary word (`CACHE_KEY`, `SECRET`): the value must look made by a machine."""
    ABOUT = "about"
    """Describes something, perhaps a secret: its ARN, its name, its lifetime. The value is not the secret."""
    IDENTIFIER = "identifier"
    """Ids and digests: random-looking by nature, public by intent."""
    NEUTRAL = "neutral"
    """Says nothing of secrets."""


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words people write without a seam (`dbpassword`, `clientsecret`, `tokenurl`); only a word wholly made of these is cut.
_SEAMLESS = re.compile(
    "|".join(
        sorted(
            (vocabulary.PASSWORDS | vocabulary.OWNERS | frozenset("secret token apikey key client access auth arn url name path file api private signing encryption license id user jwt session master app web hook bot refresh shared storage account my service param ttl".split())) - {"pat", "pin"},  # noqa: SIM905, E501 - reads better as a sentence
            key=len,
            reverse=True,
        )
    )
)  # fmt: skip


def _seams(word: str) -> list[str]:
    if len(word) < 6 or word in vocabulary.SECRET_WORDS or word in vocabulary.DESCRIPTIONS or word in vocabulary.TRIMMED:
        return [word]
    parts = _SEAMLESS.findall(word)
    if "".join(parts) == word:
        return parts
    # `sqlserverpassword`: an unknown beginning in front of an unmistakable end.
    for end in ("password", "passwd", "passphrase", "apikey", "secretkey", "secret", "token"):
        if word.endswith(end):
            return [word[: -len(end)], end]
    return [word]


def words_of(name: str) -> list[str]:
    """Cut *name* into lower-case words at underscores, dashes, dots, case changes and known seams."""
    return [part for word in _WORD.findall(name[:200]) for part in _seams(word.lower())]


@lru_cache(maxsize=8192)
def naming(name: str) -> Naming:
    """Judge *name* alone. Names are not secrets, so the answers may be cached."""
    words = [word for word in words_of(name) if not (len(word) == 1 and word in "sv")]
    while len(words) > 1 and (words[-1] in vocabulary.TRIMMED or words[-1].isdigit()):
        words.pop()
    if not words:
        return Naming.NEUTRAL
    if "vault" in words and words[-2:] == ["secret", "id"]:
        return Naming.CREDENTIAL  # AppRole's secret id is the secret itself
    secret_like = any(word in vocabulary.SECRET_WORDS for word in words)
    if words[0] in vocabulary.QUESTIONS and len(words) > 1 and secret_like:
        return Naming.ABOUT
    head, before = words[-1], words[-2] if len(words) > 1 else ""
    if head in vocabulary.IDENTIFIERS:
        if head in vocabulary.DIGESTS and any(word in vocabulary.PASSWORDS for word in words):
            return Naming.CREDENTIAL  # a password hash can be cracked offline
        if head in {"pem", "certificate", "cert", "crt"} and "private" not in words:
            return Naming.IDENTIFIER
        return Naming.CREDENTIAL if head == "pem" else Naming.IDENTIFIER
    if head in vocabulary.DESCRIPTIONS:
        return Naming.ABOUT if secret_like or head not in vocabulary.CONTAINERS else Naming.NEUTRAL
    return _by_head(words, head, before, secret_like=secret_like)


def _by_head(words: list[str], head: str, before: str, *, secret_like: bool) -> Naming:
    if head in vocabulary.PASSWORDS:
        return Naming.NEUTRAL if head == "pass" and before in vocabulary.PLAIN_PASSES else Naming.PASSWORD
    if head in vocabulary.CREDENTIAL_HEADS:
        return Naming.CREDENTIAL
    if head in {"key", "keys"}:
        return _key(words, before)
    if head in {"token", "tokens"}:
        if before in vocabulary.PLAIN_TOKENS or (head == "tokens" and not before):
            return Naming.NEUTRAL
        return Naming.CREDENTIAL if before else Naming.SUSPECT
    if head == "secret" and before in vocabulary.OWNED_SECRETS:
        return Naming.CREDENTIAL
    if head == "salt" and before:
        return Naming.CREDENTIAL
    if head == "pat" and before in vocabulary.OWNERS:
        return Naming.CREDENTIAL
    if head in vocabulary.SUSPECTS:
        return Naming.SUSPECT
    return _by_earlier_word(words, secret_like=secret_like)


def _key(words: list[str], before: str) -> Naming:
    if any(word in vocabulary.PUBLISHED for word in words):
        return Naming.IDENTIFIER
    if before in vocabulary.PLAIN_KEYS:
        # `REDIS_KEY` and `PRIMARY_KEY` name data; `PRIMARY_ACCESS_KEY` was already cut to `ACCESS_KEY`.
        return Naming.NEUTRAL
    if before in vocabulary.CREDENTIAL_KEYS or before in vocabulary.VENDOR_KEYS:
        return Naming.CREDENTIAL
    return Naming.SUSPECT


def _by_earlier_word(words: list[str], *, secret_like: bool) -> Naming:
    """Look for `PASSWORD_MYSQL`, `TOKEN_GITHUB`, `API_KEY_STRIPE`: the secret first, its owner last."""
    if not secret_like:
        return Naming.NEUTRAL
    first = next(i for i, word in enumerate(words) if word in vocabulary.SECRET_WORDS)
    if first < len(words) - 1 and all(
        word in vocabulary.OWNERS or word in vocabulary.VENDOR_KEYS or word in {"for", "of"} for word in words[first + 1 :]
    ):
        return naming("_".join(words[: first + 1]))
    return Naming.SUSPECT if words[first] in vocabulary.PASSWORDS and words[first] != "pass" else Naming.NEUTRAL


def is_secret_name(name: str) -> bool:
    """Tell whether *name* promises a password or credential (`DB_PASSWORD`, `stripeApiKey`), not something about one (`SECRET_ARN`)."""
    return naming(name) in {Naming.PASSWORD, Naming.CREDENTIAL}


def is_about_secrets(name: str) -> bool:
    """Whether *name* speaks of secrets at all, in whatever role; `CACHE_KEY` does not."""
    return any(word in vocabulary.SECRET_WORDS and word not in {"key", "keys"} for word in words_of(name))
