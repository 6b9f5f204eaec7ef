"""Tell strings made by a machine from strings made of words.

Shannon entropy alone cannot: `arn:aws:dynamodb:...` scores as high as a key. What separates them is which letters stand next to each other.
"""

import math
import operator
import re
import string
from collections import Counter

# The letter pairs that make up nine tenths of the words in AWS's service models (botocore 1.44, counted).
# A random pair is one of them in 3 of 10 cases.
_PAIRS = frozenset(
    """
    ab ac ad ag ai al am an ap ar as at au av ay ba be bi bl bo bu ca cc ce ch ci ck cl co cr ct cu da de di do ds du ea ec ed ee
    ef eg el em en ep eq er es et ev ex fa fe ff fi fl fo ga ge gi gn gr gu ha he hi ho ia ib ic id ie if ig il im in io ip ir is
    it iv iz ke la ld le li ll lo ls lt lu ly ma me mi mm mo mp na nc nd ne nf ng ni nn no ns nt nu nv oc od og ok ol om on oo op
    or os ot ou ov ow pa pe pi pl po pp pr ps pt pu qu ra rc rd re rg ri rk rm rn ro rr rs rt ru rv ry sa sc se sh si so sp ss st
    su ta tc te th ti to tr ts tt tu ty ua ub uc ue ul um un up ur us ut va ve vi wa we wi wo xp yp
    """.split()  # noqa: SIM905 - a table of 200 quoted pairs is not easier to read
)
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=.~!@#$%^&*:-]+\Z")
_WORDLIKE_SHARE = 0.52


def shannon(text: str) -> float:
    """Bits per character of *text*, 0 for an empty one."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def _neighbours() -> tuple[frozenset[str], frozenset[str]]:
    """Sort all pairs of ASCII letters and digits into those that words, camel case and numbers make, and those they do not."""
    good: set[str] = set()
    bad: set[str] = set()
    for left in string.ascii_letters + string.digits:
        for right in string.ascii_letters + string.digits:
            if left.isalpha() and right.isupper():
                continue  # `myTable`, `AWSLambda`: where one word ends and the next begins, and acronyms
            numeric = left.isdigit() and right.isdigit()
            (good if numeric or (left + right).lower() in _PAIRS else bad).add(left + right)
    return frozenset(good), frozenset(bad)


_GOOD, _BAD = _neighbours()


def wordiness(text: str) -> float:
    """Share of neighbouring letters and digits in *text* that words, camel case and numbers would put there: 0 (random) to 1.

    What stands before a capital and everything beside a separator count neither way. What is all upper case is read as lower case.
    """
    if text.isupper():
        text = text.lower()
    pairs = list(map(operator.add, text, text[1:]))
    good = sum(map(_GOOD.__contains__, pairs))
    bad = sum(map(_BAD.__contains__, pairs))
    return good / (good + bad) if good + bad else 1.0


def is_wordlike(text: str) -> bool:
    """Whether *text* reads like words, identifiers or numbers rather than like key material."""
    return wordiness(text) >= _WORDLIKE_SHARE


def is_hex(text: str) -> bool:
    return bool(_HEX.match(text))


def looks_random(text: str, at_least: int = 16) -> bool:
    """Whether *text* is a single token that a person would not have typed: long enough, spread over its alphabet, not made of words."""
    if len(text) < at_least or len(text) > 4096 or not _TOKEN.match(text):
        return False
    if is_hex(text.replace("-", "")):
        # Hex carries at most 4 bits a character; a decimal number or `deadbeef` repeated stays well under 3.
        return not text.isdigit() and shannon(text) >= 2.7 and any(char.isdigit() for char in text)
    if text.isdigit() or shannon(text) < min(3.0, 0.72 * math.log2(len(text))):
        return False
    return not is_wordlike(text)
