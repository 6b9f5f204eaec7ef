"""Parameter files: CloudFormation's JSON, SAM's configuration, or `Name: value` lines."""

from __future__ import annotations

import contextlib
import shlex
import tomllib
from pathlib import Path
from typing import NoReturn, cast

from buckler.errors import SourceError
from buckler.sources.cfn.reading import parse_any, read_text
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import to_text


def read_parameter_file(path: Path) -> dict[str, str]:
    """Read the values of parameters.

    Understands `[{"ParameterKey": .., "ParameterValue": ..}]`, `{"Parameters": {..}}`, `["Name=value"]` and a plain object of names and
    values, all as JSON or YAML, and `samconfig.toml`.
    Raises `SourceError`, which never shows a value.
    """
    shown = str(path)
    text = read_text(path, shown)
    if path.suffix == ".toml":
        return _sam_config(text, shown)
    values: dict[str, str] = {}
    _collect(parse_any(text, shown)[0], values, shown)
    return values


def _collect(node: Node, values: dict[str, str], shown: str) -> None:
    if isinstance(node, Map):
        inner = node.get("Parameters")
        if isinstance(inner, Map | Seq):
            _collect(inner, values, shown)
            return
        if isinstance(node.get("default"), Map):
            # samconfig as YAML: environment -> command -> parameters.
            _overrides(cast("dict[str, object]", node), values)
            return
        for name, value in node.items():
            values[str(name)] = _value(value, shown)
        return
    if not isinstance(node, Seq):
        _refuse(shown, "it holds neither an object nor a list")
    for entry in node:
        if isinstance(entry, Map):
            key: Node = entry.get("ParameterKey")
            if not isinstance(key, str):
                _refuse(shown, "an entry has no ParameterKey")
            if entry.get("UsePreviousValue") is True:
                continue
            values[str(key)] = _value(entry.get("ParameterValue"), shown)
        elif isinstance(entry, str) and "=" in entry:
            name, _, value = str(entry).partition("=")
            values[name] = value
        else:
            _refuse(shown, "an entry is neither an object with ParameterKey nor Name=value")


def _value(value: Node, shown: str) -> str:
    if isinstance(value, Seq):
        return ",".join(_value(entry, shown) for entry in value)
    text = to_text(value)
    if text is None:
        return ""
    if not isinstance(text, str):
        _refuse(shown, "a value is neither a string, a number, a boolean nor a list of these")
    return text


def _sam_config(text: str, shown: str) -> dict[str, str]:
    config: dict[str, object] | None = None
    with contextlib.suppress(tomllib.TOMLDecodeError, RecursionError):
        config = tomllib.loads(text)
    if config is None:
        _refuse(shown, "it is not valid TOML")
    values: dict[str, str] = {}
    _overrides(config, values)
    return values


def _overrides(config: dict[str, object], values: dict[str, str]) -> None:
    """Collect `parameter_overrides` of the `default` environment, `global` before `deploy`; other environments are not ours to choose."""
    environments = [cast("dict[str, object]", value) for value in (config.get("default"), *config.values()) if isinstance(value, dict)]
    if not environments:
        return
    commands = environments[0]
    for command in ("global", "build", "deploy"):
        section = commands.get(command)
        parameters = cast("dict[str, object]", section).get("parameters") if isinstance(section, dict) else None
        overrides = cast("dict[str, object]", parameters).get("parameter_overrides") if isinstance(parameters, dict) else None
        entries: list[str] = []
        if isinstance(overrides, str):
            entries = _words(overrides)
        elif isinstance(overrides, list):
            entries = [str(entry) for entry in cast("list[object]", overrides)]
        for entry in entries:
            name, equals, value = entry.partition("=")
            if equals:
                values[name.strip()] = value.strip()


def _words(text: str) -> list[str]:
    """Split `A=1 B="two words"`; also the long form `ParameterKey=A,ParameterValue=1`."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    made: list[str] = []
    for word in words:
        if word.startswith("ParameterKey=") and ",ParameterValue=" in word:
            name, _, value = word.removeprefix("ParameterKey=").partition(",ParameterValue=")
            made.append(f"{name}={value}")
        else:
            made.append(word)
    return made


def _refuse(shown: str, why: str) -> NoReturn:
    raise SourceError(
        f"`{shown}` is not a parameter file",
        cause=why,
        hint='write it as {"Parameters": {"Name": "value"}}',
        place=f"{shown}:1:1",
    )
