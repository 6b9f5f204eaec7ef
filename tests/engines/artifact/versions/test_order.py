"""The order of versions: known cases, and that it is one whatever the versions are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.artifact.versions.tables import TABLES, cases, spelled

from buckler.engines.artifact.versions import SCHEMES, VersionError
from buckler.engines.artifact.versions.alpine import alpine_key
from buckler.engines.artifact.versions.debian import debian_key
from buckler.engines.artifact.versions.rubygems import gem_key

ECOSYSTEMS = sorted(SCHEMES)
ALPHABETS = {
    "pypi": "0123!.abcdevrpost+",
    "deb": "0129a~+.-:B",
    "rpm": "0129aB~^.-:_",
    "apk": "012.a_prcr-beth~f",
    "maven": "0129.-abmrcgasnpx",
}


def versions(ecosystem):
    """Known ones, their pieces put together anew, and noise."""
    known = st.sampled_from(spelled(ecosystem))
    alphabet = ALPHABETS.get(ecosystem, "0129.-+abrcv")
    mixed = st.builds(lambda one, other, cut: one[:cut] + other[cut:], known, known, st.integers(0, 8))
    return st.one_of(known, mixed, st.text(alphabet, min_size=1, max_size=10))


def keyed(ecosystem, version):
    try:
        return SCHEMES[ecosystem].key(version)
    except VersionError:
        return None


@pytest.mark.parametrize(("ecosystem", "one", "sign", "other"), cases())
def test_known_case(ecosystem, one, sign, other):
    left, right = SCHEMES[ecosystem].key(one), SCHEMES[ecosystem].key(other)
    assert (left < right, left == right, left > right) == (sign == "<", sign == "=", sign == ">")


def test_every_ecosystem_has_a_table():
    assert sorted(TABLES) == ECOSYSTEMS


@pytest.mark.parametrize("ecosystem", ECOSYSTEMS)
def test_it_is_a_total_order(ecosystem):
    @given(st.lists(versions(ecosystem), min_size=3, max_size=3))
    def check(three):
        keys = [key for key in (keyed(ecosystem, one) for one in three) if key is not None]
        for one in keys:
            for other in keys:
                assert [one < other, one == other, one > other].count(True) == 1
                assert (one < other) == (other > one)
        if len(keys) == 3:
            first, second, third = keys
            assert not (first <= second <= third) or first <= third
            assert not (first == second == third) or first == third

    check()


def test_noise_is_a_version_or_refused():
    @given(st.sampled_from(ECOSYSTEMS), st.text(max_size=30))
    def check(ecosystem, text):
        keyed(ecosystem, text)

    check()


@pytest.mark.parametrize(
    ("ecosystem", "version"),
    [
        ("pypi", "2004d"),
        ("npm", "latest"),
        ("npm", "git+ssh://git@host.invalid/x.git"),
        ("golang", "(devel)"),
        ("deb", "1.0/2"),
        ("deb", "1.0-"),
        ("deb", "a:1.0"),
        ("apk", "1.0_foo"),
        ("apk", "1-r-1"),
        ("apk", "1.0bc"),
        ("rpm", ""),
        ("gem", "x"),
        ("npm", "9" * 5000),
    ],
)
def test_what_is_no_version_is_refused(ecosystem, version):
    with pytest.raises(VersionError):
        SCHEMES[ecosystem].key(version)


def test_the_message_is_bounded():
    with pytest.raises(VersionError) as told:
        SCHEMES["npm"].key("x" * 10_000)
    assert len(str(told.value)) < 200


# --- the obvious twins: the algorithms as their documents tell them, a pair at a time ------------------------------------------------------


def dpkg_twin(one, other):
    """verrevcmp, as the policy tells it: in turns, characters with a weight, then numbers."""

    def weight(char):
        return -1 if char == "~" else ord(char) if char.isalpha() else ord(char) + 256

    def split(text, take):
        count = 0
        while count < len(text) and take(text[count]):
            count += 1
        return text[:count], text[count:]

    while one or other:
        word, one = split(one, lambda char: not char.isdigit())
        other_word, other = split(other, lambda char: not char.isdigit())
        for index in range(max(len(word), len(other_word))):
            left = weight(word[index]) if index < len(word) else 0
            right = weight(other_word[index]) if index < len(other_word) else 0
            if left != right:
                return -1 if left < right else 1
        number, one = split(one, str.isdigit)
        other_number, other = split(other, str.isdigit)
        if int(number or 0) != int(other_number or 0):
            return -1 if int(number or 0) < int(other_number or 0) else 1
    return 0


@given(st.text("0129aB~+.", min_size=1, max_size=12), st.text("0129aB~+.", min_size=1, max_size=12))
def test_debian_answers_as_its_twin(one, other):
    left, right = debian_key(one), debian_key(other)
    assert (left > right) - (left < right) == dpkg_twin(one, other)


@given(versions("pypi"), versions("pypi"))
def test_pypi_answers_as_packaging(one, other):
    from packaging.version import Version

    left, right = keyed("pypi", one), keyed("pypi", other)
    if left is not None and right is not None:
        assert (left < right, left == right) == (Version(one) < Version(other), Version(one) == Version(other))


def gem_twin(one, other):
    """Gem::Version#<=>: canonical segments, side by side, a missing one is 0."""

    def canonical(version):
        import re

        parts = [int(part) if part.isdigit() else part for part in re.findall("[0-9]+|[a-z]+", version, re.IGNORECASE)]
        word = next((index for index, part in enumerate(parts) if isinstance(part, str)), len(parts))
        halves = []
        for half in (parts[:word], parts[word:]):
            while half and half[-1] == 0:
                half.pop()
            halves += half
        return halves

    left, right = canonical(one), canonical(other)
    for index in range(max(len(left), len(right))):
        a = left[index] if index < len(left) else 0
        b = right[index] if index < len(right) else 0
        if a == b:
            continue
        if isinstance(a, str) != isinstance(b, str):
            return -1 if isinstance(a, str) else 1
        return -1 if a < b else 1
    return 0


GEMS = st.lists(st.sampled_from(["0", "1", "2", "10", "a", "b", "rc1"]), max_size=6).map(lambda parts: ".".join(["1", *parts]))


@given(GEMS, GEMS)
def test_rubygems_answers_as_its_twin(one, other):
    left, right = gem_key(one), gem_key(other)
    assert (left > right) - (left < right) == gem_twin(one, other)


APKS = st.from_regex(r"\A[0-2]{1,2}(\.(0|[1-9][0-9]?|0[1-9])){0,3}[ab]?(_(alpha|beta|rc|p|git)[0-2]?){0,2}(-r[0-3])?\Z")


@given(APKS, APKS)
def test_alpine_longer_is_newer_except_before_a_release(one, other):
    """The rule of apk for a version that is the beginning of another."""
    longer = one + other
    try:
        left, right = alpine_key(one), alpine_key(longer)
    except VersionError:
        return
    rest = longer[len(one) :]
    if not rest or rest[0].isdigit() or (one[-1].isdigit() is False and rest[0].isdigit()):
        return
    assert (right < left) == rest.startswith(("_alpha", "_beta", "_pre", "_rc"))
