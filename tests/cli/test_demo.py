"""`buckler demo`, whole: the embedded AWS, the shop, the scan over HTTP, the three reports."""

import json
import os
import subprocess
import sys


def test_the_demo_does_what_it_says(tmp_path):
    env = {**os.environ, "COLUMNS": "100", "AWS_PROFILE": "must-not-be-used"}
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
    assert sum("buckler " in line for line in done.stderr.split("Try next:")[1].splitlines()) >= 3
    document = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert {finding["resource"]["account"] for finding in document["findings"]} == {"123456789012", "210987654321"}
    assert {finding["resource"]["region"] for finding in document["findings"]} >= {"eu-west-1", "us-east-1"}
    assert json.loads((tmp_path / "out" / "findings.sarif").read_text())["version"] == "2.1.0"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "http://127.0.0.1" not in page
