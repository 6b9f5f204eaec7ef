"""Fetching archives: from a server on this machine, whole, unchanged, broken off and wrong."""

import pytest
from tests.app.vulndb.bulk import demo
from tests.engines.artifact.advisories import package

from buckler.app.vulndb import open_database, update
from buckler.engines.artifact.osv import match
from buckler.errors import SourceError, UsageError
from buckler.sources.vulndb import check_ecosystem, layout
from buckler.sources.vulndb.fetch import base_url

PYPI = "/PyPI/all.zip"


def quiet(_at, _total):
    """Nobody watches."""


def flaws(where):
    return [one.id for one in match([package("demo", "1.0")], open_database(where).database)]


def test_fetched_it_answers(bulk, tmp_path):
    bulk.archives[PYPI] = demo(3)
    heard = []
    done = update("PyPI", layout(tmp_path), bulk.url, lambda at, total: heard.append((at, total)))
    assert (done.advisories, done.bytes_received) == (3, len(bulk.archives[PYPI]))
    assert heard[-1] == (done.bytes_received, done.bytes_received)
    assert (tmp_path / "osv-scanner" / "PyPI" / "all.zip").read_bytes() == bulk.archives[PYPI]
    assert flaws(layout(tmp_path)) == ["CVE-2026-1000", "CVE-2026-1001", "CVE-2026-1002"]
    assert not list(tmp_path.rglob("*.part*"))


def test_unchanged_it_is_not_fetched_again(bulk, tmp_path):
    bulk.archives[PYPI] = demo()
    update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert update("PyPI", layout(tmp_path), bulk.url, quiet).advisories is None
    bulk.archives[PYPI] = demo(2)
    assert update("PyPI", layout(tmp_path), bulk.url, quiet).advisories
    assert len(flaws(layout(tmp_path))) == 2


def test_an_archive_that_somebody_else_replaced_is_fetched(bulk, tmp_path):
    bulk.archives[PYPI] = demo()
    update("PyPI", layout(tmp_path), bulk.url, quiet)
    (tmp_path / "osv-scanner" / "PyPI" / "all.zip").write_bytes(b"osv-scanner wrote another one")
    assert update("PyPI", layout(tmp_path), bulk.url, quiet).advisories


def test_broken_off_it_goes_on(bulk, tmp_path):
    bulk.archives[PYPI] = demo(200)
    size = len(bulk.archives[PYPI])
    bulk.break_after = 1000
    with pytest.raises(SourceError, match="cannot fetch all advisories") as told:
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert "goes on after 1,000 bytes" in told.value.hint
    assert flaws(layout(tmp_path)) == []
    done = update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert done.bytes_received == size - 1000
    assert bulk.asked[-1][1]["Range"] == "bytes=1000-"
    assert (tmp_path / "osv-scanner" / "PyPI" / "all.zip").read_bytes() == bulk.archives[PYPI]


def test_broken_off_and_replaced_meanwhile_it_begins_anew(bulk, tmp_path):
    bulk.archives[PYPI] = demo(200)
    bulk.break_after = 1000
    with pytest.raises(SourceError):
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    bulk.archives[PYPI] = demo(150)
    assert update("PyPI", layout(tmp_path), bulk.url, quiet).bytes_received == len(bulk.archives[PYPI])
    assert len(flaws(layout(tmp_path))) == 150


def test_without_tags_nothing_is_continued(bulk, tmp_path):
    bulk.gives_tags = False
    bulk.archives[PYPI] = demo(200)
    bulk.break_after = 1000
    with pytest.raises(SourceError):
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert update("PyPI", layout(tmp_path), bulk.url, quiet).bytes_received == len(bulk.archives[PYPI])


@pytest.mark.parametrize("content", [b"", b"<html>sign in</html>", b"PK\x05\x06" + bytes(18)], ids=["empty", "portal", "empty-zip"])
def test_what_is_no_archive_replaces_nothing(bulk, tmp_path, content):
    bulk.archives[PYPI] = demo()
    update("PyPI", layout(tmp_path), bulk.url, quiet)
    bulk.archives[PYPI] = content
    with pytest.raises(SourceError):
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert flaws(layout(tmp_path)) == ["CVE-2026-1000"]


def test_a_wrong_checksum_replaces_nothing(bulk, tmp_path):
    bulk.archives[PYPI] = demo()
    bulk.wrong_sum = True
    with pytest.raises(SourceError, match="damaged on its way"):
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert flaws(layout(tmp_path)) == []


@pytest.mark.parametrize(("status", "error"), [(404, "there is no archive of `PyPI`"), (503, "cannot fetch the advisories of PyPI")])
def test_a_refusal_is_told(bulk, tmp_path, status, error):
    bulk.status = status
    with pytest.raises(SourceError) as told:
        update("PyPI", layout(tmp_path), bulk.url, quiet)
    assert told.value.error == error


def test_a_redirection_to_plain_http_is_refused(bulk, tmp_path):
    bulk.redirect = "http://elsewhere.invalid/all.zip"
    with pytest.raises(SourceError):
        update("PyPI", layout(tmp_path), bulk.url, quiet)


def test_nobody_there(tmp_path):
    with pytest.raises(SourceError, match="cannot fetch the advisories of PyPI"):
        update("PyPI", layout(tmp_path), "http://127.0.0.1:9", quiet)


@pytest.mark.parametrize("url", ["http://osv.invalid", "ftp://osv.invalid", "file:///etc", "https://", "osv.invalid"])
def test_only_https(url):
    with pytest.raises(UsageError):
        base_url(url)


def test_the_address_can_be_given(monkeypatch):
    assert base_url("https://mirror.invalid/osv/") == "https://mirror.invalid/osv"
    monkeypatch.setenv("BUCKLER_OSV_URL", "http://127.0.0.1:8000")
    assert base_url(None) == "http://127.0.0.1:8000"


@pytest.mark.parametrize("name", ["PyPI", "crates.io", "Debian:12", "Alpine:v3.20", "Ubuntu:22.04:LTS", "Rocky Linux:9", "GIT", "Bitnami"])
def test_names_of_ecosystems(name):
    assert check_ecosystem(name) == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pypi", "'PyPI'"),
        ("crates", "'crates.io'"),
        ("debian:12", "'Debian:12'"),
        ("../x", "one of"),
        ("PyPI/..", "PyPI"),
        ("", "one of"),
        ("Debian:../../x", "Debian"),
    ],
)
def test_what_is_no_ecosystem(name, hint):
    with pytest.raises(UsageError) as told:
        check_ecosystem(name)
    assert hint in told.value.hint
