"""The tightest rules of a function, with what is made for them: endpoints in place of the internet, a security group of its own."""

from collections.abc import Callable

from msgspec.structs import replace

from buckler.model.closing import Endpoints, NetClose, OwnGroup
from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of
from buckler.reach.network_close import changed_by, close
from buckler.reach.network_made import endpoints_for, needed, own_group, stranded_by, with_endpoints, with_own_group


def close_with(function: Function, analysis: Analysis, *, endpoints: Endpoints = "none", own: bool = False) -> NetClose:
    """Find the rules of a function, with the endpoints and the group that were asked for. Raises `Undecided`."""
    made = own_group(function, analysis) if own else None
    start = _moved(function, analysis, made)
    closing = close(start.functions[function.arn], start)
    if made is not None:
        tight = needed(
            made, [told for told in reach_of(start.functions[function.arn], start).reached if _is_kept(told.target.name, closing)]
        )
        tighter = _moved(function, analysis, tight)
        asked_again = close(tighter.functions[function.arn], tighter)
        # What is not used needs not be let in, unless leaving it out changes what is used.
        if asked_again.refused == closing.refused and asked_again.groups == closing.groups:
            made, start, closing = tight, tighter, asked_again
    closing = replace(closing, own=made)
    return closing if endpoints == "none" else _by_endpoints(closing, start, with_interfaces=endpoints == "all")


def _is_kept(target: str, closing: NetClose) -> bool:
    return any(target in one.targets for one in closing.kept if one.rules)


def _moved(function: Function, analysis: Analysis, own: OwnGroup | None) -> Analysis:
    if own is None:
        return analysis
    return Analysis(with_own_group(own, function.arn)(analysis.estate), today=analysis.today)


def _by_endpoints(closing: NetClose, start: Analysis, *, with_interfaces: bool) -> NetClose:
    function = closing.function
    made, left = endpoints_for(closing.proposals, function, start, with_interfaces=with_interfaces)
    if not made:
        return replace(closing, doubts=(*left, *closing.doubts))
    then = Analysis(with_endpoints(made)(start.estate), today=start.today)
    found = close(function, then)
    new = {name for one in made for name in (one.service, f"VPC endpoint {one.service}")}
    return replace(
        found,
        own=closing.own,
        endpoints=made,
        # What is not there yet closes nothing.
        lost=tuple(one for one in found.lost if one.target not in new),
        doubts=(*left, *found.doubts),
        refused=found.refused or stranded_by(made, start, then),
    )


def change_of(closing: NetClose) -> Callable[[Estate], Estate]:
    """Give the change of an estate: what is made, and then the rules."""
    own, function = closing.own, closing.function.arn
    steps = [with_own_group(own, function)] if own is not None else []
    steps += [with_endpoints(closing.endpoints), changed_by(closing.groups)]

    def change(estate: Estate) -> Estate:
        for step in steps:
            estate = step(estate)
        return estate

    return change


def base_of(closing: NetClose, analysis: Analysis) -> Analysis:
    """Give the estate with what is made, before the rules are changed."""
    return Analysis(change_of(replace(closing, groups=()))(analysis.estate), today=analysis.today)


def costs_of(closing: NetClose) -> tuple[str, ...]:
    """Say what making it costs, and what it changes for others."""
    said: list[str] = []
    for one in closing.endpoints:
        where = f"whatever {'is routed by' if one.route_tables else 'stands in'} {', '.join(one.route_tables) or one.vpc}"
        whose = "with the account's own credentials only"
        said.append(f"{where} reaches {one.service} by the endpoint then, {whose}, and policies that name `aws:SourceIp` no longer know it")
        if one.endpoint_type == "Interface":
            zones = f"{len(one.subnets)} zones" if len(one.subnets) > 1 else "its zone"
            said.append(f"AWS bills the endpoint for {one.service} by the hour in {zones}, and by the gigabyte")
        elif one.service.endswith(".s3"):
            said.append("what others sign is refused by it: layers of container images that machines pull, packages of Amazon Linux")
    if closing.own is not None:
        instead = ", ".join(closing.own.instead)
        said.append(f"published versions of `{shown(closing.function.name)}` stay in {instead}")
        said.append("Lambda holds the new group for some 20 minutes after it is undone: EC2 deletes it only then, by undoing once more")
    return tuple(said)
