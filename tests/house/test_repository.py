"""Rules of the house for the repository itself."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def committed() -> list[Path]:
    if not shutil.which("git"):
        pytest.skip("no git here: nobody can say which files are committed, so they were NOT looked at; hint: apt-get install git")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        said = listing.stderr.decode(errors="replace").splitlines()
        pytest.skip(f"git lists no files ({said[0] if said else listing.returncode}), so they were NOT looked at; hint: run in a git clone")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


# Spelt so that this file does not match itself.
REGISTRIES = re.compile("|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs\.org", "deb" + r"\.debian\.org"]))


def test_no_committed_file_names_a_registry():
    guilty = [str(path.relative_to(ROOT)) for path in committed() if path.is_file() and REGISTRIES.search(path.read_text(errors="ignore"))]
    assert guilty == []


def test_every_pin_has_a_hash_and_no_address():
    for file in (ROOT / "requirements").glob("*.txt"):
        text = file.read_text()
        assert "://" not in text
        pins = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", text, re.MULTILINE | re.IGNORECASE)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)
        assert len(pins) >= (1 if file.stem in {"oracle", "runtime"} else 20)
        assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_what_npm_installs_has_a_hash_and_no_address():
    lock = json.loads((ROOT / "bench" / "oracle" / "package-lock.json").read_text())
    packages = [one for path, one in lock["packages"].items() if path]
    assert packages
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages)


def test_no_file_knows_the_machine_it_was_written_on():
    # Spelt so that this file does not match itself.
    home = re.compile("/" + "work/main|/" + "tmp/w/|/" + "root/")
    guilty = [
        str(path.relative_to(ROOT))
        for path in committed()
        if path.is_file() and path.suffix != ".zlib" and home.search(path.read_text(errors="ignore"))
    ]
    assert guilty == []
