"""vpc-missing: the function runs outside any VPC of yours."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("fsbp:Lambda.3", "nist:AC-4", "nist:SC-7"))
def vpc_missing(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function that is not attached to a VPC.

    A question of taste, asked because Security Hub asks it: a function in a VPC is not safer by being there, only its way out can be
    filtered.

    Why: outside a VPC nothing of yours stands between a function that was taken over and any address on the internet.

    Not flagged: functions in a VPC, functions on a capacity provider (which brings its own subnets).

    Fix: attach the function to private subnets with a security group that names where it may go, and endpoints for the AWS services it
    calls. Do it for functions that reach private resources or hold data worth stealing.

    Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC"; Security Hub control Lambda.3.
    """
    if fn.capacity_provider is not None:
        return
    vpc = known(fn.vpc)
    if vpc is None or not known(vpc.subnet_ids):
        yield vpc_missing.finding(
            fn, "the function is not in a VPC, so nothing filters where it connects to", seen(fn.origin, "no VpcConfig")
        )
