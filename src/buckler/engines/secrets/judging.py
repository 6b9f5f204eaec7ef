"""The judgement of one named string: by what it contains, then by its name, then by its looks."""

import re

from buckler.engines.secrets import harmless, structure, vocabulary
from buckler.engines.secrets.entropy import is_wordlike, looks_random, wordiness
from buckler.engines.secrets.names import Naming, is_about_secrets, naming, words_of
from buckler.engines.secrets.verdict import ENCRYPTED, OPAQUE, Verdict, worst
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence

_MAX_LENGTH = 65_536
"""Lambda allows 4 KB of variables and CloudFormation 4 KB a parameter. What is longer is judged by its beginning and never kept."""
_LOGIN = re.compile(r"[\w.@-]{1,64}:(?![0-9]{1,5}\Z)[^\s:/]{4,128}")
_SHORTEST_STRUCTURE = 9
"""`a://:p@h` is the shortest string with a secret inside it."""


def judge(name: str, value: str) -> str | Redacted:
    """Return *value* itself only when it is demonstrably harmless under *name*; otherwise what is left of it.

    Takes time linear in the length of *value*, keeps nothing, and puts no part of it but its format's public prefix into the answer.
    """
    verdict = look(name, value[:_MAX_LENGTH])
    if len(value) > _MAX_LENGTH:
        verdict = worst(verdict, OPAQUE)
    if verdict is None:
        return value
    length = len(value)
    return Redacted(
        kind=verdict.kind,
        is_secret=verdict.is_secret,
        confidence=verdict.confidence,
        shown=f"{verdict.prefix}…({length} characters)",
        length=length,
    )


def look(name: str, value: str, depth: int = 0) -> Verdict | None:
    """Conclude about *value* without dropping it. *depth* counts the documents it was found in."""
    value = value.strip()
    # An ARN names a thing, whatever it is called here. Most long values are ARNs, so they go first.
    if not value or harmless.is_arn(value):
        return None
    named = naming(name)
    understood = False
    if len(value) >= _SHORTEST_STRUCTURE:
        verdict, understood = structure.inside(name, value, look, depth)
        if verdict and (verdict.is_secret or understood):
            return _surer(verdict, named, value)
        if harmless.is_encrypted(value):
            return ENCRYPTED
        if structure.is_public_armour(value) or harmless.is_published(value, secret="secret" in name.lower()):
            return None
    if named in {Naming.PASSWORD, Naming.CREDENTIAL, Naming.SUSPECT}:
        return _by_name(name, named, value, understood=understood)
    if named is Naming.IDENTIFIER:
        return None if harmless.is_identifier(value) or harmless.is_plain(value) else OPAQUE
    if (
        understood
        or structure.is_plain_url(value)
        or harmless.is_plain(value)
        or harmless.is_stand_in(value)
        or harmless.is_reference(value)
        or harmless.is_file(value)
    ):
        return None
    return _by_looks(named, value)


def _surer(verdict: Verdict, named: Naming, value: str) -> Verdict:
    """Raise the confidence of a guess by format when the name agrees."""
    if (
        named in {Naming.PASSWORD, Naming.CREDENTIAL}
        and verdict.confidence is Confidence.MEDIUM
        and len(value) >= 20
        and verdict.kind not in {"password-in-url", "weak-password"}
    ):
        return verdict._replace(confidence=Confidence.HIGH)
    return verdict


def _by_name(name: str, named: Naming, value: str, *, understood: bool) -> Verdict | None:
    """Judge a value whose name promises a secret: it is one unless it is a stand-in, a reference or a setting."""
    if harmless.is_reference(value) or harmless.is_file(value) or harmless.is_stand_in(value) or structure.is_plain_url(value):
        return None
    if named is Naming.PASSWORD:
        if harmless.is_weak(value):
            return Verdict("weak-password", is_secret=True, confidence=Confidence.MEDIUM)
        sure = looks_random(value, 8) or (len(value) >= 8 and _classes(value) >= 3)
        return Verdict("password", is_secret=True, confidence=Confidence.HIGH if sure else Confidence.MEDIUM)
    is_random = looks_random(value) or (len(value) >= 10 and _classes(value) >= 3 and not is_wordlike(value))
    if named is Naming.SUSPECT:
        if _LOGIN.fullmatch(value) and not vocabulary.LOGINS.isdisjoint(words_of(name)):
            return Verdict("login", is_secret=True, confidence=Confidence.LOW if is_wordlike(value) else Confidence.MEDIUM)
        if is_random and not harmless.is_uuid(value):
            return Verdict(_kind(name, value), is_secret=True, confidence=Confidence.MEDIUM)
        # `ROUTING_KEY=orders.created` is a word; `SECRET=my-secret` may be the secret or the name of it.
        is_word = not is_about_secrets(name) and harmless.is_plain(value)
        return None if is_word or (len(value) <= 5 and value.isalnum()) else OPAQUE
    if is_random or harmless.is_uuid(value) or understood:
        return Verdict(_kind(name, value), is_secret=True, confidence=Confidence.HIGH if is_random else Confidence.MEDIUM)
    if harmless.is_stand_in_word(value) or len(value) <= 4 or harmless.repeats_name(name, value):
        return OPAQUE if len(value) > 4 else None
    return Verdict("named-secret", is_secret=True, confidence=Confidence.LOW if is_wordlike(value) else Confidence.MEDIUM)


def _by_looks(named: Naming, value: str) -> Verdict:
    """Judge a value nobody named: only long base-62 or base64 key material counts, and only with low confidence."""
    if named is Naming.NEUTRAL and _is_one_token(value):
        return Verdict("high-entropy", is_secret=True, confidence=Confidence.LOW)
    return OPAQUE


def _is_one_token(value: str) -> bool:
    """Whether *value* is random from end to end, not words with a random end as CloudFormation makes them (`shop-Function-1AB2CD3EF`)."""
    mixed = any(c.islower() for c in value) and any(c.isupper() for c in value) and any(c.isdigit() for c in value)
    if not mixed or harmless.is_packed(value) or not looks_random(value, 32):
        return False
    words = [piece for piece in re.split(r"[-_.:/+]", value) if len(piece) >= 4 and piece.isalpha() and wordiness(piece) >= 0.75]
    return sum(map(len, words)) < len(value) / 4


def _kind(name: str, value: str) -> str:
    squashed = name.lower().replace("_", "").replace("-", "")
    if len(value) == 40 and ("secretaccesskey" in squashed or "awssecret" in squashed):
        return "aws-secret-access-key"
    return "named-secret"


def _classes(value: str) -> int:
    """How many of lower case, upper case, digits and symbols *value* uses."""
    return sum(
        (
            any(c.islower() for c in value),
            any(c.isupper() for c in value),
            any(c.isdigit() for c in value),
            any(not c.isalnum() and not c.isspace() for c in value),
        )
    )
