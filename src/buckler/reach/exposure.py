"""Who gets in: the ways by which anyone can make a function run.

A function URL is open when its `AuthType` is `NONE` and the resource policy of its qualifier allows everybody both
`lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`. AWS: "Starting in October 2025, new function URLs will require both
lambda:InvokeFunctionUrl and lambda:InvokeFunction permissions." Accounts with older URLs had "a temporary exception", to be used up "by
November 1, 2026" (AWS Health notice of October 2025); so today the rule holds for every URL.
Source: AWS Lambda Developer Guide, "Control access to Lambda function URLs", read 2026-11-25.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from buckler.engines.iam import Answer, Decision, decide, sample, sample_policy, settle_policy
from buckler.model.finding import Request, Witness
from buckler.model.functions import LATEST, Function, FunctionUrl
from buckler.model.origin import Origin
from buckler.model.policy import Policy, Statement
from buckler.model.text import Text, known_text
from buckler.model.unknown import Undecided, Unknown, known
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.routes import is_open
from buckler.reach.strangers import direct, strangers, through_url

# What a stranger could do to a function by its resource policy, the most harmful first.
_ACTIONS = (
    ("lambda:UpdateFunctionCode", "change the code of"),
    ("lambda:UpdateFunctionConfiguration", "change the configuration of"),
    ("lambda:AddPermission", "let others in to"),
    ("lambda:GetFunction", "read the code and environment of"),
    ("lambda:GetFunctionConfiguration", "read the environment of"),
    ("lambda:InvokeFunction", "invoke"),
)


class Opening(Value):
    """A qualifier that lets strangers in, with the proof."""

    qualifier: Text
    verb: str
    """What they may do: `invoke`."""
    statements: tuple[Statement, ...]
    """Those that allow it."""
    witness: Witness


class WayIn(Value):
    """One way by which somebody outside makes the function run."""

    kind: Literal["url", "policy", "api", "load-balancer"]
    qualifier: Text
    origin: Origin
    public: bool
    """Anyone on the internet can use it (a direct invocation needs an AWS account, which anyone can have)."""


class Exposure:
    """Answers for one analysis; each method raises `Undecided` when the answer rests on something nobody could read."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self.today = f"{analysis.today.isoformat()}T12:00:00Z"
        self._public: dict[int, bool | Unknown] = {}

    # --- one qualifier -----------------------------------------------------------------------------------------------

    def open_url(self, function: Function, url: FunctionUrl) -> Opening | None:
        """Say whether a URL answers anyone on the internet."""
        if url.auth_type == "AWS_IAM":
            return None
        policy = function.policy_of(url.qualifier)
        if policy is None:
            # Without a policy AWS answers 403, whatever the AuthType.
            return None
        if isinstance(policy, Unknown):
            # Whichever is unknown: an open door would need both.
            known_text(url.auth_type)
            raise Undecided(policy)
        opening = allowed(policy, through_url("*", "NONE", invoked_arn(function, url.qualifier), self.today), url.qualifier, "call")
        if opening is None or known_text(url.auth_type) != "NONE":
            return None
        return opening

    def open_policy(self, function: Function, qualifier: Text, policy: Policy) -> Opening | None:
        """Say whether the resource policy of a qualifier lets any AWS account in, and to what worst end."""
        if not admits_aws(policy):
            return None
        doubt: Undecided | None = None
        arn = invoked_arn(function, qualifier)
        for action, verb in _ACTIONS:
            for stranger, further in strangers(policy):
                try:
                    opening = allowed(policy, (direct(stranger, action, arn, self.today, further),), qualifier, verb)
                except Undecided as undecided:
                    doubt = doubt or undecided
                    continue
                if opening is not None:
                    return opening
        if doubt is not None:
            raise doubt
        return self._signed_url(function, qualifier, policy)

    def _signed_url(self, function: Function, qualifier: Text, policy: Policy) -> Opening | None:
        """A URL that wants a signature, but anybody's."""
        arn = invoked_arn(function, qualifier)
        asked = (through_url(stranger, "AWS_IAM", arn, self.today, further) for stranger, further in strangers(policy))
        opening = next(filter(None, (allowed(policy, requests, qualifier, "call the URL of") for requests in asked)), None)
        if opening is None:
            return None
        has_url = any(url.qualifier == qualifier and url.auth_type == "AWS_IAM" for url in known(function.urls))
        return opening if has_url else None

    # --- one function ------------------------------------------------------------------------------------------------

    def ways_in(self, function: Function) -> tuple[WayIn, ...]:
        """List every proven way in. Raises `Undecided` when another one may be hidden behind something unread."""
        found, doubt = self._look(function)
        if doubt is not None:
            raise doubt
        return found

    def is_public(self, function: Function) -> bool:
        """Say whether anyone on the internet can make it run. A proven way in outweighs what could not be read."""
        answer = self._public.get(id(function))
        if answer is None:
            found, doubt = ((), None) if self._has_no_door(function) else self._look(function)
            answer = True if any(way.public for way in found) else doubt.unknown if doubt else False
            # Functions of two templates may share an ARN with holes, so identity is the key; the estate keeps them alive.
            self._public[id(function)] = answer
        return known(answer)

    def _has_no_door(self, function: Function) -> bool:
        """Say whether there is nothing to look at, which is so for most functions. Raises `Undecided` when triggers were not read."""
        return (
            function.urls == ()
            and not isinstance(function.policies, Unknown)
            and all(
                entry.policy is None or (isinstance(entry.policy, Policy) and not admits_aws(entry.policy)) for entry in function.policies
            )
            and not self._analysis.triggers_of(function)
        )

    def public_origins(self, function: Function) -> tuple[Origin, ...]:
        """Name the places of the proven public ways in."""
        return tuple(dict.fromkeys(way.origin for way in self._look(function)[0] if way.public))

    def _look(self, function: Function) -> tuple[tuple[WayIn, ...], Undecided | None]:
        found: list[WayIn] = []
        doubts: list[Undecided] = []
        for look in (self._by_url, self._by_policy, self._by_route):
            try:
                for way in look(function):
                    if isinstance(way, Undecided):
                        doubts.append(way)
                    else:
                        found.append(way)
            except Undecided as undecided:
                doubts.append(undecided)
        return tuple(found), doubts[0] if doubts else None

    def _by_url(self, function: Function) -> Iterator[WayIn | Undecided]:
        for url in known(function.urls):
            try:
                opening = self.open_url(function, url)
            except Undecided as undecided:
                yield undecided
                continue
            if opening is not None:
                yield WayIn(kind="url", qualifier=url.qualifier, origin=url.origin, public=True)

    def _by_policy(self, function: Function) -> Iterator[WayIn | Undecided]:
        for entry in known(function.policies):
            if entry.policy is None:
                continue
            try:
                policy = known(entry.policy)
                opening = self.open_policy(function, entry.qualifier, policy)
            except Undecided as undecided:
                yield undecided
                continue
            if opening is not None:
                yield WayIn(kind="policy", qualifier=entry.qualifier, origin=opening.statements[0].origin, public=True)

    def _by_route(self, function: Function) -> Iterator[WayIn | Undecided]:
        for trigger in self._analysis.triggers_of(function):
            try:
                is_public = is_open(trigger, self._analysis)
            except Undecided as undecided:
                yield undecided
                continue
            kind: Literal["api", "load-balancer"] = "load-balancer" if trigger.kind == "alb" else "api"
            yield WayIn(kind=kind, qualifier=qualifier_in(trigger.function), origin=trigger.origin, public=is_public)


