"""What a role may do, and what it is for. Answers come from `decide`, on requests the role's own session would make."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from buckler.engines.iam import Answer, Decision, decide, sample, sample_policy, settle_policy
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import action_matches
from buckler.engines.iam.sample import settle
from buckler.model.finding import Request, Witness
from buckler.model.iam import Role
from buckler.model.layers import Layers
from buckler.model.policy import Policy, Statement
from buckler.model.text import Text, same
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.strangers import probe

_DEPLOY = ("lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:PublishLayerVersion")

NAME = "example-7q4z"
"""A name no pattern but a wide one matches: stands for any resource."""


class Powers:
    """One role's identity policies and boundary, asked one request at a time.

    What could be read decides first; `insist` then raises for what could not, so that a proven finding outweighs an unread policy.
    Service control policies are not applied here, but where they decide about an administrator.
    """

    def __init__(self, role: Role, region: str) -> None:
        self.role = role
        self.account = sample(role.account)
        self.arn = sample(role.arn)
        # Whatever a role may do, it may do in its own partition.
        self.partition = self.arn.split(":")[1] if self.arn.startswith("arn:") else "aws"
        self._region = region
        self.policies, self._unread = _documents(role)
        self._boundary: Policy | None = None
        self._boundary_unread: Unknown | None = None
        if isinstance(role.boundary, Unknown):
            self._boundary_unread = role.boundary
        elif role.boundary is not None:
            if isinstance(role.boundary.document, Unknown):
                self._boundary_unread = role.boundary.document
            elif role.boundary.document.unresolved:
                self._boundary_unread = role.boundary.document.unresolved[0]
            else:
                self._boundary = settle_policy(role.boundary.document)
        self.settled = tuple(settle_policy(policy) for policy in self.policies)
        self._tag_keys: set[str] = {
            condition.key
            for statement in self.statements()
            for condition in statement.conditions
            if "resourcetag/" in condition.key.lower() or condition.key.lower().startswith("aws:principaltag/")
        }
        self._answers: dict[Request, Decision] = {}

    def ask(self, action: str, resource: str, **context: tuple[str, ...]) -> Decision:
        """Decide one request of the role's session. Raises `Undecided` when only an unread boundary could deny it."""
        if not self.speaks_of(action):
            return _NOTHING
        request = self.request(action, resource, **context)
        decision = self._answers.get(request)
        if decision is None:
            decision = self._answers[request] = decide(request, self.settled, boundary=self._boundary)
        if decision.may_allow and self._boundary_unread is not None:
            raise Undecided(self._boundary_unread)
        return decision

    def speaks_of(self, action: str) -> bool:
        """Say whether some Allow names the action: most roles are done with that."""
        return any(statement.effect == "Allow" and _names(statement.actions, action) for statement in self.statements())

    def may(self, action: str, resource: str, **context: tuple[str, ...]) -> bool:
        """Say whether a request is allowed. Raises `Undecided` when that depends on a hole or a condition key nobody can know."""
        decision = self.ask(action, resource, **context)
        if decision.answer is Answer.UNKNOWN:
            raise Undecided(decision.doubt)
        return decision.answer is Answer.ALLOW

    def insist(self) -> None:
        """Raise for a policy nobody could read: it may grant what the others do not."""
        if self._unread is not None:
            raise Undecided(self._unread)

    def request(self, action: str, resource: str, **context: tuple[str, ...]) -> Request:
        """Write a request as the role's session in this account sends it. Context keys are written `iam__PassedToService`."""
        base: dict[str, tuple[str, ...]] = {
            "aws:PrincipalArn": (self.arn,),
            "aws:RequestedRegion": (self._region,),
            "aws:SecureTransport": ("true",),
            "aws:ViaAWSService": ("false",),
            "aws:CalledVia": (),
            # A session of a service role has no second factor.
            "aws:MultiFactorAuthPresent": (),
            "aws:MultiFactorAuthAge": (),
            "iam:PermissionsBoundary": (),
            "iam:AWSServiceName": (),
        }
        # The example resource has no tags, and a service's session none but the role's own.
        base.update(dict.fromkeys(sorted(self._tag_keys), ()))
        base.update({f"aws:PrincipalTag/{sample(tag.key)}": (sample(tag.value),) for tag in self.role.tags})
        base.update({key.replace("__", ":"): values for key, values in context.items()})
        session = f"arn:{self.partition}:sts::{self.account}:assumed-role/{sample(self.role.name)}/session"
        return probe(session, action, resource, base)

    def witness(self, requests: Iterable[Request]) -> Witness:
        """Make a witness of allowed requests: that the identity policies allow them. That a boundary does too was asked in `ask`."""
        return Witness(requests=tuple(requests), policies=tuple(sample_policy(policy) for policy in self.policies))

    def resource(self, service: str, kind: str) -> str:
        """Name any resource of the account: `("iam", "role/")`."""
        region = "" if service in {"iam", "s3"} else self._region
        account = "" if service == "s3" else self.account
        return f"arn:{self.partition}:{service}:{region}:{account}:{kind}{NAME}"

    def statements(self) -> Iterator[Statement]:
        """Give every statement that was read."""
        for policy in self.policies:
            yield from policy.statements


