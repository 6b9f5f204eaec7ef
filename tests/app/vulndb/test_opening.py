"""The database on disk: opened, indexed once, damaged, added to."""

import gzip
import json

import pytest
from tests.app.vulndb.bulk import archive, demo
from tests.engines.artifact.advisories import BEFORE_2, advisory, affected, package

from buckler.app.vulndb import add, open_database
from buckler.engines.artifact.osv import assess, match
from buckler.errors import SourceError
from buckler.sources.vulndb import layout

KEV = json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-1000"}]}).encode()
EPSS = b"#model_version:x\ncve,epss,percentile\nCVE-2026-1000,0.5,0.9\n"
VEX = json.dumps(
    {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "statements": [
            {"vulnerability": {"name": "CVE-2026-1000"}, "products": ["pkg:pypi/demo"], "status": "fixed", "status_notes": "in our fork"}
        ],
    }
).encode()


@pytest.fixture
def where(tmp_path):
    return layout(tmp_path / "cache")


def put(where, content, ecosystem="PyPI"):
    path = where.archive(ecosystem)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def flaws(where):
    return [one.id for one in match([package("demo", "1.0")], open_database(where).database)]


def test_nothing_there_is_not_assessed(where):
    opened = open_database(where)
    assert (opened.sources, opened.faults) == ((), ())
    assert assess([package("demo", "1.0")], opened.database).not_assessed


def test_the_index_is_kept_and_used(where):
    path = put(where, demo())
    assert flaws(where) == ["CVE-2026-1000"]
    (kept,) = path.parent.glob("*.index")
    before = kept.stat().st_mtime_ns
    assert flaws(where) == ["CVE-2026-1000"]
    assert kept.stat().st_mtime_ns == before


def test_another_archive_has_another_index(where):
    path = put(where, demo())
    flaws(where)
    (old,) = path.parent.glob("*.index")
    put(where, demo(2))
    assert flaws(where) == ["CVE-2026-1000", "CVE-2026-1001"]
    (new,) = path.parent.glob("*.index")
    assert new != old


