"""A blast radius in, text out. Not among the formats of a scan: it shows one function, not findings."""

from typing import Literal, TypeAlias, get_args

from buckler.model.graph import Blast
from buckler.report import Context

BlastFormat: TypeAlias = Literal["console", "json", "svg"]

BLAST_FORMATS: tuple[BlastFormat, ...] = get_args(BlastFormat)


def render_blast(format_name: BlastFormat, blast: Blast, context: Context) -> str:
    """Write *blast* in a format of `BLAST_FORMATS`. Each is imported only when it is asked for."""
    if format_name == "json":
        from buckler.report.blast_json import json

        return json(blast)
    if format_name == "svg":
        from buckler.report.picture import svg

        return svg(blast)
    from buckler.report.blast_console import text

    return text(blast, context)
