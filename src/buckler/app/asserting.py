"""Connectivity as it should be, written down and checked: for pipelines."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, cast

import yaml

from buckler.app.netting import PROTOCOLS, ask_connection
from buckler.errors import SourceError, UsageError
from buckler.hints import closest
from buckler.model.reachability import Asserted, Assertion, NetReach
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis

_KEYS: Final = ("from", "to", "port", "protocol", "why")


def read_assertions(path: Path) -> tuple[Assertion, ...]:
    """Read `allowed` and `denied` connections. Raises `SourceError` with the place of whatever is off."""
    try:
        told: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as bad:
        raise SourceError(f"cannot read `{path}`", cause=bad.strerror or type(bad).__name__) from None
    except (yaml.YAMLError, UnicodeDecodeError) as bad:
        raise SourceError(f"`{path}` is not YAML", cause=str(bad).splitlines()[0]) from None
    if not isinstance(told, dict) or not set(cast("dict[object, object]", told)) <= {"allowed", "denied"} or not told:
        raise SourceError(f"`{path}` says nothing that can be checked", hint="write lists of connections under `allowed:` and `denied:`")
    table = cast("dict[str, object]", told)
    return tuple(one for wanted in ("allowed", "denied") for one in _listed(table.get(wanted) or [], cast("Any", wanted), path))


def _listed(entries: object, wanted: Literal["allowed", "denied"], path: Path) -> Iterator[Assertion]:
    if not isinstance(entries, list):
        raise SourceError(f"`{wanted}` must be a list", place=str(path), hint="- {from: checkout, to: payroll, port: 5432}")
    for number, entry in enumerate(cast("list[object]", entries), 1):
        place = f"{path}: {wanted}[{number}]"
        if not isinstance(entry, dict):
            raise SourceError("a connection has `from`, `to` and `port`", place=place, hint="{from: checkout, to: payroll, port: 5432}")
        yield _assertion(cast("Mapping[str, object]", entry), wanted, number, place)


def _assertion(entry: Mapping[str, object], wanted: Literal["allowed", "denied"], number: int, place: str) -> Assertion:
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    if unknown:
        close = closest(unknown[0], _KEYS)
        raise SourceError(f"a connection has no `{unknown[0]}`", place=place, hint=f"`{close}`" if close else f"one of {', '.join(_KEYS)}")
    function, to, port, protocol = entry.get("from"), entry.get("to"), entry.get("port"), entry.get("protocol", "tcp")
    if not isinstance(function, str) or not isinstance(to, str):
        raise SourceError("a connection needs `from` and `to`", place=place, hint="{from: checkout, to: payroll, port: 5432}")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65535:
        raise SourceError("`port` must be a number from 0 to 65535", place=place, hint="port: 5432")
    if protocol not in PROTOCOLS:
        raise SourceError(f"`{protocol}` is no protocol that is known", place=place, hint=f"one of {', '.join(PROTOCOLS)}")
    return Assertion(
        wanted=wanted, function=function, to=to, protocol=str(protocol), port=port, why=str(entry.get("why", "")), number=number
    )


def check_assertions(about: Sequence[Analysis], assertions: Sequence[Assertion]) -> tuple[Asserted, ...]:
    """Ask about each. A connection that may be, or of which something is not known, neither holds as allowed nor as denied.

    Raises `UsageError` for a function or target that is not there: a file about nothing must not pass.
    """
    found: list[Asserted] = []
    for one in assertions:
        try:
            told = ask_connection(about, one.function, one.to, one.protocol, one.port)
        except Undecided as stop:
            found.append(Asserted(assertion=one, holds=stop.unknown))
            continue
        except UsageError as bad:
            raise UsageError(bad.error, cause=f"{one.wanted}[{one.number}] names it", hint=bad.hint) from None
        found.append(Asserted(assertion=one, holds=_holds(one, told), reach=told))
    return tuple(found)


def _holds(one: Assertion, told: NetReach) -> bool | Unknown:
    if told.verdict == "unknown" and told.unknown:
        return told.unknown[0]
    return told.verdict == ("always" if one.wanted == "allowed" else "no")
