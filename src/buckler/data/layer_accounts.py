"""Accounts that publish well-known Lambda layers.

Sources: layer ARNs in the publishers' documentation and releases, aws-samples/serverless-patterns, tbn-org/awesome-layers, the region
tables of the AWS CDK (region-info, Apache-2.0) for Lambda Insights and the Parameters and Secrets extension,
getsentry/sentry-release-registry. Table made 2026-11-25.
That an account is listed says who it is, not that its layers are safe. That one is missing says nothing.
"""

import enum
from dataclasses import dataclass
from functools import cache


class PublisherKind(enum.Enum):
    """Who stands behind an account."""

    AWS = "aws"
    VENDOR = "vendor"
    COMMUNITY = "community"
    """A person or a project, without a contract with anybody."""
    TEST = "test"
    """An account that appears in examples and tests of a project and is not a public publisher."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes layers from one account."""

    account: str
    name: str
    kind: PublisherKind
    is_monitoring: bool
    """Its layers watch the function: traces, metrics, logs."""
    is_runtime_security: bool
    """Its layers can detect or stop attacks while the function runs. Tracing alone is not that."""
    is_retired: bool
    """The publisher or the product no longer exists under this name: nobody patches its layers."""


# account, kind, traits (m monitoring, s runtime security, r retired), name
# Datadog: its extension carries App and API Protection for Lambda. Of the other vendors here no such thing could be confirmed.
_TABLE = """
017000801446 aws       -  Powertools for AWS Lambda (Python)
094274105915 aws       -  Powertools for AWS Lambda (TypeScript)
580247275435 aws       m  CloudWatch Lambda Insights (most regions)
012438385374 aws       m  CloudWatch Lambda Insights (af-south-1)
519774774795 aws       m  CloudWatch Lambda Insights (ap-east-1)
194566237122 aws       m  CloudWatch Lambda Insights (ap-northeast-3)
488211338238 aws       m  CloudWatch Lambda Insights (China)
339249233099 aws       m  CloudWatch Lambda Insights (eu-south-1)
285320876703 aws       m  CloudWatch Lambda Insights (me-south-1)
317013901791 aws       -  Parameters and Secrets Lambda Extension (af-south-1)
768336418462 aws       -  Parameters and Secrets Lambda Extension (ap-east-1)
133490724326 aws       -  Parameters and Secrets Lambda Extension (ap-northeast-1)
738900069198 aws       -  Parameters and Secrets Lambda Extension (ap-northeast-2)
576959938190 aws       -  Parameters and Secrets Lambda Extension (ap-northeast-3)
176022468876 aws       -  Parameters and Secrets Lambda Extension (ap-south-1)
070087711984 aws       -  Parameters and Secrets Lambda Extension (ap-south-2)
044395824272 aws       -  Parameters and Secrets Lambda Extension (ap-southeast-1)
665172237481 aws       -  Parameters and Secrets Lambda Extension (ap-southeast-2)
490737872127 aws       -  Parameters and Secrets Lambda Extension (ap-southeast-3)
200266452380 aws       -  Parameters and Secrets Lambda Extension (ca-central-1)
287114880934 aws       -  Parameters and Secrets Lambda Extension (cn-north-1)
287310001119 aws       -  Parameters and Secrets Lambda Extension (cn-northwest-1)
187925254637 aws       -  Parameters and Secrets Lambda Extension (eu-central-1)
772501565639 aws       -  Parameters and Secrets Lambda Extension (eu-central-2)
427196147048 aws       -  Parameters and Secrets Lambda Extension (eu-north-1)
325218067255 aws       -  Parameters and Secrets Lambda Extension (eu-south-1)
524103009944 aws       -  Parameters and Secrets Lambda Extension (eu-south-2)
015030872274 aws       -  Parameters and Secrets Lambda Extension (eu-west-1)
133256977650 aws       -  Parameters and Secrets Lambda Extension (eu-west-2)
780235371811 aws       -  Parameters and Secrets Lambda Extension (eu-west-3)
858974508948 aws       -  Parameters and Secrets Lambda Extension (me-central-1)
832021897121 aws       -  Parameters and Secrets Lambda Extension (me-south-1)
933737806257 aws       -  Parameters and Secrets Lambda Extension (sa-east-1)
177933569100 aws       -  Parameters and Secrets Lambda Extension (us-east-1)
590474943231 aws       -  Parameters and Secrets Lambda Extension (us-east-2)
129776340158 aws       -  Parameters and Secrets Lambda Extension (us-gov-east-1)
127562683043 aws       -  Parameters and Secrets Lambda Extension (us-gov-west-1)
997803712105 aws       -  Parameters and Secrets Lambda Extension (us-west-1)
345057560386 aws       -  Parameters and Secrets Lambda Extension (us-west-2)
027255383542 aws       -  AppConfig extension (us-east-1)
066940009817 aws       -  AppConfig extension (another region)
753240598075 aws       -  AWS Lambda Web Adapter
856699698935 aws       -  Strands Agents
464622532012 vendor    ms Datadog
002406178527 vendor    ms Datadog (GovCloud)
451483290750 vendor    m  New Relic
114300393969 vendor    m  Lumigo
724777057400 vendor    mr Lumigo (old account)
410797082306 vendor    m  Instana
943013980633 vendor    m  Sentry
269863060030 vendor    mr Thundra
066549572091 vendor    mr Epsagon
146318645305 vendor    mr IOpipe
800406105498 vendor    m  NodeSource N|Solid
764866452798 community -  shelf.io
770693421928 community -  Klayers
553035198032 community r  lambci
145266761615 community -  serverlesspub
175033217214 community -  graphicsmagick
744348701589 community -  bash-lambda-layer
644160558196 test      -  Cloud Custodian's test account
"""

# Products whose layer each customer publishes into an account of their own: the name of the layer tells, the account cannot.
# Agents that people publish in an account of their own, told by their name: Prisma Cloud's serverless defender, and Sysdig's, for which no
# publishing account could be found.
_SECURITY_LAYER_NAMES = ("twistlock", "sysdig")


@cache
def publishers() -> dict[str, Publisher]:
    """All known publishers by account."""
    return {line[:12]: _publisher(line) for line in _TABLE.strip().splitlines()}


def _publisher(line: str) -> Publisher:
    account, kind, traits, name = line.split(maxsplit=3)
    return Publisher(account, name, PublisherKind(kind), "m" in traits, "s" in traits, "r" in traits)


def publisher(account: str) -> Publisher | None:
    """Who publishes layers from *account*, None when the table does not know it."""
    return publishers().get(account)


def is_runtime_security_layer(layer_arn: str) -> bool:
    """Whether the layer at *layer_arn* (with or without its version) is known to protect the function while it runs."""
    parts = layer_arn.split(":")
    if len(parts) < 7 or parts[5] != "layer":
        return False
    known = publisher(parts[4])
    return (known is not None and known.is_runtime_security) or parts[6].lower().startswith(_SECURITY_LAYER_NAMES)
