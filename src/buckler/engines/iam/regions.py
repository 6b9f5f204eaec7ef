"""Regions that policies cannot tell apart: one stands for all of its class.

A resource of a region is reached in that region only, so `aws:RequestedRegion` and the region in an ARN go together.
"""

import re
from collections.abc import Iterable

from buckler.engines.iam.globs import text_glob

# Regions with Lambda in the endpoint tables of botocore 1.44.5, the best known first; and a name that none has, for those still to come.
_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-central-2"),
    *("eu-north-1", "eu-south-1", "eu-south-2", "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2"),
    *("ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
    *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "il-central-1", "me-central-1"),
    *("me-south-1", "mx-central-1", "sa-east-1", "cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1", "qz-other-9"),
)
_WILDCARDS = re.compile(r"[*?]+")


def regions(resources: Iterable[str], values: Iterable[str]) -> tuple[str, ...]:
    """Give one region of each class that patterns of resources, and *values* of conditions, can tell apart."""
    pieces: dict[str, None] = dict.fromkeys(values)
    chunks: set[str] = set()
    for pattern in resources:
        parts = pattern.split(":")
        # A segment of a pattern never meets an earlier segment of an ARN.
        pieces.update(dict.fromkeys(parts[:4] if parts[0] == "arn" else parts))
        if parts[0] != "arn":
            # Elsewhere `?` may be a colon: what is spelled out may begin or end inside the region.
            chunks.update(chunk for part in parts for chunk in _WILDCARDS.split(part) if chunk)
    globs = [text_glob((piece,)) for piece in pieces if piece]
    classes: dict[tuple[bool, ...], str] = {}
    for region in _REGIONS:
        way = (*(glob.accepts(region) for glob in globs), *(chunk in region for chunk in sorted(chunks)))
        classes.setdefault(way, region)
    return tuple(classes.values())
