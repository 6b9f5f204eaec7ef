"""Control policies from a file, level by level.

{"ServiceControlPolicies": [[ROOT DOCUMENTS], [UNIT DOCUMENTS], [ACCOUNT DOCUMENTS]], "ResourceControlPolicies": [...],
 "ManagementAccount": "123456789012", "OrganizationId": "o-..."}

The levels bind every account of the files that are read together. A document stands as JSON, or as the text AWS answers.
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

from buckler.model.iam import Organization, OrgPolicy
from buckler.model.origin import FileOrigin
from buckler.model.policy import parse_policy
from buckler.sources.saved.files import SavedFile

_KINDS = (("ServiceControlPolicies", "SERVICE_CONTROL_POLICY"), ("ResourceControlPolicies", "RESOURCE_CONTROL_POLICY"))


def organization(file: SavedFile, accounts: Sequence[str]) -> Organization:
    """Make the organisation a file tells of: a chain of levels above every account."""
    content: dict[str, Any] = file.content
    depth = max((len(content.get(name) or ()) for name, _ in _KINDS), default=0)
    # The last level is the account's own; those above get names of their own.
    above = ["r-saved", *(f"ou-saved-{level}" for level in range(1, depth))][: max(depth - 1, 0)] or ["r-saved"]
    chain = [*above, ""]
    policies: list[OrgPolicy] = []
    for name, kind in _KINDS:
        levels: list[Any] = content.get(name) or []
        # Fewer levels than the other kind has: they are the lowest ones.
        offset = len(chain) - max(len(levels), 1)
        for level, documents in enumerate(levels):
            target = chain[offset + level] if len(levels) > 1 else ""
            targets = tuple(accounts) if not target else (target,)
            for number, document in enumerate(_listed(documents)):
                path = f"{name}[{level}][{number}]"
                policies.append(
                    OrgPolicy(
                        id=f"p-saved-{kind[0].lower()}-{level}-{number}",
                        name=path,
                        kind=kind,
                        targets=targets,
                        document=parse_policy(_decoded(document), FileOrigin(file=file.path, path=path), name=path),
                    )
                )
    parents = [(account, above[-1]) for account in accounts]
    parents += [(child, parent) for parent, child in pairwise(above)]
    return Organization(
        id=str(content.get("OrganizationId") or ""),
        management_account=str(content.get("ManagementAccount") or ""),
        accounts=tuple(accounts),
        parents=tuple(sorted(parents)),
        policies=tuple(policies),
    )


def _listed(documents: object) -> list[object]:
    return cast("list[object]", documents) if isinstance(documents, list) else [documents]


def _decoded(document: object) -> object:
    text = document
    if isinstance(document, dict):
        fields = cast("dict[str, object]", document)
        text = fields.get("Content", fields)
    if isinstance(text, str):
        try:
            return json.loads(text)
        except ValueError:
            return None  # parse_policy lists it as malformed
    return text
