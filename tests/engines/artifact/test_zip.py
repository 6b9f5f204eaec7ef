"""A zip is read once and for all, and what is wrong with it is named."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.attacks import ATTACKS, MANY, Raw, deflated, plain

from buckler.engines.artifact import zip as zip_module
from buckler.engines.artifact.zip import Limits, ZipError, read_zip


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_named(name: str) -> None:
    make, kind = ATTACKS[name]
    assert kind in {fault.kind for fault in read_zip(make()).faults}


def test_an_ordinary_archive_has_no_faults() -> None:
    tree = read_zip(plain(("a/b.py", b"print(1)\n"), ("a/c.txt", b""), ("bin/run", b"#!/bin/sh\n")))
    assert tree.faults == ()
    assert [entry.path for entry in tree] == ["a/b.py", "a/c.txt", "bin/run"]
    assert tree.read("a/b.py") == b"print(1)\n"


def test_a_name_that_ends_in_a_slash_is_a_directory_whatever_its_mode() -> None:
    tree = read_zip(Raw().add(b"META-INF/", b"", mode=0o177777).bytes())
    assert [entry.kind for entry in tree] == ["directory"]
    assert tree.faults == ()


def test_what_is_not_read_is_not_there_to_read() -> None:
    tree = read_zip(Raw().add(b"a.py", b"secret", flags=1).bytes())
    assert tree.entries["a.py"].sha256 == ""
    with pytest.raises(KeyError):
        tree.read("a.py")


def test_archives_written_to_a_pipe_are_in_order() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.py", b"x" * 5000)
        archive.writestr("b.py", b"y")
    assert read_zip(pipe.written).faults == ()


def test_many_entries_are_quick() -> None:
    tree = read_zip(MANY(), limits=Limits(entries=80_000))
    assert len(tree) == 70_000
    assert tree.faults == ()


def test_the_same_content_zipped_again_has_the_same_hash() -> None:
    files = [("a.py", b"1"), ("b.py", b"2" * 1000)]
    once, again = io.BytesIO(), io.BytesIO()
    for buffer, order, method in ((once, files, zipfile.ZIP_DEFLATED), (again, files[::-1], zipfile.ZIP_STORED)):
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for number, (name, content) in enumerate(order):
                archive.writestr(zipfile.ZipInfo(name, (2000 + number, 1, 1, 0, 0, 0)), content)
    assert read_zip(once.getvalue()).tree_hash() == read_zip(again.getvalue()).tree_hash()
    assert read_zip(plain(("a.py", b"1"), ("b.py", b"3"))).tree_hash() != read_zip(once.getvalue()).tree_hash()


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06", b"hello", plain()[:-5], b"\0" * 70_000])
def test_what_is_no_zip_is_one_error(data: bytes) -> None:
    with pytest.raises(ZipError):
        read_zip(data)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 400), st.integers(0, 255), st.integers(0, 400), st.integers(0, 255))
def test_any_two_bytes_may_be_wrong(at: int, value: int, other_at: int, other: int) -> None:
    data = bytearray(plain(("a/b.py", b"print(1)\n" * 9), ("c.txt", b"z" * 40)))
    data[at % len(data)], data[other_at % len(data)] = value, other
    try:
        tree = read_zip(bytes(data))
    except ZipError:
        return
    for entry in tree.files():
        if entry.sha256:
            assert len(tree.read(entry.path)) == entry.size_bytes


@pytest.mark.parametrize("name", ["a bomb of 300 MB", "two entries share their bytes"])
def test_attacks_cost_little_and_write_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "attack.zip"
    path.write_bytes(ATTACKS[name][0]())
    code = (
        "import sys; from pathlib import Path; from buckler.engines.artifact.zip import read_zip;"
        "read_zip(Path(sys.argv[1]).read_bytes());"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 100 * 1024, "kB"
    assert [one.name for one in tmp_path.iterdir()] == ["attack.zip"]


@pytest.mark.parametrize("most", [64 * 1024 * 1024, 2 * 1024 * 1024], ids=["all-fits", "some-does-not"])
def test_who_reads_an_entry_makes_no_difference(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    raw, content = Raw(), bytes(range(251)) * 400
    for number in range(60):
        own = content + b"%d" % number
        match number % 6:
            case 0:
                raw.add(b"f%d" % number, own, method=8, packed=deflated(own))
            case 1:
                raw.add(b"f%d" % number, own, crc=1)
            case 2:
                raw.add(b"f%d" % number, own, method=8, packed=deflated(own[:-9]))
            case 3:
                raw.add(b"f%d" % (number - 3), own)
            case 4:
                raw.add(b"f%d" % number, own, method=93)
            case _:
                raw.add(b"s%d" % number, b"small")
    packed = raw.bytes()
    limits = Limits(total_bytes=most)
    beside = read_zip(packed, limits=limits)
    monkeypatch.setattr(zip_module, "_can_help", lambda: False)
    alone = read_zip(packed, limits=limits)
    assert [*beside] == [*alone]
    assert beside.faults == alone.faults
    assert ("bomb" in {fault.kind for fault in alone.faults}) == (most < 60 * len(content))
    for entry in alone.files():
        if entry.sha256:
            assert beside.read(entry.path) == alone.read(entry.path)
