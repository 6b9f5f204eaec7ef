"""The log group a function writes to, and who else does."""

from buckler.model.functions import Function
from buckler.model.origin import FileOrigin
from buckler.model.text import Text, hole, join, same, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.model.watch import LogGroup
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


def log_group_name(function: Function) -> Text:
    """Give the name of the group a function writes to: the configured one, or `/aws/lambda/` and its name."""
    return known(function.logging).log_group or join("/aws/lambda/", function.name)


@once
def _writers(analysis: Analysis) -> dict[tuple[Text, Text, Text], list[Function]]:
    index: dict[tuple[Text, Text, Text], list[Function]] = {}
    for function in analysis.estate.functions:
        if not isinstance(function.logging, Unknown):
            index.setdefault((function.account, function.region, log_group_name(function)), []).append(function)
    return index


def writers_of(group: LogGroup, analysis: Analysis) -> list[Function]:
    """List the functions that write to a log group, in the estate's order."""
    return _writers(analysis).get((group.account, group.region, group.name), [])


def log_group_of(function: Function, analysis: Analysis) -> LogGroup | None:
    """Find the log group of a function; None when it is not among those that were read, which `require` then has to prove."""
    name = log_group_name(function)
    found = analysis.log_groups.get((function.account, function.region, name))
    if found is None and not isinstance(name, str):
        by_default = known(function.logging).log_group is None
        for group in analysis.estate.log_groups:
            if group.region != function.region or same(group.name, name) is not None:
                continue
            if not (by_default and (_is_named_by_cloudformation(group) or _is_default_of_another(group, function, analysis))):
                raise Undecided(first_hole(name, group.name))
    return found


def _is_named_by_cloudformation(group: LogGroup) -> bool:
    """Say whether a template leaves the name out: CloudFormation then takes the stack's and the logical id, never `/aws/lambda/`."""
    return isinstance(group.origin, FileOrigin) and group.name == hole(group.address)


def _is_default_of_another(group: LogGroup, function: Function, analysis: Analysis) -> bool:
    """Say whether a group bears the name of another function: no two functions of a region have one name."""
    return any(other is not function and group.name == join("/aws/lambda/", other.name) for other in writers_of(group, analysis))


def written_by(group: LogGroup, analysis: Analysis) -> str:
    """Name who writes to a group: `` `checkout` ``, `` `checkout` and 3 more ``."""
    first, *rest = writers_of(group, analysis)
    return f"`{shown(first.name)}` and {len(rest)} more" if rest else f"`{shown(first.name)}`"
