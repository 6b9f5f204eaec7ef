"""Generated pages are current."""

from pathlib import Path

import pytest
from tests.house.reference import cli_page, fixes_page, permissions_page

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(("name", "make"), [("cli.md", cli_page), ("permissions.md", permissions_page), ("fixes.md", fixes_page)])
def test_current(name, make):
    assert (REFERENCE / name).read_text() == make(), "stale: run `make golden`, then read the diff"
