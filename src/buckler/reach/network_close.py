"""The tightest outbound rules that keep what functions are configured to use, tried on the estate and asked again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from buckler.engines.net import TCP, Interface, Target, World, connect
from buckler.engines.net.gates import protocol_number
from buckler.engines.net.ranges import ALL_PORTS, Range, common, inside, ranges_of, union, without
from buckler.engines.net.reachable import rule_ports
from buckler.model.closing import GroupClose, Kept, NetClose, Proposal, bare
from buckler.model.estate import Estate
from buckler.model.functions import Function
from buckler.model.network import SecurityGroup, SecurityGroupRule
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of, members_of
from buckler.reach.network import reach_of, sources_of
from buckler.reach.network_keep import kept_by, order, singles, site_of
from buckler.reach.network_open import Open, lost_of, open_of
from buckler.reach.network_targets import OWN_KINDS, group_names, world
from buckler.reach.network_uses import pollers_of, uses_of
from buckler.reach.worth import worth_of

_MOST_RULES: Final = 60
"""Outbound rules a security group may have, unless the account's quota was raised (Amazon VPC quotas)."""
_FLOWS: Final = "its code and its layers may connect to what nothing here names: read its flow logs before this is made"


def close(function: Function, analysis: Analysis, only: str = "") -> NetClose:
    """Find the rules for the security groups of a function, or for one of them. Raises `Undecided` when what must be known is not."""
    placement = sources_of(function, analysis)
    if placement is None:
        raise Undecided(
            Unknown(kind=UnknownKind.UNSUPPORTED, why="the function is in no VPC of the account, and no rule filters it", need="a VPC")
        )
    _insist(function, analysis)
    first: NetClose | None = None
    for by_reference in (True, False):
        made = _close(function, placement, analysis, only, by_reference=by_reference)
        if not made.refused:
            return made
        first = first or made
    assert first is not None  # noqa: S101 - the loop runs
    return first


def _insist(function: Function, analysis: Analysis) -> None:
    """Insist on what an absence would be concluded from: who stands where, and who shares a group."""
    for collection in ("security_groups", "endpoints", "subnets", "route_tables", "functions"):
        analysis.require(collection, function.account, function.region)


def _close(function: Function, placement: tuple[Interface, ...], analysis: Analysis, only: str, *, by_reference: bool) -> NetClose:
    there = world(analysis)
    groups = [there.groups.get(name) or group_of(name, function, analysis) for name in placement[0].groups if only in {"", name}]
    members = list(dict.fromkeys((function.arn, *(one.arn for group in groups for one in members_of(group, analysis)))))
    functions = [analysis.functions[arn] for arn in members]
    kept: list[Kept] = []
    doubts: dict[str, None] = {}
    proposals: dict[str, Proposal] = {}
    for one in functions:
        uses = uses_of(one, analysis)
        site = site_of(one, analysis, by_reference=by_reference)
        kept += kept_by(site, uses, proposals)
        doubts.update((f"`{shown(one.name)}`: {doubt}", None) for doubt in uses.doubts)
    doubts[_FLOWS] = None
    versions = {address.version for one in functions for source in sources_of(one, analysis) or () for address in source.addresses}
    homes = {shown(one.name): _home(one, groups, analysis) for one in functions}
    closes = tuple(_group(group, [one for one in kept if homes[one.function] is group], versions, analysis, there) for group in groups)
    changed = Analysis(changed_by(closes)(analysis.estate), today=analysis.today)
    was, now = _open(closes, analysis), _open(closes, changed)
    asked = _asked_for(kept)
    return NetClose(
        function=function,
        vpcs=tuple(sorted({one.vpc for one in placement})),
        groups=closes,
        kept=tuple(kept),
        lost=lost_of(was, now),
        stays=lost_of(now, asked),
        proposals=tuple(proposals[name] for name in sorted(proposals)),
        doubts=tuple(doubts),
        refused=_refusal(closes, functions, kept, was, now, changed, analysis, there),
        worth=_worth(function, analysis),
    )


def _home(function: Function, groups: Sequence[SecurityGroup], analysis: Analysis) -> SecurityGroup:
    """Give the group that the rules of a function go into: of its own, the one that the fewest share, since all of them get the rules."""
    # A function that names no group stands in the default one, of which that makes it no member.
    mine = [group for group in groups if function in members_of(group, analysis)] or groups
    return min(mine, key=lambda group: (len(members_of(group, analysis)), shown(group.name)))


def _worth(function: Function, analysis: Analysis) -> str:
    worth = worth_of(function, analysis)
    return worth.said if worth.level in {"administrator", "principals", "secrets"} else ""


# --- the rules of a group --------------------------------------------------------------------------------------------------


