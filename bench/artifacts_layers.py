"""The layers of `bench/artifacts.py`: one of pandas and one of npm packages, made on first use into bench/out/artifacts by pip and npm.

Versions are pinned here and in artifacts_node/package-lock.json; what pip and npm are configured to fetch from is theirs to say.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

OUT = Path(__file__).parent / "out" / "artifacts"
ADVISORIES = Path(__file__).parents[2] / "shared" / "data" / "osv"
PANDAS = (
    "pandas==2.2.3",
    "numpy==2.1.3",
    "python-dateutil==2.9.0.post0",
    "pytz==2024.2",
    "tzdata==2024.2",
    "six==1.16.0",
    "lxml==5.2.2",
    "sqlalchemy==2.0.30",
    "greenlet==3.0.3",
    "typing-extensions==4.12.2",
)
NODE = Path(__file__).parent / "artifacts_node"


class Made(NamedTuple):
    """A layer, as a folder and as the zip that Lambda takes."""

    name: str
    folder: Path
    zip: Path
    files: int
    size: int
    """Bytes unpacked."""


def pandas_layer() -> Made:
    folder = OUT / "pandas"
    if not folder.exists():
        target = _scratch("pandas")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--only-binary=:all:", "--no-deps"]
        _run([*pip, "--target", str(target / "python"), *PANDAS])
        target.rename(folder)
    return _made("pandas", folder)


def node_layer() -> Made:
    folder = OUT / "node"
    if not folder.exists():
        target = _scratch("node")
        shutil.copytree(NODE, target / "nodejs")
        _run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], target / "nodejs")
        target.rename(folder)
    return _made("node", folder)


def tiny() -> Path:
    """A zip with next to nothing in it: what remains of its scan is the start-up."""
    path = OUT / "tiny.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("handler.py", "def handler(event, context): ...\n")
    return path


def _made(name: str, folder: Path) -> Made:
    """Zip a folder as `zip -r` does, the same bytes every time."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.parent.name != ".bin")
    archive = OUT / f"{name}.zip"
    if not archive.exists():
        making = archive.with_suffix(".making")
        with zipfile.ZipFile(making, "w", zipfile.ZIP_DEFLATED) as out:
            for path in paths:
                about = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2024, 1, 1, 0, 0, 0))
                about.external_attr, about.create_system = (0o100000 | path.stat().st_mode & 0o777) << 16, 3
                about.compress_type, about.file_size = zipfile.ZIP_DEFLATED, path.stat().st_size
                # In pieces: whoever is started from here would count the memory of this process as its own.
                with path.open("rb") as source, out.open(about, "w") as target:
                    shutil.copyfileobj(source, target)
        making.rename(archive)
    return Made(name, folder, archive, len(paths), sum(path.stat().st_size for path in paths))


def _scratch(name: str) -> Path:
    target = OUT / f"making-{name}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return target


def _run(command: list[str], folder: Path = OUT) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: `{' '.join(command[:4])} ...` failed: {done.stderr.strip().splitlines()[-1:]}")
