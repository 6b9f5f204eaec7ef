"""VPC Block Public Access of a region: one setting, and the VPCs and subnets it does not hold for."""

from functools import partial

from buckler.model.estate import Estate
from buckler.model.network import PublicAccessBlock, PublicAccessExclusion
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, inner
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.ec2 import listed
from buckler.sources.live.failures import Failure, Meaning

_COLLECTOR = Collector("public access")
_list = partial(listed, _COLLECTOR)

OPTIONS = _COLLECTOR.call(
    "ec2",
    "DescribeVpcBlockPublicAccessOptions",
    "whether internet gateways carry anything at all",
    result="VpcBlockPublicAccessOptions",
    rate=20.0,
)
EXCLUSIONS = _list(
    "DescribeVpcBlockPublicAccessExclusions", "VpcBlockPublicAccessExclusions", "VPCs and subnets that Block Public Access is not for"
)
_OVER = frozenset({"create-failed", "delete-complete", "disable-complete"})
"""States of exclusions that hold for nothing; `disable`: a policy of the organisation allows none."""


def collect(reader: Reader) -> Estate:
    """Read the setting, and what is excluded from it where it is on."""
    answer = reader.read(OPTIONS)
    if isinstance(answer, Unknown):
        return Estate(missing=(reader.missing("public_access_blocks", answer),))
    told = inner(answer, "VpcBlockPublicAccessOptions")
    arn = reader.arn("ec2", "vpc-block-public-access-options")
    mode = told.get("InternetGatewayBlockMode") or Failure(Meaning.BROKEN, "an answer without a mode").unknown(OPTIONS)
    if told.get("State") == "update-in-progress":
        mode = Failure(Meaning.TRANSIENT, "Block Public Access is being changed").unknown(OPTIONS)
    return Estate(
        public_access_blocks=(
            PublicAccessBlock(
                arn=arn,
                name=reader.region,
                account=reader.account,
                region=reader.region,
                origin=reader.origin(OPTIONS, arn),
                mode=mode,
                exclusions=() if mode == "off" else _exclusions(reader),
            ),
        )
    )


def _exclusions(reader: Reader) -> tuple[PublicAccessExclusion, ...] | Unknown:
    pages = reader.pages(EXCLUSIONS, MaxResults=1000)
    found = [_exclusion(entry) for entry in pages if entry.get("State") not in _OVER]
    return pages.unknown or tuple(sorted(found, key=lambda one: str(one.resource)))


def _exclusion(entry: Answer) -> PublicAccessExclusion:
    mode = entry.get("InternetGatewayExclusionMode") or Failure(Meaning.BROKEN, "an exclusion without a mode").unknown(EXCLUSIONS)
    if str(entry.get("State", "")).endswith("-in-progress"):
        mode = Failure(Meaning.TRANSIENT, "an exclusion from Block Public Access is being changed").unknown(EXCLUSIONS)
    return PublicAccessExclusion(resource=str(entry.get("ResourceArn", "")).rpartition("/")[2], mode=mode)