def invoked_arn(function: Function, qualifier: Text) -> str:
    """Give the concrete ARN that a request for one qualifier names. The unqualified ARN is `$LATEST`'s."""
    arn = sample(function.arn)
    return arn if qualifier == LATEST else f"{arn}:{sample(qualifier)}"


def qualifier_in(arn: Text) -> Text:
    """Read the qualifier off a function ARN; `$LATEST` when it has none that can be seen."""
    if isinstance(arn, str):
        pieces = arn.split(":")
        return pieces[7] if len(pieces) > 7 else LATEST
    return LATEST


def admits_aws(policy: Policy) -> bool:
    """Say whether a policy has an Allow that could speak of anyone but services: the cheap question before the exact one."""
    return bool(policy.unresolved) or any(
        statement.effect == "Allow" and (statement.principals is None or any(entry.kind in {"*", "AWS"} for entry in statement.principals))
        for statement in policy.statements
    )


def allowed(policy: Policy, requests: tuple[Request, ...], qualifier: Text, verb: str) -> Opening | None:
    """Let the policy answer all requests; an opening needs every one allowed. Raises `Undecided` when that depends on a hole or a key."""
    decisions = _decisions(policy, requests)
    if any(not decision.may_allow for decision in decisions):
        # A statement nobody could read may be the Allow. It is not a Deny: `AddPermission` and its resources in files make none.
        if policy.unresolved:
            raise Undecided(policy.unresolved[0])
        return None
    for decision in decisions:
        if decision.answer is Answer.UNKNOWN:
            raise Undecided(decision.doubt)
    statements = tuple(dict.fromkeys(decision.statement for decision in decisions if decision.statement is not None))
    # What is allowed whatever the open holes are is allowed with the sampled ones: the witness replays.
    witness = Witness(requests=requests, policies=(sample_policy(policy),))
    return Opening(qualifier=qualifier, verb=verb, statements=statements, witness=witness)


@lru_cache(maxsize=8192)
def _decisions(policy: Policy, requests: tuple[Request, ...]) -> tuple[Decision, ...]:
    settled = settle_policy(policy, attached=True)
    return tuple(decide(request, (settled,)) for request in requests)
