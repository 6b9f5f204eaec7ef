"""Roles, users and groups with their policies."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from buckler.model.iam import Attached, Group, Role, User
from buckler.model.origin import Origin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.common import common, tags
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import APPLY, MalformedError, Node
from buckler.sources.terraform.plan import Resource
from buckler.sources.terraform.view import View

_KINDS = {"role": "aws_iam_role", "user": "aws_iam_user", "group": "aws_iam_group"}
_COLLECTIONS = {"role": "roles", "user": "users", "group": "groups"}


@dataclass(slots=True)
class _Grants:
    """Policies of one kind of principal, by the principal's resource."""

    inline: dict[Resource, list[Policy]] = field(default_factory=dict[Resource, list[Policy]])
    attached: dict[Resource, list[Attached]] = field(default_factory=dict[Resource, list[Attached]])


class _Iam:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.view: View = draft.view
        self.grants = {kind: _Grants() for kind in _KINDS}
        self._names = {kind: self._index(kind) for kind in _KINDS}
        self._documents: dict[Text, Policy | None] = {}
        draft_policies = draft.sound("roles", self.view.plan.of("aws_iam_policy"))
        for node in draft_policies:
            arn = self.view.attribute(node.resource, "arn")
            try:
                self._documents[arn] = policy_of(node, "policy", name=shown(arn))
            except MalformedError as error:
                self._documents[arn] = parse_policy(draft.malformed("roles", node.resource, error), node.origin("policy"), name=shown(arn))

    def _index(self, kind: str) -> dict[Text, Resource]:
        found: dict[Text, Resource] = {}
        for resource in self.view.plan.of(_KINDS[kind]):
            found.setdefault(self.view.attribute(resource, "name"), resource)
            found.setdefault(self.view.attribute(resource, "arn"), resource)
        return found

    # --- managed policies ----------------------------------------------------------------------------------------------

    def managed(self, arn: Text, origin: Origin) -> Attached:
        """Give a managed policy by its ARN: one of this plan, one of AWS's, or one nobody here can read."""
        own = self._documents.get(arn)
        if own is not None:
            return Attached(arn=arn, document=own)
        document = _aws_managed(arn, origin)
        if document is not None:
            return Attached(arn=arn, document=document)
        if isinstance(arn, Partial) and not _names_policy(arn):
            return Attached(
                arn=arn, document=Unknown(kind=UnknownKind.UNRESOLVED, why="which policy it is, is known only after apply", need=APPLY)
            )
        why = "the policy is not in this plan"
        return Attached(arn=arn, document=Unknown(kind=UnknownKind.OUTSIDE, why=why, need="a live scan"))

    # --- who gets what -------------------------------------------------------------------------------------------------

    def give(self, kind: str, node: Node, key: str, policy: Policy | Attached) -> None:
        """Put a policy on the principal a field names; on all it may be when nobody knows which."""
        self.give_to(kind, node.resource, node.text(key, to="name"), self.view.references.mentioned(node.child(key), _KINDS[kind]), policy)

    def give_to(self, kind: str, giver: Resource, name: Text | None, mentioned: Iterable[Resource], policy: Policy | Attached) -> None:
        found = self._names[kind].get(name) if name is not None else None
        if found is not None:
            self._put(kind, found, policy)
            return
        if isinstance(name, str):
            self.draft.note(giver, f"`{giver.address}` belongs to a {kind} that is not in this plan")
            return
        self.stray(kind, giver, tuple(mentioned))

    def stray(self, kind: str, giver: Resource, candidates: tuple[Resource, ...] = ()) -> None:
        """Say of every principal it may belong to that something more may be granted."""
        unknown = Unknown(kind=UnknownKind.UNRESOLVED, why=f"whose policy `{giver.address}` is, is known only after apply", need=APPLY)
        for resource in candidates or tuple(self.view.plan.of(_KINDS[kind])):
            self._put(kind, resource, parse_policy(unknown, self.view.origin(giver)))

    def _put(self, kind: str, resource: Resource, policy: Policy | Attached) -> None:
        grants = self.grants[kind]
        if isinstance(policy, Policy):
            grants.inline.setdefault(resource, []).append(policy)
        else:
            grants.attached.setdefault(resource, []).append(policy)

    # --- the resources that give ---------------------------------------------------------------------------------------

    def read_grants(self) -> None:
        plan = self.view.plan
        for kind in _KINDS:
            for node in self.draft.sound(_COLLECTIONS[kind], plan.of(f"aws_iam_{kind}_policy")):
                self._guarded(kind, node, partial(self._inline, kind))
            for node in self.draft.sound(_COLLECTIONS[kind], plan.of(f"aws_iam_{kind}_policy_attachment")):
                self._guarded(kind, node, partial(self._attachment, kind))
            for node in self.draft.sound(_COLLECTIONS[kind], plan.of(f"aws_iam_{kind}_policy_attachments_exclusive")):
                self._guarded(kind, node, partial(self._exclusive, kind))
        for node in self.draft.sound("roles", plan.of("aws_iam_policy_attachment")):
            for kind in _KINDS:
                self._guarded(kind, node, partial(self._shared, kind))

    def _guarded(self, kind: str, node: Node, read: Callable[[Node], None]) -> None:
        try:
            read(node)
        except MalformedError as error:
            self.draft.malformed(_COLLECTIONS[kind], node.resource, error)
            self.stray(kind, node.resource)

    def _inline(self, kind: str, node: Node) -> None:
        name = node.text("name")
        policy = policy_of(node, "policy", name=name if isinstance(name, str) else node.resource.name)
        if policy is not None:
            self.give(kind, node, kind, policy)

    def _attachment(self, kind: str, node: Node) -> None:
        arn = node.text("policy_arn", to="arn")
        self.give(kind, node, kind, self.managed(arn if arn is not None else node.child("policy_arn").hole(), node.origin("policy_arn")))

    def _exclusive(self, kind: str, node: Node) -> None:
        arns = node.texts("policy_arns", to="arn")
        if isinstance(arns, Unknown):
            self.give(kind, node, f"{kind}_name", parse_policy(arns, node.origin("policy_arns")))
            return
        for arn in arns:
            self.give(kind, node, f"{kind}_name", self.managed(arn, node.origin("policy_arns")))

    def _shared(self, kind: str, node: Node) -> None:
        """`aws_iam_policy_attachment` gives one policy to several principals of each kind."""
        names = node.texts(f"{kind}s", to="name")
        arn = node.text("policy_arn", to="arn")
        policy = self.managed(arn if arn is not None else node.child("policy_arn").hole(), node.origin("policy_arn"))
        if isinstance(names, Unknown):
            self.stray(kind, node.resource, tuple(self.view.references.mentioned(node.child(f"{kind}s"), _KINDS[kind])))
            return
        for name in names:
            self.give_to(kind, node.resource, name, self.view.references.mentioned(node.child(f"{kind}s"), _KINDS[kind]), policy)

    # --- the principals ------------------------------------------------------------------------------------------------

    def role(self, node: Node) -> Role:
        resource = node.resource
        inline, attached = list(self.grants["role"].inline.get(resource, ())), list(self.grants["role"].attached.get(resource, ()))
        # Optional and computed: without configuration there are none but what other resources add.
        blocks = node.blocks("inline_policy", computed=True)
        if isinstance(blocks, Unknown):
            inline.append(parse_policy(blocks, node.origin("inline_policy")))
        else:
            for block in blocks:
                name = block.text("name")
                policy = policy_of(block, "policy", name=name if isinstance(name, str) else "")
                if policy is not None:
                    inline.append(policy)
        arns = node.texts("managed_policy_arns", to="arn")
        if isinstance(arns, Unknown):
            inline.append(parse_policy(arns, node.origin("managed_policy_arns")))
        else:
            attached.extend(self.managed(arn, node.origin("managed_policy_arns")) for arn in arns)
        trust = policy_of(node, "assume_role_policy")
        path = node.text("path")
        longest = node.integer("max_session_duration")
        return Role(
            **common(node, "name"),
            trust=trust if trust is not None else node.child("assume_role_policy").why(),
            inline=tuple(inline),
            attached=tuple(dict.fromkeys(attached)),
            boundary=self.boundary(node),
            path=path if isinstance(path, str) and path else "/",
            max_session_s=longest if isinstance(longest, int) else None,
            tags=tags(node),
        )

    def boundary(self, node: Node) -> Attached | Unknown | None:
        arn = node.text("permissions_boundary", to="arn")
        return self.managed(arn, node.origin("permissions_boundary")) if arn else None

    def user(self, node: Node) -> User:
        resource = node.resource
        path = node.text("path")
        return User(
            **common(node, "name"),
            inline=tuple(self.grants["user"].inline.get(resource, ())),
            attached=tuple(dict.fromkeys(self.grants["user"].attached.get(resource, ()))),
            boundary=self.boundary(node),
            groups=self.groups_of(self.view.attribute(resource, "name")),
            path=path if isinstance(path, str) and path else "/",
            tags=tags(node),
        )

    def groups_of(self, user: Text) -> tuple[Text, ...] | Unknown:
        """List the groups a user is put into, from either side."""
        found: list[Text] = []
        for resource in self.view.plan.of("aws_iam_user_group_membership", "aws_iam_group_membership"):
            node = self.view.node(resource)
            by_user = resource.type == "aws_iam_user_group_membership"
            users = node.text("user", to="name") if by_user else node.texts("users", to="name")
            groups = node.texts("groups", to="name") if by_user else node.text("group", to="name")
            if isinstance(users, Unknown) or isinstance(groups, Unknown):
                return users if isinstance(users, Unknown) else groups if isinstance(groups, Unknown) else ()
            if user in (users if isinstance(users, tuple) else (users,)):
                found.extend(groups if isinstance(groups, tuple) else (groups,) if groups is not None else ())
        return tuple(dict.fromkeys(found))

    def group(self, node: Node) -> Group:
        resource = node.resource
        path = node.text("path")
        return Group(
            **common(node, "name"),
            inline=tuple(self.grants["group"].inline.get(resource, ())),
            attached=tuple(dict.fromkeys(self.grants["group"].attached.get(resource, ()))),
            path=path if isinstance(path, str) and path else "/",
        )


def read_iam(draft: Draft) -> None:
    iam = _Iam(draft)
    iam.read_grants()
    plan = draft.view.plan
    draft.each("roles", plan.of("aws_iam_role"), iam.role)
    draft.each("users", plan.of("aws_iam_user"), iam.user)
    draft.each("groups", plan.of("aws_iam_group"), iam.group)


def _names_policy(arn: Partial) -> bool:
    """Say whether an ARN with holes still names its policy: `arn:${AWS::Partition}:iam::aws:policy/X`."""
    last = arn.parts[-1]
    return isinstance(last, str) and "policy/" in last


def _aws_managed(arn: Text, origin: Origin) -> Policy | None:
    """Look up the document of one of AWS's own policies."""
    last = arn if isinstance(arn, str) else arn.parts[-1]
    if not isinstance(last, str) or ":iam::aws:policy/" not in last:
        return None
    # Loaded only when a plan attaches one: the table is large.
    from buckler.data.managed_policies import managed_policy

    name = "arn:aws:iam::aws:policy/" + last.split(":iam::aws:policy/")[1]
    document = managed_policy(name)
    return None if document is None else parse_policy(document, origin, name=name)
