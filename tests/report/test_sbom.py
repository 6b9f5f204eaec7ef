"""Bills of materials are valid to the authors of their formats, and the same for the same artifact."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
from tests.engines.artifact.catalog.programs import elf, inline
from tests.engines.artifact.catalog.rpms import sqlite
from tests.engines.artifact.catalog.test_java import LOG4J
from tests.engines.artifact.catalog.test_system import AMAZON, HEADERS, STATUS
from tests.engines.artifact.catalog.trees import tree

from buckler.engines.artifact.catalog import survey
from buckler.model.artifact import Inventory, Package
from buckler.model.unknown import Unknown, UnknownKind
from buckler.report import sbom_cyclonedx, sbom_spdx

DIGEST = "ab" * 32
SHA512 = "sha512-" + "A" * 86 + "=="

EVERYTHING = {
    "python/six-1.16.0.dist-info/METADATA": "Name: six\nVersion: 1.16.0\nLicense: MIT\n\n",
    "python/flask-2.0.dist-info/METADATA": "Name: Flask\nVersion: 2.0\nLicense: SEE LICENSE\nRequires-Dist: six\n\n",
    "python/own-1.dist-info/METADATA": "Name: own\nVersion: 1\nLicense-Expression: MIT and LicenseRef-Ours\n\n",
    "python/botocore/vendored/six.py": '__version__ = "1.15.0"\n',
    "node_modules/@a/b/package.json": json.dumps(
        {"name": "@a/b", "version": "1.0.0", "license": "(MIT OR Apache-2.0)", "dependencies": {"c": "1"}}
    ),
    "node_modules/c/package.json": json.dumps({"name": "c", "version": "1.0.0", "license": "UNLICENSED", "dependencies": {"@a/b": "1"}}),
    "node_modules/@a/b/node_modules/c/package.json": json.dumps({"name": "c", "version": "1.0.0"}),
    "package-lock.json": json.dumps({"packages": {"node_modules/c": {"version": "1.0.0", "integrity": SHA512}}}),
    "bin/tool": elf(
        [(".go.buildinfo", inline("go1.20.3", "mod\tm.invalid/Tool\t(devel)\t\ndep\tm.invalid/x/v2\tv2.0.0+incompatible\th1:abc=\n"))]
    ),
    "lib/log4j-core-2.14.1.jar": LOG4J,
    "lib/no-group-1.0.jar": b"no archive",
    "etc/os-release": AMAZON,
    "var/lib/rpm/rpmdb.sqlite": sqlite(HEADERS),
    "var/lib/dpkg/status": STATUS,
}


def inventory(files=EVERYTHING, **more):
    told = survey(tree(files))
    given = {
        "digest": DIGEST,
        "kind": "zip",
        "size_bytes": 1,
        "entries": len(files),
        "tree_hash": DIGEST,
        "packages": told.packages,
        "not_assessed": told.not_assessed,
    }
    return Inventory(**(given | more))


def made(*packages, **more):
    return inventory({}, packages=packages, **more)


def package(name="x", **more):
    return Package(
        **(
            {
                "purl": f"pkg:pypi/{name}@1",
                "ecosystem": "pypi",
                "name": name,
                "version": "1",
                "path": f"{name}/METADATA",
                "source": "dist-info",
            }
            | more
        )
    )


def cyclonedx(text):
    """Parse what is valid to CycloneDX."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    return json.loads(text)


def spdx(text):
    """Parse what is valid to SPDX."""
    parsed = json.loads(text)
    assert [one.validation_message for one in validate_full_spdx_document(JsonLikeDictParser().parse(parsed))] == []
    return parsed


def test_the_validators_can_fail():
    text = sbom_cyclonedx.render(inventory(), "layer.zip")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.replace('"library"', '"book"')) is not None
    broken = json.loads(sbom_spdx.render(inventory(), "layer.zip").replace('"CC0-1.0"', '"MIT"'))
    assert validate_full_spdx_document(JsonLikeDictParser().parse(broken))


@pytest.mark.parametrize("kind", ["zip", "folder", "image"])
def test_valid_with_every_kind_of_package(kind):
    given = inventory(kind=kind)
    assert {one.ecosystem for one in given.packages} == {"pypi", "npm", "golang", "maven", "rpm", "deb"}
    hashes = {"lib/log4j-core-2.14.1.jar": "cd" * 32}
    wanted = {one.purl for one in given.packages}
    assert {one["purl"] for one in cyclonedx(sbom_cyclonedx.render(given, "layer.zip", hashes))["components"]} == wanted
    packages = spdx(sbom_spdx.render(given, "layer.zip", hashes))["packages"][1:]
    assert {one["externalRefs"][0]["referenceLocator"] for one in packages} == wanted


def test_package_urls_are_canonical_to_the_library_of_the_specification():
    for one in inventory().packages:
        # The specification wants Go's in lower case, which the library leaves to its users.
        assert PackageURL.from_string(one.purl).to_string() == one.purl


def test_valid_when_empty():
    assert cyclonedx(sbom_cyclonedx.render(made(), "empty.zip"))["components"] == []
    assert len(spdx(sbom_spdx.render(made(), "empty.zip"))["packages"]) == 1


