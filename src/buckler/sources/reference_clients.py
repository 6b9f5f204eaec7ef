"""Published artefacts fetched by the registries' own clients, pip and npm: their index, mirrors, certificates and credentials count.

Only when a user asks. Nothing of a package runs: pip is allowed wheels only (an sdist would run its build), npm no scripts.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from buckler.errors import SourceError, UsageError
from buckler.model.reference import Wanted

_NAME: Final = {
    "pypi": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z"),
    "npm": re.compile(r"(?:@[a-z0-9~][a-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*\Z"),
}
_VERSION: Final = re.compile(r"[0-9][A-Za-z0-9.!+_-]*\Z")
"""Neither a range nor an address: what a package says of itself goes into a command line."""
_TAG: Final = re.compile(r"[a-z0-9_.]+\Z", re.IGNORECASE)
_PATIENCE_S: Final = 180


def fetch(wanted: Wanted, folder: Path) -> Path:
    """Fetch the artefact of a release into an empty *folder*. Raises `SourceError` when there is none, `UsageError` without the client."""
    if not _NAME[wanted.ecosystem].match(wanted.name) or not _VERSION.match(wanted.version):
        raise SourceError(f"`{wanted.purl}` cannot be asked for", cause="its name or version is none that a registry has")
    command = _pip(wanted, folder) if wanted.ecosystem == "pypi" else _npm(wanted, folder)
    try:
        done = subprocess.run(  # noqa: S603 - a list, its words checked above
            command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_PATIENCE_S, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"cannot fetch `{wanted.purl}`", cause=f"no answer within {_PATIENCE_S} s") from None
    except OSError as bad:
        raise UsageError(f"cannot run `{command[0]}`", cause=bad.strerror or type(bad).__name__) from None
    found = [path for path in folder.iterdir() if path.name.endswith((".whl", ".tgz")) and path.is_file()]
    if done.returncode or len(found) != 1:
        # What the client printed may hold an address with a password: its exit code must do.
        client = "pip" if wanted.ecosystem == "pypi" else "npm"
        raise SourceError(
            f"cannot fetch `{wanted.purl}`",
            cause=f"{client} ended with {done.returncode}",
            hint=f"see why with `{client} {'download --no-deps' if client == 'pip' else 'view'} {_spec(wanted)}`",
        )
    return found[0]


def _spec(wanted: Wanted) -> str:
    return f"{wanted.name}{'==' if wanted.ecosystem == 'pypi' else '@'}{wanted.version}"


def _environment() -> dict[str, str]:
    # Constraints are for what is installed here, not for what somebody else installed.
    return {**os.environ, "PIP_CONSTRAINT": "", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _pip(wanted: Wanted, folder: Path) -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        pip = [sys.executable, "-m", "pip"]
    else:
        found = shutil.which("pip3") or shutil.which("pip")
        if found is None:
            raise UsageError("pip is not installed", hint="fetch the wheels another way, then `buckler reference add FOLDER`")
        pip = [found]
    return [
        *pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--ignore-requires-python",
        "--dest", str(folder),
        *_platform(wanted.tags), _spec(wanted),
    ]  # fmt: skip


def _platform(tags: Sequence[str]) -> list[str]:
    """Ask for the wheel of these tags, whatever this machine is."""
    split = [tag.split("-") for tag in tags if tag.count("-") == 2 and all(_TAG.match(part) for part in tag.split("-"))]
    if not split:
        return []
    pythons = sorted({python for python, _, _ in split}, reverse=True)
    implementation, number = pythons[0][:2], pythons[0][2:]
    chosen = ["--python-version", number or "3", "--implementation", "py" if implementation == "py" else implementation]
    for abi in sorted({abi for _, abi, _ in split}):
        chosen += ["--abi", abi]
    for platform in sorted({platform for _, _, platform in split}):
        chosen += ["--platform", platform]
    return chosen


def _npm(wanted: Wanted, folder: Path) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError("npm is not installed", hint="fetch the tarballs another way, then `buckler reference add FOLDER`")
    return [npm, "pack", _spec(wanted), "--pack-destination", str(folder), "--ignore-scripts", "--silent"]