_NOTHING = Decision(answer=Answer.IMPLICIT_DENY)


@lru_cache(maxsize=65536)
def _names(actions: tuple[Text, ...] | None, action: str) -> bool:
    """Say whether a list of actions may name one; without a list (NotAction) it may."""
    return actions is None or any(action_matches(pattern, action, Doubts()) is not False for pattern in actions)


def _documents(role: Role) -> tuple[tuple[Policy, ...], Unknown | None]:
    """Give the policies that could be read, and the first thing that could not."""
    unread: list[Unknown] = []
    found: list[Policy] = []
    if isinstance(role.inline, Unknown):
        unread.append(role.inline)
    else:
        found.extend(role.inline)
    if isinstance(role.attached, Unknown):
        unread.append(role.attached)
    else:
        for attached in role.attached:
            if isinstance(attached.document, Unknown):
                unread.append(attached.document)
            else:
                found.append(attached.document)
    unread.extend(one for policy in found for one in policy.unresolved)
    return tuple(found), unread[0] if unread else None


@once
def _powers(_: Analysis) -> dict[int, Powers]:
    """Powers by identity of the role, which the estate keeps alive."""
    return {}


def powers_of(role: Role, analysis: Analysis) -> Powers:
    """Give what a role may do, made once."""
    kept = _powers(analysis)
    found = kept.get(id(role))
    if found is None:
        functions = analysis.functions_of_role.get(role.arn, ())
        region = sample(functions[0].region) if functions else "us-east-1"
        found = kept[id(role)] = Powers(role, region)
    return found


# --- what a role is for --------------------------------------------------------------------------------------------------


def is_execution_role(role: Role, analysis: Analysis) -> bool:
    """Say whether functions run as it, or Lambda may use it for functions to come. Raises `Undecided` when its trust cannot be read."""
    if role.is_service_linked:
        return False
    if role.arn in analysis.functions_of_role:
        return True
    if isinstance(role.trust, Unknown):
        raise Undecided(role.trust)
    if trusts(role.trust, "lambda.amazonaws.com", sample(role.arn)):
        return True
    if role.trust.unresolved:
        raise Undecided(role.trust.unresolved[0])
    return False


@lru_cache(maxsize=8192)
def trusts(trust: Policy, service: str, role_arn: str) -> bool:
    """Say whether a trust policy names a service and lets it assume the role, for some context."""
    # A role open to everyone is not for that reason one of Lambda's.
    if not any(_may_be(entry.value, service) for statement in trust.statements for entry in statement.principals or ()):
        return False
    request = Request(principal=service, action="sts:AssumeRole", resource=role_arn)
    return decide(request, (settle_policy(trust, attached=True),)).may_allow


def _may_be(written: Text, service: str) -> bool:
    """Say whether a principal is a service, or may turn out to be: `lambda.${AWS::URLSuffix}`, a parameter."""
    return same(settle(written), service) is not False and written != "*"


def may_deploy(role: Role, analysis: Analysis) -> bool:
    """Say whether some statement lets the role make or change functions: whoever has it has what functions have."""
    if role.is_service_linked or role.path.startswith("/aws-reserved/"):
        return False
    return any(_allows_deploy(statement) for statement in powers_of(role, analysis).statements())


def _allows_deploy(statement: Statement) -> bool:
    if statement.effect != "Allow":
        return False
    if statement.actions is not None:
        return any(_names(statement.actions, action) for action in _DEPLOY)
    return not any(action_matches(pattern, _DEPLOY[0], Doubts()) for pattern in statement.not_actions or ())


def concerns(role: Role, analysis: Analysis) -> bool:
    """Say whether a role matters to Lambda: functions run as it, or it makes functions."""
    if may_deploy(role, analysis) or is_execution_role(role, analysis):
        return True
    if not role.is_service_linked and not role.path.startswith("/aws-reserved/"):
        # What could not be read may let it deploy.
        powers_of(role, analysis).insist()
    return False


