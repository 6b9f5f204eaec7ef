"""Where else the value of a secret stands: other environments, files of a project, log lines. What moves must be rotated in all of them.

The value is read from AWS into memory, compared there, and is in no note, file or request. `FilterLogEvents` would take it as a pattern,
but what a request says may be recorded (AWS CloudTrail User Guide, "CloudTrail record contents", `requestParameters`): lines are fetched,
and searched here. What could not be looked at is said.
Source: Amazon CloudWatch Logs API Reference, FilterLogEvents ("partially full or empty pages don't necessarily mean that pagination is
finished"); read 2026-11-27.
"""

import base64
import json
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, cast

from buckler.model.code import Folder, Place
from buckler.model.estate import Estate
from buckler.model.fix import Ask
from buckler.model.functions import EnvVar, Function
from buckler.model.origin import FileOrigin
from buckler.model.secret import Redacted
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.logs import log_group_name
from buckler.sources.live.answers import Answer, each, inner
from buckler.sources.live.world import World

_NAMED: Final = 8
"""So many places are named in a note."""
_SHORTEST: Final = 4
"""What is shorter stands everywhere by chance."""
_SURE: Final = 8
"""What is shorter is looked for as a whole word, and never inside another variable."""
_MOST_PAGES: Final = 200
_ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_LOGICAL_ID: Final = "aws:cloudformation:logical-id"


@dataclass(frozen=True, slots=True)
class Search:
    """What to look through besides the environments of functions."""

    now: datetime
    project: Folder | None = None
    templates: tuple[Estate, ...] = ()
    """What the project would deploy."""
    log_days: int = 0
    """0: log lines are not looked at."""


def copies(world: World, analysis: Analysis, function: Function, variables: Sequence[str], search: Search) -> dict[str, tuple[str, ...]]:
    """Say in words where the values of *variables* stand too, by variable."""
    place = shown(function.account), shown(function.region)
    answer = world.read(
        *place, Ask(service="lambda", operation="GetFunctionConfiguration", parameters={"FunctionName": shown(function.arn)})
    )
    if answer is None or isinstance(answer, Unknown):
        why = "the function is gone" if answer is None else answer.why
        return dict.fromkeys(variables, (f"where else the value stands is not known: {why}",))
    if inner(answer, "Environment", "Error"):
        why = "AWS does not show the environment: it is encrypted under a key that these credentials may not use"
        return dict.fromkeys(variables, (f"where else the value stands is not known: {why}",))
    held: dict[str, str] = inner(answer, "Environment", "Variables")
    needles = {name: _Needle(held[name]) for name in variables if held.get(name) and not held[name].startswith("buckler:")}
    notes: dict[str, list[str]] = {name: [] for name in needles}
    _environments(world, analysis, function, needles, notes)
    _files(function, needles, search, notes)
    _logs(world, function, needles, search, notes)
    left = [
        *(["files (--project FOLDER)"] if search.project is None else []),
        *(["log lines (--logs DAYS)"] if not search.log_days else []),
    ]
    if left:
        for said in notes.values():
            said.append(f"not looked at: {' and '.join(left)}")
    return {name: tuple(said) for name, said in notes.items()}


class _Needle:
    """A value, and the ways it is written inside of other text."""

    def __init__(self, value: str) -> None:
        self._value = value
        forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], urllib.parse.quote(value, safe="")}
        if len(value) >= _SURE:
            forms.add(base64.b64encode(value.encode()).decode())
        written = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
        self._pattern = re.compile((written if len(value) >= _SURE else rf"(?<![A-Za-z0-9_])(?:{written})(?![A-Za-z0-9_])").encode())
        self.is_short = len(value) < _SHORTEST

    def is_in(self, text: str) -> bool:
        """Say whether a text holds the value."""
        return self._pattern.search(text.encode("utf-8", "surrogatepass")) is not None

    def lines_of(self, content: bytes) -> Iterator[int]:
        """Give the lines (1-based) of a file that hold the value."""
        last = 0
        for found in self._pattern.finditer(content):
            line = content.count(b"\n", 0, found.start()) + 1
            if line != last:
                yield line
            last = line

    def compared(self, other: str) -> str:
        """Say how another variable's value has to do with this one: `same`, `part` or nothing."""
        return "same" if other == self._value else "part" if len(self._value) >= _SURE and self._value in other else ""


