"""Close what a function does not use of the network: the rules, the plan that makes them, and the design of subnets of its own."""

from collections.abc import Sequence

from buckler.app.attacking import function_named
from buckler.app.fixing import judge_on
from buckler.errors import UsageError
from buckler.fixes.closing import fix_of
from buckler.fixes.plan import plan_of
from buckler.model.closing import Endpoints, NetClose, SubnetDesign
from buckler.model.fix import Plan
from buckler.model.origin import FileOrigin
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.network_plan import close_with
from buckler.reach.network_subnets import design


def ask_close(about: Sequence[Analysis], name: str, endpoints: Endpoints = "none", *, own: bool = False) -> tuple[Analysis, NetClose]:
    """Find the rules that keep what a function is configured to use. Raises `UsageError` and `Undecided`.

    *endpoints*: which may be made for what goes over the internet today. *own*: give the function a security group of its own.
    """
    analysis, function = function_named(about, name)
    if sources_of(function, analysis) is None:
        hint = "buckler explain vpc-missing"
        raise UsageError(f"`{name}` is in no VPC of the account", cause="no security group filters what it sends", hint=hint)
    if isinstance(function.origin, FileOrigin) and (own or endpoints != "none"):
        cause = "what is written in a file is made there"
        hint = f"buckler net close {name} --subnet-design cfn prints a group and endpoints to paste"
        raise UsageError(f"endpoints and groups are made for live functions, and `{name}` is written in a file", cause=cause, hint=hint)
    return analysis, close_with(function, analysis, endpoints=endpoints, own=own)


def plan_close(closing: NetClose, analysis: Analysis) -> Plan:
    """Put the change of its groups into a plan, proved by asking every check again."""
    return plan_of(analysis.estate, (fix_of(closing, analysis, judge_on(analysis.today)),))


def design_close(closing: NetClose, analysis: Analysis) -> SubnetDesign:
    """Design subnets for the function alone. Raises `Undecided` where what there is of its VPC is not known."""
    return design(closing, analysis)


def is_written(closing: NetClose) -> bool:
    """Say whether the function stands in a file, which is where it must be closed."""
    return isinstance(closing.function.origin, FileOrigin)
