"""Roles, users, groups and the policies on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from buckler.data.managed_policies import managed_policy
from buckler.model.iam import Attached, Group, Role, User
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Partial, Text, hole, join, same
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.functions import tags
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, mark_of
from buckler.sources.cfn.values import to_list, to_text, to_texts, unknown

_INLINE = {"AWS::IAM::RolePolicy": "RoleName", "AWS::IAM::UserPolicy": "UserName", "AWS::IAM::GroupPolicy": "GroupName"}
_LISTS = {"AWS::IAM::Role": "Roles", "AWS::IAM::User": "Users", "AWS::IAM::Group": "Groups"}


class _Extra(NamedTuple):
    """Policies that reach a principal through resources of their own."""

    inline: list[Policy]
    attached: list[Attached]


class Identities:
    """The principals of one template."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._extra: dict[tuple[str, Text], _Extra] = {}
        self._managed = {template.arn(resource.id): resource for resource in template.of_type("AWS::IAM::ManagedPolicy")}
        self._read_policies()
        self.roles = tuple(self._role(resource) for resource in template.of_type("AWS::IAM::Role"))
        self.users = tuple(self._user(resource) for resource in template.of_type("AWS::IAM::User"))
        self.groups = tuple(self._group(resource) for resource in template.of_type("AWS::IAM::Group"))
        self._role_arns = {role.arn: role.arn for role in self.roles}
        self._role_names = {role.name: role.arn for role in self.roles}

    def role_arn(self, reference: Text | Unknown | None) -> Text | Unknown:
        """Give the ARN a role reference means, as the role's own entity writes it."""
        if reference is None:
            return unknown("no role is given")
        if isinstance(reference, Unknown) or reference in self._role_arns:
            return reference
        if reference in self._role_names:
            return self._role_names[reference]
        for arn in self._role_arns:
            if _same_arn(reference, arn):
                return arn
        return reference

    # Policies that are resources

    def _read_policies(self) -> None:
        template = self._template
        for resource in template.of_type("AWS::IAM::Policy"):
            policy = self._document(resource)
            for key, name in self._principals(resource):
                self._of(key, name).inline.append(policy)
        for kind, prop in _INLINE.items():
            for resource in template.of_type(kind):
                owner = resource.text(prop)
                if owner is None or isinstance(owner, Unknown):
                    template.note(f"`{resource.id}` is on a principal that is not resolved", resource.origin())
                    continue
                self._of(kind.removesuffix("Policy"), owner).inline.append(self._document(resource))
        for arn, resource in self._managed.items():
            for key, name in self._principals(resource):
                self._of(key, name).attached.append(self._attached(arn, resource.origin()))

    def _principals(self, resource: Resource) -> Iterator[tuple[str, Text]]:
        for kind, prop in _LISTS.items():
            names = resource.texts(prop)
            if isinstance(names, Unknown):
                self._template.note(f"`{resource.id}` is on principals that are not resolved", resource.origin(prop))
                continue
            for name in names or ():
                yield kind, name

    def _of(self, kind: str, name: Text) -> _Extra:
        return self._extra.setdefault((kind, name), _Extra([], []))

    def _document(self, resource: Resource) -> Policy:
        name = resource.text("PolicyName")
        shown = name if isinstance(name, str) else resource.id
        policy = resource.policy("PolicyDocument", name=shown)
        return policy if isinstance(policy, Policy) else parse_policy(policy, resource.origin("PolicyDocument"), name=shown)

    def _attached(self, arn: Text, origin: FileOrigin) -> Attached:
        return Attached(arn=arn, document=self._managed_document(arn, origin))

    def _managed_document(self, arn: Text, origin: FileOrigin) -> Policy | Unknown:
        resource = self._managed.get(arn) or next((found for own, found in self._managed.items() if _same_arn(arn, own)), None)
        if resource is not None:
            name = resource.template.arn(resource.id)
            policy = resource.policy("PolicyDocument", name=name if isinstance(name, str) else resource.id)
            return policy if policy is not None else unknown(f"`{resource.id}` has no PolicyDocument")
        parts = cut(arn)
        shown = parts[-1] if isinstance(parts[-1], str) else ""
        if len(parts) == 6 and parts[4] == "aws" and shown.startswith("policy/"):
            found = managed_policy(f"arn:aws:iam::aws:{shown}")
            if found is not None:
                return parse_policy(found, origin, name=f"arn:aws:iam::aws:{shown}")
            return Unknown(
                kind=UnknownKind.OUTSIDE, why=f"AWS's policy {shown.removeprefix('policy/')} is not in our table", need="a live scan"
            )
        if isinstance(arn, Partial):
            return unknown("which managed policy is attached is not resolved", _need(arn))
        return Unknown(kind=UnknownKind.OUTSIDE, why="the attached policy is not in this template", need="a live scan")

    # Principals

    def _inline(self, resource: Resource, kind: str) -> tuple[Policy, ...] | Unknown:
        value = resource.get("Policies")
        entries = to_list(value)
        if isinstance(entries, Unknown):
            entries = [entries]
        policies: list[Policy] = []
        for index, entry in enumerate(entries or ()):
            mark = mark_of(value, index)
            origin = resource.template.source.origin(mark) if mark >= 0 else resource.origin("Policies")
            if not isinstance(entry, Map):
                why = to_text(entry)
                policies.append(parse_policy(why if isinstance(why, Unknown) else unknown("an inline policy is not resolved"), origin))
                continue
            name = to_text(entry.get("PolicyName"))
            shown = name if isinstance(name, str) else ""
            document = resource.policy_in(entry.get("PolicyDocument"), name=shown, fallback=origin)
            policies.append(document if isinstance(document, Policy) else parse_policy(document, origin, name=shown))
        return (*policies, *self._extra_of(resource, kind).inline)

    def _extra_of(self, resource: Resource, kind: str) -> _Extra:
        return self._extra.get((kind, self._template.name(resource.id)), _Extra([], []))

    def _attachments(self, resource: Resource, kind: str) -> tuple[Attached, ...] | Unknown:
        value = resource.get("ManagedPolicyArns")
        entries = to_list(value)
        if isinstance(entries, Unknown):
            return entries
        attached: list[Attached] = []
        for index, entry in enumerate(entries or ()):
            mark = mark_of(value, index)
            text = to_text(entry)
            if mark < 0 and resource.template.places is not None and isinstance(text, str):
                # SAM completed the bare name the user wrote.
                mark = resource.template.places.policy(resource.id, text.rpartition("/")[2])
            origin = resource.template.source.origin(mark) if mark >= 0 else resource.origin("ManagedPolicyArns")
            if isinstance(text, Unknown):
                attached.append(Attached(arn=hole(f"managed policy {index + 1} of {resource.id}", text.need), document=text))
            elif text is not None:
                attached.append(self._attached(self._policy_arn(text), origin))
        return (*attached, *self._extra_of(resource, kind).attached)

    def _policy_arn(self, text: Text) -> Text:
        """Complete the bare name SAM leaves when it does not know a managed policy; write a policy of ours as its own entity does."""
        if isinstance(text, str) and ":" not in text:
            return join("arn:", self._template.partition, ":iam::aws:policy/", text)
        return text if text in self._managed else next((own for own in self._managed if _same_arn(text, own)), text)

    def _boundary(self, resource: Resource) -> Attached | Unknown | None:
        text = resource.text("PermissionsBoundary")
        if text is None or isinstance(text, Unknown):
            return text
        return self._attached(self._policy_arn(text), resource.origin("PermissionsBoundary"))

    def _role(self, resource: Resource) -> Role:
        trust = resource.policy("AssumeRolePolicyDocument")
        session = resource.number("MaxSessionDuration")
        return Role(
            **resource.common(),
            trust=trust if trust is not None else unknown(f"`{resource.id}` has no AssumeRolePolicyDocument"),
            inline=self._inline(resource, "AWS::IAM::Role"),
            attached=self._attachments(resource, "AWS::IAM::Role"),
            boundary=self._boundary(resource),
            path=_path(resource),
            max_session_s=session if isinstance(session, int) else None,
            tags=tags(resource.get("Tags")),
        )

    def _user(self, resource: Resource) -> User:
        groups = to_texts(resource.get("Groups"))
        added: list[Text] = []
        for addition in self._template.of_type("AWS::IAM::UserToGroupAddition"):
            users, group = addition.texts("Users"), addition.text("GroupName")
            if (
                isinstance(users, tuple)
                and self._template.name(resource.id) in users
                and group is not None
                and not isinstance(group, Unknown)
            ):
                added.append(group)
        return User(
            **resource.common(),
            inline=self._inline(resource, "AWS::IAM::User"),
            attached=self._attachments(resource, "AWS::IAM::User"),
            boundary=self._boundary(resource),
            groups=groups if isinstance(groups, Unknown) else (*(groups or ()), *added),
            path=_path(resource),
            tags=tags(resource.get("Tags")),
        )

    def _group(self, resource: Resource) -> Group:
        return Group(
            **resource.common(),
            inline=self._inline(resource, "AWS::IAM::Group"),
            attached=self._attachments(resource, "AWS::IAM::Group"),
            path=_path(resource),
        )


def _path(resource: Resource) -> str:
    path = resource.text("Path")
    return path if isinstance(path, str) and path else "/"


def _need(text: Partial) -> str:
    return next((part.need for part in text.parts if not isinstance(part, str) and part.need), "")


def _same_arn(left: Text, right: Text) -> bool:
    """Say whether two ARNs are one but for region, account and partition that the template leaves open. Names must be equal."""
    ours, theirs = cut(left), cut(right)
    if len(ours) != len(theirs) or len(ours) < 6 or ours[-1] != theirs[-1]:
        return False
    return all(same(one, other) is not False for one, other in zip(ours, theirs, strict=True))
