"""The network half of a blast radius: what packets reach, and whether anything but the network stands before it.

Reachable and authorised counts where a service asks IAM of every request; reachable alone counts where a password, or nothing, guards it.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from buckler.engines.iam import sample, settle_policy
from buckler.model.functions import Function
from buckler.model.graph import NetTouch
from buckler.model.policy import Policy
from buckler.model.reachability import NetReach, NetReport, NetTarget, ports_text
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.graph import graph_of
from buckler.reach.network import SURE, reach_of
from buckler.reach.placement import placement_of
from buckler.reach.roles import Powers, powers_of

# service -> actions with which a role gets in. Source: Service Authorization Reference; each service's guide on IAM authentication.
_ENTRY: Final[dict[str, tuple[str, ...]]] = {
    "rds": ("rds-db:connect",),
    "rds-proxy": ("rds-db:connect",),
    "neptune": ("neptune-db:connect", "neptune-db:ReadDataViaQuery", "neptune-db:WriteDataViaQuery"),
    "elasticache": ("elasticache:Connect",),
    "memorydb": ("memorydb:connect",),
    "dax": ("dax:GetItem", "dax:Query", "dax:Scan", "dax:PutItem", "dax:DeleteItem"),
    "opensearch": ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut", "es:ESHttpDelete"),
    "msk": ("kafka-cluster:Connect",),
    "efs": ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"),
    "redshift": ("redshift:GetClusterCredentials", "redshift:GetClusterCredentialsWithIAM"),
}
_LEFT_OUT: Final = frozenset({"endpoint", "resolver"})
"""What services behind endpoints the role may use is told by what it touches; names are told by `buckler net`."""


def net_touches(function: Function, analysis: Analysis) -> tuple[tuple[NetTouch, ...], tuple[Unknown, ...]]:
    """List what packets reach, the worst first, and what keeps more from being told. Nothing for functions in no VPC of the account."""
    try:
        if placement_of(function, analysis) is None:
            return (), ()
        report = reach_of(function, analysis)
    except Undecided as stop:
        return (), (stop.unknown,)
    found = sorted(_each(report, function, analysis), key=lambda one: (-one.harm.rank, not one.is_sure, one.name, one.id))
    return tuple(found), report.unknown


def _each(report: NetReport, function: Function, analysis: Analysis) -> Iterator[NetTouch]:
    may_use = _Using(function, analysis)
    for told in report.reached:
        if told.target.kind in _LEFT_OUT or told.target.service in _LEFT_OUT:
            continue
        # Where IAM lets nobody in, what the role may do by it does not matter.
        may, unknown = may_use(told.target) if told.target.iam_login is not False else ((), None)
        is_asked = told.target.service in _ENTRY
        guard = told.target.guard or {True: "iam", False: "password", None: "unknown"}[told.target.asks_iam]
        yield NetTouch(
            name=told.target.name,
            id=told.target.id,
            service=told.target.service,
            ports=", ".join(f"{one.protocol} {ports_text(one.ports)}" for one in told.protocols),
            is_sure=told.verdict in SURE,
            guard=guard,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the five
            guarded=told.target.guarded,
            may=may,
            harm=_harm(told, is_open=told.target.asks_iam is False or bool(may)),
            unknown=unknown if is_asked and not may else None,
        )


def _harm(told: NetReach, *, is_open: bool) -> Severity:
    return Severity.MEDIUM if is_open and told.verdict in SURE else Severity.LOW


# --- what the role may -----------------------------------------------------------------------------------------------------


_May: TypeAlias = tuple[tuple[str, ...], Unknown | None]
"""Actions that are allowed, and why nobody knows of others."""
_BELOW: Final = {"opensearch": "/index", "efs": "", "msk": ""}
"""Services whose ARNs are what policies name -> what is asked for below one."""
_MOUNTED: Final = {"efs": {"elasticfilesystem:AccessedViaMountTarget": ("true",)}}


class _Using:
    """What a function's role may do with what its packets reach: all policies have their say, the organisation's and the thing's own."""

    def __init__(self, function: Function, analysis: Analysis) -> None:
        self._analysis = analysis
        self._graph = graph_of(analysis)
        self._kept: dict[tuple[str, str], _May] = {}
        self._services = {shown(one.arn): one for one in analysis.estate.data_services}
        self._powers: Powers | None = None
        self._untold: Unknown | None = None
        try:
            self._powers = powers_of(analysis.role_of(function), analysis)
        except Undecided as stop:
            self._untold = stop.unknown

    def __call__(self, target: NetTarget) -> _May:
        """Give the actions by which the role may use a target."""
        key = (target.service, target.arn)
        if key not in self._kept:
            self._kept[key] = self._ask(target) if self._powers is not None else ((), self._untold)
        return self._kept[key]

    def _ask(self, target: NetTarget) -> _May:
        powers = self._powers
        assert powers is not None  # noqa: S101 - the caller looks
        actor = self._graph.actors.of(powers.arn)
        allowed: list[str] = []
        doubt: Unknown | None = None
        policy = self._policy_of(target)
        if isinstance(policy, Unknown):
            doubt, policy = policy, None
        for action in _ENTRY.get(target.service, ()):
            for resource in _resources(powers, action, target, has_policy=policy is not None):
                outcome = self._graph.actors.ask(actor, action, resource, _MOUNTED.get(target.service), policy=policy)
                if outcome.is_possible and not outcome.unread:
                    allowed.append(action)
                    break
                doubt = doubt or next(iter(outcome.unread), None)
        try:
            powers.insist()
        except Undecided as stop:
            doubt = doubt or stop.unknown
        return tuple(allowed), doubt

    def _policy_of(self, target: NetTarget) -> Policy | Unknown | None:
        held = self._services.get(target.arn)
        if held is None or held.policy is None or isinstance(held.policy, Unknown):
            return held.policy if held is not None else None
        return settle_policy(held.policy, attached=True)


def _resources(powers: Powers, action: str, target: NetTarget, *, has_policy: bool) -> Iterator[str]:
    """Give the thing itself, where its ARN is what policies name; else one resource of each pattern that an Allow has for the action."""
    if not powers.speaks_of(action) and not has_policy:
        return
    if target.arn and target.service in _BELOW:
        yield f"{target.arn}{_BELOW[target.service]}"
        return
    patterns = {sample(one) for statement in powers.statements() if statement.effect == "Allow" for one in statement.resources or ("*",)}
    for pattern in sorted(patterns):
        service = action.partition(":")[0]
        if pattern == "*" or pattern.split(":")[2:3] in ([service], ["*"]):
            yield powers.resource(service, "") if pattern == "*" else pattern.replace("*", "any").replace("?", "x")


def said_of(touch: NetTouch) -> str:
    """Say in words what stands between an attacker and using it."""
    role = f"its role may {', '.join(touch.may)}" if touch.may else ""
    if touch.guard in {"password", "certificate", "nothing"}:
        return f"{touch.guarded}{'; ' + role if role and touch.guard != 'nothing' else ''}"
    if touch.guard == "iam":
        if touch.unknown is not None:
            return f"it asks IAM, and whether its role may is not known: {touch.unknown.why}"
        return f"it asks IAM, and {role or 'its role may not'}"
    if touch.service in _ENTRY:
        if touch.unknown is not None:
            return f"whether it asks IAM is its own setting, and whether its role may is not known: {touch.unknown.why}"
        return f"whether it asks IAM is its own setting; {role or 'its role may not, where it does'}"
    return "what guards it is not known" if touch.service or touch.id.startswith("eni-") else ""
