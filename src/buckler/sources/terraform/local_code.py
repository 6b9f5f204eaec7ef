"""`filename`: code on the machine that Terraform runs on, and what the `archive` provider makes it of."""

import os
from pathlib import Path

from buckler.model.functions import LocalCode
from buckler.sources.terraform.node import Node


def local_code(node: Node) -> LocalCode | None:
    """Find the package of a function or layer; the folder Terraform runs in is taken to be that of the plan, or the root module's."""
    name = node.text("filename")
    if not isinstance(name, str) or not name:
        return None
    shown = node.view.plan.shown
    folder = shown if Path(shown).is_dir() else os.path.dirname(shown)  # noqa: PTH120 - a path as it was typed stays one
    return LocalCode(path=_beside(folder, name), sources=_sources(node, folder, name), origin=node.origin("filename"))


def _sources(node: Node, folder: str, name: str) -> str:
    for resource in node.view.plan.resources:
        if resource.is_data and resource.type == "archive_file" and isinstance(resource.after, dict):
            made = resource.after.get("output_path")
            if isinstance(made, str) and os.path.normpath(made) == os.path.normpath(name):
                packed = resource.after.get("source_dir") or resource.after.get("source_file")
                return _beside(folder, packed) if isinstance(packed, str) else ""
    return ""


def _beside(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118
