"""Statements about flaws: read, applied, and written."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.engines.artifact.vex import VexError, apply, covers, looks_like_vex, openvex, read_vex
from buckler.model.artifact import Vulnerability

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PURL = "pkg:pypi/requests@2.19.1"
SECRET = "hunter2-do-not-print"


def flaw(id_="CVE-2018-18074", purl=PURL, **fields):
    return Vulnerability(id=id_, purl=purl, **fields)


def statement(**fields):
    return {
        "vulnerability": {"name": "CVE-2018-18074"},
        "products": [{"@id": PURL}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
    } | fields


def document(*statements, **fields):
    return json.dumps(
        {
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": "https://x.invalid/vex",
            "author": "a",
            "timestamp": "2026-01-01T00:00:00Z",
            "version": 1,
            "statements": list(statements),
            **fields,
        }
    ).encode()


def cyclonedx(**analysis):
    component = {"type": "library", "name": "requests", "bom-ref": "r1", "purl": PURL}
    flaw_ = {"id": "GHSA-x84v-xcm2-53pg", "references": [{"id": "CVE-2018-18074"}], "analysis": analysis, "affects": [{"ref": "r1"}]}
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [{"name": "top", "components": [component]}],
            "vulnerabilities": [flaw_],
        }
    ).encode()


def status(content, one=None, about=()):
    (applied,) = apply([one or flaw()], read_vex(content), about)
    return applied.vulnerability.vex, applied.is_suppressed


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(document(statement()), ("not_affected", True), id="not-affected"),
        pytest.param(document(statement(status="fixed")), ("fixed", True), id="fixed"),
        pytest.param(document(statement(status="affected")), ("affected", False), id="affected"),
        pytest.param(document(statement(status="under_investigation")), ("under_investigation", False), id="in-doubt"),
        pytest.param(document(statement(products=["pkg:pypi/requests"])), ("not_affected", True), id="every-version"),
        pytest.param(document(statement(products=["pkg:pypi/requests@2.20.0"])), ("", False), id="another-version"),
        pytest.param(document(statement(products=["pkg:pypi/requests-oauthlib"])), ("", False), id="another-package"),
        pytest.param(document(statement(vulnerability="CVE-2018-18074")), ("not_affected", True), id="0.0.x-spelling"),
        pytest.param(
            document(statement(vulnerability={"name": "X", "aliases": ["CVE-2018-18074"]})), ("not_affected", True), id="by-alias"
        ),
        pytest.param(document(statement(vulnerability={"name": "CVE-2000-0001"})), ("", False), id="another-flaw"),
        pytest.param(document(statement(products=[{"@id": "x", "identifiers": {"purl": PURL}}])), ("not_affected", True), id="identifiers"),
        pytest.param(
            document(statement(), statement(status="affected", timestamp="2026-02-01T00:00:00Z")),
            ("affected", False),
            id="the-latest-counts",
        ),
        pytest.param(
            document(statement(timestamp="2026-02-01T00:30:00+02:00"), statement(status="affected", timestamp="2026-01-31T23:00:00Z")),
            ("affected", False),
            id="the-latest-by-moment",
        ),
        pytest.param(document(statement(), statement(status="affected")), ("affected", False), id="in-doubt-not-suppressed"),
        pytest.param(
            cyclonedx(state="not_affected", justification="code_not_reachable"), ("not_affected", True), id="cyclonedx-not-affected"
        ),
        pytest.param(cyclonedx(state="false_positive"), ("not_affected", True), id="cyclonedx-false-positive"),
        pytest.param(cyclonedx(state="resolved"), ("fixed", True), id="cyclonedx-resolved"),
        pytest.param(cyclonedx(state="exploitable"), ("affected", False), id="cyclonedx-exploitable"),
        pytest.param(cyclonedx(state="in_triage"), ("under_investigation", False), id="cyclonedx-in-triage"),
        pytest.param(cyclonedx(), ("", False), id="cyclonedx-nothing-analysed"),
    ],
)
def test_it_applies(content, expected):
    assert status(content) == expected


def test_the_reason_is_kept():
    (applied,) = apply([flaw()], read_vex(document(statement(impact_statement="we do not follow redirects"))))
    assert applied.statement.why == "vulnerable_code_not_present; we do not follow redirects"


def test_a_flaw_is_found_by_its_aliases():
    assert status(document(statement()), flaw("GHSA-x84v-xcm2-53pg", aliases=("CVE-2018-18074",))) == ("not_affected", True)


@pytest.mark.parametrize(
    ("about", "expected"),
    [((), ("", False)), (("sha256:1",), ("not_affected", True)), (("sha256:2",), ("", False))],
)
def test_said_of_a_component_in_a_product_holds_only_there(about, expected):
    content = document(statement(products=[{"@id": "sha256:1", "subcomponents": [{"@id": PURL}]}]))
    assert status(content, about=about) == expected


@pytest.mark.parametrize(
    ("said", "purl", "expected"),
    [
        ("pkg:npm/%40acme/x", "pkg:npm/%40acme/x@1.0", True),
        ("pkg:npm/@acme/x", "pkg:npm/@acme/x@1.0", True),
        ("pkg:npm/@acme/x@2", "pkg:npm/@acme/x@1.0", False),
        ("pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", True),
        ("pkg:deb/debian/a@1?distro=debian-11", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", False),
        ("pkg:pypi/a", "pkg:pypi/ab@1", False),
    ],
)
def test_package_urls(said, purl, expected):
    assert covers(said, purl) is expected


def test_written_and_read_again_it_says_the_same():
    applied = apply([flaw(), flaw("CVE-2023-32681", aliases=("GHSA-j8r2-6x86-q33q",))], read_vex(document(statement())))
    written = openvex(applied, author="a", now=NOW, id_="https://x.invalid/1")
    again = apply([flaw(), flaw("CVE-2023-32681")], read_vex(json.dumps(written).encode()))
    assert [one.vulnerability.vex for one in again] == ["not_affected", "under_investigation"]
    assert again[0].statement.why == "vulnerable_code_not_present"


def test_written_for_a_product():
    written = openvex([flaw()], author="a", now=NOW, id_="https://x.invalid/1", product="sha256:1")
    assert written["timestamp"] == "2026-11-26T00:00:00Z"
    assert written["statements"][0]["products"][0]["subcomponents"][0]["@id"] == PURL
    assert written == openvex([flaw()], author="a", now=NOW, id_="https://x.invalid/1", product="sha256:1")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        document(statement(status=SECRET)),
        document(statement(vulnerability=None)),
        document(statement(vulnerability={"description": SECRET})),
        document(statement(products=[{"x": SECRET}])),
        document(statement(products=SECRET)),
        document(SECRET),
        cyclonedx(state=SECRET),
    ],
)
def test_a_broken_document_is_refused_and_not_repeated(content):
    with pytest.raises(VexError) as told:
        read_vex(content)
    assert SECRET not in str(told.value)


KEYS = [
    "@context",
    "statements",
    "status",
    "products",
    "vulnerability",
    "name",
    "subcomponents",
    "identifiers",
    "bomFormat",
    "vulnerabilities",
    "analysis",
    "state",
    "affects",
    "components",
    "metadata",
]
VALUES = st.sampled_from(["https://openvex.dev/ns", "CycloneDX", "fixed", "resolved", PURL]) | st.none() | st.integers()


@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        st.recursive(
            VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4), max_leaves=15
        ),
    )
)
def test_any_json_is_read_or_refused(value):
    try:
        read_vex(json.dumps(value).encode())
    except VexError:
        return


def test_documents_are_told_by_their_beginning():
    assert looks_like_vex(document(statement()))
    assert looks_like_vex(cyclonedx())
    assert not looks_like_vex(b'{"bomFormat": "CycloneDX", "components": []}')
