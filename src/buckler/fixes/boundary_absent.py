"""boundary-absent: give the role the boundary that the others have, or one of what it may do today."""

from collections import Counter

from buckler.fixes._boundary import loses_nothing, no_more_than_now, usual
from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.model.iam import Attached, Role
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis


@remedy
def boundary_absent(case: Case[Role]) -> Remedies:
    """Set what other roles have, where the engine proves that it takes nothing from what the policies allow; else make one of just that.

    Either way nothing is lost that the role's own policies allow now, and what is attached to it later is held back.
    """
    role = case.subject
    for boundary in _customary(role, case.analysis):
        mend = usual(role, boundary)
        if loses_nothing(role, mend):
            yield mend
            break
    made = no_more_than_now(role)
    if made is not None:
        yield made
    yield Advice(
        case.finding.remedy.text if case.finding.remedy else "set the boundary of the other roles",
        "what its policies allow is everything, or more than a boundary can hold, and the boundaries of the others would take some of it",
    )


def _customary(role: Role, analysis: Analysis) -> list[Attached]:
    """Give the boundaries of the account's other roles, the most usual first."""
    found: dict[str, Attached] = {}
    count: Counter[str] = Counter()
    for one in analysis.estate.roles:
        boundary = one.boundary
        if one.account != role.account or boundary is None or isinstance(boundary, Unknown) or isinstance(boundary.document, Unknown):
            continue
        if isinstance(boundary.arn, str):
            found[boundary.arn] = boundary
            count[boundary.arn] += 1
    return [found[arn] for arn in sorted(found, key=lambda arn: (-count[arn], arn))]
