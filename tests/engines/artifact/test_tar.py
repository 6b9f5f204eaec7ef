"""A tar is read once and for all, and what is wrong with it is named."""

import gzip
import io
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.images import END, archive, digest, entry, header, layer, padded, pax

from buckler.engines.artifact import unpack
from buckler.engines.artifact.tar import TarLimits, looks_like_tar, read_members, read_tar
from buckler.engines.artifact.unpack import BLOCK, stream_of

zstandard = pytest.importorskip("zstandard")

LIE = entry("hidden.py", b"evil")

ATTACKS: dict[str, tuple[bytes, str]] = {
    "a name leads out": (archive(entry("../../etc/cron.d/x", b"x")), "traversal"),
    "a name leads out further in": (archive(entry("a/../../x", b"x")), "traversal"),
    "a name is absolute": (archive(entry("/etc/passwd", b"x")), "absolute-path"),
    "a symlink leads out": (archive(entry("d", kind=b"2", link="../../../etc")), "symlink-escapes"),
    "a symlink leads to the host": (archive(entry("d", kind=b"2", link="/etc")), "symlink-escapes"),
    "a hard link leads out": (archive(entry("d", kind=b"1", link="../../etc/passwd")), "hardlink-escapes"),
    "an entry below a link": (archive(entry("d", kind=b"2", link="e"), entry("d/x", b"x")), "below-a-link"),
    "one name twice": (archive(entry("a.py", b"1"), entry("./a.py", b"2")), "duplicate-name"),
    "a device": (archive(entry("dev/sda", kind=b"3")[:329] + header(b"dev/sda", kind=b"3", device=(8, 0))[329:]), "broken-data"),
    "a real device": (archive(header(b"dev/sda", kind=b"4", device=(8, 0))), "device"),
    "a pipe": (archive(header(b"pipe", kind=b"6")), "device"),
    "a device that deletes": (archive(header(b"etc/shadow", kind=b"3")), "overlay-whiteout"),
    "a sparse file of GNU": (archive(header(b"s", 512, b"S"), bytes(512)), "sparse"),
    "a sparse file of pax": (archive(pax({"GNU.sparse.major": "1", "GNU.sparse.name": "s"}), entry("x", b"1\n0\n")), "sparse"),
    "a type nobody knows": (archive(entry("x", b"y", kind=b"Q")), "unknown-type"),
    "two sizes": (archive(pax({"size": "0"}), header(b"a", 1024), LIE), "two-sizes"),
    "two extended headers": (archive(pax({"path": "a"}), pax({"path": "b"}), entry("c", b"x")), "second-header"),
    "one key twice": (archive(header(b"p", 20, b"x"), padded(b"10 path=a\n10 path=b\n"), entry("c", b"x")), "second-header"),
    "an extended header that breaks off later": (
        archive(header(b"p", 14, b"x"), padded(b"10 path=a\nrest"), entry("c", b"x")),
        "broken-data",
    ),
    "two long names": (archive(header(b"L", 4, b"L"), padded(b"abc\0"), pax({"path": "b"}), entry("c", b"x")), "second-name"),
    "a name for all": (archive(pax({"path": "evil"}, b"g"), entry("a", b"x")), "global-header"),
    "a broken extended header": (archive(header(b"p", 9, b"x"), padded(b"99 path=a"), entry("c", b"x")), "broken-data"),
    "data after the end": (archive(entry("a", b"x")) + LIE + END, "data-after-end"),
    "one empty block": (entry("a", b"x") + bytes(512) + LIE + END, "data-after-end"),
    "no end": (entry("a", b"x"), "no-end"),
    "cut within a file": (entry("a", b"x" * 600)[:900], "broken-data"),
    "cut within a header": (entry("a", b"x")[:300], "broken-data"),
    "a wrong checksum": (archive(entry("a", b"x"), LIE[:120] + b"9" + LIE[121:]), "broken-data"),
    "a negative size": (archive(header(b"a", size_field=b"\xff" * 12)), "broken-data"),
    "a size beyond all": (archive(header(b"a", size_field=b"\x80" + b"\x7f" * 11)), "bomb"),
    "a folder with data": (archive(header(b"d", 512, b"5"), LIE), "data-without-file"),
    "a file called like a folder": (archive(entry("d/", b"x")), "directory-as-file"),
    "an endless name": (archive(pax({"path": "a/" * 3000}), entry("c", b"x")), "long-name"),
    "a name that goes on": (archive(pax({"path": "a\0b"}), entry("c", b"x")), "nul-in-name"),
    "no name": (archive(entry("", b"x")), "no-name"),
    "bytes after the stream": (gzip.compress(archive(entry("a", b"x"))) + b"hidden", "trailing-data"),
    "a broken stream": (gzip.compress(archive(entry("a", b"x" * 5000)))[:-20], "broken-data"),
    "a wrong checksum of the stream": (gzip.compress(archive(entry("a", b"x")))[:-8] + bytes(8), "broken-data"),
    "nothing but empty members": (gzip.compress(b"") * 2000, "bomb"),
    "no tar at all": (b"hello" * 300, "broken-data"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_named(name: str) -> None:
    data, kind = ATTACKS[name]
    assert kind in {fault.kind for fault in read_tar(data).faults}


def test_an_ordinary_archive_has_no_faults() -> None:
    tar = layer(
        {"usr": None, "usr/bin": None, "usr/bin/python3": b"#!", "usr/bin/python": "-> python3", "usr/bin/py": "hard -> usr/bin/python3"}
    )
    for data in (tar, gzip.compress(tar), zstandard.compress(tar), gzip.compress(tar[:700]) + gzip.compress(tar[700:])):
        tree = read_tar(data)
        assert tree.faults == ()
        assert [(entry.path, entry.kind, entry.target) for entry in tree] == [
            ("usr", "directory", ""),
            ("usr/bin", "directory", ""),
            ("usr/bin/python3", "file", ""),
            ("usr/bin/python", "symlink", "python3"),
            ("usr/bin/py", "hardlink", "usr/bin/python3"),
        ]
        assert tree.read("usr/bin/python3") == b"#!"


def test_what_older_tools_write_is_read() -> None:
    large = b"\x80" + (3).to_bytes(11, "big")
    tree = read_tar(
        archive(
            header(b"./", kind=b"5"),
            header(b"./etc/", kind=b"5"),
            header(b"old", 3, b"\0", magic=bytes(8)) + padded(b"abc"),
            header(b"base256", 3, size_field=large) + padded(b"abc"),
            header(b"name", 3, prefix=b"a/long/prefix") + padded(b"abc"),
            header(b"gnu", 3, magic=b"ustar  \0") + padded(b"abc"),
            header(b"linked", kind=b"1", link=b"./gnu"),
            pax({"path": "päx", "mtime": "1.5"}) + header(b"x", 3) + padded(b"abc"),
        )
    )
    assert tree.faults == ()
    assert list(tree.entries) == ["etc", "old", "base256", "a/long/prefix/name", "gnu", "linked", "päx"]
    assert {tree.read(entry.path) for entry in tree.files()} == {b"abc"}
    assert tree.entries["linked"].target == "gnu"


def test_what_leads_out_is_not_there_to_read() -> None:
    tree = read_tar(archive(entry("../x", b"secret")))
    assert tree.entries["../x"].sha256 == ""
    with pytest.raises(KeyError):
        tree.read("../x")


def test_the_size_that_go_follows_is_followed() -> None:
    tree = read_tar(archive(pax({"size": "1024"}), header(b"a", 0), LIE[:1024]))
    assert [entry.path for entry in tree] == ["a"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    st.dictionaries(
        st.lists(st.text("abcäö.-_ 1", min_size=1, max_size=60).filter(lambda part: part not in {".", ".."}), min_size=1, max_size=3).map(
            "/".join
        ),
        st.binary(max_size=3000),
        max_size=5,
    )
)
def test_pythons_reader_sees_the_same(form: int, files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    try:
        with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    except ValueError:
        return  # the name does not fit this format
    tree = read_tar(buffer.getvalue())
    assert {entry.path: tree.read(entry.path) for entry in tree.files()} == files
    assert {entry.path: f"sha256:{entry.sha256}" for entry in tree.files()} == {name: digest(content) for name, content in files.items()}


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), max_size=4), st.booleans())
def test_any_bytes_may_be_wrong(changes: list[tuple[int, int]], compressed: bool) -> None:
    good = archive(pax({"path": "long/name", "size": "9"}), header(b"a", 9) + padded(b"print(1)\n"), entry("b", kind=b"2", link="a"))
    data = bytearray(gzip.compress(good, mtime=0) if compressed else good)
    for at, value in changes:
        data[at % len(data)] = value
    tree = read_tar(bytes(data))
    for one in tree.files():
        if one.sha256:
            assert digest(tree.read(one.path)) == f"sha256:{one.sha256}"


