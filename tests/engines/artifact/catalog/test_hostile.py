"""Whatever stands where metadata should: no crash, and what is right beside it is still found."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.catalog.programs import crates, elf, inline
from tests.engines.artifact.catalog.rpms import berkeley, header, ndb, sqlite
from tests.engines.artifact.catalog.trees import purls, tree
from tests.growth import allowed

from buckler.engines.artifact.catalog import survey

PLACES = [
    "x-1.dist-info/METADATA",
    "x-1.dist-info/RECORD",
    "x-1.dist-info/direct_url.json",
    "x.egg-info/PKG-INFO",
    "x.egg-info/installed-files.txt",
    "pip/_vendor/vendor.txt",
    "node_modules/x/package.json",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "x.jar",
    "META-INF/maven/g/a/pom.properties",
    "META-INF/maven/g/a/pom.xml",
    "specifications/x-1.gemspec",
    "x.deps.json",
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "etc/os-release",
]
GOOD = {"ok/six-1.16.0.dist-info/METADATA": "Name: six\nVersion: 1.16.0\n\n"}


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PLACES), st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes(place, content):
    assert "pkg:pypi/six@1.16.0" in purls(survey(tree({place: content, **GOOD})).packages)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("1.0.0"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "version",
                    "packages",
                    "dependencies",
                    "node_modules/x",
                    "license",
                    "licenses",
                    "type",
                    "libraries",
                    "targets",
                    "url",
                    "vcs_info",
                    "bundleDependencies",
                    "integrity",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([place for place in PLACES if place.endswith(".json")]), JSON)
def test_any_json(place, value):
    import json

    files = {
        place: json.dumps(value),
        "node_modules/x/package.json": '{"name": "x", "version": "1"}',
        "x-1.dist-info/METADATA": "Name: x\nVersion: 1\n\n",
    }
    assert "pkg:pypi/six@1.16.0" in purls(survey(tree({**files, place: json.dumps(value), **GOOD})).packages)


HEADERS = [header("a", "1", "2", files=[("/x/y", "00", 0, 0o100644)], licence="L" * 400), header("b", "1", "2", requires=["c" * 5000])]
BINARIES = {
    "tool": elf([(".go.buildinfo", inline("go1.20", "mod\tm.invalid/x\tv1\t\ndep\tm.invalid/y\tv2\n"))]),
    "rusty": elf([(".dep-v0", crates([{"name": "a", "version": "1"}]))]),
    "var/lib/rpm/rpmdb.sqlite": sqlite(HEADERS),
    "usr/lib/sysimage/rpm/Packages.db": ndb(HEADERS),
    "var/lib/rpm/Packages": berkeley(HEADERS),
}


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.sampled_from(sorted(BINARIES)), st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_bytes_of_a_binary_may_be_wrong(path, changes):
    content = bytearray(BINARIES[path])
    for at, value in changes:
        content[at % len(content)] = value
    assert "pkg:pypi/six@1.16.0" in purls(survey(tree({path: bytes(content), **GOOD})).packages)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("yarn.lock", "a@1:\n" * 200_000),
        ("yarn.lock", '"' + "a" * 1_000_000),
        ("pnpm-lock.yaml", "packages:\n" + "  /" * 300_000),
        ("x.gemspec/specifications/x.gemspec", "\n" * 900_000),
        ("vendored/six.py", "\n" * 900_000),
        ("META-INF/maven/g/a/pom.xml", "<dependencies>" * 60_000),
        ("x-1.dist-info/METADATA", " \n" * 500_000),
        ("x-1.dist-info/RECORD", '"' + "a,b\n" * 200_000),
        ("lib/apk/db/installed", "\n \n" * 300_000),
        ("etc/os-release", "ID=" + " " * 60_000),
        ("var/lib/dpkg/status", "Package: x\nVersion: 1\nDepends: " + "a | " * 200_000 + "\n"),
    ],
)
def test_no_text_takes_long(path, content):
    import time

    started = time.process_time()
    survey(tree({path: content, "var/lib/dpkg/status": "Package: x\nVersion: 1\n"} | {path: content}))
    assert time.process_time() - started < allowed(3)


def test_packages_nested_deeply_do_not_take_long():
    import json
    import time

    deep = "node_modules/a/" * 200
    about = {"version": "1.0.0", "dependencies": {f"gone{number}": "1" for number in range(100)}}
    files = {f"{deep}node_modules/x{number}/package.json": json.dumps({"name": f"x{number}", **about}) for number in range(300)}
    started = time.process_time()
    assert len(survey(tree(files)).packages) == 300
    assert time.process_time() - started < allowed(3)