# --- environments --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Holders:
    """The variables that hold a value: (function, variable) -> versions, `$LATEST` as empty."""

    same: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict[tuple[str, str], list[str]](list))
    part: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict[tuple[str, str], list[str]](list))


def _environments(
    world: World, analysis: Analysis, function: Function, needles: Mapping[str, _Needle], notes: dict[str, list[str]]
) -> None:
    """Compare with every function and version of the regions that were read, as `ListFunctions` tells them now."""
    holders = {name: _Holders() for name in needles}
    troubles: list[str] = []
    hidden: set[str] = set()
    for account, region in sorted({(shown(one.account), shown(one.region)) for one in analysis.estate.functions}):
        where = "" if (account, region) == (function.account, function.region) else f" in {account}/{region}"
        if account not in world.accounts:
            troubles.append(f"{account}: these credentials do not reach it")
            continue
        marker: dict[str, str] = {}
        while True:
            asked: dict[str, object] = {"FunctionVersion": "ALL", "MaxItems": 50, **marker}
            answer = world.read(account, region, Ask(service="lambda", operation="ListFunctions", parameters=asked))
            if answer is None or isinstance(answer, Unknown):
                troubles.append(f"{account}/{region}: {'there is no answer' if answer is None else answer.why}")
                break
            for entry in each(answer, "Functions"):
                if inner(entry, "Environment").get("Error"):
                    hidden.add(f"`{entry['FunctionName']}`{where}")
                _compare(entry, where, function, needles, holders)
            if not answer.get("NextMarker"):
                break
            marker = {"Marker": str(answer["NextMarker"])}
    for name, found in holders.items():
        if found.same:
            notes[name].append(f"the same value is in {_holders(found.same)}: move it there too, and rotate it for all of them at once")
        if found.part:
            notes[name].append(f"it is part of {_holders(found.part)}: whoever reads that reads it")
        if hidden:
            notes[name].append(f"whether {_some(sorted(hidden))} hold it is not known: AWS does not show their environments")
        notes[name] += [f"whether functions hold it is not known in {one}" for one in troubles]


def _compare(entry: Answer, where: str, function: Function, needles: Mapping[str, _Needle], holders: dict[str, _Holders]) -> None:
    is_own = str(entry["FunctionArn"]).startswith(shown(function.arn)) and entry["FunctionName"] == function.name
    version = str(entry.get("Version", "$LATEST"))
    variables = cast("dict[str, str]", inner(entry, "Environment", "Variables"))
    for name, needle in needles.items():
        for variable, value in variables.items():
            if is_own and variable == name:
                continue  # its own versions are told by name
            told = needle.compared(value)
            if told:
                found = holders[name].same if told == "same" else holders[name].part
                found[f"`{entry['FunctionName']}`{where}", variable].append("" if version == "$LATEST" else version)


def _holders(found: Mapping[tuple[str, str], Sequence[str]]) -> str:
    return _some([f"`{variable}` of {function}{_versions(versions)}" for (function, variable), versions in sorted(found.items())])


def _versions(versions: Sequence[str]) -> str:
    kept = sorted((one for one in versions if one), key=lambda one: (len(one), one))
    if not kept:
        return ""
    listed = f"{'versions' if len(kept) > 1 else 'version'} {', '.join(kept)}"
    return f" (and its {listed})" if "" in versions else f" ({listed} only)"


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join([*names[:_NAMED], *([f"{rest} more"] if rest > 0 else [])])


# --- files ---------------------------------------------------------------------------------------------------------------


def _files(function: Function, needles: Mapping[str, _Needle], search: Search, notes: dict[str, list[str]]) -> None:
    project = search.project
    if project is None:
        return
    packed = [Place(file=one.path, why="is an archive") for one in project.files if one.content.startswith(_ARCHIVES)]
    unread = [*project.unread, *packed]
    for name, needle in needles.items():
        if needle.is_short:
            notes[name].append(f"`{project.name}` was not searched: so short a value stands everywhere")
        else:
            lines = [f"{one.path}:{line}" for one in project.files for line in needle.lines_of(one.content)]
            if lines:
                notes[name].append(
                    f"`{project.name}` holds the value: {_some(lines)}; take it out there, and out of the history of the repository"
                )
            else:
                notes[name].append(f"no file of `{project.name}` holds the value ({len(project.files)} looked at, no history)")
        written = sorted({_place(one, project) for one in _literals(function, name, search.templates)})
        if written:
            notes[name].append(f"{_some(written)} gives the variable a literal value: a deployment may put it back")
        if unread:
            notes[name].append(f"not looked into: {_some([str(one) for one in unread])}")


