"""code-signing-removable: deny those who are not there to deploy what gets around code signing."""

from typing import Final

from buckler.fixes._denies import denying_to
from buckler.fixes._documents import Document
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._roles import Holder, kind_of
from buckler.model.functions import CodeSigningConfig
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.signing import functions_signed_by
from buckler.reach.unsigning import Bypass, bypasses_of

_POLICY: Final = "buckler-keep-signing"
_MOST: Final = 10
"""Principals that are denied something one by one: of more of them a service control policy is the remedy."""
_BY_HAND: Final = (
    "deny `lambda:DeleteFunctionCodeSigningConfig`, `lambda:PutFunctionCodeSigningConfig` and `lambda:UpdateCodeSigningConfig` "
    "in a service control policy"
)


@remedy
def code_signing_removable(case: Case[CodeSigningConfig]) -> Remedies:
    """Add an inline policy to each such role and user that denies the one call its way rests on; asked again until there is no way left.

    To replace code stays allowed: what is signed by whom it trusts may be deployed by whoever could.
    """
    config = case.subject
    denied: dict[str, tuple[Holder, list[str]]] = {}
    mends: dict[str, Mend] = {}
    now = case.analysis
    while found := list(bypasses_of(config, functions_signed_by(config, now), now)):
        for bypass in found:
            holder, actions = denied.setdefault(shown(bypass.identity.arn), (_first_seen(bypass, case.analysis), []))
            action = _rests_on(bypass)
            if action in actions or len(denied) > _MOST:
                yield Advice(_BY_HAND, f"more than {_MOST} principals get around it" if len(denied) > _MOST else "a Deny does not end it")
                return
            actions.append(action)
            mend = _deny(holder, actions)
            if mend is None:
                yield Advice(_BY_HAND, f"the inline policies of `{shown(holder.name)}` are not known whole, or have no room")
                return
            mends[shown(holder.arn)] = mend
        now = Analysis(all_of(*(one.change for one in mends.values()))(case.analysis.estate), today=case.analysis.today)
    if not mends:
        yield Advice(_BY_HAND, "nobody is known to get around it")
        return
    names = ", ".join(f"`{shown(holder.name)}`" for holder, _ in denied.values())
    yield Mend(
        f"deny {names} what gets around code signing",
        tuple(edit for one in mends.values() for edit in one.edits),
        all_of(*(one.change for one in mends.values())),
        lost=tuple(said for one in mends.values() for said in one.lost),
    )


def _first_seen(bypass: Bypass, analysis: Analysis) -> Holder:
    """Give the principal as it was before anything was denied to it: that is what the edit starts from."""
    same: tuple[Holder, ...] = (*analysis.estate.roles, *analysis.estate.users)
    return next((one for one in same if one.arn == bypass.identity.arn), bypass.identity)


def _rests_on(bypass: Bypass) -> str:
    """Choose the call of a way that only who gets around signing needs; to make a configuration, or to replace code, is no harm alone."""
    actions = [one.request.action for one in bypass.outcomes]
    return next((one for one in actions if one not in {"lambda:CreateCodeSigningConfig", "lambda:UpdateFunctionCode"}), actions[0])


def _deny(holder: Holder, actions: list[str]) -> Mend | None:
    who = f"the {kind_of(holder).lower()} `{shown(holder.name)}`"
    statement: Document = {"Effect": "Deny", "Action": actions[0] if len(actions) == 1 else sorted(actions), "Resource": "*"}
    return denying_to(holder, [statement], _POLICY, "", tuple(f"{who} may no longer `{action}`" for action in sorted(actions)))
