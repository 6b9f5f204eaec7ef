"""Regenerate what is generated: `make golden`, then read the diff line by line."""

import shutil
from pathlib import Path

from buckler.checks import all_checks
from buckler.cli.checks import markdown as index
from buckler.cli.explain import markdown

ROOT = Path(__file__).parents[1]


def main() -> None:
    folder = ROOT / "docs" / "checks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for check in all_checks():
        (folder / f"{check.id}.md").write_text(markdown(check.page), encoding="utf-8")
    (folder / "index.md").write_text(index([check.page for check in all_checks()]) + "\n", encoding="utf-8")
    from tests.house.reference import write

    write(ROOT / "docs" / "reference")
    from tests.report import golden as blast_golden

    blast_golden.write()
    from tests.cli import asked

    asked.write()


if __name__ == "__main__":
    main()
