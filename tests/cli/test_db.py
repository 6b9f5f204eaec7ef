"""`buckler db`: fetch from a server on this machine, add, show; and every way in which it can go wrong."""

import json

import pytest
from tests.app.vulndb.bulk import demo, served
from tests.app.vulndb.test_opening import EPSS, KEV, VEX
from tests.cli.asked import ask


@pytest.fixture
def bulk():
    with served() as server:
        yield server


def test_update_then_show(bulk, tmp_path):
    bulk.archives = {"/PyPI/all.zip": demo(3), "/npm/all.zip": demo()}
    fetched = ("db", "update", "--from", bulk.url, "--db", "x", "--ecosystem", "PyPI", "--ecosystem", "npm")
    done = ask(*fetched, folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].startswith("PyPI: 3 advisories (")
    assert ask(*fetched, folder=tmp_path).out == "PyPI: unchanged\nnpm: unchanged\n"
    shown = ask("db", "show", "--db", "x", folder=tmp_path)
    assert shown.code == 0
    assert "PyPI 3; newest 2026-01-02T03:04:05Z; 0 withdrawn" in shown.out
    assert "known exploited: no catalogue" in shown.out
    assert "days old; hint: buckler db update" in shown.err


def test_without_a_name_the_usual_ecosystems_are_fetched(bulk, tmp_path):
    usual = ["PyPI", "npm", "Go", "Maven", "crates.io", "RubyGems", "NuGet"]
    bulk.archives = {f"/{name}/all.zip": demo() for name in usual}
    done = ask("db", "update", "--from", bulk.url, "--db", "x", folder=tmp_path)
    assert (done.code, len(done.out.splitlines())) == (0, len(usual))


def test_one_that_fails_does_not_stop_the_others(bulk, tmp_path):
    bulk.archives = {"/npm/all.zip": demo()}
    done = ask("db", "update", "--from", bulk.url, "--db", "x", "--ecosystem", "PyPI", "--ecosystem", "npm", folder=tmp_path)
    assert done.code == 2
    assert "error: there is no archive of `PyPI`" in done.err
    assert done.out.startswith("npm: 1 advisory")


def test_add_tells_what_each_file_is(tmp_path):
    for name, content in (("k", KEV), ("e", EPSS), ("v", VEX), ("z", demo(2))):
        (tmp_path / name).write_bytes(content)
    done = ask("db", "add", "k", "e", "v", "z", "--db", "x", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out.splitlines() == ["k: 1 flaw known to be exploited", "e: 1 score of EPSS", "v: 1 VEX statement", "z: 2 advisories"]
    document = json.loads(ask("db", "show", "--db", "x", "--format", "json", folder=tmp_path).out)
    assert document["schema"] == "buckler/db/1"
    assert (document["known_exploited"], document["epss"], document["vex_statements"]) == (1, 1, 1)
    assert [one["advisories"] for one in document["sources"]] == [{"PyPI": 2}]


def test_a_file_that_is_nothing_of_it(tmp_path):
    (tmp_path / "x").write_bytes(b"hunter2")
    done = ask("db", "add", "x", "absent", "--db", "y", folder=tmp_path)
    assert done.code == 2
    assert "error: x: `x` holds nothing of vulnerabilities" in done.err
    assert "error: absent: cannot read `absent`" in done.err
    assert "hunter2" not in done.err


def test_show_without_a_database(tmp_path):
    done = ask("db", "show", "--db", "x", folder=tmp_path)
    assert done.code == 3
    assert "hint: buckler db update" in done.err


def test_a_damaged_archive_is_an_error_of_show(tmp_path):
    path = tmp_path / "x" / "osv-scanner" / "npm" / "all.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged")
    (tmp_path / "z").write_bytes(demo())
    ask("db", "add", "z", "--db", "x", folder=tmp_path)
    done = ask("db", "show", "--db", "x", folder=tmp_path)
    assert done.code == 2
    assert "cannot be read as a zip" in done.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("update", "--ecosystem", "pypi"), "--ecosystem 'PyPI'"),
        (("update", "--from", "http://osv.invalid"), "--from https://"),
        (("add",), "buckler db add --help"),
    ],
)
def test_a_mistake_is_told(tmp_path, arguments, hint):
    done = ask("db", *arguments, folder=tmp_path)
    assert done.code == 2
    assert hint in done.err.partition("hint: ")[2]
