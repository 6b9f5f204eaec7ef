"""Questions about the network: what a function reaches, who reaches something, why, what to remove, and whether it is as it should be."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from buckler.app.attacking import function_named, together
from buckler.engines.net import ICMP, TCP, UDP
from buckler.engines.net.ranges import ranges_of
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.functions import Function
from buckler.model.reachability import CutReport, NetReach, NetReport, NetTarget
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.network import explain, reach_of, targets, who_reaches
from buckler.reach.network_cuts import cuts_of

PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP}
_INTERNET = {
    "internet": NetTarget(kind="internet", name="the internet (IPv4)", id="internet"),
    "internet6": NetTarget(kind="internet", name="the internet (IPv6)", id="internet6"),
}


def target_named(name: str, known: Iterable[NetTarget], *, with_internet: bool = True) -> NetTarget:
    """Find a target by its id, name, address, security group, or service where that is one's alone. Raises `UsageError`.

    An address that nothing has stands for itself, where there is somebody to ask from.
    """
    if with_internet and name in _INTERNET:
        return _INTERNET[name]
    there = list(known)
    for calls in _CALLS:
        meant = [one for one in there if name in calls(one)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            listed = ", ".join(f"`{one.id}`" for one in meant[:4])
            raise UsageError(f"`{name}` may be any of {len(meant)} targets", cause=listed, hint="name it by its id")
    if with_internet and any(ranges_of((name,))):
        return NetTarget(kind="address", name=name, id=name)
    names = sorted({call for one in there for call in (one.id, one.name, one.service) if call} | set(_INTERNET if with_internet else ()))
    close = closest(name, names)
    listed = f"these can be named: {', '.join(names[:5])}" if names else "buckler net FUNCTION"
    hint = f"a similar one exists: `{close}`" if close else listed
    raise UsageError(f"nothing called `{name}` stands in the networks that were read", hint=hint)


_CALLS: Final[tuple[Callable[[NetTarget], set[str]], ...]] = (
    lambda one: {one.id, one.name},
    lambda one: set(one.addresses),
    lambda one: set(one.groups),
    lambda one: {one.service, one.name.partition(" (")[0], one.name.rpartition(".")[2] if one.service == "endpoint" else ""} - {""},
    lambda one: {word.strip("(),") for word in one.name.split()},
)
"""By what people call a target: the first of these by which something is called so decides."""


def ask_net(about: Sequence[Analysis], name: str) -> NetReport:
    """Work out all that a function reaches. Raises `UsageError`, and `Undecided` where nobody knows where it is."""
    analysis, function = function_named(about, name)
    return reach_of(function, analysis)


def ask_connection(about: Sequence[Analysis], name: str, to: str, protocol: str, port: int) -> NetReach:
    """Say whether a function reaches a port of a target, and what decides. Raises `UsageError` and `Undecided`."""
    analysis, function = function_named(about, name)
    return explain(function, target_named(to, targets(analysis, function)), PROTOCOLS[protocol], port, analysis)


def ask_who(about: Sequence[Analysis], to: str) -> tuple[NetTarget, tuple[NetReach, ...], tuple[tuple[Function, Unknown], ...]]:
    """List the functions that reach a target, and those of which nobody knows. Raises `UsageError`."""
    joined = together(about)
    target = target_named(to, [one for analysis in joined for one in targets(analysis)], with_internet=False)
    found: list[NetReach] = []
    undecided: list[tuple[Function, Unknown]] = []
    for analysis in joined:
        if target in targets(analysis):
            reached, unknown = who_reaches(target, analysis)
            found += reached
            undecided += unknown
    return target, tuple(found), tuple(undecided)


def ask_cut(about: Sequence[Analysis], name: str, to: str, protocol: str | None, port: int | None) -> CutReport:
    """Find the ways to keep a function from a target. Raises `UsageError` and `Undecided`."""
    analysis, function = function_named(about, name)
    return cuts_of(
        function, target_named(to, targets(analysis, function)), None if protocol is None else PROTOCOLS[protocol], port, analysis
    )
