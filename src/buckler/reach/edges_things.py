"""The things of an estate as classes of ARNs, and what is known of each class as sets of bits: the columns the graph is computed on."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import msgspec

from buckler.engines.iam import sample, settle_policy
from buckler.engines.iam.targets import Targets
from buckler.model.entity import Entity
from buckler.model.functions import LATEST, CodeObject, Function, ImageRef
from buckler.model.iam import Attached, Group, Role, User
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, Statement
from buckler.model.text import Partial, Text, shown, starts
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis, unqualified
from buckler.reach.roles import trusts

E = TypeVar("E")

Bits = tuple[int, int]
"""(for sure, perhaps as well): two sets that share no bit."""

NONE: Bits = (0, 0)

_REPOSITORY = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)(?P<tail>[:@].*)?"
)

# Runtimes that evaluate what an environment variable or a handler name tells them, with nothing of the attacker's in the package.
_OPTIONED = ("python", "nodejs", "java")


_CHINESE = frozenset({"ec2.amazonaws.com", "elasticmapreduce.amazonaws.com"})


def principal_in(partition: str, service: str) -> str:
    """Give the name of a service as principal in a partition: in China `ec2.amazonaws.com.cn`; most have one name everywhere."""
    return f"{service}.cn" if partition == "aws-cn" and service in _CHINESE else service


def both(left: Bits, right: Bits) -> Bits:
    """Give what is in both: sure where both are, perhaps where either is only perhaps."""
    sure = left[0] & right[0]
    return sure, (left[0] | left[1]) & (right[0] | right[1]) & ~sure


def either(left: Bits, right: Bits) -> Bits:
    """Give what is in one of them: sure where one is."""
    sure = left[0] | right[0]
    return sure, (left[1] | right[1]) & ~sure


def indexes(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, lowest first."""
    # As text: to take the lowest bit off a large number costs as much as the number is long, each time.
    text = bin(bits)[:1:-1]
    number = text.find("1")
    while number >= 0:
        yield number
        number = text.find("1", number + 1)


class Owned:
    """Things that belong to somebody: policies that roles have, aliases and code objects of functions."""

    __slots__ = ("_kept", "_owners", "targets")

    def __init__(self, owners: Mapping[str, int], targets: Targets | None = None) -> None:
        """Take the owners of each thing, and all things that are asked about, where there are more."""
        self.targets = targets or Targets(tuple(owners))
        self._owners = owners
        self._kept: dict[int, int] = {}

    def by(self, covered: Bits) -> Bits:
        """Give those who own something that is covered."""
        sure, perhaps = self._by(covered[0]), self._by(covered[1])
        return sure, perhaps & ~sure

    def _by(self, bits: int) -> int:
        # Policies are shared, and so is what they cover.
        found = self._kept.get(bits)
        if found is None:
            found = 0
            for number in indexes(bits):
                found |= self._owners.get(self.targets.arns[number], 0)
            self._kept[bits] = found
        return found


