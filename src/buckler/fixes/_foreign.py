"""Statements by which somebody outside gets in."""

from msgspec.structs import replace

from buckler.model.policy import Policy, Statement
from buckler.reach.analysis import Analysis
from buckler.reach.foreign import Actions, Grant, foreign_grants


def statements_of(policy: Policy, key: str, resource: str, actions: Actions, analysis: Analysis) -> tuple[Statement, ...]:
    """Find all statements that let one outsider in: behind one there may stand another. Empty when one names others as well."""
    found: list[Statement] = []
    left = policy
    while True:
        grants = [one for one in foreign_grants(left, resource, actions, analysis) if isinstance(one, Grant) and one.key == key]
        if not grants:
            return tuple(found)
        statement = grants[0].statement
        if len(statement.principals or ()) != 1:
            return ()
        found.append(statement)
        left = replace(left, statements=tuple(one for one in left.statements if one.sid != statement.sid))