@pytest.mark.parametrize(
    "compress", [gzip.compress, zstandard.compress, bytes, lambda data: gzip.compress(data[:BLOCK]) + gzip.compress(data[BLOCK:])]
)
def test_any_part_can_be_read_in_any_order(compress) -> None:
    data = b"".join(number.to_bytes(4, "big") for number in range(1_000_000))
    stream = stream_of(memoryview(compress(data)))
    assert b"".join(bytes(piece) for piece in stream.pieces()) == data
    for at, size in ((3_500_000, 90), (0, 10), (BLOCK - 5, 10), (2 * BLOCK, 2 * BLOCK - 300_000), (100, 3_000_000), (3_999_990, 10)):
        assert stream.at(at, size) == data[at : at + size]
    with pytest.raises(unpack.UnpackError):
        stream.at(len(data) - 1, 2)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_bomb_is_stopped_while_it_unpacks(compress) -> None:
    size = 200 * 1024 * 1024
    tar = read_members(stream_of(memoryview(compress(archive(header(b"zeros", size), bytes(size))))))
    assert [fault.kind for fault in tar.faults] == ["bomb"]
    assert tar.sha256 == ""
    assert tar.size_bytes < 70 * 1024 * 1024


def test_limits_are_kept() -> None:
    many = archive(*(entry(f"f{number}") for number in range(20)))
    tree = read_tar(many, limits=TarLimits(entries=10))
    assert [fault.kind for fault in tree.faults if fault.is_fatal] == ["bomb"]
    assert len(tree) == 10
    assert "bomb" in {fault.kind for fault in read_tar(archive(entry("a", b"x" * 2000)), limits=TarLimits(total_bytes=1000)).faults}


def test_an_archive_that_breaks_off_is_hashed_to_its_end() -> None:
    data = archive(entry("a", b"x"), b"\1" * 512, entry("b", b"y"))
    tar = read_members(stream_of(memoryview(data)))
    assert f"sha256:{tar.sha256}" == digest(data)
    assert [member.entry.path for member in tar.members] == ["a"]


def test_archives_are_told_by_their_first_header() -> None:
    assert looks_like_tar(archive(entry("a", b"x")))
    assert not looks_like_tar(b"PK\x03\x04" * 300)
    assert not looks_like_tar(b"")
