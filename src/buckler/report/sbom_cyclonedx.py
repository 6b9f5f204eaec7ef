"""A bill of materials as CycloneDX 1.6 JSON (ECMA-424).

Source: cyclonedx.org/docs/1.6/json. Tests validate against the schema of its authors.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from buckler import __version__
from buckler.model.artifact import Inventory
from buckler.report.sbom import Bill, Component, bill, moment

_ROOT: Final = "artifact"
_ALGORITHMS: Final = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def render(inventory: Inventory, name: str, hashes: Mapping[str, str] | None = None, created: datetime | None = None) -> str:
    """Write the packages of an artifact. The same inventory gives the same bytes."""
    return json.dumps(_document(bill(inventory, name, hashes, created)), indent=2, ensure_ascii=False) + "\n"


def _document(about: Bill) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "tools": {"components": [{"type": "application", "name": "buckler", "version": __version__}]},
        "component": {
            "type": "container" if about.kind == "image" else "application",
            "bom-ref": _ROOT,
            "name": about.name,
            "version": f"sha256:{about.digest}",
            # Of a folder there are no bytes to hash: the digest is that of its tree.
            **({} if about.kind == "folder" else {"hashes": [{"alg": "SHA-256", "content": about.digest}]}),
        },
    }
    time = moment(about)
    if time is not None:
        metadata = {"timestamp": time, **metadata}
    if about.gaps:
        metadata["properties"] = [{"name": "buckler:not-assessed", "value": gap} for gap in about.gaps]
    dependencies: list[dict[str, Any]] = [{"ref": _ROOT, "dependsOn": list(about.top)}]
    dependencies += [{"ref": one.purl, "dependsOn": list(one.depends_on)} for one in about.components if one.depends_on]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": about.identity("cyclonedx-1.6", __version__).urn,
        "version": 1,
        "metadata": metadata,
        "components": [_component(one) for one in about.components],
        "dependencies": dependencies,
        # Whoever reads the bill should not take a gap for an absence.
        "compositions": [{"aggregate": "incomplete" if about.gaps else "unknown", "assemblies": [_ROOT]}],
    }


def _component(one: Component) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "library", "bom-ref": one.purl}
    if one.group:
        found["group"] = one.group
    found["name"] = one.name
    if one.version:
        found["version"] = one.version
    if one.hashes:
        found["hashes"] = [{"alg": _ALGORITHMS[kind], "content": digest} for kind, digest in one.hashes]
    if one.licence:
        found["licenses"] = [{"expression": one.licence, "acknowledgement": "declared"}]
    elif one.licence_text:
        found["licenses"] = [{"license": {"name": one.licence_text, "acknowledgement": "declared"}}]
    found["purl"] = one.purl
    found["evidence"] = {"occurrences": [{"location": place} for place in one.places]}
    found["properties"] = [{"name": "buckler:found-by", "value": source} for source in one.sources]
    if one.is_vendored:
        found["properties"].append({"name": "buckler:vendored", "value": "true"})
    return found
