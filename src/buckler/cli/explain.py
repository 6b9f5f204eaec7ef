"""buckler explain."""

from pathlib import Path

import click

from buckler.cli._options import as_json, emit, output_options, terminal_width
from buckler.model.page import CheckPage


@click.command()
@click.argument("check_id", metavar="CHECK")
@output_options("console", "json", "markdown")
def command(check_id: str, format_name: str, output: Path | None) -> int:
    """Explain a check: what it flags, why, what it does not flag, how to fix it.

    \b
    Example:
      buckler explain function-url-public
    """
    from buckler import app

    page = app.pages().get(check_id.replace("_", "-").lower())
    if page is None:
        raise app.unknown_check(check_id)
    if format_name == "json":
        emit(as_json(document(page)), output)
    elif format_name == "markdown":
        emit(markdown(page), output)
    else:
        emit(_text(page, terminal_width()), output)
    return 0


def document(page: CheckPage) -> dict[str, object]:
    """Give a page as plain JSON."""
    return {
        "id": page.id,
        "title": page.title,
        "area": page.area,
        "severity": page.severity.value,
        "confidence": page.confidence.value,
        "persona": page.persona.value,
        "subject": page.subject,
        "summary": page.summary,
        "why": page.why,
        "not_flagged": page.not_flagged,
        "fix": page.fix,
        "source": page.source,
        "frameworks": list(page.frameworks),
        "since": page.since,
        "preview": page.is_preview,
    }


def markdown(page: CheckPage) -> str:
    """Give a page as Markdown: the form in which docs/checks keeps it."""
    facts = [
        ("Severity", page.severity.value),
        ("Confidence", page.confidence.value),
        ("Persona", page.persona.value),
        ("Asked of", page.subject),
        ("Area", page.area),
        ("Since", page.since + (" (preview)" if page.is_preview else "")),
        ("Frameworks", ", ".join(page.frameworks) or "none"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in facts)
    sections = [("Why", page.why), ("Not flagged", page.not_flagged), ("Fix", page.fix), ("Source", page.source)]
    body = "\n\n".join(f"## {heading}\n\n{_sentence(text)}" for heading, text in sections)
    return f"# {page.id}\n\n{_sentence(page.title)}.\n\n| | |\n|---|---|\n{table}\n\n{page.summary}\n\n{body}\n"


def _sentence(text: str) -> str:
    """Begin with a capital, as a paragraph does and a heading's continuation does not."""
    return text[:1].upper() + text[1:]


def _text(page: CheckPage, width: int) -> str:
    import textwrap

    def flow(text: str, indent: str = "  ") -> str:
        return "\n\n".join(
            textwrap.fill(paragraph, min(width, 100), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
            for paragraph in text.split("\n\n")
        )

    persona = "" if page.persona.value == "regular" else f", for the {page.persona.value} persona"
    preview = ", preview" if page.is_preview else ""
    lines = [
        f"{page.id}: {page.title}",
        f"  {page.severity.value} severity, {page.confidence.value} confidence, asked of each {page.subject}{persona}{preview}",
        "",
        flow(page.summary),
    ]
    for heading, text in (("Why", page.why), ("Not flagged", page.not_flagged), ("Fix", page.fix), ("Source", page.source)):
        lines += ["", heading, flow(_sentence(text))]
    if page.frameworks:
        lines += ["", "Frameworks", flow(", ".join(page.frameworks))]
    return "\n".join(lines)
