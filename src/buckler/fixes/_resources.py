"""Which resource of a template is added, or taken out, for which finding: a check a function, as `_properties` has them."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from buckler.fixes._fix import Advice, Remedier
from buckler.fixes._named import Names
from buckler.fixes._option import OPEN_TO_ACCOUNT, OPEN_TO_ANYONE, PUBLIC_LAYER, SHARED_LAYER
from buckler.fixes._policies_beside import beside
from buckler.fixes._role_texts import Rewritten, TakenOut, rewritten
from buckler.fixes._written import Choice, Properties, Written
from buckler.fixes.function_code_writable import function_code_writable
from buckler.fixes.internet_to_administrator import internet_to_administrator
from buckler.fixes.role_administrator import role_administrator
from buckler.fixes.role_assume_role_any import role_assume_role_any
from buckler.fixes.role_can_escalate import role_can_escalate
from buckler.fixes.role_can_reach_secrets import role_can_reach_secrets
from buckler.fixes.role_pass_role_any import role_pass_role_any
from buckler.model.origin import FileOrigin, Origin
from buckler.sources.cfn.editing import CannotEditError

Path = tuple[str, ...]


def _by_roles(remedier: Remedier) -> Callable[[Written], Iterator[Choice]]:
    """Do to the roles of a template what the remedy of a live account does."""

    def choose(case: Written) -> Iterator[Choice]:
        for offer in rewritten(remedier, case.finding, case.analysis, case.wishes):
            if isinstance(offer, Rewritten):
                yield from _written(case, offer)
            else:
                yield offer

    return choose


def _written(case: Written, offer: Rewritten) -> Iterator[Choice]:
    names = Names(case.analysis.estate)
    try:
        settings = tuple(beside(case, one, names) for one in offer.beside)
        removals = tuple(path for one in offer.taken_out for path in _taken_out(case, one))
    except CannotEditError as bad:
        yield Advice(offer.summary, str(bad))
        return
    yield Properties(offer.summary, settings, offer.lost, removals=removals)


def _taken_out(case: Written, one: TakenOut) -> Iterator[Path]:
    """Give where the statements, or the policy, are written. Raises `CannotEditError`."""
    where = _path(one.policy.origin)
    if one.entries:
        raise CannotEditError("what changes is a part of a statement")
    if one.statements is not None:
        statements = [_path(one.policy.statements[number].origin) for number in one.statements]
        if not all(path[:1] == ("Resources",) and case.editor.has(*path) and path[-2:-1] == ("Statement",) for path in statements):
            raise CannotEditError("the statements are not written out in the text")
        yield from statements
    elif (
        case.editor.scalar("Resources", *where[1:2], "Type") == "AWS::IAM::Policy"
        and case.editor.items(*where[:2], "Properties", "Roles") == 1
    ):
        yield where[:2]
    elif where[2:4] in {("Properties", "Policies"), ("Properties", "ManagedPolicyArns")}:
        yield where
    else:
        raise CannotEditError("what it is allowed is not written at the role itself")


def _path(origin: Origin) -> Path:
    return tuple(origin.path.split(".")) if isinstance(origin, FileOrigin) else ()


def _gone(kind: str, summary: str, lost: tuple[str, ...]) -> Callable[[Written], Iterator[Choice]]:
    """Take out the resources that are the evidence."""

    def choose(case: Written) -> Iterator[Choice]:
        paths = [path[:2] for one in case.finding.evidence if len(path := _path(one.origin)) >= 2]
        gone = tuple(dict.fromkeys(path for path in paths if case.editor.scalar(*path, "Type") == kind))
        if not gone:
            return
        named = next((name for _, name in gone if _is_named(case.editor.text, name)), None)
        if named is not None:
            yield Advice(summary, f"`{named}` is named elsewhere in the template")
        else:
            yield Properties(summary, (), lost, removals=gone)

    return choose


def _is_named(text: str, name: str) -> bool:
    """Say whether something depends on a resource: its name stands in the text more than once."""
    return len(re.findall(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text)) > 1


RESOURCES: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "function-code-writable": _by_roles(function_code_writable),
    "internet-to-administrator": _by_roles(internet_to_administrator),
    "layer-version-public": _gone("AWS::Lambda::LayerVersionPermission", *PUBLIC_LAYER),
    "layer-version-shared": _gone("AWS::Lambda::LayerVersionPermission", *SHARED_LAYER),
    "policy-open-to-account": _gone("AWS::Lambda::Permission", *OPEN_TO_ACCOUNT),
    "policy-open-to-anyone": _gone("AWS::Lambda::Permission", *OPEN_TO_ANYONE),
    "role-administrator": _by_roles(role_administrator),
    "role-assume-role-any": _by_roles(role_assume_role_any),
    "role-can-escalate": _by_roles(role_can_escalate),
    "role-can-reach-secrets": _by_roles(role_can_reach_secrets),
    "role-pass-role-any": _by_roles(role_pass_role_any),
}
"""By check."""
