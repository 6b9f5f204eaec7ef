"""`pip install .` gives a working tool, with all its data and without the demo and test extras."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Runs the installed copy where the packages of the demo and the tests cannot be imported.
PROBE = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"moto", "hypothesis", "pytest", "inline_snapshot"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from buckler.cli.main import main
sys.exit(main(sys.argv[1:]))
"""

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.8
      InlineCode: x
      Policies: [AdministratorAccess]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(installed)!r})\n{PROBE}"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=cwd)


def test_it_scans_and_reports_from_the_installed_copy(installed, tmp_path):
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    done = run(installed, tmp_path, "scan", "t.yaml", "--report", "r.html", "--report", "r.sarif")
    assert done.returncode == 1, done.stderr
    assert "error[role-administrator]" in done.stdout, "the table of AWS's managed policies came along"
    assert "error[runtime-deprecated]" in done.stdout, "and worse than elsewhere on an administrator"
    assert (tmp_path / "r.html").stat().st_size > 10_000, "the page's templates came along"


def test_the_demo_says_what_it_needs(installed, tmp_path):
    done = run(installed, tmp_path, "demo")
    assert done.returncode == 2
    assert "hint: pip install 'buckler[demo]'" in done.stderr


def test_what_is_installed(installed):
    assert (installed / "buckler" / "py.typed").is_file()
    assert not (installed / "tests").exists()
    (metadata,) = installed.glob("buckler-*.dist-info")
    assert {path.name for path in (metadata / "licenses").iterdir()} == {"LICENSE", "NOTICE"}
    assert "buckler = buckler.cli.main:console_script" in (metadata / "entry_points.txt").read_text()
