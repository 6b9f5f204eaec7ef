"""What holds for every name and value."""

import random
import string

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.engines.secrets import judge
from buckler.engines.secrets.entropy import is_wordlike, looks_random, shannon
from buckler.engines.secrets.formats import FORMATS
from buckler.engines.secrets.names import Naming, naming
from buckler.engines.secrets.verify import base62_crc32
from buckler.model.secret import Redacted

NAMES = st.sampled_from(["DB_PASSWORD", "API_KEY", "SECRET", "DB_SECRET_ARN", "TABLE", "CLIENT_ID", "", "Ключ", "x" * 300])
PREFIXES = {form.literal[: form.shows] for form in FORMATS}


@given(NAMES, st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_value_is_survived_and_kept_whole_or_not_at_all(name, value):
    verdict = judge(name, value)
    if isinstance(verdict, Redacted):
        assert verdict.length == len(value)
    else:
        assert verdict == value


@given(NAMES, st.text(alphabet=string.ascii_letters + string.digits + "+/=_-", min_size=24, max_size=80))
@settings(max_examples=150, deadline=None)
def test_nothing_of_an_unformatted_value_is_in_what_is_left(name, value):
    verdict = judge(name, value)
    if isinstance(verdict, Redacted) and verdict.kind in {"opaque", "password", "named-secret", "high-entropy"}:
        assert verdict.shown == f"…({len(value)} characters)"
        assert value[:8] not in msgspec.json.encode(verdict).decode()
        assert value[:8] not in repr(verdict)


@given(st.text(alphabet=string.ascii_letters + string.digits + "!%&*()_=+^", min_size=6, max_size=40))
@settings(max_examples=150, deadline=None)
def test_a_real_password_under_a_password_name_is_never_kept(password):
    # One of each class in front makes it no word, number or stand-in.
    stands_in = any(word in password.lower() for word in ("example", "placeholder", "xxxxxx"))
    assert stands_in or isinstance(judge("DB_PASSWORD", "aB3!" + password), Redacted)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.kind)
def test_formats_are_consistent(form):
    assert form.literal in form.pattern.pattern.replace("\\", "") or form.literal.strip(" ") in form.pattern.pattern.replace("\\", "")
    assert form.shows <= 31


def test_github_checksum_is_the_published_scheme():
    # Zero-padded to six base-62 digits; the CRC-32 of nothing is nothing.
    assert base62_crc32("") == "000000"
    assert len(base62_crc32("a" * 30)) == 6
    assert base62_crc32("a" * 30) != base62_crc32("b" * 30)


def test_entropy_and_words_pull_apart():
    assert shannon("") == 0
    assert shannon("aaaa") == 0
    assert shannon("abcd") == 2
    assert is_wordlike("customer-orders-production")
    assert is_wordlike("AWSLambdaBasicExecutionRole")
    assert not is_wordlike("q7Xz9Kp2vB4nM8wL")
    assert looks_random("q7Xz9Kp2vB4nM8wL")
    assert not looks_random("customer-orders-production")
    assert not looks_random("123456789012")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", Naming.PASSWORD),
        ("spring.datasource.password", Naming.PASSWORD),
        ("PASSWORD_DB", Naming.PASSWORD),
        ("BOARDING_PASS", Naming.NEUTRAL),
        ("stripeApiKey", Naming.CREDENTIAL),
        ("clientsecret", Naming.CREDENTIAL),
        ("SECRET_KEY_BASE", Naming.CREDENTIAL),
        ("USER_PASSWORD_SHA256", Naming.CREDENTIAL),
        ("VAULT_SECRET_ID", Naming.CREDENTIAL),
        ("SECRET", Naming.SUSPECT),
        ("KEY", Naming.SUSPECT),
        ("SECRET_NAME", Naming.ABOUT),
        ("TOKEN_TTL", Naming.ABOUT),
        ("tokenUrl", Naming.ABOUT),
        ("ENABLE_TOKEN", Naming.ABOUT),
        ("CLIENT_ID", Naming.IDENTIFIER),
        ("STRIPE_PUBLISHABLE_KEY", Naming.IDENTIFIER),
        ("GIT_SHA", Naming.IDENTIFIER),
        ("PRIMARY_KEY", Naming.NEUTRAL),
        ("MAX_TOKENS", Naming.ABOUT),
        ("MONKEY", Naming.NEUTRAL),
        ("", Naming.NEUTRAL),
    ],
)
def test_names(name, expected):
    assert naming(name) is expected


def test_a_secret_member_decides_for_the_whole_document():
    verdict = judge("CONFIG", '{"host": "db", "nested": [{"clientSecret": "' + "q7Xz9Kp2vB4nM8wL" + '"}]}')
    assert isinstance(verdict, Redacted)
    assert verdict.is_secret
    assert judge("CONFIG", '{"host": "db", "port": 5432}') == '{"host": "db", "port": 5432}'


def test_deep_and_wrapped_documents_end():
    assert isinstance(judge("X", "[" * 5000 + "]" * 5000), Redacted | str)


def test_an_unknown_value_is_hidden_though_no_secret():
    verdict = judge("CORRELATION", "91183e9c-1ff5-4608-b5b1-8fcbb9cadb2c")
    assert isinstance(verdict, Redacted)
    assert (verdict.kind, verdict.is_secret) == ("opaque", False)


@pytest.mark.parametrize(
    "alphabet",
    [
        string.ascii_letters + string.digits,
        string.ascii_lowercase + string.digits,
        "0123456789abcdef",
        string.ascii_letters + string.digits + "+/",
        string.ascii_letters + string.digits + "-_",
        string.ascii_letters + string.digits + "!@#$%^&*",
    ],
)
@pytest.mark.parametrize(("length", "most"), [(16, 0.08), (24, 0.03), (40, 0.01)])
def test_random_values_under_silent_names_are_hardly_ever_kept(alphabet, length, most):
    rng = random.Random(length)  # noqa: S311 - repeatable
    kept = sum(isinstance(judge("FOO", "".join(rng.choices(alphabet, k=length))), str) for _ in range(400))
    assert kept / 400 <= most
