"""Make a SAM template as it is written ready for the translator, which expects it packaged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from buckler.model.estate import Note
from buckler.sources.cfn.local_files import read_local
from buckler.sources.cfn.tree import Map, Node, Seq, Source, Str, as_map, mark_of

NOT_PACKAGED = "not-packaged"
"""Stands for the bucket of code that is still a local folder."""
LOCAL = "local/"
"""What the key of an object begins with that stands for a path on this machine."""
_CODE = f"s3://{NOT_PACKAGED}/code"
_S3_URI = re.compile(r"s3://[^/?{]+/[^?{]+(?:\?versionId=[^{]+)?\Z")
_IMAGE = "not-built"
_APPLICATION = "https://not-followed.invalid/template.yaml"


def prepare(root: Map, source: Source, notes: list[Note], folder: Path | None) -> Map:
    """Change *root* in place: local code and definitions become what packaging would make of them."""
    defaults = as_map(as_map(root.get("Globals")).get("Function"))
    resources = as_map(root.get("Resources"))
    for logical_id, resource in resources.items():
        if not isinstance(resource, Map):
            continue
        if resource.get("Properties") is None and "Properties" in resource:
            del resource["Properties"]
        properties = resource.get("Properties")
        if properties is None and str(resource.get("Type")).startswith("AWS::Serverless::"):
            properties = Map(resource.mark)
            resource.put("Properties", properties, resource.mark)
        if not isinstance(properties, Map):
            continue
        match resource.get("Type"):
            case "AWS::Serverless::Function":
                _code(properties, defaults)
            case "AWS::Serverless::LayerVersion":
                _replace(properties, "ContentUri", _CODE)
            case "AWS::Serverless::StateMachine":
                if isinstance(properties.get("DefinitionUri"), str):
                    _replace(properties, "DefinitionUri", _CODE)
            case "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" | "AWS::Serverless::WebSocketApi":
                _definition(properties, str(logical_id), source, notes, folder)
            case "AWS::Serverless::Application":
                if isinstance(properties.get("Location"), Map):
                    mark = properties.marks.get("Location", properties.mark)
                    notes.append(Note(message=f"the nested application `{logical_id}` is not followed", origin=source.origin(mark)))
                    properties.put("Location", Str(_APPLICATION, mark), mark)
            case "AWS::Serverless::GraphQLApi":
                _graphql(properties)
            case _:
                pass
    return root


def _replace(properties: Map, key: str, value: str) -> None:
    """Replace whatever is no packaged location; the path of one on this machine is kept in what replaces it."""
    present = properties.get(key)
    if isinstance(present, Map) and {"Bucket", "Key"} <= set(present):
        return
    if isinstance(present, str) and _S3_URI.match(present):
        return
    mark = properties.marks.get(key, properties.mark)
    is_code = isinstance(present, str) and key in {"CodeUri", "ContentUri"}
    properties.put(key, Str(_stand_in(str(present)) if is_code else value, mark), mark)


def _stand_in(path: str) -> str:
    """Write a local path as the object in S3 that packaging would make of it."""
    return f"s3://{NOT_PACKAGED}/{LOCAL}{quote(path, safe='')}"


def _code(properties: Map, defaults: Map) -> None:
    kind: Node = properties.get("PackageType", defaults.get("PackageType"))
    if kind == "Image":
        if "ImageUri" not in properties:
            properties.put("ImageUri", Str(_IMAGE, properties.mark), properties.mark)
        return
    if "InlineCode" not in properties:
        if "CodeUri" not in properties and isinstance(defaults.get("CodeUri"), str):
            properties.put("CodeUri", defaults["CodeUri"], defaults.marks.get("CodeUri", properties.mark))
        _replace(properties, "CodeUri", _CODE)


def _definition(properties: Map, logical_id: str, source: Source, notes: list[Note], folder: Path | None) -> None:
    """Read a local definition file in, as packaging would; one that cannot be read stays unknown, with a note."""
    uri: Node = properties.get("DefinitionUri")
    if not isinstance(uri, str) or uri.startswith("s3://"):
        return
    mark = properties.marks.get("DefinitionUri", properties.mark)
    body = read_local(str(uri), folder)
    if body is None:
        notes.append(Note(message=f"the definition of `{logical_id}` is in a file that cannot be read here", origin=source.origin(mark)))
        properties.put("DefinitionUri", Str("s3://not-packaged/definition", mark), mark)
        return
    del properties["DefinitionUri"]
    properties.put("DefinitionBody", body, mark)


def _graphql(properties: Map) -> None:
    if "SchemaInline" not in properties:
        _replace(properties, "SchemaUri", _CODE)
    for section in ("Functions", "Resolvers"):
        for entry in as_map(properties.get(section)).values():
            for resolver in (entry, *as_map(entry).values()):
                if isinstance(resolver, Map) and "CodeUri" in resolver:
                    _replace(resolver, "CodeUri", _CODE)


def write_out(node: Node, values: Mapping[str, str]) -> None:
    """Put the values of parameters in place of the references to them, in all that *node* holds."""
    stack: list[Node] = [node]
    while stack:
        around = stack.pop()
        if isinstance(around, Map):
            for key, inner in around.items():
                around[key] = _written(inner, mark_of(around, key), values)
            stack.extend(around.values())
        elif isinstance(around, Seq):
            for index, inner in enumerate(around):
                around[index] = _written(inner, mark_of(around, index), values)
            stack.extend(around)


def _written(node: Node, mark: int, values: Mapping[str, str]) -> Node:
    name = node.get("Ref") if isinstance(node, Map) and len(node) == 1 else None
    return Str(values[name], mark) if isinstance(name, str) and name in values else node


def tidy(root: Map) -> Map:
    """Take the stand-ins of `prepare` out again: what was not in the template must read as not known."""
    for resource in as_map(root.get("Resources")).values():
        if not isinstance(resource, Map):
            continue
        code = as_map(resource.get("Properties")).get("Code")
        if isinstance(code, Map) and code.get("ImageUri") == _IMAGE:
            del code["ImageUri"]
    return root