def is_public_role(role: Role, analysis: Analysis) -> bool:
    """Say whether a function that is known to be public runs as the role."""
    for function in analysis.functions_of_role.get(role.arn, ()):
        try:
            if analysis.exposure.is_public(function):
                return True
        except Undecided:
            continue
    return False


def is_administrator(role: Role, analysis: Analysis) -> tuple[Request, ...]:
    """Give the requests that prove an administrator, () when the role is none. Raises `Undecided` when it depends on something.

    By effect, not by name: it may give itself or anyone every permission, on any role, user and policy, and pass any role to any service.
    Whoever may do that may do everything. AWS's AdministratorAccess is one, IAMFullAccess another, `NotAction: aws-portal:*` a third.
    """
    powers = powers_of(role, analysis)
    if not powers.speaks_of("iam:CreatePolicyVersion"):
        return ()
    anything: dict[str, tuple[str, ...]] = {"iam__PolicyARN": (f"arn:{powers.partition}:iam::aws:policy/AdministratorAccess",)}
    needed: tuple[tuple[str, str, dict[str, tuple[str, ...]]], ...] = (
        ("iam:CreatePolicyVersion", powers.resource("iam", "policy/"), {}),
        ("iam:AttachRolePolicy", powers.resource("iam", "role/"), anything),
        ("iam:PutRolePolicy", powers.resource("iam", "role/"), {}),
        ("iam:UpdateAssumeRolePolicy", powers.resource("iam", "role/"), {}),
        ("iam:CreateAccessKey", powers.resource("iam", "user/"), {}),
        ("iam:PassRole", powers.resource("iam", "role/"), {"iam__PassedToService": ("example.amazonaws.com",)}),
    )
    requests: list[Request] = []
    for action, resource, context in needed:
        if not powers.may(action, resource, **context):
            return ()
        requests.append(powers.request(action, resource, **context))
    return tuple(requests) if _organization_lets(role, requests, analysis) else ()


_CONTROL_POLICIES = Unknown(kind=UnknownKind.UNRESOLVED, why="a control policy asks for what no policy tells", need="buckler why")


def _organization_lets(role: Role, requests: Iterable[Request], analysis: Analysis) -> bool:
    """Say whether the control policies of the organisation leave an administrator what the account gives.

    Raises `Undecided` when that depends on something.
    """
    # The graph is built of what this module says of roles.
    from buckler.reach.graph import graph_of

    graph = graph_of(analysis)
    actor = graph.actor(sample(role.arn))
    if actor is None or not actor.layers.scp or graph.administers(actor):
        return True
    if graph.administers(actor) is False:
        return False
    doubts = (analysis.access.decide(request) for request in requests)
    raise Undecided(next((one.doubt for one in doubts if one.answer is Answer.UNKNOWN), _CONTROL_POLICIES))


def witness_of_administrator(role: Role, requests: tuple[Request, ...], analysis: Analysis) -> Witness:
    """Prove an administrator under all that was asked: its boundary and the organisation's control policies stand in the witness too.

    What these forbid to an administrator, who is one all the same by the rest, is left out.
    """
    powers = powers_of(role, analysis)
    plain = powers.witness(requests)
    control = analysis.access.held(role).scp
    boundary = None if role.boundary is None or isinstance(role.boundary, Unknown) else role.boundary.document
    if boundary is None and not control:
        return plain
    layers = Layers(identity=plain.policies, boundary=sample_policy(boundary) if isinstance(boundary, Policy) else None, scp=control)
    kept = tuple(request for request in requests if decide(request, layers).answer is Answer.ALLOW)
    return Witness(requests=kept, layers=layers) if kept else plain


def is_proven_administrator(role: Role, analysis: Analysis) -> bool:
    """Say whether the role is an administrator for sure: `role-administrator` reports it, weaker claims are then no news."""
    try:
        return bool(is_administrator(role, analysis))
    except Undecided:
        return False


def deciding(powers: Powers, requests: Iterable[Request]) -> tuple[Statement, ...]:
    """Give the statements that allow *requests*, each once."""
    found = (decide(request, powers.settled).statement for request in requests)
    return tuple(dict.fromkeys(statement for statement in found if statement is not None))


def denies_everything(role: Role) -> bool:
    """Say whether an inline policy of a role denies it every action on everything, without a condition."""
    policies = () if isinstance(role.inline, Unknown) else role.inline
    return any(
        one.effect == "Deny" and "*" in (one.actions or ()) and "*" in (one.resources or ()) and not one.conditions
        for policy in policies
        for one in policy.statements
    )
