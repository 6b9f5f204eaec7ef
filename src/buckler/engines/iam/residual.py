"""Conditions in words: what remains to be true once what is known of a request is taken off."""

from collections.abc import Iterable

from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.values import operator_of
from buckler.model.policy import Condition
from buckler.model.text import shown


def residual(conditions: Iterable[tuple[Condition, str]], given: Context) -> tuple[str, ...] | None:
    """Say in words what remains of *conditions* (each with the version of its policy), all of which must hold.

    (): nothing remains, they hold. None: one of them fails whatever else is true.
    """
    phrases: dict[str, None] = {}
    for condition, version in conditions:
        try:
            answer = condition_holds(condition, version, given, Doubts())
        except UnknownOperatorError:
            return None
        if answer is False:
            return None
        if answer is None:
            phrases[phrase(condition)] = None
    return tuple(phrases)


def phrase(condition: Condition, *, holds: bool = True) -> str:
    """Say in words that a condition holds, or that it does not: "aws:SourceIp in 10.0.0.0/8", "aws:PrincipalTag/team equals `blue`"."""
    quantifier, operator, is_negated = operator_of(condition.operator)
    values = [shown(value) for value in condition.values]
    key = condition.key
    if operator == "null":
        return _null(key, values, holds=holds)
    verb, verb_not, is_quoted = _VERBS.get(operator, (condition.operator, f"not {condition.operator}", True))
    said = " or ".join(f"`{value}`" if is_quoted else value for value in values) or "nothing"
    operand = f"{verb_not if is_negated else verb} {said}"
    if_present = condition.operator.lower().endswith("ifexists")
    match quantifier:
        case "forallvalues":
            claim = f"every value of {key} {operand}"
        case "foranyvalue":
            claim = f"some value of {key} {operand}"
        case _:
            claim = f"{key} {operand}{', if present' if if_present else ''}"
    if holds:
        return claim
    return f"not ({claim})" if quantifier or if_present else f"{key} {verb if is_negated else verb_not} {said}"


def _null(key: str, values: list[str], *, holds: bool) -> str:
    wanted = {value.lower() for value in values} & {"true", "false"}
    if len(wanted) != 1:
        return f"{key} is anything" if (len(wanted) == 2) is holds else f"{key} is impossible"
    return f"{key} absent" if ("true" in wanted) is holds else f"{key} present"


_EQUALS, _MATCHES = ("equals", "does not equal", True), ("matches", "does not match", True)
_VERBS: dict[str, tuple[str, str, bool]] = {
    "stringequals": _EQUALS,
    "stringequalsignorecase": ("equals (in any case)", "does not equal (in any case)", True),
    "stringlike": _MATCHES,
    "arnequals": _MATCHES,
    "arnlike": _MATCHES,
    "numericequals": ("=", "not =", False),
    "numericnotequals": ("=", "not =", False),
    "numericlessthan": ("<", "not <", False),
    "numericlessthanequals": ("<=", "not <=", False),
    "numericgreaterthan": (">", "not >", False),
    "numericgreaterthanequals": (">=", "not >=", False),
    "dateequals": ("at", "not at", False),
    "datenotequals": ("at", "not at", False),
    "datelessthan": ("before", "not before", False),
    "datelessthanequals": ("at or before", "not at or before", False),
    "dategreaterthan": ("after", "not after", False),
    "dategreaterthanequals": ("at or after", "not at or after", False),
    "bool": ("is", "is not", False),
    "binaryequals": _EQUALS,
    "ipaddress": ("in", "not in", False),
    "notipaddress": ("in", "not in", False),
}
"""Base operator -> how it is said, how its opposite is, and whether its values are quoted."""
