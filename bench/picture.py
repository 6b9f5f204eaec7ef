"""Draw the demo's terminal output as docs/demo.svg: its first findings and its footer, as printed in a terminal of 100 columns.

Beside it docs/blast.svg, the blast radius that the demo draws. Both are made from a real run; nothing in them is written by hand.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
FIRST = 44
LAST = 3

# rich's own template without its web fonts: the picture must not fetch anything.
TEMPLATE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "buckler.cli.main", "demo", "--directory", folder, "--color", "always"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "COLUMNS": "100"},
        )
        shutil.copyfile(Path(folder) / "blast.svg", ROOT / "docs" / "blast.svg")
    lines = done.stdout.rstrip("\n").split("\n")
    shown = ["$ make demo", *lines[:FIRST], "", "...", "", *lines[-LAST:]]
    console = Console(record=True, width=102, file=open(os.devnull, "w"), force_terminal=True, color_system="truecolor")  # noqa: SIM115, PTH123 - thrown away
    for line in shown:
        console.print(Text.from_ansi(line), soft_wrap=True)
    svg = console.export_svg(title="buckler demo", code_format=TEMPLATE, unique_id="demo")
    (ROOT / "docs" / "demo.svg").write_text(re.sub(r"[ \t]+\n", "\n", svg), encoding="utf-8")


if __name__ == "__main__":
    main()
