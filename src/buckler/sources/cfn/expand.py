"""A document to a template of plain resources: loops unrolled, transforms applied or noted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from buckler.errors import SourceError
from buckler.model.estate import Note
from buckler.sources.cfn.local_files import include_local
from buckler.sources.cfn.loops import unroll
from buckler.sources.cfn.parameters import Parameters
from buckler.sources.cfn.reading import Document
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, Node, Seq, as_map
from buckler.sources.cfn.values import unknown

_SERVERLESS = "AWS::Serverless-2016-10-31"
_EXTENSIONS = "AWS::LanguageExtensions"
MAX_RESOURCES = 2_000
"""CloudFormation takes 500."""
# The others of AWS add no functions of the user's: a rotation function of AWS's own, a deployment hook.
_HARMLESS = frozenset({_SERVERLESS, _EXTENSIONS, "AWS::CodeDeployBlueGreen"})


def expand(document: Document, parameters: Mapping[str, str], notes: list[Note], folder: Path | None = None) -> Template:
    """Make the template a document describes."""
    root, source = document.root, document.source
    resources = root.get("Resources")
    if not isinstance(resources, Map):
        mark = root.marks.get("Resources", -1)
        origin = source.origin(mark)
        line, column = max(origin.line, 1), max(origin.column, 1)
        raise SourceError(
            f"`{source.shown}` is not a template",
            cause=f"line {line}, column {column}: " + ("`Resources` is not an object" if mark >= 0 else "there is no `Resources` section"),
            hint="name a CloudFormation or SAM template",
            place=f"{source.shown}:{line}:{column}",
        )
    notes.extend(
        Note(message=f"`{source.path(mark)}` stands twice; the last one is read", origin=source.origin(mark))
        for mark in document.duplicates
    )
    transforms = _transforms(root.get("Transform"))
    unseen = [
        Note(message=f"the transform `{name}` is not applied: what it adds is not seen", origin=source.origin(root.marks["Transform"]))
        for name in transforms
        if name not in _HARMLESS
    ]
    declared = Parameters(root.get("Parameters"), parameters, source.shown)
    include_local(root, source, notes, folder)
    unseen.extend(unroll(root, source, declared))
    if "Fn::Transform" in resources:
        message = "what `Fn::Transform` adds to the resources is not seen"
        unseen.append(Note(message=message, origin=source.origin(resources.marks.get("Fn::Transform", -1))))
        del resources["Fn::Transform"]
    notes.extend(unseen)
    if len(resources) > MAX_RESOURCES:
        origin = source.origin(root.marks["Resources"])
        raise SourceError(
            f"`{source.shown}` is too large for a template",
            cause=f"line {origin.line}, column {origin.column}: it has {len(resources)} resources; CloudFormation takes 500",
            hint="name a CloudFormation or SAM template",
            place=f"{source.shown}:{origin.line}:{origin.column}",
        )
    is_serverless = any(str(as_map(resource).get("Type")).startswith("AWS::Serverless::") for resource in resources.values())
    if is_serverless and _SERVERLESS not in transforms:
        message = f"the template has serverless resources but not the transform `{_SERVERLESS}`; read as if it had"
        notes.append(Note(message=message, origin=source.origin(root.marks["Resources"])))
    # Absent functions prove nothing where something could have added them.
    gaps = [("functions", unknown(note.message, "the processed template (`aws cloudformation get-template`)")) for note in unseen]
    if not is_serverless and _SERVERLESS not in transforms:
        return Template(root, source, declared, notes, gaps)
    from buckler.sources.cfn.sam import expand_sam
    from buckler.sources.cfn.sam_places import SamPlaces

    places = SamPlaces(root)
    expanded = expand_sam(root, source, declared, notes, folder, extended=_EXTENSIONS in transforms)
    return Template(expanded.root, source, declared, notes, gaps, places, expanded.stand_ins)


def _transforms(node: Node) -> list[str]:
    """Give the names of the transforms of a template."""
    if isinstance(node, str):
        return [str(node)]
    if isinstance(node, Seq):
        return [name for entry in node for name in _transforms(entry)]
    name = as_map(node).get("Name")
    return [str(name)] if isinstance(name, str) else []
