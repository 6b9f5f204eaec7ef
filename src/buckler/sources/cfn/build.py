"""A template to an estate: every collection a template can tell, and a word on those it cannot."""

from __future__ import annotations

from buckler.model.estate import Estate, Missing, Note, Scope, Suppression
from buckler.model.secret import Judge
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.functions import function
from buckler.sources.cfn.iam import Identities
from buckler.sources.cfn.permissions import Permissions
from buckler.sources.cfn.qualifiers import Qualifiers
from buckler.sources.cfn.template import Template

_OUTSIDE = {
    "trails": "the trails of the account",
    "detectors": "GuardDuty in the account",
    "inspectors": "Inspector in the account",
    "organizations": "the organisation",
    "concurrency": "the account's limits",
    "interfaces": "network interfaces",
    "users": "the users of the account",
}
_GLOBAL = frozenset({"organizations", "users"})


def build(template: Template, *, judge: Judge, suppressions: tuple[Suppression, ...]) -> Estate:
    """Make the estate of one template."""
    names = FunctionNames(template)
    identities = Identities(template)
    qualifiers = Qualifiers(template, names)
    permissions = Permissions(template, names)
    functions = tuple(
        function(
            resource,
            judge=judge,
            role=identities.role_arn(resource.text("Role")),
            qualifiers=qualifiers,
            permissions=permissions,
        )
        for resource in template.of_type("AWS::Lambda::Function")
    )
    return Estate(
        scopes=(
            Scope(
                kind="template",
                name=template.source.shown,
                account=template.account,
                region=template.region,
                origin=template.source.origin(-1),
            ),
        ),
        functions=functions,
        roles=identities.roles,
        users=identities.users,
        groups=identities.groups,
        missing=_missing(template),
        notes=tuple(_unique(template.notes)),
        suppressions=suppressions,
    )


def _missing(template: Template) -> tuple[Missing, ...]:
    return tuple(
        Missing(
            collection=collection,
            account=template.account,
            region="" if collection in _GLOBAL else template.region,
            unknown=Unknown(kind=UnknownKind.OUTSIDE, why=f"a template does not tell of {what}", need="a live scan"),
        )
        for collection, what in _OUTSIDE.items()
    )


def _unique(notes: list[Note]) -> list[Note]:
    return list(dict.fromkeys(notes))
