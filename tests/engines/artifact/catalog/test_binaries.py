"""Programs say what they were built from, in each layout that linkers write."""

import struct

import pytest
from tests.engines.artifact.attacks import Raw, plain
from tests.engines.artifact.catalog.programs import PAD, crates, elf, fat, inline, macho, pe, pointed
from tests.engines.artifact.catalog.trees import purls, tree

from buckler.engines.artifact.catalog import catalog, survey
from buckler.engines.artifact.catalog.binaries import carries
from buckler.engines.artifact.zip import read_zip

MODULES = (
    "path\tgithub.com/Acme/tool/cmd\n"
    "mod\tgithub.com/Acme/tool\t(devel)\t\n"
    "dep\tgolang.org/x/sys\tv0.1.0\th1:abc=\n"
    "dep\tgithub.com/old/thing/v2\tv2.0.0\n=>\tgithub.com/new/thing/v2\tv2.0.1\th1:def=\n"
    "dep\tgithub.com/local/one\tv1.0.0\n=>\t../one\t\n"
    "build\tGOOS=linux\n"
)
WANTED = [
    "pkg:golang/github.com/acme/tool",
    "pkg:golang/github.com/local/one",
    "pkg:golang/github.com/new/thing/v2@v2.0.1",
    "pkg:golang/golang.org/x/sys@v0.1.0",
    "pkg:golang/stdlib@1.20.3",
]
NEW = inline("go1.20.3", MODULES)
BASE = 0x400000 + 128


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(elf([(".go.buildinfo", NEW)]), id="elf"),
        pytest.param(elf([(".data", NEW)], stripped=True), id="elf-without-sections"),
        pytest.param(elf([(".rodata", b"a reader of \xff Go buildinf: ".ljust(64)), (".go.buildinfo", NEW)]), id="elf-of-a-reader-of-it"),
        pytest.param(elf([(".rodata", b"\xff Go buildinf:\x08\x02".ljust(64, b"\xff")), (".data", NEW)]), id="elf-with-a-decoy"),
        pytest.param(elf([(".go.buildinfo", pointed("go1.20.3", MODULES, BASE))]), id="elf-old"),
        pytest.param(elf([(".go.buildinfo", pointed("go1.20.3", MODULES, BASE, ">"))], order=">"), id="elf-old-big-endian"),
        pytest.param(macho("__go_buildinfo", NEW), id="macho"),
        pytest.param(pe(".data", NEW), id="pe"),
        pytest.param(fat(macho("__text", PAD), macho("__go_buildinfo", NEW)), id="macho-of-several"),
    ],
)
def test_modules_of_go(content):
    packages = catalog(tree({"bin/tool": content}))
    assert purls(packages) == WANTED
    assert {(one.path, one.source) for one in packages} == {("bin/tool", "go-buildinfo")}


def test_what_a_module_is_called_and_what_it_needs():
    packages = {one.purl: one for one in catalog(tree({"bootstrap": elf([(".go.buildinfo", NEW)])}))}
    main = packages[WANTED[0]]
    assert (main.name, main.version) == ("github.com/Acme/tool", "")
    assert main.depends_on == tuple(WANTED[1:])
    assert packages[WANTED[3]].checksum == "h1:abc="


def test_a_development_version_of_go_is_no_release():
    packages = catalog(tree({"x": elf([(".go.buildinfo", inline("devel go1.23-abc", "mod\tm.invalid/x\tv1.0.0\t\n"))])}))
    assert purls(packages) == ["pkg:golang/m.invalid/x@v1.0.0", "pkg:golang/stdlib"]


def test_crates_of_rust():
    listed = [
        {"name": "app", "version": "0.1.0", "source": "local", "root": True, "dependencies": [1, 2, 99]},
        {"name": "serde", "version": "1.0.0", "source": "crates.io"},
        {"name": "cc", "version": "1.0.1", "source": "crates.io", "kind": "build"},
    ]
    for content in (elf([(".dep-v0", crates(listed))]), macho(".dep-v0", crates(listed)), pe(".dep-v0", crates(listed))):
        packages = catalog(tree({"bootstrap": content}))
        assert [(one.purl, one.depends_on) for one in packages] == [
            ("pkg:cargo/app@0.1.0", ("pkg:cargo/serde@1.0.0",)),
            ("pkg:cargo/serde@1.0.0", ()),
        ]


