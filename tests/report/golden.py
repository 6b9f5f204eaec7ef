"""What a blast radius looks like, kept beside its inputs in `blasts.py`; `make golden` writes it again."""

from pathlib import Path

from tests.report import blasts

from buckler.report import Context
from buckler.report.blast import render_blast

FOLDER = Path(__file__).parent / "golden"


def expected() -> dict[str, str]:
    """File name -> what belongs in it."""
    return {
        "blast_small.svg": render_blast("svg", blasts.small(), Context()),
        "blast_small.json": render_blast("json", blasts.small(), Context()),
        "blast_typical_80.txt": render_blast("console", blasts.typical(), Context(width=80)),
        "blast_typical_120.txt": render_blast("console", blasts.typical(), Context(width=120)),
    }


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in expected().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
