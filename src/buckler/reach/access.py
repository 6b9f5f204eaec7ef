"""Who may do what: every principal of the estate with all the policies that have a say, and their requests as AWS would see them.

Control policies nobody could read are not applied: they can only take away, and a scan of one account seldom may read them. What they hide
is told once per account (`Accesses.untold`), not with every answer.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TypeAlias

from buckler.engines.iam import Decision, decide, sample, settle_policy
from buckler.model.finding import ContextEntry, Request
from buckler.model.iam import Attached, Group, Role, User
from buckler.model.layers import LayerName, Layers, Unread
from buckler.model.policy import Policy, Statement
from buckler.model.stores import KmsKey, Secret, Store
from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.control import levels
from buckler.reach.resources import Guarded, account_in_arn, entity_at, guard_of

Identity: TypeAlias = Role | User
Context: TypeAlias = Mapping[str, tuple[str, ...]]

Entries: TypeAlias = dict[str, ContextEntry]

_NOT_BY_URL = ContextEntry(key="lambda:InvokedViaFunctionUrl", values=("false",))
_REMEMBERED = 8192
"""Resources of which what a request says is kept."""
_SESSION = re.compile(r"arn:[^:]*:sts::(?P<account>\d{12}):assumed-role/(?P<name>[^/]+)/.+")
_PRINCIPAL_TAG = re.compile(r"aws:principaltag/[^}',]+", re.IGNORECASE)


class Held(Value):
    """The principal's side of its requests, settled: holes that AWS fills are filled."""

    identity: tuple[Policy, ...]
    boundary: Policy | None
    scp: tuple[tuple[Policy, ...], ...]
    unread: tuple[Unread, ...]


