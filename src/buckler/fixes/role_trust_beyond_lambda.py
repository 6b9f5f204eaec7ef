"""role-trust-beyond-lambda: let only Lambda assume the role."""

from msgspec.structs import replace

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._roles import put_trust, with_trust
from buckler.model.iam import Role
from buckler.model.policy import Policy, Statement
from buckler.model.unknown import known
from buckler.reach.trusts import Outsider, outsiders


@remedy
def role_trust_beyond_lambda(case: Case[Role]) -> Remedies:
    """Take everybody but Lambda out of the trust policy; conditions, and statements that let in nobody else, stay.

    All of them at once, whoever the finding is about: a trust policy is written as a whole, and so two fixes of it would be at odds.
    """
    role = case.subject
    trust = known(role.trust)
    found = [one for one in outsiders(role, trust, case.analysis) if isinstance(one, Outsider)]
    letting = [one.statement for one in found]
    narrowed = _without(trust, letting)
    edit = put_trust(role, narrowed) if narrowed.statements else None
    if edit is None:
        yield Advice("leave only `lambda.amazonaws.com` in the trust policy", "nothing would be left of it, or it is not known whole")
        return
    yield Mend(
        summary="leave only Lambda in the trust policy",
        edits=(edit,),
        change=with_trust(role, lambda old: _without(old, letting)),
        lost=tuple(f"{one.who} may no longer assume the role" for one in found),
    )


def _without(trust: Policy, letting: list[Statement]) -> Policy:
    kept: list[Statement] = []
    for statement in trust.statements:
        if statement not in letting:
            kept.append(statement)
            continue
        # A service is all that Lambda is: whoever else stands in the statement goes.
        ours = tuple(one for one in statement.principals or () if one.kind == "Service" and str(one.value).startswith(_LAMBDA))
        if ours:
            kept.append(replace(statement, principals=ours))
    return replace(trust, statements=tuple(kept))


_LAMBDA = ("lambda.amazonaws.com", "edgelambda.amazonaws.com")
