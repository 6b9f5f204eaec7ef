"""Every command the documentation shows runs as shown."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.house.docpages import Step, first_missing, read, run

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]


@pytest.fixture(scope="session")
def shop_env():
    """The leaky shop in a process of its own: pages must not share it with tests that empty theirs."""
    from tests.aws import standard_env

    with subprocess.Popen([sys.executable, "-m", "buckler.demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if found:
                yield standard_env(found[0])
                break
        server.terminate()


# The page of the demo runs in tests/cli/test_demo.py, which looks at what the demo leaves: it takes a minute, once.
@pytest.mark.parametrize("path", [one for one in PAGES if one.stem != "demo"], ids=lambda path: path.stem)
def test_page_runs_as_shown(path, tmp_path, request):
    page = read(path)
    assert page.steps, f"{path.name} shows no command"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COLUMNS"))}
    env |= {"COLUMNS": "100", "NO_COLOR": "1", "HOME": str(tmp_path / "home"), "AWS_EC2_METADATA_DISABLED": "true"}
    if page.needs_aws:
        env |= request.getfixturevalue("shop_env")
    folder = tmp_path / "page"
    folder.mkdir()
    run(page, folder, env)


def test_every_command_appears_in_the_guide():
    from buckler.cli._entry import COMMANDS

    shown = "\n".join(step.command for path in PAGES for step in read(path).steps)
    assert [name for name in COMMANDS if f"buckler {name}" not in shown] == []


def test_the_runner_can_fail():
    assert first_missing(["a", "...", "c"], "a\nb\nc\n") is None
    assert first_missing(["c", "a"], "a\nb\nc\n") == "a"
    assert first_missing(["ab ..."], "abc\n") is None
    assert first_missing(["b ..."], "abc\n") == "b ..."
    assert Step("x").expected == []


def test_links_lead_somewhere():
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"
