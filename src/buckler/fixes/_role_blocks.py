"""What roles of a Terraform configuration are allowed: policies written beside them, and statements taken out where they are written."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from buckler.fixes._argued import Argued, Argument, is_many
from buckler.fixes._fix import Remedier
from buckler.fixes._json import inline_policy
from buckler.fixes._named import Names
from buckler.fixes._option import Option
from buckler.fixes._role_texts import Beside, Rewritten, TakenOut, rewritten
from buckler.fixes.function_code_writable import function_code_writable
from buckler.fixes.internet_to_administrator import internet_to_administrator
from buckler.fixes.policy_action_unknown import policy_action_unknown
from buckler.fixes.policy_condition_unknown import policy_condition_unknown
from buckler.fixes.policy_grant_impossible import policy_grant_impossible
from buckler.fixes.role_administrator import role_administrator
from buckler.fixes.role_assume_role_any import role_assume_role_any
from buckler.fixes.role_can_escalate import role_can_escalate
from buckler.fixes.role_can_reach_secrets import role_can_reach_secrets
from buckler.fixes.role_pass_role_any import role_pass_role_any
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.sources.cfn.editing import CannotEditError, Placed
from buckler.sources.terraform.hcl.editing import Spot
from buckler.sources.terraform.hcl.policy_text import Piece, statements, strings, without

_DOCUMENT: Final = "data.aws_iam_policy_document."
_ARGUMENTS: Final = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources"}


def _by_roles(remedier: Remedier) -> Callable[[Argued], Iterator[Argument]]:
    """Do to the roles of a configuration what the remedy of a live account does."""

    def choose(case: Argued) -> Iterator[Argument]:
        for offer in rewritten(remedier, case.finding, case.analysis, case.wishes):
            yield _written_anew(case, offer) if isinstance(offer, Rewritten) else offer

    return choose


def _written_anew(case: Argued, offer: Rewritten) -> Option:
    names = Names(case.analysis.estate)

    def make() -> tuple[Placed, ...]:
        beside = tuple(_beside(case, one, names) for one in offer.beside)
        return (*beside, *(placed for one in offer.taken_out for placed in _without(case, one)))

    return Option(offer.summary, make, offer.lost)


def _beside(case: Argued, policy: Beside, names: Names) -> Placed:
    """Write a policy beside a role. Raises `CannotEditError`."""
    spot = _role(case, policy.role)
    role, name = spot.block.labels[1], re.sub(r"[^A-Za-z0-9]+", "_", policy.name)
    lines = inline_policy(
        f"{role}_{name}",
        role,
        policy.name,
        names.expression(list(policy.statements), policy.role.address),
    )
    return case.configuration.append(spot.document.shown, lines)


def _role(case: Argued, role: Role) -> Spot:
    """Find the block of a role. Raises `CannotEditError`."""
    spot = case.configuration.resource(role.address, role.origin.file if isinstance(role.origin, FileOrigin) else "")
    if spot is None or spot.block.labels[:1] != ("aws_iam_role",):
        raise CannotEditError(f"`{role.address}` is not written in the configuration itself")
    if is_many(spot):
        raise CannotEditError("its block makes several roles by `count` or `for_each`")
    return spot


def _without(case: Argued, one: TakenOut) -> Iterator[Placed]:
    """Take a policy, or some statements of it, out of the text. Raises `CannotEditError`."""
    origin = one.policy.origin
    path, file = (origin.path, origin.file) if isinstance(origin, FileOrigin) else ("", "")
    if path.startswith(_DOCUMENT):
        yield from _out_of_document(case, one, path, file)
        return
    spot = case.configuration.resource(path, file)
    if spot is None or is_many(spot):
        raise CannotEditError("what it is allowed is not written out in the configuration itself")
    kind, name = spot.block.labels[0], path.rpartition(".")[2]
    argument = spot.block.body.arguments.get(name)
    if one.statements is None and kind in {"aws_iam_role_policy", "aws_iam_role_policy_attachment"}:
        yield case.configuration.remove(spot)
        return
    if argument is None:
        raise CannotEditError(f"`{path}` is not written out")
    text = case.configuration.text(spot, argument)
    if text.startswith(_DOCUMENT):
        yield from _out_of_document(case, one, text, file)
        return
    if one.statements is None:
        pieces = [each for each in strings(Piece(0, len(text), text)) if each.text == f'"{one.policy.name}"']
    else:
        written = list(statements(text)) if len(list(statements(text))) == len(one.policy.statements) else []
        pieces = [written[number].whole for number in one.statements] if written else []
        for number, element, entry in one.entries if written else ():
            pieces.append(_entry(written[number].values.get(element), entry))
    if not pieces:
        raise CannotEditError(f"`{path}` is not written out")
    for piece in pieces:
        gone = without(text, piece)
        yield case.configuration.within(spot, argument, gone.start, gone.end, "")


def _out_of_document(case: Argued, one: TakenOut, path: str, file: str) -> Iterator[Placed]:
    name = path.removeprefix(_DOCUMENT).partition(".")[0].partition("[")[0]
    spot = case.configuration.block("data", ("aws_iam_policy_document", name), file)
    blocks = spot.block.body.of("statement") if spot is not None else ()
    if spot is None or one.statements is None or len(blocks) != len(one.policy.statements):
        raise CannotEditError(f"the statements of `{path}` are not written out one by one")
    named = re.compile(rf"(?<![\w-]){re.escape(_DOCUMENT + name)}\.json(?![\w-])")
    if sum(len(named.findall(text)) for text in case.configuration.texts.values()) != 1:
        raise CannotEditError(f"`{_DOCUMENT}{name}` is the policy of others, too")
    for number in one.statements:
        yield case.configuration.remove(Spot(spot.document, blocks[number]))
    for number, element, entry in one.entries:
        inner = Spot(spot.document, blocks[number])
        argument = inner.block.body.arguments.get(_ARGUMENTS[element])
        text = case.configuration.text(inner, argument) if argument is not None else ""
        gone = without(text, _entry(Piece(0, len(text), text), entry))
        if argument is not None:
            yield case.configuration.within(inner, argument, gone.start, gone.end, "")


def _entry(piece: Piece | None, entry: str) -> Piece:
    """Find an entry of a list. Raises `CannotEditError`."""
    found = [each for each in strings(piece) if each.text == f'"{entry}"'] if piece is not None else []
    if len(found) != 1:
        raise CannotEditError(f"`{entry}` is not written out")
    return found[0]


ROLES: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "function-code-writable": _by_roles(function_code_writable),
    "internet-to-administrator": _by_roles(internet_to_administrator),
    "policy-action-unknown": _by_roles(policy_action_unknown),
    "policy-condition-unknown": _by_roles(policy_condition_unknown),
    "policy-grant-impossible": _by_roles(policy_grant_impossible),
    "role-administrator": _by_roles(role_administrator),
    "role-assume-role-any": _by_roles(role_assume_role_any),
    "role-can-escalate": _by_roles(role_can_escalate),
    "role-can-reach-secrets": _by_roles(role_can_reach_secrets),
    "role-pass-role-any": _by_roles(role_pass_role_any),
}
"""By check."""
