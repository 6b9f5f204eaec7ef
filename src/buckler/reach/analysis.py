"""The estate with its indexes and the engines' whole-estate answers, each computed on first use, once."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from buckler.model.artifact import Artifact
from buckler.model.drift import Verified
from buckler.model.entity import Entity
from buckler.model.estate import Estate, Scope
from buckler.model.functions import (
    CapacityProvider,
    CodeSigningConfig,
    EventSourceMapping,
    Function,
    LayerVersion,
    SigningProfile,
    Trigger,
)
from buckler.model.iam import Role, User
from buckler.model.network import SecurityGroup, Subnet
from buckler.model.stores import KmsKey, Secret
from buckler.model.text import Hole, Partial, Text, same, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.model.watch import Detector, InspectorStatus, LogGroup, Trail

if TYPE_CHECKING:
    from buckler.reach.access import Accesses
    from buckler.reach.exposure import Exposure

E = TypeVar("E", bound=Entity)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_COLLECTIONS: dict[type[Entity], str] = {
    Artifact: "artifacts",
    CapacityProvider: "capacity_providers",
    CodeSigningConfig: "code_signing_configs",
    Detector: "detectors",
    EventSourceMapping: "event_sources",
    Function: "functions",
    InspectorStatus: "inspectors",
    KmsKey: "keys",
    LayerVersion: "layers",
    LogGroup: "log_groups",
    Role: "roles",
    Secret: "secrets",
    SecurityGroup: "security_groups",
    SigningProfile: "signing_profiles",
    Subnet: "subnets",
    Trail: "trails",
    Trigger: "triggers",
    User: "users",
}


def collection_of(kind: type[Entity | Scope]) -> str:
    """Name the collection of `Estate` that holds a type of subject."""
    return "scopes" if kind is Scope else _COLLECTIONS[kind]  # type: ignore[index]  # pyright: ignore[reportArgumentType] - Scope is handled first


class Analysis:
    """One estate, asked many questions. Read-only; every index is built once, on first use.

    Raises `Undecided` from each accessor whose answer rests on something nobody could read.
    """

    def __init__(self, estate: Estate, *, today: date, locked: Verified | None = None) -> None:
        self.estate = estate
        self.today = today
        """The day for which dated questions (deprecated runtimes, expiring profiles) are answered."""
        self.locked = locked
        """What a comparison with the user's lock came to, over all that is looked at in one run; None: there is no lock."""

    def subjects(self, kind: type[Entity | Scope]) -> Sequence[Entity | Scope]:
        """List everyone of a kind, in the estate's order."""
        found: Sequence[Entity | Scope] = getattr(self.estate, collection_of(kind))
        return found

    # --- what is missing -------------------------------------------------------------------------------------------

    @cached_property
    def _missing(self) -> dict[str, list[tuple[Text, Text, Unknown]]]:
        index: dict[str, list[tuple[Text, Text, Unknown]]] = {}
        for one in self.estate.missing:
            index.setdefault(one.collection, []).append((one.account, one.region, one.unknown))
        return index

    def require(self, collection: str, account: Text, region: Text) -> None:
        """Insist that a collection was read whole for an account and region, before concluding from an absence.

        A collection missing for the whole account (region "") or for every account (account "") is missing for each region.
        """
        for in_account, in_region, unknown in self._missing.get(collection, ()):
            if in_account in {account, ""} and in_region in {region, ""}:
                raise Undecided(unknown)

    def require_everywhere(self, collection: str, account: Text) -> None:
        """Insist that a regional collection was read whole in every region that was scanned of an account."""
        for in_account, _, unknown in self._missing.get(collection, ()):
            if in_account in {account, ""}:
                raise Undecided(unknown)

    # --- functions and what belongs to them ------------------------------------------------------------------------

    @cached_property
    def roles(self) -> dict[Text, Role]:
        """Roles by ARN."""
        return {role.arn: role for role in self.estate.roles}

    def role_of(self, function: Function) -> Role:
        """Give the execution role."""
        arn = known(function.role)
        role = self.roles.get(arn)
        if role is None:
            self.require("roles", function.account, "")
            raise Undecided(_absent(f"the execution role `{shown(arn)}`", arn, function, "iam:GetAccountAuthorizationDetails"))
        return role

    @cached_property
    def functions(self) -> dict[Text, Function]:
        """Functions by ARN."""
        return {function.arn: function for function in self.estate.functions}

    @cached_property
    def functions_of_role(self) -> dict[Text, tuple[Function, ...]]:
        """Functions by the ARN of the role they run as."""
        return _group((function.role, function) for function in self.estate.functions if not isinstance(function.role, Unknown))

    @cached_property
    def _triggers(self) -> dict[Text, tuple[Trigger, ...]]:
        return _group((unqualified(one.function), one) for one in self.estate.triggers)

    def triggers_of(self, function: Function) -> tuple[Trigger, ...]:
        """List API routes and load balancer rules that invoke a function (any qualifier)."""
        self.require("triggers", function.account, function.region)
        return self._triggers.get(function.arn, ())

    @cached_property
    def layers(self) -> dict[Text, LayerVersion]:
        """Layer versions by ARN."""
        return {layer.arn: layer for layer in self.estate.layers}

    @cached_property
    def code_signing_configs(self) -> dict[Text, CodeSigningConfig]:
        """Code-signing configurations by ARN."""
        return {config.arn: config for config in self.estate.code_signing_configs}

    @cached_property
    def capacity_providers(self) -> dict[Text, CapacityProvider]:
        """Capacity providers by ARN."""
        return {provider.arn: provider for provider in self.estate.capacity_providers}

    @cached_property
    def signing_profiles(self) -> dict[Text, SigningProfile]:
        """Signing profiles by version ARN."""
        return {profile.version_arn: profile for profile in self.estate.signing_profiles}

    @cached_property
    def log_groups(self) -> dict[tuple[Text, Text, Text], LogGroup]:
        """Log groups by (account, region, name)."""
        return {(group.account, group.region, group.name): group for group in self.estate.log_groups}

    @cached_property
    def subnets(self) -> dict[Text, Subnet]:
        """Subnets by id (and by ARN)."""
        return {key: subnet for subnet in self.estate.subnets for key in (subnet.arn, subnet.name)}

    @cached_property
    def security_groups(self) -> dict[Text, SecurityGroup]:
        """Security groups by id (and by ARN)."""
        return {key: group for group in self.estate.security_groups for key in (group.arn, group.name)}

    @cached_property
    def keys(self) -> dict[Text, KmsKey]:
        """KMS keys by ARN and by key id."""
        return {key: one for one in self.estate.keys for key in (one.arn, one.name)}

    # --- accounts --------------------------------------------------------------------------------------------------

    @cached_property
    def own_accounts(self) -> frozenset[Text]:
        """Accounts that were scanned, and the members of their organisation where it could be read."""
        accounts: set[Text] = {scope.account for scope in self.estate.scopes}
        for organization in self.estate.organizations:
            if not isinstance(organization.accounts, Unknown):
                accounts.update(organization.accounts)
        return frozenset(accounts)

    @cached_property
    def organization_ids(self) -> frozenset[str]:
        """Ids (`o-...`) of the organisations the scanned accounts belong to, where they could be read."""
        return frozenset(organization.id for organization in self.estate.organizations)

    def is_own_account(self, account: Text) -> bool | None:
        """Say whether an account is one of ours: True, False, or None when it depends on a hole."""
        if account in self.own_accounts:
            return True
        answers = {same(account, own) for own in self.own_accounts}
        return None if None in answers else False

    @cached_property
    def exposure(self) -> "Exposure":
        """Who can invoke what."""
        from buckler.reach.exposure import Exposure

        return Exposure(self)

    @cached_property
    def access(self) -> "Accesses":
        """Who may do what, with every policy that has a say."""
        from buckler.reach.access import Accesses

        return Accesses(self)


