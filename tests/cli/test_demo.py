"""`buckler demo`, whole: the embedded AWS, the shop, the scan over HTTP, the three reports."""

import json
import os
import re
import shlex
import subprocess
import sys


def test_the_demo_does_what_it_says(tmp_path):
    from buckler.cli.demo import DRAWN

    env = {**os.environ, "COLUMNS": "100", "AWS_PROFILE": "must-not-be-used", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "buckler.toml").write_text('regions = ["eu-west-1"]\n')
    done = subprocess.run(
        [sys.executable, "-m", "buckler.cli.main", "demo", "--directory", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "error[function-url-public]" in done.stdout
    assert sum("buckler " in line for line in done.stderr.split("Try next")[1].splitlines()) >= 3
    document = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert {finding["resource"]["account"] for finding in document["findings"]} == {"123456789012", "210987654321"}
    assert {finding["resource"]["region"] for finding in document["findings"]} >= {"eu-west-1", "us-east-1"}
    assert json.loads((tmp_path / "out" / "findings.sarif").read_text())["version"] == "2.1.0"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "http://127.0.0.1" not in page
    assert "makes an attacker administrator of 210987654321" in done.stderr
    assert f"drawn: {tmp_path / 'out' / 'blast.svg'}" in done.stderr
    assert (tmp_path / "out" / "blast.svg").read_text().startswith("<svg")
    # The second act: mended, looked at again, put back.
    made = re.search(r"^(\d+) fix(?:es)? made, 0 refused", done.stderr, re.MULTILINE)
    left = re.search(r"^(\d+) findings:", done.stderr, re.MULTILINE)
    assert made is not None
    assert left is not None
    # The second scan looks into no code.
    of_code = ("artifact", "archive", "layer-shadows", "vulnerable", "known-malware", "secret-in-code", "signature", "unsigned")
    before = [one for one in document["findings"] if not one["check"].startswith(of_code)]
    assert int(made[1]) >= 50
    assert int(left[1]) <= len(before) - int(made[1])
    assert re.search(r"^\d+ steps undone, 0 refused$", done.stderr, re.MULTILINE)
    # What is yours stays as it was: settings, and what `buckler rescan` would ask about.
    assert (tmp_path / "out" / "buckler.toml").read_text() == 'regions = ["eu-west-1"]\n'
    assert not (tmp_path / "cache").exists()
    # Its AWS is gone; what it read is not.
    for asked in (["blast", DRAWN], ["paths", "--to", "administrator:*"]):
        again = subprocess.run(
            [sys.executable, "-m", "buckler.cli.main", *asked, str(tmp_path / "out" / "shop.buckler")],
            capture_output=True,
            text=True,
            check=False,
            env=env,
            cwd=tmp_path,
        )
        assert again.returncode in {0, 1}, again.stderr
        assert "210987654321" in again.stdout


def test_it_says_what_to_try_next(tmp_path):
    """Each is a command of ours; those that ask about the shop name the snapshot."""
    from buckler.cli.demo import _next

    snapshot = tmp_path / "out" / "shop.buckler"
    offered = [shlex.split(line) for line in _next(snapshot).splitlines() if line.startswith("  buckler ")]
    assert [words[1] for words in offered] == ["blast", "blast", "paths", "explain", "scan", "permissions"]
    assert [words[1] for words in offered if str(snapshot) in words] == ["blast", "blast", "paths"]