class Things:
    """Roles, users, groups, policies and functions of one analysis, each class with its bits."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        estate = analysis.estate
        self.role = {sample(one.arn): one for one in estate.roles}
        self.user = {sample(one.arn): one for one in estate.users}
        self.group = {sample(one.arn): one for one in estate.groups}
        self.function = {sample(one.arn): one for one in estate.functions}
        self.roles = Targets(tuple(self.role))
        self.users = Targets(tuple(self.user))
        self.groups = Targets(tuple(self.group))
        self.functions = Targets(tuple(self.function))

    def class_of(self, variable: str) -> Targets:
        """Give the class a variable of a technique ranges over."""
        return {"role": self.roles, "user": self.users, "group": self.groups, "function": self.functions}[variable]

    @cached_property
    def bit(self) -> dict[str, int]:
        """Number of each ARN in its class; classes do not share ARNs."""
        return {arn: number for one in (self.roles, self.users, self.groups, self.functions) for number, arn in enumerate(one.arns)}

    # --- where new things are made -----------------------------------------------------------------------------------

    @cached_property
    def regions(self) -> dict[str, str]:
        """A region for each account: that of its first function, else the one that was scanned."""
        found: dict[str, str] = {}
        for function in self.analysis.estate.functions:
            found.setdefault(sample(function.account), sample(function.region))
        for scope in self.analysis.estate.scopes:
            if region := sample(scope.region):
                found.setdefault(sample(scope.account), region)
        return found

    # --- roles -------------------------------------------------------------------------------------------------------

    def trusting(self, services: tuple[str, ...]) -> Bits:
        """Give the roles that one of the services may assume, and those whose trust nobody could read."""
        found = NONE
        for service in services:
            kept = self._trusting.get(service)
            if kept is None:
                kept = self._trusting[service] = self._trusts(service)
            found = either(found, kept)
        return found

    @cached_property
    def _trusting(self) -> dict[str, Bits]:
        return {}

    def _trusts(self, service: str) -> Bits:
        def trusted(role: Role) -> bool | None:
            if role.is_service_linked:
                return False
            if isinstance(role.trust, Unknown):
                return None
            arn = sample(role.arn)
            principal = principal_in(arn.split(":", 2)[1], service)
            return trusts(role.trust, principal, arn) or (None if role.trust.unresolved else False)

        return self._set(self.roles, self.role, trusted)

    @cached_property
    def trust_classes(self) -> tuple[tuple[Role, int], ...]:
        """Roles that somebody but services may assume, by equal trust: (one of them, all of them)."""
        classes: dict[object, tuple[Role, int]] = {}
        for arn, role in self.role.items():
            if role.is_service_linked:
                continue
            if not isinstance(role.trust, Unknown) and not role.trust.unresolved and _only_services(role):
                continue
            trust = role.trust if isinstance(role.trust, Unknown) else settle_policy(role.trust, attached=True)
            key = (
                sample(role.account),
                trust if isinstance(trust, Unknown) else (trust.statements and _content(trust.statements), trust.version),
                # A trust that asks for the tags of its role says of each role something else.
                role.tags if isinstance(trust, Unknown) or _asks_for_tags(trust) else (),
            )
            kept = classes.get(key)
            classes[key] = (kept[0] if kept else role, (kept[1] if kept else 0) | 1 << self.bit[arn])
        return tuple(classes.values())

    def trusting_alike(self, bits: int) -> Iterator[int]:
        """Split roles, as bits, by equal trust; those that only services may assume are left out."""
        classes = self._class_of_role
        for number in indexes(bits):
            alike = classes.get(number, 0)
            if bits >> number & 1 and alike:
                yield alike & bits
                bits &= ~alike

    @cached_property
    def _class_of_role(self) -> dict[int, int]:
        return {number: bits for _, bits in self.trust_classes for number in indexes(bits)}

    @cached_property
    def boundaries(self) -> dict[str, dict[str, int]]:
        """Of `role` and `user`: those with a boundary, by its ARN ("" for none; a boundary nobody could read is under "?")."""
        found: dict[str, dict[str, int]] = {"role": {}, "user": {}}
        for variable, entities in (("role", self.role), ("user", self.user)):
            for arn, one in entities.items():
                key = boundary_of(one)
                found[variable][key] = found[variable].get(key, 0) | 1 << self.bit[arn]
        return found

    # --- customer-managed policies -----------------------------------------------------------------------------------

    @cached_property
    def policies(self) -> Targets:
        """Customer-managed policies that are attached to somebody."""
        found: set[str] = set()
        holders: list[Role | User | Group] = [*self.role.values(), *self.user.values(), *self.group.values()]
        for holder in holders:
            found.update(own_policies(holder))
        return Targets(tuple(found))

    @cached_property
    def holders(self) -> dict[str, Owned]:
        """Roles and users by the ARN of a customer-managed policy they have (users also by way of a group)."""
        found: dict[str, dict[str, int]] = {"role": {}, "user": {}}
        for arn, role in self.role.items():
            for policy in own_policies(role):
                found["role"][policy] = found["role"].get(policy, 0) | 1 << self.bit[arn]
        for arn, user in self.user.items():
            holders: list[User | Group] = [user, *self.groups_of(user)]
            for holder in holders:
                for policy in own_policies(holder):
                    found["user"][policy] = found["user"].get(policy, 0) | 1 << self.bit[arn]
        return {kind: Owned(owners, self.policies) for kind, owners in found.items()}

    def groups_of(self, user: User) -> tuple[Group, ...]:
        """Give the groups a user is in, as far as they were read."""
        if isinstance(user.groups, Unknown):
            return ()
        return tuple(self._group_named[key] for name in user.groups if (key := (user.account, name)) in self._group_named)

    @cached_property
    def _group_named(self) -> dict[tuple[Text, Text], Group]:
        return {(group.account, group.name): group for group in self.group.values()}

    # --- functions ---------------------------------------------------------------------------------------------------

    @cached_property
    def runs(self) -> Bits:
        """Functions that something invokes, as far as the estate tells; all others perhaps."""
        called = {sample(unqualified(one.function)) for one in self.analysis.estate.triggers}
        called.update(sample(unqualified(one.function)) for one in self.analysis.estate.event_sources)
        for store in self.analysis.estate.stores:
            if not isinstance(store.notifies, Unknown):
                called.update(sample(unqualified(arn)) for arn in store.notifies)

        def runs(function: Function) -> bool | None:
            has_url = not isinstance(function.urls, Unknown) and bool(function.urls)
            return True if has_url or sample(function.arn) in called or _is_let_in(function) else None

        return self._set(self.functions, self.function, runs)

    @cached_property
    def unsigned(self) -> Bits:
        """Functions that take code nobody signed."""

        def takes(function: Function) -> bool | None:
            enforced = self._enforces(function)
            return None if enforced is None else not enforced

        return self._set(self.functions, self.function, takes)

    @cached_property
    def signed(self) -> Bits:
        """Functions that take only signed code."""
        return self._set(self.functions, self.function, self._enforces)

    def _enforces(self, function: Function) -> bool | None:
        arn = function.code_signing_config
        if arn is None:
            return False
        config = None if isinstance(arn, Unknown) else self.analysis.code_signing_configs.get(arn)
        if config is None or isinstance(config.untrusted_artifact_on_deployment, Unknown):
            return None
        action = config.untrusted_artifact_on_deployment
        return action == "Enforce" if isinstance(action, str) else None

    @cached_property
    def zips(self) -> Bits:
        """Functions that are no container images: only those have layers, and runtimes with options."""

        def is_zip(function: Function) -> bool | None:
            return None if isinstance(function.package_type, Unknown) else function.package_type == "Zip"

        return self._set(self.functions, self.function, is_zip)

    @cached_property
    def optioned(self) -> Bits:
        """Functions whose runtime evaluates what handler and environment tell it."""

        def takes(function: Function) -> bool | None:
            runtime = function.runtime
            if runtime is None:
                return False
            if isinstance(runtime, Unknown):
                return None
            answers = {starts(runtime, prefix) for prefix in _OPTIONED}
            return True if True in answers else None if None in answers else False

        return self._set(self.functions, self.function, takes)

    @cached_property
    def aliased(self) -> Bits:
        """Functions that have an alias."""

        def has(function: Function) -> bool | None:
            return None if isinstance(function.aliases, Unknown) else bool(function.aliases)

        return self._set(self.functions, self.function, has)

    @cached_property
    def qualified(self) -> Owned:
        """By which ARNs functions are invoked besides their own, and whose each is: with `$LATEST`, an alias, a version behind it."""
        owners: dict[str, int] = {}
        for arn, function in self.function.items():
            for one in (self.latest_of(arn), *self._published(function, arn)):
                owners[one] = 1 << self.bit[arn]
        return Owned(owners)

    @cached_property
    def latest(self) -> Owned:
        """The same of what runs new code at once: `$LATEST`."""
        return Owned({self.latest_of(arn): 1 << self.bit[arn] for arn in self.function})

    @staticmethod
    def latest_of(arn: str) -> str:
        """Give the ARN of a function with `$LATEST`: a policy for `function:shop:*` lets that in, and not the ARN without a qualifier."""
        return f"{arn}:{LATEST}"

    @staticmethod
    def _published(function: Function, arn: str) -> Iterator[str]:
        for alias in () if isinstance(function.aliases, Unknown) else function.aliases:
            yield f"{arn}:{sample(alias.name)}"
        for version in () if isinstance(function.versions, Unknown) else function.versions:
            yield f"{arn}:{sample(version.version)}"

    def invocable(self, arn: str) -> tuple[str, ...]:
        """Give the ARNs a function is invoked by, its own first."""
        return (arn, self.latest_of(arn), *dict.fromkeys(self._published(self.function[arn], arn)))

    def repository_of(self, function: Function) -> str | None:
        """Give the ARN of the repository an image function is deployed from by tag; a digest cannot be replaced."""
        image = function.image
        match = _REPOSITORY.fullmatch(sample(image.uri)) if isinstance(image, ImageRef) else None
        if match is None or (match["tail"] or "").startswith("@"):
            return None
        partition = sample(function.arn).split(":", 2)[1]
        return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['name']}"

    @staticmethod
    def code_object_of(function: Function) -> str | None:
        """Give the ARN of the object the package is deployed from; a version of one stays as it is."""
        found = function.code_object
        if not isinstance(found, CodeObject) or found.version is not None:
            return None
        return f"arn:{sample(function.arn).split(':', 2)[1]}:s3:::{sample(found.bucket)}/{sample(found.key)}"

    def layers_of(self, function: Function) -> tuple[str, ...]:
        """Give the ARNs, without version, of the layers of its own account that a function uses."""
        if isinstance(function.layers, Unknown):
            return ()
        account = sample(function.account)
        arns = (sample(one.arn) for one in function.layers)
        return tuple(dict.fromkeys(":".join(arn.split(":")[:7]) for arn in arns if arn.count(":") >= 6 and arn.split(":")[4] == account))

    def parts_of(self, function: Function, part: str) -> tuple[str, ...]:
        """Give the ARNs of what a function has: its `repository`, `code object`, `layer`, `alias`, `event source`, `code signing`."""
        match part:
            case "repository":
                repository = self.repository_of(function)
                return (repository,) if repository else ()
            case "code object":
                found = self.code_object_of(function)
                return (found,) if found else ()
            case "layer":
                return self.layers_of(function)
            case "alias":
                # IAM asks for the function, not for the alias: "UpdateAlias ... function*" in the Service Authorization Reference.
                return (sample(function.arn),)
            case "code signing":
                arn = function.code_signing_config
                return (sample(arn),) if arn is not None and not isinstance(arn, Unknown) else ()
            case _:
                own = sample(function.arn)
                return tuple(sample(one.arn) for one in self.analysis.estate.event_sources if sample(unqualified(one.function)) == own)

    # --- making sets -------------------------------------------------------------------------------------------------

    def _set(self, targets: Targets, entities: dict[str, E], holds: Callable[[E], bool | None]) -> Bits:
        sure = perhaps = 0
        for number, arn in enumerate(targets.arns):
            answer = holds(entities[arn])
            if answer:
                sure |= 1 << number
            elif answer is None:
                perhaps |= 1 << number
        return sure, perhaps


def called(entity: Entity) -> str:
    """Name something as people do: by its name, or in a file that gives it none by its logical id or address."""
    return entity.address if entity.address and isinstance(entity.name, Partial) else shown(entity.name)


def boundary_of(identity: Role | User) -> str:
    """Give the ARN of a principal's boundary, "" when it has none, "?" when nobody could read which."""
    if identity.boundary is None:
        return ""
    return "?" if isinstance(identity.boundary, Unknown) else sample(identity.boundary.arn)


