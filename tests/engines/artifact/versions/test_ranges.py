"""Whether a version is inside: the events of advisories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.engines.artifact.versions import SCHEMES, Event, VersionError, affects

LOG4SHELL = (
    (("introduced", "2.13.0"), ("fixed", "2.15.0")),
    (("introduced", "0"), ("fixed", "2.3.1")),
    (("introduced", "2.4"), ("fixed", "2.12.2")),
)


def inside(ecosystem, version, *events):
    return affects(version, [Event(*one) for one in events], SCHEMES[ecosystem].key)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.3.2", False), ("2.12.4", False), ("2.14.1", True), ("2.17.1", False), ("2.0-beta9", True), ("2.12.1", True), ("2.15.0-rc1", True)],
)
def test_the_branches_of_log4j(version, expected):
    assert any(inside("maven", version, *events) for events in LOG4SHELL) is expected


@pytest.mark.parametrize(
    ("ecosystem", "version", "events", "expected"),
    [
        pytest.param("npm", "1.0.0-rc.1", [("introduced", "1.0.0")], False, id="a-pre-release-precedes"),
        pytest.param("npm", "0.0.0-a", [("introduced", "0"), ("fixed", "1.0.0")], True, id="zero-is-before-everything"),
        pytest.param("npm", "1.2.3", [("fixed", "1.2.3"), ("introduced", "0")], False, id="written-in-any-order"),
        pytest.param("npm", "1.2.3", [("introduced", "0"), ("last_affected", "1.2.3")], True, id="last-affected-is-inside"),
        pytest.param("npm", "1.2.4", [("introduced", "0"), ("last_affected", "1.2.3")], False, id="after-last-affected"),
        pytest.param("npm", "1.2.4", [("introduced", "1.2.3"), ("last_affected", "1.2.3")], False, id="one-version-only"),
        pytest.param(
            "npm",
            "3.1.0",
            [("introduced", "0"), ("fixed", "2.0.0"), ("introduced", "3.0.0"), ("fixed", "3.2.0")],
            True,
            id="introduced-again",
        ),
        pytest.param(
            "npm", "2.5.0", [("introduced", "0"), ("fixed", "2.0.0"), ("introduced", "3.0.0"), ("fixed", "3.2.0")], False, id="between"
        ),
        pytest.param("npm", "9.0.0", [("introduced", "0")], True, id="never-fixed"),
        pytest.param("npm", "2.0.0", [("introduced", "0"), ("limit", "2.0.0")], False, id="limit"),
        pytest.param("npm", "9.0.0", [("introduced", "0"), ("limit", "*")], True, id="no-limit"),
        pytest.param("npm", "1.0.0", [("fixed", "2.0.0")], False, id="never-introduced"),
        pytest.param("pypi", "1!1.0", [("introduced", "0"), ("fixed", "2020.1")], False, id="epoch"),
        pytest.param("pypi", "2.0rc1", [("introduced", "0"), ("fixed", "2.0")], True, id="pre"),
        pytest.param("pypi", "2.0.post1", [("introduced", "0"), ("fixed", "2.0")], False, id="post"),
        pytest.param("pypi", "2.0.dev1", [("introduced", "2.0a1")], False, id="dev"),
        pytest.param(
            "golang",
            "v0.0.0-20190101000000-abcdefabcdef",
            [("introduced", "0"), ("fixed", "0.0.0-20200101000000-123456789abc")],
            True,
            id="pseudo",
        ),
        pytest.param(
            "golang",
            "v0.0.0-20210101000000-abcdefabcdef",
            [("introduced", "0"), ("fixed", "0.0.0-20200101000000-123456789abc")],
            False,
            id="pseudo-later",
        ),
        pytest.param("golang", "v3.2.0+incompatible", [("introduced", "0"), ("fixed", "3.2.1")], True, id="incompatible"),
        pytest.param("golang", "1.26rc1", [("introduced", "1.26.0-0"), ("fixed", "1.26.2")], True, id="toolchain-candidate"),
        pytest.param("deb", "2.36-9+deb12u3", [("introduced", "0"), ("fixed", "2.36-9+deb12u4")], True, id="debian"),
        pytest.param("apk", "3.1.4-r5", [("introduced", "0"), ("fixed", "3.1.4-r6")], True, id="alpine"),
        pytest.param("rpm", "1:3.0.7-24.el9", [("introduced", "0"), ("fixed", "1:3.0.7-25.el9_3")], True, id="rpm"),
    ],
)
def test_events(ecosystem, version, events, expected):
    assert inside(ecosystem, version, *events) is expected


def test_a_bound_that_is_no_version_is_undecided():
    with pytest.raises(VersionError):
        inside("pypi", "1.0", ("introduced", "0"), ("fixed", "2004d"))


NUMBERS = st.integers(1, 9)


@given(
    st.lists(st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), NUMBERS), min_size=1, max_size=6), NUMBERS, st.randoms()
)
def test_it_answers_as_a_walk_over_all_versions(events, asked, random):
    """The twin: walk from the lowest version up, switching at each event."""
    on = False
    for number in range(asked + 1):
        if ("fixed", number) in events or ("last_affected", number - 1) in events:
            on = False
        on = on or ("introduced", number) in events
    written = [(kind, f"{number}.0.0") for kind, number in events]
    random.shuffle(written)
    assert inside("npm", f"{asked}.0.0", *written) is on
