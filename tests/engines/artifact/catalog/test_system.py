"""Packages of Linux distributions in images."""

import sqlite3

import pytest
from tests.engines.artifact.catalog.rpms import berkeley, header, ndb, sqlite
from tests.engines.artifact.catalog.trees import purls, tree

from buckler.engines.artifact.catalog import catalog, survey

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n'
AMAZON = 'ID="amzn"\nVERSION_ID="2023"\n'
ALPINE = "ID=alpine\nVERSION_ID=3.19.1\n"

STATUS = """Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl (3.0.11-1)
Version: 3.0.11-1~deb12u2
Depends: libc6 (>= 2.34), gone | libc6
Description: a text
 Package: not-a-field

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u4

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def test_debian():
    packages = catalog(
        tree(
            {
                "etc/os-release": DEBIAN,
                "var/lib/dpkg/status": STATUS,
                "var/lib/dpkg/info/libc6:amd64.list": "/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n/usr/share/doc\n",
                "usr/lib/x86_64-linux-gnu/libc.so.6": "x",
                "usr/share/doc/x": "",
            },
            links={"lib": "usr/lib"},
        )
    )
    assert purls(packages) == [
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12",
        "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl%403.0.11-1",
    ]
    assert packages[1].depends_on == (packages[0].purl,)
    assert packages[1].files is None
    assert "usr/lib/x86_64-linux-gnu/libc.so.6" in [file.path for file in packages[0].files]
    assert all(file.sha256 == "" for file in packages[0].files)


def test_distroless():
    stanza = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"
    packages = catalog(
        tree(
            {
                "usr/lib/os-release": DEBIAN,
                "var/lib/dpkg/status.d/base": stanza,
                "var/lib/dpkg/status.d/base.md5sums": "0123  usr/share/x\n",
                "usr/share/x": "",
            }
        )
    )
    assert purls(packages) == ["pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12"]
    assert [file.path for file in packages[0].files] == ["usr/share/x"]


def test_alpine():
    database = "C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\no:openssl\nD:so:libc.musl-x86_64.so.1 !bad musl>=1\np:so:libcrypto.so.3=3\nF:lib\nR:libcrypto.so.3\nZ:Q1x=\n\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\np:so:libc.musl-x86_64.so.1=1\n\n"
    packages = catalog(tree({"etc/os-release": ALPINE, "lib/apk/db/installed": database}))
    assert purls(packages) == [
        "pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1&upstream=openssl",
        "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1",
    ]
    assert packages[0].depends_on == (packages[1].purl,)
    assert [file.path for file in packages[0].files] == ["lib/libcrypto.so.3"]
    assert packages[0].licence == "Apache-2.0"


SHA = "ab" * 32
HEADERS = [
    header(
        "openssl-libs",
        "3.0.8",
        "1.amzn2023",
        epoch=1,
        files=[("/usr/lib64/libssl.so.3", SHA, 0, 0o100755), ("/usr/share/doc", "", 0, 0o040755), ("/var/log/x", "", 64, 0o100644)],
        requires=["libc.so.6()(64bit)", "gone"],
    ),
    header("glibc", "2.34", "52.amzn2023", provides=["libc.so.6()(64bit)"], licence="L" * 200),
    header("gpg-pubkey", "d832c631", "6515c85e"),
]
WHERE = [
    pytest.param("var/lib/rpm/rpmdb.sqlite", sqlite(HEADERS), id="sqlite"),
    pytest.param("usr/lib/sysimage/rpm/Packages.db", ndb(HEADERS), id="ndb"),
    pytest.param("var/lib/rpm/Packages", berkeley(HEADERS), id="berkeley"),
    pytest.param("var/lib/rpm/Packages", berkeley(HEADERS, order=">", size=512), id="berkeley-big-endian"),
]


@pytest.mark.parametrize(("path", "database"), WHERE)
def test_rpm(path, database):
    told = survey(tree({"etc/os-release": AMAZON, path: database}))
    assert told.faults == ()
    assert purls(told.packages) == [
        "pkg:rpm/amzn/glibc@2.34-52.amzn2023?arch=x86_64&distro=amzn-2023&upstream=glibc-2.34-52.amzn2023.src.rpm",
        "pkg:rpm/amzn/openssl-libs@3.0.8-1.amzn2023?arch=x86_64&distro=amzn-2023&epoch=1&upstream=openssl-libs-3.0.8-1.amzn2023.src.rpm",
    ]
    ssl = told.packages[1]
    assert ssl.version == "1:3.0.8-1.amzn2023"
    assert [(file.path, file.sha256) for file in ssl.files] == [("usr/lib64/libssl.so.3", SHA)]
    assert ssl.depends_on == (told.packages[0].purl,)


@pytest.mark.parametrize(("path", "database"), WHERE)
def test_a_database_that_is_cut_is_never_an_empty_one(path, database):
    for size in (0, 3, 100, 600, 5000, len(database) - 700):
        told = survey(tree({path: database[: min(size, len(database) - 1)]}))
        assert told.not_assessed, size


def test_a_database_of_another_kind_is_not_assessed():
    told = survey(tree({"var/lib/rpm/Packages": b"something else" * 100}))
    assert [fault.kind for fault in told.faults] == ["malformed-metadata"]
    assert told.not_assessed


def test_a_log_beside_the_database_is_not_forgotten():
    told = survey(tree({"var/lib/rpm/rpmdb.sqlite": sqlite(HEADERS), "var/lib/rpm/rpmdb.sqlite-wal": b"x"}))
    assert len(told.packages) == 2
    assert "write-ahead log" in told.not_assessed[0].why


@pytest.mark.parametrize("make", [sqlite, ndb, berkeley])
def test_a_database_without_packages_is_said_to_be_one(make):
    assert survey(tree({"var/lib/rpm/Packages": make([])})).not_assessed


def test_a_hostile_database_does_not_compute():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIEW Packages AS WITH RECURSIVE x(hnum, blob) AS (SELECT 1, x'00' UNION ALL SELECT hnum + 1, blob FROM x) SELECT * FROM x"
    )
    told = survey(tree({"var/lib/rpm/rpmdb.sqlite": connection.serialize()}))
    assert told.packages == ()
    assert told.not_assessed


def test_a_database_whose_names_are_no_text_is_not_assessed():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE Packages (hnum INTEGER, blob BLOB)")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET type = CAST(x'ff' AS TEXT)")
    connection.commit()
    assert survey(tree({"var/lib/rpm/rpmdb.sqlite": connection.serialize()})).not_assessed


def test_an_overflow_chain_in_a_circle_ends():
    database = bytearray(berkeley([header("x", "1", "1", licence="L" * 200, requires=["y" * 9000])]))
    database[2 * 4096 + 16 : 2 * 4096 + 20] = (2).to_bytes(4, "little")
    survey(tree({"var/lib/rpm/Packages": bytes(database)}))


@pytest.mark.parametrize("path", ["var/lib/dpkg/status", "lib/apk/db/installed"])
def test_a_package_without_a_name_is_a_fault(path):
    told = survey(tree({path: "Version: 1\nV:1\n"}))
    assert [fault.entry for fault in told.faults] == [path]
