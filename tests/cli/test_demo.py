"""`buckler demo`, whole: the embedded AWS, the shop, the scan over HTTP, the three reports."""

import json
import os
import re
import shlex
from pathlib import Path

from tests.house.docpages import read, run

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "demo.md"


def test_the_demo_does_what_it_says(tmp_path):
    """The page runs as shown, and what the demo leaves is what it says."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "AWS_PROFILE": "must-not-be-used", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "buckler.toml").write_text('regions = ["eu-west-1"]\n')
    printed, *_ = run(read(PAGE), tmp_path, env)
    assert "error[function-url-public]" in printed
    assert sum("buckler " in line for line in printed.split("Try next")[1].splitlines()) >= 3
    document = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert {finding["resource"]["account"] for finding in document["findings"]} == {"123456789012", "210987654321"}
    assert {finding["resource"]["region"] for finding in document["findings"]} >= {"eu-west-1", "us-east-1"}
    assert json.loads((tmp_path / "out" / "findings.sarif").read_text())["version"] == "2.1.0"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "http://127.0.0.1" not in page
    assert "makes an attacker administrator of 210987654321" in printed
    assert "drawn: out/blast.svg" in printed
    assert (tmp_path / "out" / "blast.svg").read_text().startswith("<svg")
    # The second act: mended, looked at again, put back.
    made = re.search(r"^(\d+) fix(?:es)? made, 0 refused", printed, re.MULTILINE)
    *_, left = re.findall(r"^(\d+) findings:", printed, re.MULTILINE)
    assert made is not None
    # The second scan looks into no code.
    of_code = ("artifact", "archive", "layer-shadows", "vulnerable", "known-malware", "secret-in-code", "signature", "unsigned")
    before = [one for one in document["findings"] if not one["check"].startswith(of_code)]
    assert int(made[1]) >= 50
    assert int(left) <= len(before) - int(made[1])
    assert re.search(r"^\d+ steps undone, 0 refused$", printed, re.MULTILINE)
    # What is yours stays as it was: settings, and what `buckler rescan` would ask about.
    assert (tmp_path / "out" / "buckler.toml").read_text() == 'regions = ["eu-west-1"]\n'
    assert not (tmp_path / "cache").exists()


def test_it_says_what_to_try_next(tmp_path):
    """Each is a command of ours; those that ask about the shop name the snapshot."""
    from buckler.cli.demo import _next

    snapshot = tmp_path / "out" / "shop.buckler"
    offered = [shlex.split(line) for line in _next(snapshot).splitlines() if line.startswith("  buckler ")]
    assert [words[1] for words in offered] == ["blast", "blast", "paths", "explain", "scan", "permissions"]
    assert [words[1] for words in offered if str(snapshot) in words] == ["blast", "blast", "paths"]
