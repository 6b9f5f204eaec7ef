"""What commands that judge estates end with: the result as text, and the exit code it stands for."""

from typing import Any

from buckler.cli._options import terminal_width, wants_color
from buckler.model.result import ScanResult
from buckler.model.severity import Severity


def rendered(result: ScanResult, format_name: str, given: dict[str, Any]) -> str:
    """Write a result in a format; *given* are the options of the command."""
    from buckler import app
    from buckler.report import Context, render

    to_screen = format_name == given["format_name"]
    color = to_screen and wants_color(given["color"], given["output"])
    context = Context(
        width=terminal_width(),
        color=color,
        links=color and given["color"] == "auto",
        verbose=given["verbose"] > 0,
        excerpt=app.excerpt,
        pages=app.pages(),
    )
    return render(format_name, result, context)


def exit_code(result: ScanResult, *, fail_on: str, strict: bool) -> int:
    """Say how a scan ended: an unreadable target weighs more than findings, findings more than gaps. No format changes it."""
    if result.errors:
        return 2
    if fail_on != "never" and any(finding.severity >= Severity(fail_on) for finding in result.findings):
        return 1
    if strict and result.gaps:
        return 4
    return 3 if saw_nothing(result) else 0


def saw_nothing(result: ScanResult) -> bool:
    """Say whether functions could not be listed anywhere: such a scan must not look clean, whatever the strictness."""
    scopes = result.coverage.scopes
    unlisted = all(scope.kind == "live" and any(name == "functions" for name, _ in scope.unread) for scope in scopes)
    return bool(scopes) and unlisted and not any(name == "functions" for scope in scopes for name, _ in scope.counts)
