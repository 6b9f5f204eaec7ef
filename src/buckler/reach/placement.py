"""Where the packets of a function leave from: its own VPC configuration, or that of the machines it runs on."""

from buckler.model.functions import Function, VpcConfig
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.absent import absent
from buckler.reach.analysis import Analysis


def placement_of(function: Function, analysis: Analysis) -> VpcConfig | None:
    """Give the subnets and security groups a function is in, None when it is in no VPC of the account.

    On Managed Instances the function has no configuration of its own: it is where its capacity provider is.
    """
    arn = function.capacity_provider
    if arn is None:
        return known(function.vpc)
    provider = analysis.capacity_providers.get(arn)
    if provider is None:
        analysis.require("capacity_providers", function.account, function.region)
        raise Undecided(absent(f"the capacity provider `{shown(arn)}`", function, "lambda:ListCapacityProviders"))
    return known(provider.vpc)
