"""Questions about attackers: what a function is worth to who owns it, and which paths lead from one thing to another."""

from collections.abc import Sequence

from buckler.model.estate import merge
from buckler.model.functions import Function
from buckler.model.graph import Blast, Path
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.naming import matching, names_of, only
from buckler.reach.paths import AT_MOST, paths


def ask_blast(about: Sequence[Analysis], name: str) -> Blast:
    """Work out what owning a function leads to. *name* is a name, an ARN, a logical id or a Terraform address.

    Raises `UsageError` for a name of no function, or of several.
    """
    analysis, function = function_named(about, name)
    return blast(function, analysis)


def function_named(about: Sequence[Analysis], name: str) -> tuple[Analysis, Function]:
    """Find a function by its name, ARN, logical id or Terraform address. Raises `UsageError`."""
    joined = together(about)
    found = [(analysis, one) for analysis in joined for one in matching(name, analysis.estate.functions)]
    analysis, function = only(name, "function", found, names_of(one for each in joined for one in each.estate.functions))
    if not isinstance(function, Function):
        raise TypeError(function)
    return analysis, function


def ask_paths(
    about: Sequence[Analysis], source: str, target: str, *, at_most: int = AT_MOST, gaps: list[Unknown] | None = None
) -> tuple[Path, ...]:
    """Find the shortest paths between what two selectors mean, in every estate; *gaps* are added what may be missing among them.

    Raises `UsageError` when a selector means nothing in any of them.
    """
    from buckler.errors import UsageError

    found: list[Path] = []
    problem: UsageError | None = None
    answered = False
    for analysis in together(about):
        try:
            found.extend(paths(analysis, source, target, at_most=at_most, gaps=gaps))
            answered = True
        except UsageError as unknown:
            problem = problem or unknown
    if problem is not None and not answered:
        raise problem
    return tuple(found[:at_most])


def together(about: Sequence[Analysis]) -> tuple[Analysis, ...]:
    """Put the accounts that were read live into one estate, so that paths lead from one to the other. Files stay apart."""
    live = [one for one in about if one.estate.scopes and all(scope.kind == "live" for scope in one.estate.scopes)]
    if len(live) < 2:
        return tuple(about)
    joined = Analysis(merge(one.estate for one in live), today=live[0].today)
    return (joined, *(one for one in about if one not in live))
