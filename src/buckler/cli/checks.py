"""buckler checks."""

from pathlib import Path

import click

from buckler.cli._options import as_json, emit, output_options, terminal_width
from buckler.cli.explain import document
from buckler.model.page import CheckPage


@click.command()
@output_options("console", "json", "markdown")
def command(format_name: str, output: Path | None) -> int:
    """List the checks, by area.

    \b
    Example:
      buckler checks
    """
    from buckler import app

    found = list(app.pages().values())
    if format_name == "json":
        emit(as_json({"schema": "buckler/checks/1", "checks": [document(page) for page in found]}), output)
    elif format_name == "markdown":
        emit(markdown(found), output)
    else:
        emit(_text(found, terminal_width()), output)
    return 0


def _areas(found: list[CheckPage]) -> dict[str, list[CheckPage]]:
    areas: dict[str, list[CheckPage]] = {}
    for page in found:
        areas.setdefault(page.area, []).append(page)
    return dict(sorted(areas.items()))


def _text(found: list[CheckPage], width: int) -> str:
    longest = max(len(page.id) for page in found)
    lines: list[str] = []
    for area, members in _areas(found).items():
        lines.append(area)
        for page in members:
            head = f"  {page.id:<{longest}}  {page.severity.value:<8}  "
            note = page.title + (" (auditor)" if page.persona.value == "auditor" else "")
            room = max(20, width - len(head))
            lines.append(head + (note if len(note) <= room else note[: room - 1].rstrip() + "…"))
        lines.append("")
    lines.append(f"{len(found)} checks; `buckler explain CHECK` tells why and how to fix")
    return "\n".join(lines)


def markdown(found: list[CheckPage]) -> str:
    """Give the index of all pages."""
    lines = ["# Checks", ""]
    for area, members in _areas(found).items():
        lines += [f"## {area}", "", "| check | severity | persona | what is wrong |", "|---|---|---|---|"]
        lines += [f"| [{p.id}]({p.id}.md) | {p.severity.value} | {p.persona.value} | {p.title} |" for p in members]
        lines.append("")
    return "\n".join(lines)
