"""policy-open-to-anyone: take out the statement that lets strangers in."""

from msgspec.structs import replace

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._statements import add_statement, narrowed, remove_statement, with_policy
from buckler.model.fix import ApiEdit
from buckler.model.functions import Function
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def policy_open_to_anyone(case: Case[Function]) -> Remedies:
    """Narrow the statement to the organisation, where one was read; else take it out. No other statement is touched."""
    yield from closing(case, case.finding.key)


def closing(case: Case[Function], qualifier: str) -> Remedies:
    """Offer what closes the policy of one qualifier to strangers."""
    function = case.subject
    policy = known(function.policy_of(qualifier))
    opening = case.analysis.exposure.open_policy(function, qualifier, policy) if isinstance(policy, Policy) else None
    statements = _open_ones(case, qualifier, policy) if opening is not None and policy is not None else ()
    removals = tuple(remove_statement(function, qualifier, one) for one in statements)
    if not statements or None in removals:
        yield Advice("name the caller instead of `*`", "Lambda could not put the statement back as it is")
        return
    removed = tuple(edit for edit in removals if edit is not None)
    sids = tuple(str(one.sid) for one in statements)
    named = ", ".join(f"`{sid}`" for sid in sids)
    for organization in sorted(case.analysis.organization_ids)[:1]:
        member = Condition(operator="StringEquals", key="aws:PrincipalOrgID", values=(organization,))
        closed = tuple(narrowed(one, member) for one in statements)
        added: list[ApiEdit] = [edit for one in closed if (edit := add_statement(function, qualifier, one)) is not None]
        if len(added) == len(closed):
            yield Mend(
                summary=f"narrow {named} of the policy of `{qualifier}` to the organisation `{organization}`",
                edits=(*added, *removed),
                change=with_policy(function, qualifier, without=sids, add=closed),
                lost=("callers from outside of the organisation",),
            )
    yield Mend(
        summary=f"remove {named} from the policy of `{qualifier}`",
        edits=removed,
        change=with_policy(function, qualifier, without=sids),
        lost=("whoever came in by it: who needs the function has to be named",),
    )


def _open_ones(case: Case[Function], qualifier: str, policy: Policy) -> tuple[Statement, ...]:
    """Find all statements by which strangers get in: behind one there may stand another."""
    found: list[Statement] = []
    left = policy
    while (opening := case.analysis.exposure.open_policy(case.subject, qualifier, left)) is not None:
        fresh = [one for one in left.statements if one in opening.statements or shown(one.sid or "") in {s.sid for s in opening.statements}]
        if not fresh:
            break
        found.extend(fresh)
        left = replace(left, statements=tuple(one for one in left.statements if one not in fresh))
    return tuple(found)