class Accesses:
    """The principals of one analysis and what guards the resources; every answer is made once."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._held: dict[str, Held] = {}
        self._said_of: dict[int, tuple[Identity, Entries]] = {}
        """By the identity of the value, which is kept alive beside."""
        self._said_of_resource: dict[str, Entries] = {}

    # --- who there is ------------------------------------------------------------------------------------------------

    @cached_property
    def principals(self) -> tuple[Identity, ...]:
        """Roles, then users, in the estate's order."""
        return (*self._analysis.estate.roles, *self._analysis.estate.users)

    @cached_property
    def _by_arn(self) -> dict[str, Identity]:
        return {sample(one.arn): one for one in self.principals}

    @cached_property
    def _roles_by_name(self) -> dict[tuple[str, str], Role]:
        # A session's ARN does not show the path of its role; names are unique in an account.
        return {(sample(role.account), sample(role.name)): role for role in self._analysis.estate.roles}

    def find(self, arn: str) -> Identity | None:
        """Find a principal by its ARN, or by the ARN of one of its sessions."""
        found = self._by_arn.get(arn)
        if found is not None:
            return found
        session = _SESSION.fullmatch(arn)
        return self._roles_by_name.get((session["account"], session["name"])) if session else None

    # --- what has a say ----------------------------------------------------------------------------------------------

    def held(self, identity: Identity) -> Held:
        """Give the policies on the principal's side."""
        arn = sample(identity.arn)
        found = self._held.get(arn)
        if found is None:
            found = self._held[arn] = self._gather(identity)
        return found

    def _gather(self, identity: Identity) -> Held:
        unread: list[Unread] = []
        policies: list[Policy] = []
        holders: list[Identity | Group] = [identity]
        if isinstance(identity, User):
            if isinstance(identity.groups, Unknown):
                unread.append(Unread(layer="identity", unknown=identity.groups))
            else:
                for name in identity.groups:
                    group = self._groups.get((identity.account, name))
                    if group is None:
                        unread.append(Unread(layer="identity", unknown=_no_group(name)))
                    else:
                        holders.append(group)
        for holder in holders:
            _take(holder.inline, policies, unread)
            _take(holder.attached, policies, unread)
        boundary, untold = _boundary(identity.boundary)
        if untold is not None:
            unread.append(Unread(layer="boundary", unknown=untold))
        control = () if isinstance(identity, Role) and identity.is_service_linked else self._control(sample(identity.account))
        return Held(identity=tuple(policies), boundary=boundary, scp=control, unread=tuple(unread))

    @cached_property
    def _groups(self) -> dict[tuple[Text, Text], Group]:
        return {(group.account, group.name): group for group in self._analysis.estate.groups}

    def _control(self, account: str) -> tuple[tuple[Policy, ...], ...]:
        found = levels(account, "SERVICE_CONTROL_POLICY", self._analysis)
        return () if isinstance(found, Unknown) else found

    def untold(self, account: str) -> Unknown | None:
        """Say why the control policies that bind an account are not known, None when they are."""
        found = levels(account, "SERVICE_CONTROL_POLICY", self._analysis)
        return found if isinstance(found, Unknown) else None

    def layers(self, principal: str, resource: str) -> Layers:
        """Give all policies that have a say when *principal* (ARN of a role, a session, a user; a service; `*`) acts on *resource*."""
        identity = self.find(principal)
        guard = guard_of(resource, self._analysis)
        control = levels(guard.account, "RESOURCE_CONTROL_POLICY", self._analysis) if guard.account else ()
        unread: list[Unread] = []
        if guard.unread is not None:
            unread.append(Unread(layer="resource", unknown=guard.unread))
        if identity is None:
            if (account := account_in_arn(principal)) and not principal.endswith(":root"):
                unread.append(Unread(layer="identity", unknown=_no_principal(principal, account)))
            held = Held(identity=(), boundary=None, scp=(), unread=tuple(unread))
        else:
            held = self.held(identity)
            unread = [*held.unread, *unread]
        return Layers(
            identity=held.identity,
            boundary=held.boundary,
            scp=held.scp,
            resource=guard.policy,
            rcp=() if isinstance(control, Unknown) else control,
            grants=guard.grants,
            resource_account=guard.account,
            blocks_public=guard.blocks_public,
            unread=tuple(unread),
        )

    def guard(self, resource: str) -> Guarded:
        """Give the resource's side."""
        return guard_of(resource, self._analysis)

    # --- requests ----------------------------------------------------------------------------------------------------

    def request(self, principal: str, action: str, resource: str, context: Context | None = None) -> Request:
        """Write a request as *principal* sends it, with all that follows from who and what it is; *context* adds and overrides.

        For a role the request is one of its session. Left open is what an attacker may choose (an address, a tag of the request) and what
        the estate does not tell (the tags of a resource): where that matters, the answer depends on it.
        """
        identity = self.find(principal)
        entries = dict(self._usual)
        if identity is not None:
            entries.update(self._entries_of_identity(identity))
            if isinstance(identity, Role) and ":assumed-role/" not in principal:
                principal = session_arn(identity)
        entries.update(self.said_of(resource))
        if action.lower() == "lambda:invokefunction":
            # Called as an action of the API; what comes in by a URL is another request, and says so.
            entries["lambda:InvokedViaFunctionUrl"] = _NOT_BY_URL
        for key, values in (context or {}).items():
            entries[key] = ContextEntry(key=key, values=values)
        return Request(principal=principal, action=action, resource=resource, context=tuple(entries.values()))

    @cached_property
    def _usual(self) -> Entries:
        return _entries({"aws:SecureTransport": ("true",), "aws:CurrentTime": (self._now,)})

    def _entries_of_identity(self, identity: Identity) -> Entries:
        found = self._said_of.get(id(identity))
        if found is None:
            found = self._said_of[id(identity)] = (identity, _entries(self._of_identity(identity)))
        return found[1]

    def said_of(self, resource: str) -> Entries:
        """Give what every request says of a resource, by key."""
        found = self._said_of_resource.get(resource)
        if found is None:
            found = _entries(self._of_resource(resource))
            if len(self._said_of_resource) < _REMEMBERED:
                self._said_of_resource[resource] = found
        return found

    @cached_property
    def _now(self) -> str:
        return f"{self._analysis.today.isoformat()}T12:00:00Z"

    def _of_identity(self, identity: Identity) -> dict[str, tuple[str, ...]]:
        values: dict[str, tuple[str, ...]] = {
            "aws:PrincipalArn": (sample(identity.arn),),
            "aws:ViaAWSService": ("false",),
            "aws:CalledVia": (),
            "aws:CalledViaFirst": (),
            "aws:CalledViaLast": (),
        }
        if isinstance(identity, Role):
            # A session of a role that nobody assumed with a second factor has none; it was issued just now.
            values.update({"aws:MultiFactorAuthPresent": (), "aws:MultiFactorAuthAge": (), "aws:TokenIssueTime": (self._now,)})
        values.update({f"aws:PrincipalTag/{key}": () for key in self.tag_keys})
        values.update({f"aws:PrincipalTag/{sample(tag.key)}": (sample(tag.value),) for tag in identity.tags})
        account = sample(identity.account)
        organization = self._organization.get(account)
        if organization is not None:
            values["aws:PrincipalOrgID"] = (organization,)
        elif self._is_alone(identity.account):
            values.update({"aws:PrincipalOrgID": (), "aws:PrincipalOrgPaths": ()})
        return values

    def knows_organization(self, account: str) -> bool:
        """Say whether the organisation of an account is known."""
        return account in self._organization

    def _is_alone(self, account: Text) -> bool:
        """Say whether AWS was asked and told that an account is in no organisation."""
        estate = self._analysis.estate
        asked = any(scope.kind == "live" and scope.account == account for scope in estate.scopes)
        return asked and not any(one.collection == "organizations" and one.account in {account, ""} for one in estate.missing)

    def _of_resource(self, resource: str) -> dict[str, tuple[str, ...]]:
        guard = guard_of(resource, self._analysis)
        values: dict[str, tuple[str, ...]] = {}
        if guard.account:
            values["aws:ResourceAccount"] = (guard.account,)
            organization = self._organization.get(guard.account)
            if organization is not None:
                values["aws:ResourceOrgID"] = (organization,)
        pieces = resource.split(":", 5)
        if len(pieces) == 6 and pieces[0] == "arn":
            if pieces[3]:
                values["aws:RequestedRegion"] = (pieces[3],)
            elif pieces[2] in {"iam", "sts"}:
                values["aws:RequestedRegion"] = ("us-east-1",)
        entity = entity_at(resource, self._analysis)
        tags = getattr(entity, "tags", ())
        if entity is not None and not isinstance(tags, Unknown):
            values.update({f"aws:ResourceTag/{sample(tag.key)}": (sample(tag.value),) for tag in tags})
        return values

    @cached_property
    def _organization(self) -> dict[str, str]:
        """Organisation id by account."""
        found: dict[str, str] = {}
        for one in self._analysis.estate.organizations:
            found[one.management_account] = one.id
            if not isinstance(one.accounts, Unknown):
                found.update(dict.fromkeys(one.accounts, one.id))
        return found

    @cached_property
    def tag_keys(self) -> tuple[str, ...]:
        """Keys of principal tags that some policy asks for: a session without session tags has those of its role, and no others."""
        keys: set[str] = set()
        for policy in self._documents():
            for statement in policy.statements:
                keys.update(_tags_in(statement))
        return tuple(sorted(keys))

    def _documents(self) -> list[Policy]:
        estate = self._analysis.estate
        documents: dict[int, Policy] = {}
        holders: list[Identity | Group] = [*estate.roles, *estate.users, *estate.groups]
        for holder in holders:
            found: list[Policy] = []
            _take(holder.inline, found, [])
            _take(holder.attached, found, [])
            if isinstance(holder, Role) and not isinstance(holder.trust, Unknown):
                found.append(holder.trust)
            documents.update({id(policy): policy for policy in found})
        guarded: list[KmsKey | Secret | Store] = [*estate.keys, *estate.secrets, *estate.stores]
        for entity in guarded:
            if isinstance(entity.policy, Policy):
                documents[id(entity.policy)] = entity.policy
        for organization in estate.organizations:
            for one in () if isinstance(organization.policies, Unknown) else organization.policies:
                if isinstance(one.document, Policy):
                    documents[id(one.document)] = one.document
        return list(documents.values())

    def decide(self, request: Request) -> Decision:
        """Answer one request with every policy that has a say in it (the obvious twin)."""
        return decide(request, self.layers(request.principal, request.resource))


