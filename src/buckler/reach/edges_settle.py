"""One request of an attacker, settled: allowed, allowed only if, or not; with the request that proves it.

`decide` says which condition keys it needs. What the attacker chooses (a tag of the request, a session name, an external id) is chosen so
that the request goes through; what they do not choose is tried with the values policies ask for, and stays with the step as a condition.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import msgspec

from buckler.engines.iam import Answer, Decision, decide
from buckler.engines.iam.context import account_of
from buckler.engines.iam.possible import possible
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Condition, Policy, Statement, parse_policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

Verdict: TypeAlias = Literal["always", "only-if", "never", "unknown"]
"""`unknown`: whether there is any such condition depends on something nobody could read."""


class Outcome(Value):
    """What came of a request."""

    verdict: Verdict
    request: Request
    layers: Layers
    """The policies under which `decide` allows the request: without what could not be read."""
    only_if: tuple[str, ...] = ()
    unread: tuple[Unknown, ...] = ()
    statements: tuple[Statement, ...] = ()
    """Those that allow it."""
    before: tuple["Outcome", ...] = ()
    """What comes first: the attacker sets a tag that a condition asks for."""

    @property
    def is_possible(self) -> bool:
        """Say whether the step can be shown: for sure, or under conditions that can be named."""
        return self.verdict in {"always", "only-if"}


_ADDRESS: Final = "198.51.100.7"
"""An address of TEST-NET-2 (RFC 5737): the attacker's own, which no range of ours holds."""

# The caller chooses these freely, or reads in the policy what to choose: an external id is no secret, says AWS.
_CHOSEN: Final = re.compile(
    r"aws:requesttag/.+|aws:tagkeys|aws:useragent|aws:referer|aws:sourceidentity|sts:(?:externalid|rolesessionname|sourceidentity|transitivetagkeys"
    r"|durationseconds|requestcontext/.+)|s3:(?:prefix|delimiter|max-keys|x-amz-.+|versionid|signatureversion|authtype|signatureage)"
    r"|kms:(?:encryptioncontext:.+|encryptioncontextkeys|encryptionalgorithm|messagetype|signingalgorithm|bypasspolicylockoutsafetycheck"
    r"|grantoperations|granteeprincipal|retiringprincipal|grantconstrainttype|grantisforawsresource)"
    r"|secretsmanager:(?:versionid|versionstage|name|description|blockpublicpolicy|forcedeletewithoutrecovery|recoverywindowindays)"
    r"|dynamodb:(?:attributes|select|returnvalues|returnconsumedcapacity|enclosingoperation|leadingkeys)"
    r"|lambda:(?:layer|functionurlauthtype|principal|vpcids|subnetids|securitygroupids|codesigningconfigarn|eventsourcetoken|functionarn"
    r"|sourcefunctionarn)"
    r"|ec2:(?:instancetype|imageid|region|.*tenancy|metadata.+|launchtemplate|isltlaunchtemplateresource|ebsoptimized|rootdevicetype|volume.+"
    r"|vpc|subnet|subnetid|associatepublicipaddress)"
    r"|iam:(?:awsservicename|associatedresourcearn)|cloudformation:(?:templateurl|rolearn|resourcetypes|stackpolicyurl|changesetname)"
)
# An attacker who takes the credentials away calls from a machine of their own: through no endpoint of ours, from no address of ours.
_AWAY: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid"})

_FACTS: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"})
_NO_ORGANIZATION: Final = Unknown(
    kind=UnknownKind.FAILED, why="the organisation of the account is not known", need="organizations:DescribeOrganization"
)

_BUDGET: Final = 160
_DEPTH: Final = 6
_VARIABLE: Final = re.compile(r"\$\{([^}',]+)[^}]*\}")


