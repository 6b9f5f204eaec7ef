"""The rules that keep what a function uses, and what they close: as text, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from buckler import __version__
from buckler.engines.net.gates import describe_rule
from buckler.model.closing import GroupClose, Kept, NetClose, NetUse, OwnGroup
from buckler.model.network import SecurityGroupRule
from buckler.model.reachability import LostPair, ports_text
from buckler.model.text import Text, shown
from buckler.reach.network_plan import costs_of
from buckler.reach.network_uses import SECRETS
from buckler.report import Context
from buckler.report.as_json import dump
from buckler.report.excerpt import Canvas
from buckler.report.lines import paragraph
from buckler.report.net_cut import LostPart
from buckler.report.paint import Paint
from buckler.report.words import count

_SHOWN = 6


# --- JSON ------------------------------------------------------------------------------------------------------------------


class KeptPart(msgspec.Struct, frozen=True, kw_only=True):
    """A use, and the rules by which it stays."""

    function: str
    kind: str
    to: str
    protocol: str
    ports: tuple[tuple[int, int], ...]
    why: str
    place: str
    rules: tuple[str, ...]
    targets: tuple[str, ...]
    note: str


class GroupPart(msgspec.Struct, frozen=True, kw_only=True):
    """A security group, before and after."""

    id: str
    name: str
    functions: tuple[str, ...]
    add: tuple[str, ...]
    remove: tuple[str, ...]
    rules: tuple[str, ...]


class ProposalPart(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint that would let the way over the internet be closed."""

    service: str
    endpoint_type: str
    why: str