def _group(group: SecurityGroup, kept: Sequence[Kept], versions: set[int], analysis: Analysis, there: World) -> GroupClose:
    before = tuple(one for rule in known(group.rules) if rule.is_egress for one in singles(rule))
    written = {bare(one): one for one in before}
    return GroupClose(
        group=group.name,
        name=group.group_name,
        arn=group.arn,
        members=tuple(sorted(shown(one.name) for one in members_of(group, analysis))),
        before=before,
        after=tuple(written.get(bare(rule), rule) for rule in rules_of(kept, versions, there)),
    )


def rules_of(kept: Iterable[Kept], versions: set[int], there: World) -> tuple[SecurityGroupRule, ...]:
    """Give the rules that uses need, none that another holds already, each with what needs it written beside it.

    *versions*: of IP, that whoever sends has addresses of.
    """
    needed: dict[tuple[object, ...], tuple[SecurityGroupRule, dict[str, None]]] = {}
    for one in kept:
        for rule in one.rules:
            needed.setdefault(bare(rule), (rule, {}))[1][one.use.why] = None
    wanted = _without_covered([rule for rule, _ in needed.values()], versions, there)
    # INVARIANT: sorted, so that one estate gives one set of rules.
    return tuple(_described(rule, needed[bare(rule)][1]) for rule in sorted(wanted, key=order))


def _without_covered(rules: Sequence[SecurityGroupRule], versions: set[int], there: World) -> tuple[SecurityGroupRule, ...]:
    """Leave out rules that another one holds already."""
    left: list[SecurityGroupRule] = []
    for rule in rules:
        others = [one for one in rules if one is not rule and bare(one) != bare(rule)]
        if not any(
            _covers(one, rule, versions, there) and not (_covers(rule, one, versions, there) and order(rule) < order(one)) for one in others
        ):
            left.append(rule)
    return tuple(left)


def _covers(wide: SecurityGroupRule, narrow: SecurityGroupRule, versions: set[int], there: World) -> bool:
    number = protocol_number(shown(narrow.protocol))
    if number is None or protocol_number(shown(wide.protocol)) not in {number, -1}:
        return False
    ports, within = rule_ports(wide, number), rule_ports(narrow, number)
    if isinstance(ports, Unknown) or isinstance(within, Unknown) or without(within, ports):
        return False
    if bare(replace(wide, protocol="", from_port=None, to_port=None)) == bare(replace(narrow, protocol="", from_port=None, to_port=None)):
        return True
    ranges = [one for one in _ranges_of(narrow, there) if one.version in versions]
    blocks = list(ranges_of(shown(one) for one in wide.cidrs))
    return bool(ranges) and all(any(inside(one, block) is True for block in blocks) for one in ranges)


def _ranges_of(rule: SecurityGroupRule, there: World) -> Iterator[Range]:
    yield from ranges_of(shown(one) for one in rule.cidrs)
    for group in rule.groups:
        yield from (address for one in there.interfaces.values() if shown(group) in one.groups for address in one.addresses)
        held = there.groups.get(shown(group))
        # Whoever may come to stand there has an address of the VPC.
        if held is not None and isinstance(held.vpc_id, str):
            yield from there.ranges.get(held.vpc_id, ())
    for name in rule.prefix_lists:
        yield from there.prefix_lists.get(shown(name), ())


_SPARE: Final = str.maketrans(dict.fromkeys("`'\"<>?^%|\\~", ""))
"""Characters that descriptions of rules may not have (EC2 API reference, `IpRange`)."""


def _described(rule: SecurityGroupRule, reasons: Iterable[str]) -> SecurityGroupRule:
    (peer,) = (*rule.cidrs, *rule.groups, *rule.prefix_lists)
    text = "; ".join(reasons).translate(_SPARE).encode("ascii", "ignore").decode()
    return replace(rule, descriptions=((shown(peer), text if len(text) <= 255 else f"{text[:252]}..."),))


def changed_by(groups: Iterable[GroupClose]) -> Callable[[Estate], Estate]:
    """Give the change of an estate: outbound rules that are not needed go, new ones come; whatever else was changed stays."""
    each = {one.group: one for one in groups}

    def cut(group: SecurityGroup) -> SecurityGroup:
        made = each.get(group.name)
        if made is None or isinstance(group.rules, Unknown):
            return group
        gone = {bare(one) for one in made.removed}
        stays = [one for rule in group.rules for one in (singles(rule) if rule.is_egress else (rule,)) if bare(one) not in gone]
        there = {bare(one) for one in stays}
        return replace(group, rules=(*stays, *(one for one in made.added if bare(one) not in there)))

    return lambda estate: replace(estate, security_groups=tuple(map(cut, estate.security_groups)))


# --- proof -----------------------------------------------------------------------------------------------------------------


def _open(closes: Sequence[GroupClose], analysis: Analysis) -> Open:
    """Work out what everybody who stands in one of the groups reaches."""
    concerned = {shown(one.group) for one in closes}
    return open_of(lambda one: bool(concerned & set(one.groups)), analysis)


