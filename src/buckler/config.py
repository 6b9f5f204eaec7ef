"""buckler.toml: what a project decided about its scans. Found upward from the target; `[tool.buckler]` in pyproject.toml works too.

    fail-on = "medium"
    persona = "auditor"

    [[ignore]]
    check = "function-url-public"
    subject = "webhook*"          # glob over the finding's subject: id, name or ARN; absent: every subject
    reason = "Stripe calls it; the signature is checked in code"
    until = 2027-01-31

    [signing]                     # whom to trust; files are relative to this one (config_signing.py)
    cosign-keys = ["keys/cosign.pub"]

Ignores live in reviewed files only, never in AWS tags: whoever is in the account can write tags.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar, cast

from buckler.config_signing import Signing, signing_of
from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.finding import Finding
from buckler.model.severity import Persona, Severity
from buckler.model.value import Value

V = TypeVar("V", Severity, Persona)


class Ignore(Value):
    """One decision to live with a finding."""

    check: str
    reason: str
    subject: str = "*"
    until: str | None = None
    """ISO date; from the day after, the ignore no longer counts."""
    where: str

    def matches(self, finding: Finding) -> bool:
        """Say whether this ignore speaks of a finding, expiry aside."""
        if finding.check != self.check:
            return False
        about = finding.subject
        return any(fnmatchcase(name, self.subject) for name in (about.id, about.name, about.arn) if name)

    def has_expired(self, today: date) -> bool:
        """Say whether its last day is over."""
        return self.until is not None and date.fromisoformat(self.until) < today


class Config(Value):
    """Effective settings; `origins` says where each came from."""

    fail_on: Severity = Severity.LOW
    persona: Persona = Persona.REGULAR
    strict: bool = False
    skip: tuple[str, ...] = ()
    """Check ids that are not asked at all."""
    exclude: tuple[str, ...] = ()
    """Globs of paths a directory scan passes over, relative to the file."""
    ignores: tuple[Ignore, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    """Template parameters."""
    signing: Signing = Signing()
    """Whose signatures of artifacts count."""
    lock: str = ""
    """Path of a `lambda.lock` that can be opened from here; empty: there is none."""
    file: str = ""
    origins: tuple[tuple[str, str], ...] = ()
    """(setting, `buckler.toml` or `default`)."""


_SETTINGS = ("fail-on", "persona", "strict", "skip", "exclude", "ignore", "lock", "parameters", "signing")


def find_config(start: Path) -> Path | None:
    """Look for buckler.toml, or a pyproject.toml with `[tool.buckler]`, in *start* and upward."""
    try:
        folder = start if start.is_dir() else start.parent
        folder.exists()
    except OSError:
        # A name no file can have, or a folder nobody may enter: whoever reads the target says so.
        return None
    for parent in (folder.absolute(), *folder.absolute().parents):
        own = parent / "buckler.toml"
        if own.is_file():
            return own
        project = parent / "pyproject.toml"
        if project.is_file() and _table(project) is not None:
            return project
    return None


def load_config(path: Path | None) -> Config:
    """Read a configuration file. Raises `UsageError` with the place of whatever is off."""
    if path is None:
        return Config(origins=tuple((name, "default") for name in _SETTINGS))
    table = _table(path)
    if table is None:
        raise UsageError(f"`{path}` has no [tool.buckler] table", hint="write the settings to buckler.toml")
    shown = str(path)
    unknown = sorted(set(table) - set(_SETTINGS))
    if unknown:
        close = closest(unknown[0], _SETTINGS)
        hint = f"a similar setting exists: `{close}`" if close else f"settings are {', '.join(_SETTINGS)}"
        raise UsageError(f"unknown setting `{unknown[0]}`", place=shown, hint=hint)
    lines = path.read_text(encoding="utf-8").splitlines()
    return Config(
        fail_on=_choice(table, "fail-on", Severity, Severity.LOW, shown),
        persona=_choice(table, "persona", Persona, Persona.REGULAR, shown),
        strict=_flag(table, "strict", shown),
        skip=_strings(table, "skip", shown),
        exclude=_strings(table, "exclude", shown),
        ignores=_ignores(table.get("ignore", []), shown, lines),
        parameters=_parameters(table.get("parameters", {}), shown),
        signing=signing_of(table.get("signing", {}), path, lines),
        lock=_lock(table.get("lock"), path),
        file=shown,
        origins=tuple((name, shown if name in table else "default") for name in _SETTINGS),
    )


def _table(path: Path) -> Mapping[str, object] | None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as bad:
        if path.name == "pyproject.toml":
            return None  # somebody else's broken file; their own tools will say so
        # tomllib's message names line and column and quotes at most one character.
        raise UsageError("this file is not valid TOML", place=str(path), cause=str(bad), hint="see `buckler config --help`") from None
    except (OSError, UnicodeDecodeError) as bad:
        if path.name == "pyproject.toml":
            return None
        raise UsageError(f"cannot read `{path}`", cause=bad.__class__.__name__) from None
    if path.name == "pyproject.toml":
        tool = document.get("tool", {})
        return cast("Mapping[str, object] | None", tool.get("buckler") if isinstance(tool, dict) else None)
    return document


def _lock(value: object, path: Path) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not value:
        raise UsageError("`lock` must name a file", place=str(path), hint='lock = "lambda.lock"')
    return str(path.parent / value)


def _choice(table: Mapping[str, object], name: str, kind: type[V], default: V, place: str) -> V:
    value = table.get(name)
    if value is None:
        return default
    names = [str(member.value) for member in kind]
    if value not in names:
        close = closest(str(value), names)
        raise UsageError(
            f"`{name}` cannot be {value!r}",
            place=place,
            hint=f"a similar value exists: `{close}`" if close else f"one of {', '.join(names)}",
        )
    return kind(value)


def _flag(table: Mapping[str, object], name: str, place: str) -> bool:
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise UsageError(f"`{name}` must be true or false", place=place)
    return value


def _strings(table: Mapping[str, object], name: str, place: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in cast("list[object]", value)):
        raise UsageError(f"`{name}` must be a list of strings", place=place)
    return tuple(cast("list[str]", value))


def _parameters(value: object, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise UsageError("`parameters` must be a table", place=place, hint='[parameters]\nStage = "prod"')
    return tuple((str(name), str(text)) for name, text in cast("dict[str, object]", value).items())


def _ignores(value: object, file: str, lines: list[str]) -> tuple[Ignore, ...]:
    if not isinstance(value, list):
        raise UsageError("`ignore` must be written as [[ignore]] tables", place=file)
    # tomllib keeps no line numbers; the n-th [[ignore]] header is the n-th entry.
    headers = [
        number
        for number, line in enumerate(lines, 1)
        if line.strip().replace(" ", "").startswith(("[[ignore]]", "[[tool.buckler.ignore]]"))
    ]
    found: list[Ignore] = []
    for index, entry in enumerate(cast("list[object]", value)):
        where = f"{file}:{headers[index]}" if index < len(headers) else file
        if not isinstance(entry, dict):
            raise UsageError("an ignore must be a table", place=where)
        fields = cast("dict[str, object]", entry)
        unknown = sorted(set(fields) - {"check", "subject", "reason", "until"})
        if unknown:
            raise UsageError(f"unknown key `{unknown[0]}` in an ignore", place=where, hint="keys are check, subject, reason, until")
        check, reason, subject, until = (fields.get(name) for name in ("check", "reason", "subject", "until"))
        if not isinstance(check, str) or not check:
            raise UsageError("an ignore needs `check`", place=where, hint="list them with `buckler checks`")
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"the ignore of `{check}` needs a `reason`", place=where, hint='reason = "why it is fine here"')
        if subject is not None and not isinstance(subject, str):
            raise UsageError("`subject` must be a string", place=where)
        found.append(
            Ignore(check=check.replace("_", "-"), reason=reason.strip(), subject=subject or "*", until=_until(until, where), where=where)
        )
    return tuple(found)


def _until(value: object, where: str) -> str | None:
    match value:
        case None:
            return None
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case str():
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        case _:
            pass
    raise UsageError("`until` must be a date", place=where, hint="until = 2027-01-31")