def settle(request: Request, layers: Layers) -> Outcome:
    """Find out whether the request can be made to go through, and under which conditions."""
    decision = decide(request, layers)
    if decision.answer is Answer.ALLOW:
        return Outcome(verdict="always", request=request, layers=layers, statements=_granting(decision))
    if decision.answer is not Answer.UNKNOWN:
        return Outcome(verdict="never", request=request, layers=layers)
    unread = tuple(dict.fromkeys((*(one.unknown for one in layers.unread), *decision.unknowns)))
    readable = msgspec.structs.replace(layers, unread=()) if layers.unread else layers
    found = _Search(readable).find(request, _DEPTH)
    if found is None and any(one.layer in _OF_RESOURCE for one in layers.unread):
        # The principal's side may let it, and nobody could read the other: a role whose trust is known only after apply.
        readable = msgspec.structs.replace(readable, resource=_delegating(request))
        supposed = _Search(readable).find(request, _DEPTH)
        if supposed is not None:
            phrases = (*_phrases(request, supposed[0]), "the policy of the target, which could not be read, lets it")
            return Outcome(verdict="only-if", request=supposed[0], layers=readable, only_if=phrases, unread=unread,
                           statements=_granting(supposed[1]))  # fmt: skip
    if found is None:
        found, doubt = _proof(request, readable)
        if found is None:
            unsettled = (*unread, *((doubt,) if doubt else ()))
            return Outcome(verdict="unknown" if unsettled else "never", request=request, layers=readable, unread=unsettled)
    chosen, granting = found
    if any(entry.key.lower() in _FACTS for entry in chosen.context[len(request.context) :]):
        # Whose organisation it is nobody chooses: it is so or not, and nobody could look.
        return Outcome(verdict="unknown", request=request, layers=readable, unread=(*unread, _NO_ORGANIZATION))
    phrases = _phrases(request, chosen)
    verdict: Verdict = "only-if" if phrases or unread else "always"
    return Outcome(verdict=verdict, request=chosen, layers=readable, only_if=phrases, unread=unread, statements=_granting(granting))


_OF_RESOURCE: Final = frozenset({"resource", "trust", "key-policy"})


@lru_cache(maxsize=256)
def _letting(account: str) -> Policy:
    """Write a resource policy that leaves the decision to an account."""
    document = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return parse_policy({"Version": "2012-10-17", "Statement": [document]}, ApiOrigin(call="", arn=""), name="supposed")


def _delegating(request: Request) -> Policy:
    return _letting(account_of(request.principal) or "000000000000")


_LIMITS: Final = frozenset({"scp", "rcp", "boundary", "endpoint", "session"})


def _proof(request: Request, layers: Layers) -> tuple[tuple[Request, Decision] | None, Unknown | None]:
    """Prove what trying values did not find: that no context does it, or give one that does. With why neither could be done."""
    there = possible(request, layers)
    if there.verdict in {"always", "only-if"} and there.request is not None:
        if not all(_is_sent(entry.key.lower(), entry.values, request) for entry in there.request.context):
            return None, None
        return (there.request, decide(there.request, layers)), None
    if there.verdict == "never":
        return None, None
    return None, Unknown(kind=UnknownKind.UNRESOLVED, why=there.why, need="simpler conditions in the policies")


def _granting(decision: Decision) -> tuple[Statement, ...]:
    """Give the Allow statements that grant the request, the deciding one first."""
    others = (step.statement for step in decision.trace if step.matched and step.statement.effect == "Allow" and step.layer not in _LIMITS)
    first = (decision.statement,) if decision.statement is not None else ()
    return tuple(one for one in dict.fromkeys((*first, *others)) if not _is_made_up(one))


def _is_made_up(statement: Statement) -> bool:
    """Say whether a statement is only supposed, or granted by the attacker: then it stands nowhere."""
    return isinstance(statement.origin, ApiOrigin) and not statement.origin.call


