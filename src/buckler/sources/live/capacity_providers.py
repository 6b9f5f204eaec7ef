"""Capacity providers: the machines on which functions on Managed Instances run, and the VPC these stand in."""

from buckler.model.estate import Estate
from buckler.model.functions import CapacityProvider, VpcConfig
from buckler.model.origin import ApiOrigin
from buckler.model.unknown import Unknown
from buckler.sources.common import DEFAULT_GROUP
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.failures import Failure, Meaning
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("capacity providers")
LIST = COLLECTOR.call(
    "lambda",
    "ListCapacityProviders",
    "the machines, networks and operator roles of functions on Managed Instances",
    result="CapacityProviders",
    page=("Marker", "NextMarker"),
    **CONTROL_PLANE,
)


def arn_in(entry: Answer) -> str | None:
    """Give the capacity provider that the configuration of a function or version names."""
    arn: str | None = inner(entry, "CapacityProviderConfig", "LambdaManagedInstancesCapacityProviderConfig").get("CapacityProviderArn")
    return arn


def collect(reader: Reader) -> Estate:
    """List those of a region; the list tells all that is told of one."""
    pages = reader.pages(LIST, MaxItems=50)
    return Estate(capacity_providers=tuple(_provider(reader, entry) for entry in pages), missing=pages.missing("capacity_providers"))


def not_needed(reader: Reader, unread: Unknown | None) -> Estate:
    """Say that nobody asked, since no function names one; *unread*: why some functions are not known."""
    why = unread or not_asked("no function of the region runs on a capacity provider")
    return Estate(missing=(reader.missing("capacity_providers", why),))


def _provider(reader: Reader, entry: Answer) -> CapacityProvider:
    arn: str = entry["CapacityProviderArn"]
    origin = reader.origin(LIST, arn)
    return CapacityProvider(
        arn=arn,
        name=arn.rpartition(":")[2],
        account=reader.account,
        region=reader.region,
        origin=origin,
        state=entry.get("State"),
        vpc=_vpc(entry, origin),
        operator_role=inner(entry, "PermissionsConfig").get("CapacityProviderOperatorRoleArn") or _untold("the operator role"),
        kms_key=entry.get("KmsKeyArn") or None,
        architectures=strings(inner(entry, "InstanceRequirements"), "Architectures"),
    )


def _vpc(entry: Answer, origin: ApiOrigin) -> VpcConfig | Unknown:
    config = inner(entry, "VpcConfig")
    subnets = strings(config, "SubnetIds")
    if not subnets:
        return _untold("the subnets")  # AWS makes no provider without one
    return VpcConfig(subnet_ids=subnets, security_group_ids=strings(config, "SecurityGroupIds") or DEFAULT_GROUP, origin=origin)


def _untold(what: str) -> Unknown:
    return Failure(Meaning.BROKEN, f"an answer without {what}").unknown(LIST)