class EndpointPart(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint that is made."""

    service: str
    endpoint_type: str
    route_tables: tuple[str, ...]
    subnets: tuple[str, ...]
    why: str


class OwnGroupPart(msgspec.Struct, frozen=True, kw_only=True):
    """A security group that is made for the function alone."""

    name: str
    instead: tuple[str, ...]
    let_in: tuple[str, ...]


class CloseDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `buckler net close --format json` writes."""

    schema: Literal["buckler/net-close/1"]
    version: str
    function: str
    is_proved: bool
    refused: str
    groups: tuple[GroupPart, ...]
    kept: tuple[KeptPart, ...]
    closed: tuple[LostPart, ...]
    stays: tuple[LostPart, ...]
    proposals: tuple[ProposalPart, ...]
    own_group: OwnGroupPart | None
    endpoints: tuple[EndpointPart, ...]
    costs: tuple[str, ...]
    doubts: tuple[str, ...]


def close_json(closing: NetClose, refused: str) -> str:
    """Write the document. *refused*: why it must not be made, by the rules alone or by what the checks say of it."""
    return (
        dump(
            CloseDocument(
                schema="buckler/net-close/1",
                version=__version__,
                function=shown(closing.function.arn) or shown(closing.function.name),
                is_proved=not refused,
                refused=refused,
                groups=tuple(
                    GroupPart(
                        id=shown(one.group),
                        name=shown(one.name),
                        functions=one.members,
                        add=_rules(one.added),
                        remove=_rules(one.removed),
                        rules=_rules(one.after),
                    )
                    for one in closing.groups
                ),
                kept=tuple(map(_kept_part, closing.kept)),
                closed=tuple(map(_lost, closing.lost)),
                stays=tuple(map(_lost, closing.stays)),
                proposals=tuple(
                    ProposalPart(service=one.service, endpoint_type=one.endpoint_type, why=one.why) for one in closing.proposals
                ),
                own_group=None if closing.own is None else _own_part(closing.own),
                endpoints=tuple(
                    EndpointPart(
                        service=one.service,
                        endpoint_type=one.endpoint_type,
                        route_tables=one.route_tables,
                        subnets=one.subnets,
                        why=one.why,
                    )
                    for one in closing.endpoints
                ),
                costs=costs_of(closing),
                doubts=closing.doubts,
            )
        )
        + "\n"
    )


def _own_part(own: OwnGroup) -> OwnGroupPart:
    return OwnGroupPart(name=own.group.name, instead=own.instead, let_in=tuple(_let_in(own)))


def _let_in(own: OwnGroup) -> Iterator[str]:
    for name, rule in own.admits:
        yield f"{describe_rule(rule).removeprefix('in ').replace(own.group.id, own.group.name)}, at {shown(name)}"


def _rules(rules: Iterable[SecurityGroupRule]) -> tuple[str, ...]:
    return tuple(describe_rule(one) for one in rules)


def _kept_part(one: Kept) -> KeptPart:
    use = one.use
    return KeptPart(
        function=one.function, kind=use.kind, to=use.to, protocol=use.protocol, ports=use.ports, why=use.why,
        place=use.place, rules=_rules(one.rules), targets=one.targets, note=one.note,
    )  # fmt: skip


def _lost(one: LostPair) -> LostPart:
    return LostPart(source=one.source, target=one.target, protocol=one.protocol, ports=one.ports)


# --- text ------------------------------------------------------------------------------------------------------------------


def close_text(closing: NetClose, refused: str, context: Context) -> str:
    """Write the rules with their reasons, then what they close, then what is left to be known."""
    canvas = Canvas(width=max(context.width, 40), paint=Paint(context.color, context.links), excerpt=context.excerpt)
    return "\n".join(line.rstrip() for line in _lines(_by_name(closing), refused, canvas, verbose=context.verbose)) + "\n"


def _by_name(closing: NetClose) -> NetClose:
    """Call groups that are not there yet by their names: they have no ids."""
    made = [one.group for one in closing.endpoints if one.group is not None] + ([closing.own.group] if closing.own is not None else [])
    names = {one.id: one.name for one in made}

    def rule(one: SecurityGroupRule) -> SecurityGroupRule:
        return replace(one, groups=tuple(names.get(shown(each), each) for each in one.groups))

    return replace(
        closing,
        groups=tuple(
            replace(
                one,
                group=names.get(shown(one.group), one.group),
                # Nobody takes away what a new group never had.
                before=() if shown(one.group) in names else tuple(map(rule, one.before)),
                after=tuple(map(rule, one.after)),
            )
            for one in closing.groups
        ),
        kept=tuple(replace(one, rules=tuple(map(rule, one.rules))) for one in closing.kept),
    )


def _lines(closing: NetClose, refused: str, canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    name = shown(closing.function.name)
    yield from _made(closing, name, canvas)
    for one in closing.groups:
        yield from _of_group(one, closing, name, canvas)
    unmet = [one for one in closing.kept if not one.rules and one.use.to != SECRETS]
    if unmet:
        yield ""
    for kept in unmet:
        yield from paragraph(f"not kept: {_named(kept.use)}, {kept.use.told}: {kept.note}", canvas)
    if closing.lost or closing.stays:
        yield ""
    yield from _pairs("closes", closing.lost, canvas, verbose=verbose)
    yield from _pairs("leaves open, by a rule that is needed for something else,", closing.stays, canvas, verbose=verbose)
    yield ""
    for proposal in closing.proposals:
        is_free = proposal.endpoint_type == "Gateway"
        kind = "a gateway endpoint, which costs nothing," if is_free else "an interface endpoint, billed by the hour and the gigabyte,"
        yield from paragraph(f"goes over the internet: {proposal.service}, {proposal.why}; {kind} would keep it in the VPC", canvas)
    for cost in costs_of(closing):
        yield from paragraph(f"with it: {cost}", canvas)
    for doubt in closing.doubts:
        yield from paragraph(f"not known: {doubt}", canvas)
    if closing.worth:
        yield from paragraph(f"worth subnets of its own (--subnet-design): whoever owns `{name}` has {closing.worth}", canvas)
    yield ""
    if refused:
        yield from _bold(f"not to be made as it is: {refused}", canvas)
    elif not any(one.added or one.removed for one in closing.groups) and not closing.endpoints:
        yield from paragraph("its rules are the tightest already", canvas)
    else:
        yield from paragraph("tried on what was read and asked again: what is used is reached as before, and nothing new is", canvas)


def _made(closing: NetClose, name: str, canvas: Canvas) -> Iterator[str]:
    """Write what is made before the rules are changed."""
    if closing.own is not None:
        instead = ", ".join(f"`{one}`" for one in closing.own.instead)
        yield from _bold(f"make: security group `{closing.own.group.name}` for `{name}` alone, in place of {instead}", canvas)
        for rule in _let_in(closing.own):
            yield from paragraph(f"let in: {rule}", canvas, indent=2)
    for one in closing.endpoints:
        if one.endpoint_type == "Gateway":
            where = f"a gateway endpoint for {one.service} in {', '.join(one.route_tables)}, which costs nothing"
        else:
            where = f"an interface endpoint for {one.service} in {', '.join(one.subnets)}, with private DNS and a security group of its own"
        yield from _bold(f"make: {where}", canvas)
        yield from paragraph(one.why, canvas, indent=2)


def _of_group(one: GroupClose, closing: NetClose, name: str, canvas: Canvas) -> Iterator[str]:
    """Write the rules of a group, under each the uses that it keeps; a use whose own rule a wider one holds stands below them."""
    with_whom = [f"`{other}`" for other in one.members if other != name]
    shared = f", which it shares with {', '.join(with_whom)}" if with_whom else ""
    yield from _bold(f"`{name}` needs {_how_many(one.after)} in {_group(one.group, one.name)}{shared}", canvas)
    added, written = {describe_rule(each) for each in one.added}, {describe_rule(each) for each in one.after}
    uses = [(kept, {describe_rule(each) for each in kept.rules}) for kept in closing.kept if kept.rules and kept.function in one.members]
    for rule in map(describe_rule, one.after):
        yield from paragraph(f"{'add' if rule in added else 'keep'}: {rule}", canvas, indent=2)
        for kept, rules in uses:
            if rule in rules:
                yield from paragraph(_reason(kept, name), canvas, indent=4)
    for kept, rules in uses:
        if not rules & written:
            yield from paragraph(f"by one of these: {_reason(kept, name)}", canvas, indent=2)
    for gone in one.removed:
        yield from paragraph(f"remove: {describe_rule(gone)}", canvas, indent=2)


def _how_many(rules: Sequence[SecurityGroupRule]) -> str:
    return count(len(rules), "outbound rule") if rules else "no outbound rule"


def _bold(text: str, canvas: Canvas) -> Iterator[str]:
    yield from (canvas.paint(line, "bold") for line in paragraph(text, canvas))


def _group(group: Text, name: Text) -> str:
    return f"`{shown(group)}` ({shown(name)})" if group != name else f"`{shown(group)}`"


def _reason(kept: Kept, name: str) -> str:
    whose = "" if kept.function == name else f"`{kept.function}`: "
    said = f"{whose}{_named(kept.use)}, {kept.use.told}; reaches {', '.join(kept.targets)}"
    return f"{said}; {kept.note}" if kept.note else said


def _named(use: NetUse) -> str:
    ports = f" {ports_text(use.ports)}" if use.ports else ""
    match use.kind:
        case "service":
            what = "any service of AWS" if use.to == "*" else use.to
        case "thing":
            what = use.to
        case "unread":
            what = "what secrets name" if use.to else "what nobody may read"
        case _:
            what = f"`{use.to}`" if use.to else "name servers"
    return f"{what} on {use.protocol}{ports}" if ports else what


def _pairs(what: str, pairs: Iterable[LostPair], canvas: Canvas, *, verbose: bool) -> Iterator[str]:
    listed = tuple(pairs)
    if not listed:
        return
    yield from paragraph(f"{what} {count(len(listed), 'connection')}:", canvas)
    some = listed if verbose else listed[:_SHOWN]
    for one in some:
        yield from paragraph(f"{one.source} to {one.target} on {one.protocol} {ports_text(one.ports)}", canvas, indent=2)
    if len(some) < len(listed):
        yield from paragraph(f"and {len(listed) - len(some)} more, with -v", canvas, indent=2)
