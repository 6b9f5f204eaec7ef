"""role-open-to-strangers: let in those only whose subject the user names, or nobody where others are named."""

from typing import Final

from msgspec.structs import replace

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._roles import put_trust, with_trust
from buckler.model.iam import Role
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.trusts import Outsider, outsiders

_PROVIDER: Final = ":oidc-provider/"
WHOSE: Final = Advice(
    "compare the subject with the repository and the branch or environment that deploys: --trust-subject repo:OWNER/NAME:environment:NAME",
    "whose tokens are meant is yours to say",
)


@remedy
def role_open_to_strangers(case: Case[Role]) -> Remedies:
    """Demand the subject that the user names of tokens; take anyone with an AWS account out, where the trust policy names others.

    All of them at once, whoever the finding is about: a trust policy is written as a whole, and so two fixes of it would be at odds.
    """
    role, subjects = case.subject, case.wishes.trust_subjects
    found = strangers_of(role, case.analysis)
    letting = [one.statement for one in found]
    federated = [one for one in letting if host_of(one)]
    if federated and not subjects:
        yield WHOSE
        return
    narrowed = _narrowed(known(role.trust), letting, subjects)
    edit = put_trust(role, narrowed) if narrowed.statements else None
    if edit is None:
        yield Advice("name in the trust policy who may assume the role", "it names nobody else, and who is meant is yours to say")
        return
    parts = [said_of(subjects)] if federated else []
    parts += ["take anyone with an AWS account out of the trust policy"] if len(federated) < len(letting) else []
    yield Mend(
        "; ".join(parts),
        (edit,),
        with_trust(role, lambda old: _narrowed(old, letting, subjects)),
        lost=tuple(lost_by(one, subjects) for one in found),
    )


def strangers_of(role: Role, analysis: Analysis) -> list[Outsider]:
    """Give those nobody chose who may become a role. Raises `Undecided`."""
    return [one for one in outsiders(role, known(role.trust), analysis) if isinstance(one, Outsider) and one.source == "internet"]


def said_of(subjects: tuple[str, ...]) -> str:
    """Say in a line whose tokens are let in."""
    return f"let in tokens of {', '.join(f'`{one}`' for one in subjects)} only (--trust-subject)"


def lost_by(one: Outsider, subjects: tuple[str, ...]) -> str:
    """Say who may no longer become the role."""
    but = f", unless it is {', '.join(f'`{each}`' for each in subjects)}" if host_of(one.statement) else ""
    return f"{one.who} may no longer become the role{but}"


def demanding(statement: Statement, subjects: tuple[str, ...]) -> Statement:
    """Write a statement that takes tokens with a condition on their subject, in the place of one that it has."""
    key = f"{host_of(statement)}:sub"
    operator = "StringLike" if any("*" in one or "?" in one for one in subjects) else "StringEquals"
    others = tuple(one for one in statement.conditions if one.key.lower() != key.lower())
    return replace(statement, conditions=(*others, Condition(operator=operator, key=key, values=subjects)))


def host_of(statement: Statement) -> str:
    """Name the provider of identities that a statement takes; empty where it takes none, or several."""
    principals = statement.principals or ()
    hosts = {shown(one.value).partition(_PROVIDER)[2] for one in principals if one.kind == "Federated"}
    return next(iter(hosts)) if len(hosts) == 1 and len(principals) == 1 else ""


def _narrowed(trust: Policy, letting: list[Statement], subjects: tuple[str, ...]) -> Policy:
    kept: list[Statement] = []
    for statement in trust.statements:
        if statement not in letting:
            kept.append(statement)
        elif host_of(statement):
            kept.append(demanding(statement, subjects))
    return replace(trust, statements=tuple(kept))
