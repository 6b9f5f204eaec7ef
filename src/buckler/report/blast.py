"""A blast radius in, text out. Not among the formats of a scan: it shows one function, not findings."""

from buckler.errors import UsageError
from buckler.model.graph import Blast
from buckler.report import Context

BLAST_FORMATS = ("console", "json", "svg")


def render_blast(format_name: str, blast: Blast, context: Context) -> str:
    """Write *blast* in a format of `BLAST_FORMATS`. Each is imported only when it is asked for. Raises `UsageError` for any other."""
    match format_name:
        case "console":
            from buckler.report.blast_console import text

            return text(blast, context)
        case "json":
            from buckler.report.blast_json import json

            return json(blast)
        case "svg":
            from buckler.report.picture import svg

            return svg(blast)
        case _:
            raise UsageError(
                "unknown format", cause=f"a blast radius has no format `{format_name}`", hint=f"formats: {', '.join(BLAST_FORMATS)}"
            )
