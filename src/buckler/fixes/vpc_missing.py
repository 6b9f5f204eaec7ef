"""vpc-missing: attach the function to the subnets and security groups that the user names."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._needed import NETWORK
from buckler.fixes._option import WHICH_NETWORK
from buckler.fixes._roles import VERSION, put_inline, with_inline
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.functions import Function, VpcConfig
from buckler.model.iam import Role
from buckler.model.network import SecurityGroup, Subnet
from buckler.model.reachability import ports_text
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of
from buckler.reach.once import once
from buckler.reach.roles import powers_of

POLICY: Final = "buckler-network"
LOST_BY_ADDRESS: Final = "whoever knows the function by the addresses that Lambda has on the internet"


@remedy
def vpc_missing(case: Case[Function]) -> Remedies:
    """Attach it to those of its own account and region, and let its role make the interfaces; what it still reaches is worked out."""
    function, wishes = case.subject, case.wishes
    if not wishes.subnets or not wishes.security_groups:
        yield WHICH_NETWORK
        return
    subnets = [one for one in case.analysis.estate.subnets if _is_named(one, wishes.subnets, function)]
    groups = [one for one in case.analysis.estate.security_groups if _is_named(one, wishes.security_groups, function)]
    vpcs = {one.vpc_id for one in subnets} | {one.vpc_id for one in groups}
    if not subnets or not groups or len(vpcs) != 1:
        where = f"{shown(function.account)} {shown(function.region)}"
        why = f"none that are named are in {where}" if not subnets or not groups else "what is named is in several VPCs"
        yield Advice("attach it to subnets with a security group of the same VPC: --subnet, --security-group", why)
        return
    allowed, change = _making(function, case.analysis)
    granted = Analysis(change(case.analysis.estate), today=case.analysis.today) if allowed else case.analysis
    if not _may_make(granted.roles[case.analysis.role_of(function).arn], granted):
        yield Advice(
            "let its role make network interfaces: AWSLambdaVPCAccessExecutionRole",
            "a boundary, a Deny, or a policy that is not known whole stands in the way",
        )
        return
    names, held = [shown(one.name) for one in subnets], [shown(one.name) for one in groups]
    placement = VpcConfig(
        subnet_ids=tuple(one.name for one in subnets),
        security_group_ids=tuple(one.name for one in groups),
        vpc_id=subnets[0].vpc_id,
        origin=function.origin,
    )
    attach = all_of(change, lambda estate: on_function(estate, function.arn, lambda one: replace(one, vpc=placement)))

    def ask(subnet_ids: list[str], group_ids: list[str]) -> tuple[str, dict[str, Any]]:
        return "UpdateFunctionConfiguration", {"VpcConfig": {"SubnetIds": subnet_ids, "SecurityGroupIds": group_ids}}

    edit = setting(
        function,
        "network",
        read="GetFunctionConfiguration",
        pick=("VpcConfig", "SubnetIds,SecurityGroupIds"),
        before=None,
        after={"SubnetIds": names, "SecurityGroupIds": held},
        do=ask(names, held),
        undo=ask([], []),
        waits=True,
    )
    yield Mend(
        summary=f"attach it to {', '.join(names)} with {', '.join(held)} (--subnet, --security-group)",
        edits=(*allowed, edit),
        change=attach,
        lost=(*lost_by(function, case.analysis, attach, (*names, *held)), LOST_BY_ADDRESS),
    )


def _is_named(one: Subnet | SecurityGroup, names: Sequence[str], function: Function) -> bool:
    return shown(one.name) in names and (one.account, one.region) == (function.account, function.region)


def _making(function: Function, analysis: Analysis) -> tuple[tuple[ApiEdit, ...], Callable[[Estate], Estate]]:
    """Let the role make network interfaces, where it may not yet. Raises `Undecided` where its policies could not be read."""
    role = analysis.role_of(function)
    if _may_make(role, analysis):
        return (), lambda estate: estate
    # These take no resource.
    document = {"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": list(NETWORK), "Resource": "*"}]}
    edit = put_inline(role, POLICY, document)
    return (() if edit is None else (edit,)), with_inline(role, POLICY, document)


def _may_make(role: Role, analysis: Analysis) -> bool:
    powers = powers_of(role, analysis)
    return all(powers.may(action, "*") for action in NETWORK)


@once
def _told(_: Analysis) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What is lost in a network, once for all functions that go there."""
    return {}


def lost_by(function: Function, analysis: Analysis, attach: Callable[[Estate], Estate], place: tuple[str, ...]) -> tuple[str, ...]:
    """Say what of the internet, which a function outside of a VPC reaches whole, it reaches from there. *place*: names the network."""
    kept = _told(analysis)
    if place not in kept:
        after = Analysis(attach(analysis.estate), today=analysis.today)
        kept[place] = _lost(next(one for one in after.estate.functions if one.arn == function.arn), after)
    return kept[place]


def _lost(function: Function, after: Analysis) -> tuple[str, ...]:
    try:
        reached = reach_of(function, after).reached
    except Undecided as undecided:
        return (f"whatever of the internet is not reached from there, which is not known: {undecided.unknown.why}",)
    ways = [told for told in reached if told.target.kind == "internet"]
    doubt = next((one for told in ways if told.verdict == "unknown" for one in told.unknown), None)
    if doubt is not None:
        return (f"whatever of the internet is not reached from there, which is not known: {doubt.why}",)
    outside = [one for told in ways for one in told.protocols if one.protocol == "tcp"]
    endpoints = sorted(told.target.name for told in reached if told.target.kind == "endpoint")
    services = f"AWS services but {', '.join(endpoints)}" if endpoints else "AWS services"
    if not outside:
        return (f"the internet, and with it {services}: no way leads out of these subnets",)
    if any(one.ports[0] == (0, 65535) for one in outside):
        return ()
    return (f"the internet but for tcp {ports_text(tuple(port for one in outside for port in one.ports))}",)