class _Search:
    """Tries values for the keys a decision needs, depth first, within a budget of decisions."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._left = 0

    def find(self, request: Request, depth: int) -> tuple[Request, Decision] | None:
        """Give a completion of the request that is allowed: rather one by what the caller chooses alone, which rests on nothing."""
        for only_free in (True, False):
            self._left = _BUDGET
            found = self._completed(request, depth, only_free=only_free)
            if found is not None:
                return found
        return None

    def _completed(self, request: Request, depth: int, *, only_free: bool) -> tuple[Request, Decision] | None:
        decision = decide(request, self._layers)
        if decision.answer is Answer.ALLOW:
            return request, decision
        known = {entry.key.lower() for entry in request.context}
        keys = [key for key in decision.needs if ":" in key and key.lower() not in known and (not only_free or _may_choose(key))]
        if decision.answer is not Answer.UNKNOWN or depth == 0 or not keys:
            return None
        for values in _candidates(keys[0], decision, request):
            entry = ContextEntry(key=keys[0], values=values)
            if only_free and not _is_free(entry):
                continue
            if self._left <= 0:
                return None
            self._left -= 1
            tried = msgspec.structs.replace(request, context=(*request.context, entry))
            found = self._completed(tried, depth - 1, only_free=only_free)
            if found is not None:
                return found
        return None


def _candidates(key: str, decision: Decision, request: Request) -> Iterator[tuple[str, ...]]:
    """Give values worth trying for a key: what the caller has anyway, what the policies ask for, none, something else."""
    name = key.lower()
    seen: set[tuple[str, ...]] = set()
    for values in _raw(name, decision, request):
        if values not in seen and _is_sent(name, values, request):
            seen.add(values)
            yield values


def _is_sent(name: str, values: tuple[str, ...], request: Request) -> bool:
    """Say whether a request can have these values: a role that is passed to Lambda is for a function, not for an instance."""
    if name != "iam:associatedresourcearn" or not values:
        return True
    passed = next((entry.values[0] for entry in request.context if entry.key.lower() == "iam:passedtoservice" and entry.values), "")
    pieces = values[0].split(":", 3)
    return not passed or len(pieces) < 4 or passed.startswith(pieces[2]) or pieces[2] in passed.split(".")


def _raw(name: str, decision: Decision, request: Request) -> Iterator[tuple[str, ...]]:
    if name == "aws:tokenissuetime":
        # Credentials are long-lived, or were issued a moment ago; nobody has any of long ago.
        now = next((entry.values for entry in request.context if entry.key.lower() == "aws:currenttime"), ())
        yield from ((), now)
        return
    if name == "aws:sourceip":
        yield (_ADDRESS,)
    if name in _AWAY:
        yield ()
    conditions = [
        condition
        for step in decision.trace
        for condition in step.statement.conditions
        if step.matched is None and condition.key.lower() == name
    ]
    for condition in conditions:
        for wanted in condition.values:
            if isinstance(wanted, str):
                yield from ((value,) for value in _values(condition, wanted, request))
    for condition in conditions:
        if len(condition.values) > 1 and all(isinstance(wanted, str) for wanted in condition.values):
            yield tuple(str(wanted) for wanted in condition.values)
    yield ()
    yield ("x-7q4z",)


def _values(condition: Condition, wanted: str, request: Request) -> Iterable[str]:
    operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    if operator == "bool":
        return ("true", "false")
    if operator == "null":
        return ("x-7q4z",)
    if operator.startswith("numeric"):
        try:
            number = int(float(wanted))
        except ValueError:
            return ()
        return (str(number), str(number - 1), str(number + 1))
    if operator.startswith("date"):
        return _days_around(wanted)
    if operator in {"ipaddress", "notipaddress"}:
        return _in_network(wanted)
    context = {entry.key.lower(): entry.values for entry in request.context}
    if condition.key.lower() == "iam:associatedresourcearn" and wanted.split(":")[2:3] == ["*"]:
        head, partition, _, *rest = wanted.split(":")
        service = next(iter(context.get("iam:passedtoservice", ())), "x").partition(".")[0].partition("-")[0]
        wanted = ":".join((head, partition, service, *rest))

    def filled(match: re.Match[str]) -> str:
        values = context.get(match[1].strip().lower(), ())
        return values[0] if values else match[1] if match[1] in "*?$" else ""

    return (re.sub(r"[*?]", "x", _VARIABLE.sub(filled, wanted)),)


def _days_around(wanted: str) -> Iterable[str]:
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        return ()
    day = timedelta(days=1)
    return tuple(one.isoformat() for one in (moment, moment - day, moment + day))


def _in_network(wanted: str) -> Iterable[str]:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return ()
    return (str(network.network_address + (1 if network.num_addresses > 2 else 0)),)


def _phrases(before: Request, after: Request) -> tuple[str, ...]:
    """Say what was assumed of keys the attacker does not choose."""
    return phrases_of(after.context[len(before.context) :])


def phrases_of(added: Iterable[ContextEntry]) -> tuple[str, ...]:
    """Say what is assumed with some values of keys, as far as the attacker does not choose them."""
    return tuple(_phrase(entry) for entry in added if not _is_free(entry))


def _may_choose(key: str) -> bool:
    name = key.lower()
    return _CHOSEN.fullmatch(name) is not None or name in _AWAY or name == "aws:sourceip"


def _is_free(entry: ContextEntry) -> bool:
    name = entry.key.lower()
    if _CHOSEN.fullmatch(name):
        return True
    return (name in _AWAY and not entry.values) or (name == "aws:sourceip" and entry.values == (_ADDRESS,))


def _phrase(entry: ContextEntry) -> str:
    if not entry.values:
        return f"the request has no {entry.key}"
    return f"{entry.key} is {' and '.join(entry.values)}"
