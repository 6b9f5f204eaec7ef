"""Read a template given as text, with a judge that takes nothing for a secret, or only what says so."""

import tempfile
import textwrap
from pathlib import Path

from buckler.model.estate import Estate
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Unknown
from buckler.sources.cfn import read_template


def judge(name: str, value: str) -> str | Redacted:
    """Take for a secret what holds `s3cr3t`."""
    if "s3cr3t" in value:
        return Redacted(kind="test", is_secret=True, confidence=Confidence.HIGH, shown=f"({len(value)} characters)", length=len(value))
    return value


def read(text: str, /, suffix: str = ".yaml", folder: Path | None = None, **parameters: str) -> Estate:
    """Read *text* as a template; keyword arguments are parameters (`AWS__Region` for `AWS::Region`)."""
    given = {name.replace("__", "::"): value for name, value in parameters.items()}
    with tempfile.TemporaryDirectory() as temporary:
        path = (folder or Path(temporary)) / f"template{suffix}"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return read_template(path, judge=judge, parameters=given, shown=f"template{suffix}")


def said(value: Text | Unknown | None) -> str | None:
    """Write a text for comparing: holes as `${ref}`, not knowing as `?`."""
    if value is None or isinstance(value, str):
        return value
    return shown(value) if isinstance(value, Partial) else "?"


def place(estate_entity: object) -> tuple[int, int, str]:
    origin = estate_entity.origin
    return origin.line, origin.column, origin.path
