"""Answer, in front of moto, the operations that moto lacks or answers with less than AWS does.

One mechanism: a handler per (service, operation), written in AWS's own documents, parsed and serialised by botocore's service models.
moto itself is not patched; what is not listed here goes on to it untouched. Two things follow: functions
that moto itself makes (from CloudFormation) are not seen here, and nothing here runs code. The product knows nothing of any of this.
"""

from buckler.demo.gaps import (
    aliases,
    apigateway,
    cloudtrail,
    concurrency,
    dns_firewall,
    ecr,
    endpoints,
    event_sources,
    functions,
    guardduty,
    iam,
    iam_usage,
    inspector,
    layers,
    logs,
    organizations,
    policies,
    public_access,
    signer,
    signing,
    ssm,
    tags,
    urls,
)
from buckler.demo.gaps.gateway import Gateway
from buckler.demo.gaps.operations import OPERATIONS, World

__all__ = [
    "OPERATIONS",
    "Gateway",
    "World",
    "aliases",
    "apigateway",
    "cloudtrail",
    "concurrency",
    "dns_firewall",
    "ecr",
    "endpoints",
    "event_sources",
    "functions",
    "guardduty",
    "iam",
    "iam_usage",
    "inspector",
    "layers",
    "logs",
    "organizations",
    "policies",
    "public_access",
    "signer",
    "signing",
    "ssm",
    "tags",
    "urls",
]
