"""public-subnet-without-way-out: put the function into subnets of its VPC that lead out through a NAT gateway."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.functions import Function, VpcConfig
from buckler.model.network import Subnet
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.network import SURE, reach_of
from buckler.reach.network_out import subnets_with_way_out

NO_WAY: Final = Advice(
    "make private subnets whose default route is a NAT gateway in a public one, and move the function there",
    "no subnet of its VPC leads it to the internet: a NAT gateway costs by the hour, and is yours to make",
)
_LISTED: Final = 6


@remedy
def public_subnet_without_way_out(case: Case[Function]) -> Remedies:
    """Choose, for each of its subnets that leads nowhere, one that does, of the same zone where there is one; groups stay."""
    function = case.subject
    vpc = known(function.vpc)
    subnets = instead(function, case.analysis)
    if vpc is None or not subnets:
        yield NO_WAY
        return
    before, after = [shown(one) for one in known(vpc.subnet_ids)], [shown(one.name) for one in subnets]
    groups = [shown(one) for one in known(vpc.security_group_ids)]
    stack = {"Ipv6AllowedForDualStack": True} if vpc.ipv6 else {}

    def ask(names: list[str]) -> tuple[str, dict[str, Any]]:
        return "UpdateFunctionConfiguration", {"VpcConfig": {"SubnetIds": names, "SecurityGroupIds": groups, **stack}}

    edit = setting(
        function,
        "subnets",
        read="GetFunctionConfiguration",
        pick=("VpcConfig", "SubnetIds"),
        before=before,
        after=after,
        do=ask(after),
        undo=ask(before),
        waits=True,
    )
    change = _into(function, subnets)
    yield Mend(said_of(subnets), (edit,), change, lost=tuple(_lost(function, case.analysis, change)))


def said_of(subnets: Sequence[Subnet]) -> str:
    """Say in a line what is done."""
    return f"put it into {', '.join(f'`{one.address or shown(one.name)}`' for one in subnets)}, from where a NAT gateway leads out"


def instead(function: Function, analysis: Analysis) -> tuple[Subnet, ...]:
    """Give the subnets to put a function into; () where there is no way out. Raises `Undecided`."""
    vpc = known(function.vpc)
    used = [analysis.subnets.get(one) for one in known(vpc.subnet_ids)] if vpc is not None else []
    good = subnets_with_way_out(function, analysis)
    chosen: list[Subnet] = []
    for one in used:
        if one is None:
            return ()
        if one in good:
            chosen.append(one)
            continue
        free = [each for each in good if each not in chosen and each not in used]
        near = [each for each in free if each.availability_zone == one.availability_zone]
        chosen += (near or free)[:1]
    return tuple(dict.fromkeys(chosen))


def _into(function: Function, subnets: Sequence[Subnet]) -> Callable[[Estate], Estate]:
    names = tuple(one.name for one in subnets)

    def moved(one: Function) -> Function:
        return replace(one, vpc=replace(one.vpc, subnet_ids=names)) if isinstance(one.vpc, VpcConfig) else one

    return lambda estate: on_function(estate, function.arn, moved)


def _lost(function: Function, analysis: Analysis, change: Callable[[Estate], Estate]) -> Iterator[str]:
    """Name what is reached from where it stands, and not from where it goes."""
    after = Analysis(change(analysis.estate), today=analysis.today)
    own = next(one for one in after.estate.functions if one.arn == function.arn)
    still = {told.target.id for told in reach_of(own, after).reached if told.verdict in SURE}
    gone = [told.target.name for told in reach_of(function, analysis).reached if told.verdict in SURE and told.target.id not in still]
    yield "whoever knows the function by the addresses of its subnets: allow lists elsewhere"
    yield from (f"the way to {name}" for name in gone[:_LISTED])
    if len(gone) > _LISTED:
        yield f"the ways to {len(gone) - _LISTED} more"