@pytest.mark.parametrize("render", [sbom_cyclonedx.render, sbom_spdx.render])
def test_the_same_artifact_gives_the_same_bytes(render):
    turned = dict(reversed(EVERYTHING.items()))
    assert render(inventory(), "layer.zip") == render(inventory(turned), "layer.zip")


@pytest.mark.parametrize("render", [sbom_cyclonedx.render, sbom_spdx.render])
def test_another_artifact_is_another_document(render):
    def identity(text):
        found = json.loads(text)
        return found.get("serialNumber") or found["documentNamespace"]

    first = identity(render(made(package()), "a.zip"))
    assert first != identity(render(made(package(licence="MIT")), "a.zip"))
    assert first != identity(render(made(package(), digest="cd" * 32), "a.zip"))
    assert first == identity(render(made(package()), "a.zip"))


def test_a_time_only_when_one_is_given():
    when = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
    assert "timestamp" not in cyclonedx(sbom_cyclonedx.render(made(), "x"))["metadata"]
    assert cyclonedx(sbom_cyclonedx.render(made(), "x", created=when))["metadata"]["timestamp"] == "2026-11-26T03:00:00Z"
    assert spdx(sbom_spdx.render(made(), "x", created=when))["creationInfo"]["created"] == "2026-11-26T03:00:00Z"


def test_the_same_package_in_two_places_is_one_component():
    (found,) = [one for one in cyclonedx(sbom_cyclonedx.render(inventory(), "x"))["components"] if one["name"] == "c"]
    assert [one["location"] for one in found["evidence"]["occurrences"]] == [
        "node_modules/@a/b/node_modules/c/package.json",
        "node_modules/c/package.json",
    ]
    assert found["hashes"] == [{"alg": "SHA-512", "content": "00" * 64}]


def test_licences():
    found = {one["name"]: one.get("licenses") for one in cyclonedx(sbom_cyclonedx.render(inventory(), "x"))["components"]}
    assert found["b"] == [{"expression": "(MIT OR Apache-2.0)", "acknowledgement": "declared"}]
    assert found["flask"] == [{"license": {"name": "SEE LICENSE", "acknowledgement": "declared"}}]
    document = spdx(sbom_spdx.render(inventory(), "x"))
    declared = {one["name"]: one["licenseDeclared"] for one in document["packages"]}
    assert declared["own"] == "MIT AND LicenseRef-Ours"
    assert declared["six"] in {"MIT", "NOASSERTION"}


def test_hashes_are_of_what_was_published():
    hashes = {one.path: "cd" * 32 for one in inventory().packages}
    found = {one["name"]: one.get("hashes") for one in cyclonedx(sbom_cyclonedx.render(inventory(), "x", hashes))["components"]}
    assert found["log4j-core"] == [{"alg": "SHA-256", "content": "cd" * 32}]
    assert found["flask"] is None, "the hash of its METADATA is not that of a package"
    assert found["m.invalid/x/v2"] is None


def test_everything_is_led_to_from_the_artifact():
    document = cyclonedx(sbom_cyclonedx.render(inventory(), "x"))
    needs = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    reached, left = set(), ["artifact"]
    while left:
        at = left.pop()
        if at not in reached:
            reached.add(at)
            left.extend(needs.get(at, ()))
    assert reached == {"artifact"} | {one["bom-ref"] for one in document["components"]}
    assert "pkg:pypi/flask@2.0" in needs["artifact"]
    assert needs["pkg:pypi/flask@2.0"] == ["pkg:pypi/six@1.16.0"]


def test_gaps_are_in_the_document():
    gap = Unknown(kind=UnknownKind.FAILED, why="x.jar: it is no readable archive", need="")
    found = cyclonedx(sbom_cyclonedx.render(made(not_assessed=(gap,)), "x"))
    assert found["compositions"] == [{"aggregate": "incomplete", "assemblies": ["artifact"]}]
    assert found["metadata"]["properties"][0]["value"] == gap.why
    assert gap.why in spdx(sbom_spdx.render(made(not_assessed=(gap,)), "x"))["comment"]


@pytest.mark.parametrize(
    "odd",
    [
        package(path="a\udcff/\x1b[31m/\u202e"),
        package(licence="L" * 500),
        package(licence="(" * 500),
        package(name="é", purl="pkg:pypi/%C3%A9@1"),
        package(version="", purl="pkg:pypi/x"),
        package(checksum="sha512-AAAA"),
        package(checksum="h1:abc="),
        package(depends_on=("pkg:pypi/x@1", "pkg:pypi/gone@1")),
        package(source=""),
    ],
)
def test_whatever_strangers_write_it_stays_valid(odd):
    text = sbom_cyclonedx.render(made(odd), "na\udcffme")
    cyclonedx(text)
    spdx(sbom_spdx.render(made(odd), "na\udcffme"))
    text.encode("utf-8")


def test_an_inventory_that_was_kept_gives_the_same_bill():
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(inventory()), type=Inventory)
    assert sbom_cyclonedx.render(kept, "x") == sbom_cyclonedx.render(inventory(), "x")