@pytest.mark.parametrize("spoil", [lambda raw: raw[: len(raw) // 2], lambda _: b"", lambda raw: raw.replace(b"OSV 1", b"OSV 9")])
def test_a_damaged_index_is_made_anew(where, spoil):
    path = put(where, demo())
    flaws(where)
    (kept,) = path.parent.glob("*.index")
    good = kept.read_bytes()
    kept.write_bytes(spoil(good))
    assert flaws(where) == ["CVE-2026-1000"]
    assert kept.read_bytes() == good


def test_an_index_that_cannot_be_kept_is_no_error(where, monkeypatch):
    path = put(where, demo())
    from pathlib import Path

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert flaws(where) == ["CVE-2026-1000"]
    assert not list(path.parent.glob("*.index"))


@pytest.mark.parametrize("content", [b"", b"no zip", demo()[:-10], archive({"id": ""})], ids=["empty", "text", "cut", "none"])
def test_a_broken_archive_is_told_and_the_others_are_used(where, content):
    put(where, demo())
    put(where, content, "npm")
    opened = open_database(where)
    assert len(opened.faults) == 1
    assert "npm" in opened.faults[0]
    assert flaws(where) == ["CVE-2026-1000"]
    told = assess([package("left-pad", "1.0.0", "npm")], opened.database)
    assert [one.need for one in told.not_assessed] == ["buckler db update --ecosystem 'npm'"]


def test_entries_that_are_no_advisories_are_listed(where):
    put(where, archive(advisory("CVE-2026-1000", affected("demo", *BEFORE_2)), {"id": "", "x": "hunter2"}))
    (source,) = open_database(where).sources
    assert [entry for entry, _ in source.unread] == ["-1.json"]
    assert "hunter2" not in str(source.unread)


def test_only_the_ecosystems_asked_for_are_opened(where):
    put(where, demo())
    put(where, demo(), "npm")
    assert len(open_database(where, ["npm"]).sources) == 1


def test_the_folder_of_osv_scanner(monkeypatch, tmp_path):
    monkeypatch.setenv("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", str(tmp_path / "theirs"))
    assert layout().archive("npm") == tmp_path / "theirs" / "osv-scanner" / "npm" / "all.zip"
    monkeypatch.delenv("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr("sys.platform", "linux")
    assert layout().archive("npm") == tmp_path / "xdg" / "osv-scanner" / "npm" / "all.zip"


# --- adding -------------------------------------------------------------------------------------------------------------------


def test_a_folder_is_added_and_again_changes_nothing(where, tmp_path):
    folder = tmp_path / "mine" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps(advisory("CVE-2026-1000", affected("demo", *BEFORE_2))))
    (folder / "notes.json").write_text('{"hunter2": 1}')
    (added,) = add(tmp_path / "mine", where)
    assert (added.kind, added.count, [name for name, _ in added.unread]) == ("advisories", 1, ["deep/notes.json"])
    assert flaws(where) == ["CVE-2026-1000"]
    add(tmp_path / "mine", where)
    assert len(list(where.added.glob("*.zip"))) == 1


def test_a_zip_and_a_single_file_are_added(where, tmp_path):
    (tmp_path / "x.bin").write_bytes(demo())
    (tmp_path / "y.json").write_text(json.dumps(advisory("CVE-2026-2000", affected("demo", *BEFORE_2))))
    assert [one.kind for path in ("x.bin", "y.json") for one in add(tmp_path / path, where)] == ["advisories", "advisories"]
    assert flaws(where) == ["CVE-2026-1000", "CVE-2026-2000"]


def test_the_cache_of_another_machine_is_added(where, tmp_path):
    put(layout(tmp_path / "other"), demo())
    assert len(add(tmp_path / "other", where)) == 1
    assert flaws(where) == ["CVE-2026-1000"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (KEV, "known-exploited"),
        (EPSS, "epss"),
        (gzip.compress(EPSS, mtime=0), "epss"),
        (gzip.compress(KEV, mtime=0), "known-exploited"),
        (VEX, "vex"),
    ],
)
def test_each_is_told_by_its_content(where, tmp_path, content, kind):
    (tmp_path / "file").write_bytes(content)
    (added,) = add(tmp_path / "file", where)
    assert (added.kind, added.count) == (kind, 1)


def test_what_was_added_is_used(where, tmp_path):
    put(where, demo())
    for name, content in (("k", KEV), ("e", EPSS), ("v", VEX)):
        (tmp_path / name).write_bytes(content)
        add(tmp_path / name, where)
    opened = open_database(where)
    (one,) = match([package("demo", "1.0")], opened.database)
    assert (one.is_exploited, one.epss) == (True, 0.5)
    assert [statement.status for statement in opened.statements] == ["fixed"]
    assert opened.database.exploited.has_known
    (stated,) = opened.assess([package("demo", "1.0")]).vulnerabilities
    assert (stated.vex, stated.vex_why) == ("fixed", "in our fork")


def test_a_file_that_cannot_be_read_is_not_assessed(where):
    put(where, demo())
    put(where, b"no zip", "npm")
    told = open_database(where).assess([package("demo", "1.0")])
    assert [one.id for one in told.vulnerabilities] == ["CVE-2026-1000"]
    assert [one.need for one in told.not_assessed] == ["buckler db update"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"{}",
        b"\x1f\x8bbroken",
        b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [7]}',
        EPSS + b"x\n",
        KEV.replace(b"CVE-2026-1000", b"x").replace(b'"x"', b"7"),
    ],
)
def test_what_is_nothing_of_it_is_refused(where, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(SourceError):
        add(tmp_path / "file", where)
    assert not list(where.root.rglob("*.*"))


def test_links_are_not_followed(where, tmp_path):
    (tmp_path / "outside.json").write_text(json.dumps(advisory("CVE-2026-1000", affected("demo", *BEFORE_2))))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.json").symlink_to(tmp_path / "outside.json")
    with pytest.raises(SourceError):
        add(folder, where)


def test_a_damaged_catalogue_is_a_fault_not_a_silence(where, tmp_path):
    put(where, demo())
    (tmp_path / "k").write_bytes(KEV)
    add(tmp_path / "k", where)
    where.known_exploited.write_bytes(b"{")
    opened = open_database(where)
    assert len(opened.faults) == 1
    assert not opened.database.exploited.has_known