@pytest.mark.parametrize(
    "section",
    [b"no zlib", crates([])[:-6], crates("no list"), crates([1, None, {"name": 3}]), crates([{"name": "x" * 9_000_000, "version": "1"}])],
)
def test_a_broken_list_of_crates_is_no_crash(section):
    assert purls(survey(tree({"x": elf([(".dep-v0", section)])})).packages) == []


def test_a_bomb_of_crates_is_named():
    told = survey(tree({"x": elf([(".dep-v0", crates([{"name": "x" * 9_000_000}]))])}))
    assert [fault.kind for fault in told.faults] == ["metadata-too-large"]


@pytest.mark.parametrize("path", ["lib/x.so", "lib/x.so.1", "x.exe", "x.node", "bootstrap"])
def test_names_of_programs(path):
    assert catalog(tree({path: elf([(".go.buildinfo", NEW)])}))


def test_a_program_that_is_named_as_a_text_is_found_where_it_may_run():
    content = elf([(".go.buildinfo", NEW)]) + PAD * 4
    assert catalog(tree({"x.py": content}, modes={"x.py": 0o755}))


@pytest.mark.parametrize("cut", [5, 17, 40, 63, 64, 90, 119, 130, 160, 200, 400])
def test_any_cut_is_no_crash(cut):
    for content in (
        elf([(".go.buildinfo", NEW)]),
        elf([("x", pointed("go1.1", MODULES, BASE))]),
        macho("__go_buildinfo", NEW),
        pe(".data", NEW),
        fat(macho("x", NEW)),
    ):
        survey(tree({"x": content[:cut] + b"\xff" * 70_000, "y": content[:cut] + PAD}))


def test_headers_that_lead_nowhere():
    for field in range(16, 64):
        content = bytearray(elf([(".go.buildinfo", pointed("go1.16", MODULES, BASE))]))
        content[field : field + 4] = struct.pack("<I", 0xFFFFFFFF)
        survey(tree({"x": bytes(content)}))


LISTED = crates([{"name": "serde", "version": "1.0.0", "source": "crates.io"}])
PROGRAMS = {
    "go": elf([(".go.buildinfo", NEW)]),
    "go-stripped": elf([(".data", NEW)], stripped=True),
    "go-fat": fat(macho("__text", PAD), macho("__go_buildinfo", NEW)),
    "go.exe": pe(".data", NEW),
    "rust": elf([(".dep-v0", LISTED)]),
    "rust.dylib": macho(".dep-v0", LISTED),
    "c.so": elf([(".text", PAD)]),
    "cut.so": elf([(".text", PAD)])[:70_000],
    "table.npy": bytes(100_000),
    "mo": b"MZ" + bytes(100_000),
}


@pytest.mark.parametrize("rest", [0, 6 * 1024 * 1024], ids=["one-thread", "threads"])
def test_what_is_looked_into_while_it_is_read_is_not_missed(rest):
    packed = plain(*PROGRAMS.items(), ("large", bytes(range(256)) * (rest // 256)))
    looked, plainly = read_zip(packed, carries=carries), read_zip(packed)
    assert looked.without_inventory == {"c.so", "cut.so", "table.npy", "mo"} | ({"large"} if rest else set())
    assert not plainly.without_inventory
    assert survey(looked) == survey(plainly)
    assert {one.path for one in catalog(looked)} == {name for name in PROGRAMS if name.startswith(("go", "rust"))}
    assert looked.tree_hash() == plainly.tree_hash()


def test_of_two_entries_of_a_name_the_one_that_counts_was_looked_into():
    for first, second in ((PROGRAMS["c.so"], PROGRAMS["go"]), (PROGRAMS["go"], PROGRAMS["c.so"])):
        packed = Raw().add(b"x", first).add(b"x", second).bytes()
        assert survey(read_zip(packed, carries=carries)) == survey(read_zip(packed))
