"""Which packages have known flaws: made advisories, one subject each, and the real ones."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engines.artifact.advisories import BEFORE_2, advisory, affected, database, index, package
from tests.growth import allowed
from tests.shared import shared

from buckler.engines.artifact.osv import Database, assess, match
from buckler.engines.artifact.osv_index import DamagedIndexError, Index
from buckler.engines.artifact.rating import score
from buckler.model.severity import Severity
from buckler.model.unknown import UnknownKind

V3 = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}
V4 = {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"}
V2 = {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:P/I:P/A:P"}


def ids(packages, known):
    return [one.id for one in match(packages, known)]


# --- matching -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("installed", "entry", "expected"),
    [
        pytest.param(package("demo", "1.0"), affected("demo", *BEFORE_2), True, id="inside"),
        pytest.param(package("demo", "2.0"), affected("demo", *BEFORE_2), False, id="fixed"),
        pytest.param(package("other", "1.0"), affected("demo", *BEFORE_2), False, id="another-name"),
        pytest.param(package("De.Mo_x", "1.0"), affected("de-mo-X", *BEFORE_2), True, id="pypi-names-are-normalised"),
        pytest.param(package("demo", "1.0", "npm"), affected("demo", *BEFORE_2), False, id="another-ecosystem"),
        pytest.param(package("demo", "1.5"), affected("demo", versions=["1.5"]), True, id="listed"),
        pytest.param(package("demo", "1.5.0"), affected("demo", versions=["1.5"]), True, id="listed-in-other-words"),
        pytest.param(
            package("demo", "3.0-beta1"), affected("demo", *BEFORE_2, versions=["3.0b1"]), True, id="listed-normalised-beside-a-range"
        ),
        pytest.param(package("demo", "1.6"), affected("demo", versions=["1.5", "2004d"]), False, id="not-listed"),
        pytest.param(package("demo", "3.0"), affected("demo", *BEFORE_2, versions=["3.0"]), True, id="listed-beside-a-range"),
        pytest.param(package("demo", "2.0+cu118"), affected("demo", ("introduced", "0"), ("last_affected", "2.0")), True, id="local-label"),
        pytest.param(package("demo", "2.0+cu118"), affected("demo", versions=["2.0"]), True, id="local-label-listed"),
        pytest.param(package("demo", "2.0+cu118"), affected("demo", *BEFORE_2), False, id="local-label-of-the-fixed"),
        pytest.param(
            package("github.com/Some/Mod", "v1.2.3", "golang"),
            affected("github.com/Some/Mod", ("introduced", "0"), ("fixed", "1.2.4"), ecosystem="Go", kind="SEMVER"),
            True,
            id="go",
        ),
        pytest.param(
            package("log4j-core", "2.14.1", "maven", purl="pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
            affected("org.apache.logging.log4j:log4j-core", ("introduced", "2.13.0"), ("fixed", "2.15.0"), ecosystem="Maven"),
            True,
            id="maven-by-package-url",
        ),
        pytest.param(
            package("libssl3", "3.0.11-1~deb12u1", "deb", purl="pkg:deb/debian/libssl3@3.0.11-1~deb12u1?distro=debian-12&upstream=openssl"),
            affected("openssl", ("introduced", "0"), ("fixed", "3.0.11-1~deb12u2"), ecosystem="Debian:12"),
            True,
            id="debian-by-source-package",
        ),
        pytest.param(
            package(
                "zlib1g", "1:1.2.13-1+b1", "deb", purl="pkg:deb/debian/zlib1g@1:1.2.13-1%2Bb1?distro=debian-12&upstream=zlib%401:1.2.13-1"
            ),
            affected("zlib", ("introduced", "0"), ("last_affected", "1:1.2.13-1"), ecosystem="Debian:12"),
            True,
            id="debian-by-the-version-of-the-source",
        ),
        pytest.param(
            package("perl", "5.36-1+b1", "deb", purl="pkg:deb/debian/perl@5.36-1%2Bb1?distro=debian-12&upstream=perl%405.36-1"),
            affected("perl", ("introduced", "0"), ("last_affected", "5.36-1"), ecosystem="Debian:12"),
            True,
            id="debian-built-again-under-the-same-name",
        ),
        pytest.param(
            package(
                "openssl-libs",
                "1:3.0.7-24.el9",
                "rpm",
                purl="pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?distro=rocky-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm",
            ),
            affected("openssl", ("introduced", "0"), ("fixed", "1:3.0.7-25.el9_3"), ecosystem="Rocky Linux:9"),
            True,
            id="rpm-by-source-package",
        ),
        pytest.param(
            package("openssl", "3.1.4-r5", "apk", purl="pkg:apk/alpine/openssl@3.1.4-r5?distro=alpine-3.18.4"),
            affected("openssl", ("introduced", "0"), ("fixed", "3.1.4-r6"), ecosystem="Alpine:v3.18"),
            True,
            id="alpine",
        ),
        pytest.param(
            package("openssl", "1:3.0.7-24.el9", "rpm", purl="pkg:rpm/almalinux/openssl@3.0.7-24.el9?distro=almalinux-9.3&epoch=1"),
            affected("openssl", ("introduced", "0"), ("fixed", "1:3.0.7-25.el9_3"), ecosystem="AlmaLinux:9"),
            True,
            id="almalinux",
        ),
        pytest.param(
            package("bash", "5.1-6ubuntu1", "deb", purl="pkg:deb/ubuntu/bash@5.1-6ubuntu1?distro=ubuntu-22.04"),
            affected("bash", ("introduced", "0"), ("fixed", "5.1-6ubuntu1.1"), ecosystem="Ubuntu:22.04:LTS"),
            True,
            id="ubuntu",
        ),
        pytest.param(
            package("demo", "0.9.0", "npm"),
            affected(
                "demo",
                ("introduced", "0"),
                ecosystem="npm",
                kind="SEMVER",
                database_specific={"last_known_affected_version_range": "< 0.9.0"},
            ),
            False,
            id="githubs-own-upper-bound",
        ),
    ],
)
def test_it_matches(installed, entry, expected):
    assert ids([installed], database(advisory("X-1", entry))) == (["X-1"] if expected else [])


def test_the_branches_of_log4j_by_the_real_advisory():
    raw = (shared("osv") / "Maven").glob("*.json")
    known = Database((Index.build([(path.name, path.read_bytes()) for path in raw], "d"),))
    name = "org.apache.logging.log4j:log4j-core"
    found = {version: ids([package(name, version, "maven")], known) for version in ("2.3.2", "2.12.4", "2.14.1", "2.17.1")}
    assert found == {"2.3.2": [], "2.12.4": [], "2.14.1": ["CVE-2021-44228"], "2.17.1": []}


def test_only_commits_is_undecided():
    git = {"package": {"ecosystem": "PyPI", "name": "demo"}, "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}
    result = assess([package("demo", "1.0")], database(advisory("X-1", git)))
    assert result.vulnerabilities == ()
    assert "X-1" in result.not_assessed[0].why


def test_withdrawn_is_dropped():
    known = database(
        advisory("X-1", affected("demo", *BEFORE_2), withdrawn="2026-01-01T00:00:00Z"), advisory("X-2", affected("other", *BEFORE_2))
    )
    assert ids([package("demo", "1.0")], known) == []
    assert known.indexes[0].withdrawn == 1


def test_a_package_in_two_places_counts_once():
    assert len(match([package("demo", "1.0"), package("demo", "1.0")], database(advisory("X-1", affected("demo", *BEFORE_2))))) == 1


# --- one flaw, once -----------------------------------------------------------------------------------------------------------


def test_aliases_are_one_flaw_called_by_its_cve():
    entry = affected("demo", *BEFORE_2)
    known = database(advisory("GHSA-a", entry, aliases=["CVE-2026-0001"]), advisory("PYSEC-1", entry, aliases=["CVE-2026-0001"]))
    (one,) = match([package("demo", "1.0")], known)
    assert (one.id, one.aliases) == ("CVE-2026-0001", ("GHSA-a", "PYSEC-1"))


def test_aliases_close_over_advisories_that_do_not_match():
    entry, elsewhere = affected("demo", *BEFORE_2), affected("other", *BEFORE_2)
    known = database(
        advisory("GHSA-a", entry, aliases=["CVE-2026-0001"]),
        advisory("X-1", elsewhere, aliases=["CVE-2026-0001", "PYSEC-1"]),
        advisory("PYSEC-1", entry),
    )
    assert ids([package("demo", "1.0")], known) == ["CVE-2026-0001"]


def test_aliases_close_over_sources():
    entry = affected("demo", *BEFORE_2)
    known = Database(
        (index(advisory("GHSA-a", entry, aliases=["CVE-2026-0001"])), index(advisory("PYSEC-1", entry, aliases=["CVE-2026-0001"])))
    )
    assert ids([package("demo", "1.0")], known) == ["CVE-2026-0001"]


def test_of_two_editions_the_newest_counts():
    wrong = advisory("X-1", affected("demo", ("introduced", "0")), modified="2026-01-01T00:00:00Z")
    corrected = advisory("X-1", affected("demo", ("introduced", "5.0")), modified="2026-02-01T00:00:00Z")
    for sources in ((wrong, corrected), (corrected, wrong)):
        known = Database(tuple(index(one, digest=one["modified"]) for one in sources))
        assert ids([package("demo", "1.0")], known) == []
        assert ids([package("demo", "6.0")], known) == ["X-1"]


def test_related_is_another_flaw():
    entry = affected("demo", *BEFORE_2)
    known = database(advisory("CVE-2026-0002", entry, related=["CVE-2026-0001"]), advisory("CVE-2026-0001", entry))
    assert ids([package("demo", "1.0")], known) == ["CVE-2026-0001", "CVE-2026-0002"]


def test_a_distributions_advisory_is_its_upstream_flaw_unless_it_has_several():
    entry = affected("demo", *BEFORE_2)
    known = database(
        advisory("DEBIAN-1", entry, upstream=["CVE-2026-0001"]), advisory("DSA-1", entry, upstream=["CVE-2026-0002", "CVE-2026-0003"])
    )
    assert ids([package("demo", "1.0")], known) == ["CVE-2026-0001", "DSA-1"]


def test_without_a_cve_githubs_name_comes_first():
    entry = affected("demo", *BEFORE_2)
    assert ids([package("demo", "1.0")], database(advisory("AAA-1", entry, aliases=["GHSA-b"]), advisory("GHSA-b", entry))) == ["GHSA-b"]


@given(st.permutations(range(4)))
def test_the_order_of_advisories_changes_nothing(order):
    entry = affected("demo", *BEFORE_2)
    made = [
        advisory("GHSA-a", entry, aliases=["CVE-2026-0001"], severity=[V3]),
        advisory("PYSEC-1", entry, aliases=["CVE-2026-0001"]),
        advisory("CVE-2025-9999", affected("demo", ("introduced", "0"), ("fixed", "1.5"))),
        advisory("GHSA-c", entry, aliases=["PYSEC-2"], severity=[V4]),
    ]
    expected = match([package("demo", "1.0")], database(*made))
    assert match([package("demo", "1.0")], database(*(made[at] for at in order))) == expected


# --- what is said of a flaw ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "severity", "cvss"),
    [
        pytest.param({"severity": [V3]}, Severity.CRITICAL, 10.0, id="v3"),
        pytest.param({"severity": [V2]}, Severity.HIGH, 7.5, id="v2"),
        pytest.param({"severity": [V3, V4]}, Severity.MEDIUM, 6.9, id="v4-before-v3"),
        pytest.param({"database_specific": {"severity": "MODERATE"}}, Severity.MEDIUM, None, id="word"),
        pytest.param({"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:?"}]}, None, None, id="broken-vector"),
        pytest.param({"severity": [V3], "database_specific": {"severity": "LOW"}}, Severity.CRITICAL, 10.0, id="vector-before-word"),
        pytest.param({"severity": [{"type": "Ubuntu", "score": "medium"}]}, None, None, id="another-scale"),
        pytest.param({}, None, None, id="none"),
    ],
)
def test_severity(fields, severity, cvss):
    (one,) = match([package("demo", "1.0")], database(advisory("X-1", affected("demo", *BEFORE_2), **fields)))
    assert (one.severity, one.cvss) == (severity, cvss)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["AV:N", "AC:L", "CVSS:3.1", "CVSS:4.0", "CVSS:3.9", "Au:N", "C:", ":", "S:C", "E:X", ""]), max_size=12).map(
        "/".join
    )
)
def test_any_text_is_a_vector_or_none(text):
    found = score([text])
    assert found is None or 0 <= found <= 10


def test_a_summary_is_one_line_that_can_be_printed():
    (one,) = match([package("demo", "1.0")], database(advisory("X-1", affected("demo", *BEFORE_2), summary="a\n b\x1b[2Jc")))
    assert one.summary == "a b[2Jc"


def test_a_malicious_package_is_critical():
    (one,) = match([package("demo", "1.0")], database(advisory("MAL-2026-1", affected("demo", versions=["1.0"]))))
    assert one.severity is Severity.CRITICAL


def test_fixed_versions_are_those_that_follow():
    several = [("introduced", "0"), ("fixed", "1.2"), ("introduced", "2.0"), ("fixed", "2.10"), ("introduced", "3.0"), ("fixed", "3.1")]
    (one,) = match([package("demo", "2.1")], database(advisory("X-1", affected("demo", *several))))
    assert one.fixed == ("2.10", "3.1")


# --- not assessed -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [None, Database()])
def test_without_a_database_nothing_is_assessed(known):
    result = assess([package("demo", "1.0")], known)
    assert result.vulnerabilities == ()
    (unknown,) = result.not_assessed
    assert unknown.kind is UnknownKind.FAILED
    assert unknown.need == "buckler db update"
    assert assess([], known).not_assessed == ()


def test_an_ecosystem_without_advisories_is_not_assessed():
    known = database(advisory("X-1", affected("demo", *BEFORE_2)))
    told = assess([package("demo", "1.0"), package("left-pad", "1.0.0", "npm")], known)
    assert [one.id for one in told.vulnerabilities] == ["X-1"]
    assert [one.need for one in told.not_assessed] == ["buckler db update --ecosystem 'npm'"]


def test_a_distribution_that_osv_does_not_know_is_not_assessed():
    told = assess(
        [package("bash", "5.2", "rpm", purl="pkg:rpm/amzn/bash@5.2?distro=amzn-2023")],
        database(advisory("X-1", affected("demo", *BEFORE_2))),
    )
    assert "amzn-2023" in told.not_assessed[0].why


def test_a_version_that_is_none_is_not_assessed():
    told = assess([package("demo", "unknown")], database(advisory("X-1", affected("demo", *BEFORE_2))))
    assert told.vulnerabilities == ()
    assert "X-1" in told.not_assessed[0].why


def test_a_bound_that_is_none_is_not_assessed():
    told = assess([package("demo", "1.0")], database(advisory("X-1", affected("demo", ("introduced", "0"), ("fixed", "2004d")))))
    assert told.vulnerabilities == ()
    assert "X-1" in told.not_assessed[0].why


# --- the index ----------------------------------------------------------------------------------------------------------------


def test_an_index_that_was_written_answers_the_same():
    made = index(advisory("GHSA-a", affected("demo", *BEFORE_2), aliases=["CVE-2026-0001"], severity=[V3]))
    again = Index.load(made.dump(), "d")
    assert match([package("demo", "1.0")], Database((again,))) == match([package("demo", "1.0")], Database((made,)))
    assert (again.newest, again.counts) == ("2026-01-02T03:04:05Z", {"PyPI": 1})


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[:-3], lambda raw: b"x" + raw, lambda raw: raw.replace(b"OSV 1", b"OSV 0"), lambda _: b""]
)
def test_a_damaged_index_is_refused(spoil):
    with pytest.raises(DamagedIndexError):
        Index.load(spoil(index(advisory("X-1", affected("demo", *BEFORE_2))).dump()), "d")


def test_an_index_of_another_source_is_refused():
    with pytest.raises(DamagedIndexError):
        Index.load(index(advisory("X-1")).dump(), "e")


SECRET = "hunter2-do-not-print"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"id": 7}',
        b'{"id": ""}',
        b'{"affected": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"id": "X", "affected": SECRET}).encode(),
        json.dumps({"id": "X\x1b[2J" + SECRET}).encode(),
        json.dumps(advisory("X", affected("demo", ("introduced", "0"), ("fixed", "1\n" + SECRET)))).encode(),
        json.dumps(advisory("X", affected("demo" * 200, *BEFORE_2))).encode(),
    ],
)
def test_what_is_no_advisory_is_listed_and_not_repeated(raw):
    made = Index.build([("good.json", json.dumps(advisory("X-1", affected("demo", *BEFORE_2))).encode()), ("bad.json", raw)], "d")
    assert [one.entry for one in made.unread] == ["bad.json"]
    assert SECRET not in made.unread[0].why
    assert ids([package("demo", "1.0")], Database((made,))) == ["X-1"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "affected", "package", "ranges", "events", "versions", "aliases", "severity", "name"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_listed(value):
    made = Index.build([("x.json", json.dumps(value).encode())], "d")
    assert len(made.unread) + made.withdrawn + len(made._stored.advisories) == 1


# --- real advisories ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real():
    folder = shared("osv")
    return [(str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*.json"))]


def test_all_real_advisories_are_read(real):
    started = time.process_time()
    made = Index.build(real, "d")
    assert time.process_time() - started < allowed(1)
    assert made.unread == ()
    assert made.counts["PyPI"] >= 150
    assert len(made._stored.advisories) + made.withdrawn == len(real) >= 400


@pytest.mark.parametrize(
    ("installed", "at_least"),
    [
        (package("aiohttp", "3.8.5"), 5),  # a sixth was withdrawn
        (package("urllib3", "1.23"), 7),
        (package("axios", "0.21.0", "npm"), 20),
        (package("lodash", "4.17.15", "npm"), 3),
        (package("stdlib", "1.20.3", "golang"), 5),
        (package("requests", "2.19.1"), 2),
        (package("requests", "99.0"), 0),
    ],
    ids=lambda one: getattr(one, "purl", one),
)
def test_known_old_packages_have_flaws(real, installed, at_least):
    found = match([installed], Database((Index.build(real, "d"),)))
    assert len(found) >= at_least if at_least else found == ()
    assert len({one.id for one in found}) == len(found)
    names = [name for one in found for name in (one.id, *one.aliases)]
    assert len(set(names)) == len(names), "no two share a name"


def test_listed_versions_of_real_advisories_agree_with_their_ranges(real):
    """The oracle inside the data: PyPI's advisories say both, versions one by one and ranges."""
    from buckler.engines.artifact.osv_record import read_record
    from buckler.engines.artifact.versions import SCHEMES, VersionError, affects

    disagreeing, agreeing = [], 0
    for entry, raw in real:
        record = read_record(raw)
        for one in record[1] if record is not None and entry.startswith("PyPI") else ():
            for version in one.versions if one.native else ():
                try:
                    inside = any(affects(version, events, SCHEMES["pypi"].key) for events in one.native)
                except VersionError:
                    continue
                agreeing += inside
                if not inside:
                    disagreeing.append((entry, version))
    assert agreeing > 1000
    assert len(disagreeing) <= agreeing / 100, disagreeing[:20]
