"""The divergences that are settled: cases in which we read AWS's pages otherwise than the simulator does, each with its sentence.

A case is a rewriting of the world that says in other words what we read, so that the simulator can read it no other way: an incomplete ARN
is completed, a policy that has no say is left out. It changes nothing for us, and after it both must agree, or the divergence is not
explained. The names are those of docs/why/oracle.md.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from bench.oracle.worlds import HERE, World

from buckler.engines.iam.condition import condition_holds
from buckler.engines.iam.context import FEDERATED_ACTIONS, Context
from buckler.engines.iam.evaluate import Evaluation
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import resource_matches
from buckler.engines.iam.principal import principal_matches
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.request import Case
from buckler.engines.iam.values import family_of, may_have_several, operator_of
from buckler.model.layers import Layers
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import Text

T = TypeVar("T")
Rewrite = Callable[[World], World]

_NOBODY = "arn:aws:iam::999999999999:user/nobody"
_NEVER = Condition(operator="StringEquals", key="aws:PrincipalIsAWSService", values=("neither",))
_ALL = Policy(statements=(Statement(effect="Allow", actions=("*",), resources=("*",), origin=HERE),), version="2012-10-17", origin=HERE)


class Settled(NamedTuple):
    """One settled case."""

    name: str
    rewrite: Rewrite


def _with(value: T, **changes: Any) -> T:
    return msgspec.structs.replace(value, **changes)  # type: ignore[type-var]


# --- whole layers ----------------------------------------------------------------------------------------------------------------


def _rcp_has_no_say(world: World) -> World:
    request, layers = world
    case = Case(request, layers)
    is_linked = case.is_by_service_linked_role or case.is_on_service_linked_role
    return World(request, _with(layers, rcp=())) if is_linked or not rcps_apply(request.action, request.resource) else world


def _scp_has_no_say(world: World) -> World:
    request, layers = world
    return World(request, _with(layers, scp=())) if Case(request, layers).is_by_service_linked_role else world


def _root_needs_no_policy(world: World) -> World:
    request, layers = world
    if not request.principal.endswith(":root"):
        return world
    return World(request, _with(layers, identity=(*layers.identity, _ALL)))


def _federated_session_has_nothing(world: World) -> World:
    request, layers = world
    if ":federated-user/" not in request.principal or layers.session is not None:
        return world
    return World(request, _with(layers, identity=tuple(_denies_of(policy) for policy in layers.identity)))


def _denies_of(policy: Policy) -> Policy:
    return _with(policy, statements=tuple(one for one in policy.statements if one.effect == "Deny"))


def _trust_is_needed(world: World) -> World:
    request, layers = world
    if Case(request, layers).rule != "trust" or layers.resource is not None:
        return world
    nobody = Statement(effect="Allow", principals=(Principal(kind="AWS", value=_NOBODY),), actions=("sts:AssumeRole",), origin=HERE)
    return World(request, _with(layers, resource=Policy(statements=(nobody,), version="2012-10-17", origin=HERE)))


def _trust_is_of_nothing_else(world: World) -> World:
    request, layers = world
    case = Case(request, layers)
    return World(request, _with(layers, resource=None)) if case.is_on_role and case.rule != "trust" else world


def _token_needs_no_credentials(world: World) -> World:
    request, layers = world
    if request.action.lower() not in FEDERATED_ACTIONS:
        return world
    return World(request, _with(layers, identity=(_ALL,)))


def _granted_directly(world: World) -> World:
    request, layers = world
    evaluation = Evaluation(request, layers)
    is_direct = evaluation.case.is_same_account and evaluation.resource_based_policies(("self", "everyone")).holds
    if not is_direct or (layers.session is None and layers.boundary is None):
        return world
    session = None if layers.session is None else (_or_all(layers.session),)
    return World(request, _with(layers, session=session, boundary=None if layers.boundary is None else _or_all((layers.boundary,))))


def _or_all(policies: Sequence[Policy]) -> Policy:
    statements = tuple(one for policy in policies for one in policy.statements if one.effect == "Deny")
    return _with(_ALL, statements=(*_ALL.statements, *statements), version=policies[0].version if policies else "2012-10-17")


def _public_access_is_blocked(world: World) -> World:
    request, layers = world
    if layers.resource is None or Evaluation(request, layers).public_access_block().holds is not False:
        return world
    return World(request, _with(layers, resource=_denies_of(layers.resource), blocks_public=False))


def _queue_is_of_its_own_account(world: World) -> World:
    request, layers = world
    case = Case(request, layers)
    if layers.resource is None or case.may_cross or case.is_same_account or not case.has_own_policies:
        return world
    return World(request, _with(layers, resource=_denies_of(layers.resource)))


def _owner_is_never_locked_out(world: World) -> World:
    request, layers = world
    case = Case(request, layers)
    on_policy = case.action in {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}
    if not (on_policy and case.kind == "root" and case.is_same_account) or layers.resource is None:
        return world
    allows = tuple(one for one in layers.resource.statements if one.effect == "Allow")
    return World(request, _with(layers, resource=_with(layers.resource, statements=allows)))


def _deny_for_all_but(world: World) -> World:
    """Name whom a Deny with NotPrincipal speaks of, as we read it."""
    request, layers = world

    def change(statement: Statement, _version: str) -> Statement:
        if statement.not_principals is None or statement.effect == "Allow":
            return statement
        speaks = layers.boundary is not None or principal_matches(statement, request.principal, Doubts())
        who = Principal(kind="*", value="*") if speaks else Principal(kind="AWS", value=_NOBODY)
        return _with(statement, principals=(who,), not_principals=None)

    return _each_statement(world, change)


# --- resources -------------------------------------------------------------------------------------------------------------------


def _each_statement(world: World, change: Callable[[Statement, str], Statement]) -> World:
    def policy(one: Policy) -> Policy:
        return _with(one, statements=tuple(change(statement, one.version) for statement in one.statements))

    def some(one: Policy | None) -> Policy | None:
        return None if one is None else policy(one)

    layers = world.layers
    changed: Layers = _with(
        layers,
        identity=tuple(map(policy, layers.identity)),
        resource=some(layers.resource),
        boundary=some(layers.boundary),
        session=None if layers.session is None else tuple(map(policy, layers.session)),
        scp=tuple(tuple(map(policy, level)) for level in layers.scp),
        rcp=tuple(tuple(map(policy, level)) for level in layers.rcp),
        endpoint=some(layers.endpoint),
    )
    return World(world.request, changed)


def _resources(world: World, is_disputed: Callable[[str], bool]) -> World:
    """Replace disputed patterns by the resource that is asked for, or by another, as we read them."""
    context = _context(world)
    asked = world.request.resource

    def settle(pattern: Text, version: str) -> Text:
        if not isinstance(pattern, str) or not is_disputed(pattern):
            return pattern
        return asked if resource_matches(pattern, asked, version, context, Doubts()) else "arn:aws:s3:::nothing-like-it"

    def change(statement: Statement, version: str) -> Statement:
        lists = {
            name: None if texts is None else tuple(settle(one, version) for one in texts)
            for name, texts in (("resources", statement.resources), ("not_resources", statement.not_resources))
        }
        return _with(statement, **lists)

    return _each_statement(world, change)


def _context(world: World) -> Context:
    return Context(world.request, resource_account=Case(world.request, world.layers).resource_account)


def _wildcard_in_the_kind(world: World) -> World:
    def is_disputed(pattern: str) -> bool:
        segments = pattern.split(":", 5)
        if len(segments) < 6 or segments[5] == "*":
            return False
        kind = segments[5].replace("/", ":").partition(":")[0]
        return "*" in kind or "?" in kind or "${" in kind

    return _resources(world, is_disputed)


def _incomplete_arn(world: World) -> World:
    return _resources(world, lambda pattern: pattern.startswith("arn:") and pattern.count(":") < 5)


# --- conditions ------------------------------------------------------------------------------------------------------------------


def _conditions(world: World, is_disputed: Callable[[Condition, tuple[str, ...], Context], bool]) -> World:
    """Leave out disputed conditions that hold as we read them, and put one that never holds in the place of others."""
    context = _context(world)

    def change(statement: Statement, version: str) -> Statement:
        kept: list[Condition] = []
        for one in statement.conditions:
            if not is_disputed(one, context.get(one.key) or (), context):
                kept.append(one)
            elif not condition_holds(one, version, context, Doubts()):
                kept.append(_NEVER)
        return _with(statement, conditions=tuple(dict.fromkeys(kept)))

    return _each_statement(world, change)


def _empty_is_no_value_in_a_set(world: World) -> World:
    return _conditions(world, lambda one, values, _: one.operator.lower().startswith("for") and "" in values)


def _several_values_without_a_quantifier(world: World) -> World:
    return _conditions(
        world, lambda one, _values, _context: ":" not in one.operator and one.operator != "Null" and may_have_several(one.key.lower())
    )


def _base(condition: Condition) -> tuple[str, str]:
    _, operator, _ = operator_of(condition.operator)
    return operator, family_of(operator) or ""


def _not_of_the_type(world: World) -> World:
    """Numbers that are words, and the like. A value that is none satisfies neither the operator nor its negation."""

    def is_disputed(one: Condition, values: tuple[str, ...], _context: Context) -> bool:
        family = _base(one)[1]
        readable = _READABLE.get(family)
        return readable is not None and not all(readable(text) for text in (*values, *map(str, one.values)))

    return _conditions(world, is_disputed)


def _seconds_are_dates(world: World) -> World:
    def is_disputed(one: Condition, values: tuple[str, ...], _context: Context) -> bool:
        return _base(one)[1] == "date" and any(re.fullmatch(r"\d+", text) for text in (*values, *map(str, one.values)))

    return _conditions(world, is_disputed)


def _no_arn(world: World) -> World:
    """A value that is no ARN is like no ARN: `ArnNotLike` holds."""

    def is_disputed(one: Condition, values: tuple[str, ...], _context: Context) -> bool:
        return _base(one)[1] == "arn" and not all(
            text.startswith("arn:") and text.count(":") >= 5 for text in (*values, *map(str, one.values))
        )

    return _conditions(world, is_disputed)


def _every_address(world: World) -> World:
    return _conditions(
        world, lambda one, _values, _context: _base(one)[1] == "address" and any(str(text).endswith("/0") for text in one.values)
    )


def _other_kind_of_address(world: World) -> World:
    def is_disputed(one: Condition, values: tuple[str, ...], _context: Context) -> bool:
        return _base(one)[1] == "address" and len({":" in text for text in (*values, *map(str, one.values))}) > 1

    return _conditions(world, is_disputed)


def _reads(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return reads


def _instant(text: str) -> object:
    return float(text) if re.fullmatch(r"[\d.+-]+", text) else datetime.fromisoformat(text)


_READABLE: dict[str, Callable[[str], bool]] = {
    "number": _reads(float),
    "date": _reads(_instant),
    "bool": lambda text: text.lower() in {"true", "false"},
    "binary": _reads(lambda text: base64.b64decode(text, validate=True)),
    "address": _reads(lambda text: ipaddress.ip_network(text, strict=False)),
}


# --- variables -------------------------------------------------------------------------------------------------------------------


def _has_no_value(text: Text, context: Context) -> bool:
    """Say whether a text has a variable whose key is absent or empty in this request."""
    names = re.findall(r"\$\{([^},]*)", text if isinstance(text, str) else "")
    return any(name not in {"*", "?", "$"} and not any(context.get(name.strip()) or ()) for name in names)


def _variable_without_value(world: World) -> World:
    context = _context(world)
    resolved = _resources(world, lambda pattern: _has_no_value(pattern, context))
    return _conditions(resolved, lambda one, _, known: any(_has_no_value(text, known) for text in one.values))


def _literal_in_the_old_version(world: World) -> World:
    """Write as plain texts what looks like a variable in a policy of 2008."""
    context = _context(world)

    def change(statement: Statement, version: str) -> Statement:
        if version == "2012-10-17":
            return statement
        lists = {
            name: None if texts is None else tuple("arn:aws:s3:::nothing-like-it" if "${" in str(one) else one for one in texts)
            for name, texts in (("resources", statement.resources), ("not_resources", statement.not_resources))
        }
        kept = [one for one in statement.conditions if not any("${" in str(value) for value in one.values)]
        fails = any(not condition_holds(one, version, context, Doubts()) for one in statement.conditions if one not in kept)
        return _with(statement, conditions=tuple([*kept, _NEVER] if fails else kept), **lists)

    return _each_statement(world, change)


SETTLED = (
    Settled("root", _root_needs_no_policy),
    Settled("federated-session", _federated_session_has_nothing),
    Settled("direct-grant", _granted_directly),
    Settled("rcp-reach", _rcp_has_no_say),
    Settled("service-linked", _scp_has_no_say),
    Settled("no-trust-policy", _trust_is_needed),
    Settled("trust-of-nothing-else", _trust_is_of_nothing_else),
    Settled("token", _token_needs_no_credentials),
    Settled("public-access-block", _public_access_is_blocked),
    Settled("bucket-owner", _owner_is_never_locked_out),
    Settled("queue-actions", _queue_is_of_its_own_account),
    Settled("not-principal", _deny_for_all_but),
    Settled("wildcard-in-kind", _wildcard_in_the_kind),
    Settled("incomplete-arn", _incomplete_arn),
    Settled("literal-in-old-version", _literal_in_the_old_version),
    Settled("variable-without-value", _variable_without_value),
    Settled("empty-in-set", _empty_is_no_value_in_a_set),
    Settled("set-without-quantifier", _several_values_without_a_quantifier),
    Settled("not-of-the-type", _not_of_the_type),
    Settled("seconds-are-dates", _seconds_are_dates),
    Settled("no-arn", _no_arn),
    Settled("other-kind-of-address", _other_kind_of_address),
    Settled("every-address", _every_address),
)