def own_policies(holder: Role | User | Group) -> Iterable[str]:
    """Give the customer-managed policies attached to somebody. AWS's own cannot be changed by anybody."""
    attached: tuple[Attached, ...] = () if isinstance(holder.attached, Unknown) else holder.attached
    arns = (sample(one.arn) for one in attached)
    return tuple(arn for arn in arns if ":iam::aws:policy/" not in arn)


def _only_services(role: Role) -> bool:
    if isinstance(role.trust, Unknown):
        return False
    allows = [statement for statement in role.trust.statements if statement.effect == "Allow"]
    return all(
        statement.principals is not None and all(entry.kind in {"Service", "Federated"} for entry in statement.principals)
        for statement in allows
    )


def _asks_for_tags(trust: Policy) -> bool:
    conditions = [condition for statement in trust.statements for condition in statement.conditions]
    return any("resourcetag/" in shown(text).lower() for one in conditions for text in (one.key, *one.values))


_NOWHERE = ApiOrigin(call="", arn="")


def _content(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Give what statements say, without where they stand."""
    return tuple(msgspec.structs.replace(one, origin=_NOWHERE) for one in statements)


def _is_let_in(function: Function) -> bool:
    """Say whether a resource policy lets a service or somebody else invoke it."""
    if isinstance(function.policies, Unknown):
        return False
    for entry in function.policies:
        if entry.policy is None or isinstance(entry.policy, Unknown):
            continue
        if any(statement.effect == "Allow" and statement.principals for statement in entry.policy.statements):
            return True
    return False
