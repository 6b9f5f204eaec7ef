"""JSON as Terraform's language writes it, in `jsonencode(...)`."""

import json
from collections.abc import Sequence
from typing import Any, Final, cast

from buckler.fixes._documents import Document
from buckler.fixes._roles import VERSION
from buckler.sources.terraform.hcl.editing import Raw

_LONGEST: Final = 100
"""Characters of a list that stands in one line."""


def encoded(value: Document, indent: str) -> list[str]:
    """Write `jsonencode(...)`, its lines but the first behind an indentation."""
    document = _json(value, indent)
    return [f"jsonencode({document[0]}", *document[1:-1], f"{document[-1]})"]


def inline_policy(name: str, role: str, policy: str, statements: Sequence[Document]) -> list[str]:
    """Write an inline policy of a role, as `terraform fmt` likes it."""
    first, *rest = encoded({"Version": VERSION, "Statement": list(statements)}, "  ")
    return [
        f'resource "aws_iam_role_policy" "{name}" {{',
        f'  name   = "{policy}"',
        f"  role   = aws_iam_role.{role}.id",
        f"  policy = {first}",
        *rest,
        "}",
    ]


def _json(value: Any, indent: str) -> list[str]:  # noqa: ANN401 - plain JSON
    """Write JSON as HCL does: names without quotes where they may be, and in line."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        width = max(len(_key(name)) for name in entries)
        lines = ["{"]
        for name, one in entries.items():
            inner = _json(one, f"{indent}  ")
            lines += [f"{indent}  {_key(name):<{width}} = {inner[0]}", *inner[1:]]
        return [*lines, f"{indent}}}"]
    if isinstance(value, list):
        first, *rest = [_json(one, indent) for one in cast("list[object]", value)]
        # Statements in line: `[{`, `}, {`, `}]`.
        for one in rest:
            first = [*first[:-1], f"{first[-1]}, {one[0]}", *one[1:]]
        if len(first) == 1 and len(first[0]) > _LONGEST:
            return ["[", *(f"{indent}  {_json(one, indent)[0]}," for one in cast("list[object]", value)), f"{indent}]"]
        return [f"[{first[0]}]"] if len(first) == 1 else [f"[{first[0]}", *first[1:-1], f"{first[-1]}]"]
    if isinstance(value, Raw):
        return [str(value)]
    return [json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")]


def _key(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'