def _literals(function: Function, variable: str, templates: Sequence[Estate]) -> Iterator[EnvVar]:
    """Find where templates still write the variable of this function as a value."""
    tags = () if isinstance(function.tags, Unknown) else function.tags
    logical = {shown(one.value) for one in tags if one.key == _LOGICAL_ID}
    for estate in templates:
        for one in estate.functions:
            if one.name != function.name and one.address not in logical:
                continue
            for each_variable in () if isinstance(one.environment, Unknown) else one.environment:
                if each_variable.name == variable and isinstance(each_variable.value, Redacted):
                    yield each_variable


def _place(variable: EnvVar, project: Folder) -> str:
    origin = variable.origin
    return f"{origin.file.removeprefix(f'{project.name}/')}:{origin.line}" if isinstance(origin, FileOrigin) else project.name


# --- log lines -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Lines:
    """What a log group's lines came to."""

    seen: int = 0
    is_there: bool = True
    """False: AWS says that there is no such group."""
    found: dict[str, dict[str, list[int]]] = field(default_factory=dict[str, dict[str, list[int]]])
    """Variable -> stream -> times in milliseconds."""
    trouble: str = ""


def _logs(world: World, function: Function, needles: Mapping[str, _Needle], search: Search, notes: dict[str, list[str]]) -> None:
    if not search.log_days:
        return
    try:
        group = shown(log_group_name(function))
    except Undecided as stop:
        for said in notes.values():
            said.append(f"whether log lines hold it is not known: {stop.unknown.why}")
        return
    sought = {name: needle for name, needle in needles.items() if not needle.is_short}
    read = _read_lines(world, function, group, sought, search)
    days = "the last day" if search.log_days == 1 else f"the last {search.log_days} days"
    for name, said in notes.items():
        if name not in sought:
            said.append(f"`{group}` was not searched: so short a value stands everywhere")
            continue
        streams = read.found.get(name, {})
        if streams:
            count = sum(map(len, streams.values()))
            lines = "a line" if count == 1 else f"{count} lines"
            told = _some([f"`{stream}` ({len(times)}, last at {_moment(max(times))})" for stream, times in sorted(streams.items())])
            said.append(f"{lines} of `{group}` of {days} hold it: {told}; delete these streams, or wait for the retention")
        elif not read.is_there:
            said.append(f"there is no log group `{group}`")
        elif not read.trouble:
            said.append(f"no line of `{group}` of {days} holds it ({read.seen:,} looked at)")
        if read.trouble:
            said.append(f"whether {'more' if streams else 'any'} log lines hold it is not known: {read.trouble}")


def _read_lines(world: World, function: Function, group: str, needles: Mapping[str, _Needle], search: Search) -> _Lines:
    """Go through the lines of a log group. Nothing of the values is asked for: pages are searched as they come."""
    read = _Lines()
    since = int((search.now - timedelta(days=search.log_days)).timestamp() * 1000)
    token: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        asked: dict[str, object] = {"logGroupName": group, "startTime": since, **token}
        answer = world.read(
            shown(function.account), shown(function.region), Ask(service="logs", operation="FilterLogEvents", parameters=asked)
        )
        if answer is None:
            read.is_there = False
            return read
        if isinstance(answer, Unknown):
            read.trouble = f"{answer.why} (needs {answer.need})"
            return read
        for event in each(answer, "events"):
            read.seen += 1
            message = str(event.get("message", ""))
            for name, needle in needles.items():
                if needle.is_in(message):
                    stream = read.found.setdefault(name, {}).setdefault(str(event.get("logStreamName", "?")), [])
                    stream.append(int(event.get("timestamp", 0)))
        following = answer.get("nextToken")
        if not following or following == token.get("nextToken"):
            return read
        token = {"nextToken": str(following)}
    read.trouble = f"there are more than the {read.seen:,} lines that were looked at: name fewer days"
    return read


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