_FOLLOWS = frozenset(
    {"aws:currenttime", "aws:principalorgid", "aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:tokenissuetime"}
)
_AS_USUAL = {
    "aws:securetransport": ("true",),
    "aws:viaawsservice": ("false",),
    "aws:multifactorauthpresent": (),
    "lambda:invokedviafunctionurl": ("false",),
}


def follows(entry: ContextEntry, request: Request) -> bool:
    """Say whether `Accesses.request` would add an entry by itself: nobody who asks again needs to give it."""
    key = entry.key.lower()
    if key in _AS_USUAL:
        return entry.values == _AS_USUAL[key] and (
            key != "lambda:invokedviafunctionurl" or request.action.lower() == "lambda:invokefunction"
        )
    return key in _FOLLOWS or key == "aws:principalarn" or key.startswith(("aws:calledvia", "aws:principaltag/", "aws:resourcetag/"))


def _entries(values: Mapping[str, tuple[str, ...]]) -> Entries:
    return {key: ContextEntry(key=key, values=given) for key, given in values.items()}


def session_arn(role: Role) -> str:
    """Name a session of a role."""
    partition = sample(role.arn).split(":", 2)[1]
    return f"arn:{partition}:sts::{sample(role.account)}:assumed-role/{sample(role.name)}/session"


