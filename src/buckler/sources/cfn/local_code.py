"""Code that lies beside a template, as `sam build`, `aws cloudformation package` and the CDK name it.

Sources: AWS SAM Developer Guide, `CodeUri` and `ContentUri`; AWS CLI Reference, `cloudformation package`; AWS CDK, "asset metadata"
(`aws:asset:path`).
"""

import os
from urllib.parse import unquote

from buckler.model.functions import LocalCode
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.sam_prepare import LOCAL, NOT_PACKAGED
from buckler.sources.cfn.tree import Map, as_map


def local_code(resource: Resource, key: str) -> LocalCode | None:
    """Find the code of a function (*key* `Code`) or layer (`Content`) beside the template."""
    path = _asset(resource, key) or _written(resource, key)
    if not path or path.startswith("s3://"):
        return None
    folder = os.path.dirname(resource.template.source.shown)  # noqa: PTH120 - a path as it was typed stays one
    return LocalCode(path=os.path.normpath(os.path.join(folder, path)), origin=resource.origin(key))  # noqa: PTH118


def _written(resource: Resource, key: str) -> str:
    content = resource.get(key)
    if isinstance(content, str):
        return str(content)
    if not isinstance(content, Map) or content.get("S3Bucket") != NOT_PACKAGED:
        return ""
    name = content.get("S3Key")
    return unquote(name.removeprefix(LOCAL)) if isinstance(name, str) and name.startswith(LOCAL) else ""


def _asset(resource: Resource, key: str) -> str:
    """Give the asset of the CDK, whose templates name an object that is there after `cdk deploy` only."""
    metadata = as_map(resource.raw.get("Metadata"))
    path, property_ = metadata.get("aws:asset:path"), metadata.get("aws:asset:property", key)
    return str(path) if isinstance(path, str) and isinstance(property_, str) and property_.partition(".")[0] == key else ""
