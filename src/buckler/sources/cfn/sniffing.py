"""Telling templates from other files by their first bytes, without reading them."""

import re

_VERSION_KEY = re.compile(rb"""^["']?AWSTemplateFormatVersion["']?\s*:|[{,]\s*"AWSTemplateFormatVersion"\s*:""", re.MULTILINE)
_TRANSFORM_KEY = re.compile(
    rb"""^["']?Transform["']?\s{0,9}:[\s\["'-]{0,99}AWS::(?:Serverless|LanguageExtensions|Include|SecretsManager|CodeDeploy)"""
    rb"""|"Transform"\s{0,9}:[\s\["]{0,99}AWS::""",
    re.MULTILINE,
)
_RESOURCES_KEY = re.compile(rb"""^["']?Resources["']?\s*:|[{,]\s*"Resources"\s*:|\A\s*\{\s*Resources\s*:""", re.MULTILINE)
_RESOURCE_TYPE = re.compile(rb"""["']?\bType["']?\s*:\s*["']?(?:AWS|Alexa|Custom)::[A-Za-z0-9:]*""")


def looks_like_template(head: bytes) -> bool:
    """Say from its first bytes, or all of them, whether a file is a CloudFormation or SAM template.

    A version or a transform settles it; else there must be a `Resources` section at the top and a resource type. Cheap, no parsing.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"Resources" not in head and b"AWSTemplateFormatVersion" not in head and b"Transform" not in head:
        return False
    if _VERSION_KEY.search(head) or _TRANSFORM_KEY.search(head):
        return True
    if not _RESOURCES_KEY.search(head):
        return False
    return bool(_RESOURCE_TYPE.search(head)) or b"Fn::ForEach" in head