def _take(
    source: tuple[Policy, ...] | tuple[Attached, ...] | Unknown, policies: list[Policy], unread: list[Unread], layer: LayerName = "identity"
) -> None:
    """Add what could be read to *policies*, settled, and the rest to *unread*."""
    if isinstance(source, Unknown):
        unread.append(Unread(layer=layer, unknown=source))
        return
    for one in source:
        document = one.document if isinstance(one, Attached) else one
        if isinstance(document, Unknown):
            unread.append(Unread(layer=layer, unknown=document))
            continue
        unread.extend(Unread(layer=layer, unknown=unknown) for unknown in document.unresolved)
        policies.append(settle_policy(document))


def _boundary(boundary: Attached | Unknown | None) -> tuple[Policy | None, Unknown | None]:
    if boundary is None or isinstance(boundary, Unknown):
        return None, boundary
    document = boundary.document
    if isinstance(document, Unknown):
        return None, document
    return settle_policy(document), document.unresolved[0] if document.unresolved else None


def _tags_in(statement: Statement) -> set[str]:
    texts: list[Text] = [condition.key for condition in statement.conditions]
    texts += [*(statement.resources or ()), *(statement.not_resources or ())]
    texts += [value for condition in statement.conditions for value in condition.values]
    found: set[str] = set()
    for text in texts:
        for part in text.parts if isinstance(text, Partial) else (text,):
            if isinstance(part, str) and "rincipal" in part:
                found.update(match[0].split("/", 1)[1] for match in _PRINCIPAL_TAG.finditer(part))
    return found


def _no_group(name: Text) -> Unknown:
    return Unknown(
        kind=UnknownKind.FAILED, why=f"the group `{sample(name)}` was not among what was read", need="iam:GetAccountAuthorizationDetails"
    )


def _no_principal(arn: str, account: str) -> Unknown:
    return Unknown(kind=UnknownKind.OUTSIDE, why=f"the policies of `{arn}` were not read", need=f"a scan of account {account}")