def unqualified(arn: Text) -> Text:
    """Cut the qualifier off a function ARN: `...:function:name:alias` -> `...:function:name`. Other texts are returned as they are.

    Looks only at text that is known: a hole may hold colons of its own (a whole ARN), never a qualifier boundary we could see.
    """
    if isinstance(arn, str):
        pieces = arn.split(":")
        return ":".join(pieces[:7]) if len(pieces) > 7 and pieces[5] == "function" else arn
    parts: list[str | Hole] = []
    in_name = False
    for part in arn.parts:
        if not isinstance(part, str):
            parts.append(part)
            continue
        at = part.find(":function:")
        start = 0
        if at >= 0 and not in_name:
            in_name, start = True, at + len(":function:")
        if in_name:
            cut = part.find(":", start)
            if cut >= 0:
                if part[:cut]:
                    parts.append(part[:cut])
                return Partial(parts=tuple(parts))
        parts.append(part)
    return arn


def _group(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    index: dict[K, list[V]] = {}
    for key, value in pairs:
        index.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in index.items()}


def _absent(what: str, arn: Text, function: Function, need: str) -> Unknown:
    """Say that something a function names was not among what was read."""
    if function.address:
        gap = isinstance(arn, Partial)
        return Unknown(
            kind=UnknownKind.UNRESOLVED,
            why=f"{what} is not in this file",
            need="a value for it, or a scan of the account" if gap else "a scan of the account that holds it",
        )
    return Unknown(kind=UnknownKind.FAILED, why=f"{what} was not among what AWS listed", need=need)
