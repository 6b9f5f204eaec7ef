"""Which functions belong to a scope: a region of an account, or a file."""

from pathlib import PurePath

from buckler.model.estate import Scope
from buckler.model.functions import Function
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


@once
def _by_scope(analysis: Analysis) -> dict[tuple[Text, Text], list[Function]]:
    """Functions by (file, "") when read from a file, by (account, region) when read live."""
    index: dict[tuple[Text, Text], list[Function]] = {}
    for function in analysis.estate.functions:
        origin = function.origin
        # Templates of one account and region share their holes: only the file tells them apart.
        key = (origin.file, "") if isinstance(origin, FileOrigin) else (function.account, function.region)
        index.setdefault(key, []).append(function)
    return index


def functions_in(scope: Scope, analysis: Analysis) -> list[Function]:
    """List the functions of a scope, in the estate's order."""
    key = (scope.account, scope.region) if scope.kind in {"live", "saved"} else (scope.name, "")
    index = _by_scope(analysis)
    if scope.kind != "plan" or key in index:
        return index.get(key, [])
    # A Terraform configuration is a folder, and its functions stand in its files.
    folder = PurePath(shown(scope.name))
    return [one for one in analysis.estate.functions if isinstance(one.origin, FileOrigin) and folder in PurePath(one.origin.file).parents]


def must_be_live(scope: Scope, what: str) -> None:
    """Refuse to conclude from an absence in a file: that nothing of the kind is declared there says nothing about the account."""
    if scope.kind != "live":
        raise Undecided(Unknown(kind=UnknownKind.OUTSIDE, why=f"a file does not tell {what}", need="a live scan"))


def asked(scope: Scope, call: str) -> ApiOrigin:
    """Name the call whose answer says that something is not there: the scope's own origin would name another."""
    return ApiOrigin(call=call, arn="", account=shown(scope.account), region=shown(scope.region))
