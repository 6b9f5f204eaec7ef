"""Inspector's status where functions are."""

from buckler.model.estate import Scope
from buckler.model.functions import Function
from buckler.model.text import Text
from buckler.model.watch import InspectorStatus
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.scopes import must_be_live


@once
def _statuses(analysis: Analysis) -> dict[tuple[Text, Text], InspectorStatus]:
    return {(status.account, status.region): status for status in analysis.estate.inspectors}


def inspector_of(scope: Scope, analysis: Analysis) -> InspectorStatus | None:
    """Give Inspector's status in a region; None when it was read and is off."""
    found = _statuses(analysis).get((scope.account, scope.region))
    if found is None:
        must_be_live(scope, "whether Inspector is on")
        analysis.require("inspectors", scope.account, scope.region)
    return found


def inspector_over(function: Function, analysis: Analysis) -> InspectorStatus | None:
    """Give Inspector's status where a function is. None: it is off there, or a file does not tell."""
    found = _statuses(analysis).get((function.account, function.region))
    if found is None and any(one.kind == "live" and one.account == function.account for one in analysis.estate.scopes):
        analysis.require("inspectors", function.account, function.region)
    return found
