"""A bill of materials as SPDX 2.3 JSON (ISO/IEC 5962).

Source: spdx.github.io/spdx-spec/v2.3. Tests validate with the library of its authors.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from buckler import __version__
from buckler.model.artifact import Inventory
from buckler.report.sbom import Bill, Component, bill, moment, slug

_DOCUMENT: Final = "SPDXRef-DOCUMENT"
_ROOT: Final = "SPDXRef-Artifact"
_NO_TIME: Final = "1970-01-01T00:00:00Z"
"""SPDX insists on a time; without SOURCE_DATE_EPOCH the same artifact would be another document each time."""
_UNSAID: Final = "NOASSERTION"
_OWN: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def render(inventory: Inventory, name: str, hashes: Mapping[str, str] | None = None, created: datetime | None = None) -> str:
    """Write the packages of an artifact. The same inventory gives the same bytes."""
    return json.dumps(_document(bill(inventory, name, hashes, created)), indent=2, ensure_ascii=False) + "\n"


def _document(about: Bill) -> dict[str, Any]:
    ids = {
        one.purl: f"SPDXRef-Package-{slug(one.name)[:80]}-{hashlib.sha256(one.purl.encode()).hexdigest()[:16]}" for one in about.components
    }
    texts: dict[str, str] = {}
    packages = [_root(about), *(_package(one, ids[one.purl], texts) for one in about.components)]
    relations = [_relation(_DOCUMENT, "DESCRIBES", _ROOT)]
    relations += [_relation(_ROOT, "CONTAINS", ids[one.purl]) for one in about.components]
    relations += [_relation(ids[one.purl], "DEPENDS_ON", ids[need]) for one in about.components for need in one.depends_on]
    document: dict[str, Any] = {
        "SPDXID": _DOCUMENT,
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "name": about.name,
        "documentNamespace": f"https://spdx.org/spdxdocs/buckler-{about.identity('spdx-2.3', __version__)}",
        "creationInfo": {"created": moment(about) or _NO_TIME, "creators": [f"Tool: buckler-{__version__}"]},
    }
    if about.gaps:
        document["comment"] = "Not assessed: " + "; ".join(about.gaps)
    document["packages"] = packages
    document["relationships"] = relations
    if texts:
        document["hasExtractedLicensingInfos"] = [
            {"licenseId": key, "extractedText": text, "name": text} for key, text in sorted(texts.items())
        ]
    return document


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _root(about: Bill) -> dict[str, Any]:
    return {
        "SPDXID": _ROOT,
        "name": about.name,
        "versionInfo": f"sha256:{about.digest}",
        "downloadLocation": _UNSAID,
        "filesAnalyzed": False,
        "licenseConcluded": _UNSAID,
        "licenseDeclared": _UNSAID,
        "copyrightText": _UNSAID,
        # Of a folder there are no bytes to hash: the digest is that of its tree.
        **({} if about.kind == "folder" else {"checksums": [{"algorithm": "SHA256", "checksumValue": about.digest}]}),
        "primaryPackagePurpose": {"image": "CONTAINER", "zip": "ARCHIVE"}.get(about.kind, "APPLICATION"),
    }


def _package(one: Component, key: str, texts: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "SPDXID": key,
        "name": f"{one.group}{'/' if one.ecosystem == 'npm' else ':'}{one.name}" if one.group else one.name,
    }
    if one.version:
        found["versionInfo"] = one.version
    found |= {
        "downloadLocation": _UNSAID,
        "filesAnalyzed": False,
        "licenseConcluded": _UNSAID,
        "licenseDeclared": _licence(one, texts),
        "copyrightText": _UNSAID,
    }
    if one.hashes:
        found["checksums"] = [{"algorithm": kind.upper(), "checksumValue": digest} for kind, digest in one.hashes]
    found["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": one.purl}]
    found["primaryPackagePurpose"] = "LIBRARY"
    vendored = ", a copy inside another package" if one.is_vendored else ""
    found["sourceInfo"] = f"found by {', '.join(one.sources)} in {', '.join(one.places)}{vendored}"
    return found


def _licence(one: Component, texts: dict[str, str]) -> str:
    """Give the licence as SPDX takes it; one in words of its own is quoted in the document, under a name made from them."""
    if one.licence:
        texts.update({key: f"The package refers to it as {key}; its text is in the package." for key in _OWN.findall(one.licence)})
        return one.licence
    if not one.licence_text:
        return _UNSAID
    key = f"LicenseRef-{hashlib.sha256(one.licence_text.encode()).hexdigest()[:16]}"
    texts[key] = one.licence_text
    return key