def _asked_for(kept: Sequence[Kept]) -> Open:
    """Give what the uses themselves ask for."""
    found: dict[tuple[str, str, int], list[tuple[int, int]]] = {}
    for one in kept:
        number = protocol_number(one.use.protocol) or TCP
        for target in one.targets:
            names = ("the internet (IPv4)", "the internet (IPv6)") if target == "the internet" else (target,)
            for name in names:
                found.setdefault((one.function, name, number), []).extend(one.use.ports or ALL_PORTS)
    return {key: union(ports) for key, ports in found.items()}


def _refusal(
    closes: Sequence[GroupClose],
    functions: Sequence[Function],
    kept: Sequence[Kept],
    was: Open,
    now: Open,
    changed: Analysis,
    analysis: Analysis,
    there: World,
) -> str:
    """Say why the rules must not be made as they are; empty: everything was proved."""
    for one in closes:
        others = _others(shown(one.group), analysis, there)
        if others:
            what = f"`{shown(one.group)}` ({shown(one.name)})"
            return f"{what} is also that of {others}, of which nobody can tell what it uses: --own-group gives the function one of its own"
        if len(one.after) > _MOST_RULES:
            return f"{len(one.after)} outbound rules are more than the {_MOST_RULES} that a security group may have"
    for key, ports in now.items():
        more = without(ports, was.get(key, ()))
        if more:
            return f"`{key[0]}` would reach {key[1]} on ports it does not reach today"
    for function in functions:
        wider = _wider(function, closes, analysis, changed)
        if wider:
            return wider
    asked = _asked_for(kept)
    for key, ports in was.items():
        wanted = common(ports, asked.get(key, ()))
        if without(wanted, now.get(key, ())):
            return f"`{key[0]}` would no longer reach {key[1]}, which it is configured to use"
    return _weaker(functions, kept, analysis, changed)


def _wider(function: Function, closes: Sequence[GroupClose], before: Analysis, after: Analysis) -> str:
    """Say which single address a new reference would open: what is alike is one target, and may be reached at one of its addresses only."""
    there, then = world(before), world(after)
    added = [(shown(group), rule) for one in closes for rule in one.added for group in rule.groups]
    for group, rule in added:
        number = protocol_number(shown(rule.protocol)) or TCP
        for interface in (one for one in there.interfaces.values() if group in one.groups):
            for source in sources_of(function, before) or ():
                for address in interface.addresses:
                    to = Target(address, interface)
                    was, now = (connect(each, source, to, number) for each in (there, then))
                    if now.kind != "no" and without(now.ports, was.ports if was.kind != "no" else ()):
                        return f"`{shown(function.name)}` would reach {interface.id} on ports it does not reach today"
    return ""


def _weaker(functions: Sequence[Function], kept: Sequence[Kept], before: Analysis, after: Analysis) -> str:
    """Say whether a connection that always works today would work less surely."""
    for function in functions:
        name = shown(function.name)
        then = {(told.target.id, one.protocol): one.verdict for told in reach_of(function, after).reached for one in told.protocols}
        wanted = {target for one in kept if one.function == name and one.rules for target in one.targets}
        for told in reach_of(function, before).reached:
            for one in told.protocols:
                later = then.get((told.target.id, one.protocol))
                if told.target.name in wanted and one.verdict == "always" and later not in {"always", None}:
                    return f"whether `{name}` would still reach {told.target.name} could not be proved ({later})"
    return ""


def _others(group: str, analysis: Analysis, there: World) -> str:
    """Name what else stands in a group and may connect from it. Raises `Undecided` where nobody could look."""
    standing_in = [one for one in there.interfaces.values() if group in one.groups]
    ours = {(one.subnet, one.groups) for function in analysis.estate.functions for one in _sources_or_none(function, analysis)}
    names = [one.description or group_names(one.groups, there) for one in standing_in if one.kind not in OWN_KINDS]
    # A version of a function that was moved since may still stand here.
    names += [
        f"`{one.id}`, a network interface of Lambda for no function that was read"
        for one in standing_in
        if one.kind == "lambda" and (one.subnet, one.groups) not in ours
    ]
    names += [f"the pollers of the event source `{shown(one.name)}`" for one in pollers_of(group, analysis)]
    if not names and "interfaces" in there.unread and there.unread["interfaces"].kind is not UnknownKind.OUTSIDE:
        raise Undecided(there.unread["interfaces"])
    listed = ", ".join(dict.fromkeys(names[:3]))
    return f"{listed} and {len(names) - 3} more" if len(names) > 3 else listed


def _sources_or_none(function: Function, analysis: Analysis) -> tuple[Interface, ...]:
    try:
        return sources_of(function, analysis) or ()
    except Undecided:
        return ()
