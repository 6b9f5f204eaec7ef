"""Read and scan real templates: buckler, and checkov in the same run on the same files.

Three measures over ../shared/data/sam: the time to read each template (library, after the one-time import of the SAM translator; beside
them the Terraform plans of ../shared/data/tfplan), the wall time and peak memory of `buckler scan` over all templates as a child process,
and of `checkov` likewise. checkov is installed on first use into bench/out/checkov; where that fails, its row says so. Findings of two
tools are different questions: the count is a size, not a score.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from buckler import __version__
from buckler.engines.secrets import judge
from buckler.errors import BucklerError
from buckler.model.estate import Estate
from buckler.sources.cfn import read_template
from buckler.sources.terraform import read_plan

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).parent / "out"
DATA = ROOT.parent / "shared" / "data" / "sam"
PLANS = ROOT.parent / "shared" / "data" / "tfplan"
CHECKOV = "3.3.30"
PATIENCE_S = 1200


def reading(paths: list[Path], read: Callable[..., Estate]) -> list[float]:
    """Milliseconds per file, in order; refusals count with their time."""
    read(paths[0], judge=judge)
    times: list[float] = []
    for path in paths:
        start = time.perf_counter()
        try:
            read(path, judge=judge)
        except BucklerError as refused:
            print(f"refused: {refused}", file=sys.stderr)
        times.append((time.perf_counter() - start) * 1000)
    return times


def timing(what: str, paths: list[Path], read: Callable[..., Estate]) -> list[str]:
    times = sorted(reading(paths, read))
    return [
        f"buckler {__version__}, {len(paths)} {what}",
        f"{statistics.median(times):.1f} ms",
        f"{times[int(len(times) * 0.95)]:.1f} ms",
        f"{times[-1]:.1f} ms",
        f"{sum(times) / 1000:.2f} s",
    ]


def run(command: list[str], output: Path, environment: dict[str, str] | None = None) -> tuple[int, float, float]:
    """Run a command with its standard output in a file: exit code, wall seconds, its peak memory in MB."""
    with output.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        alarm = threading.Timer(PATIENCE_S, process.kill)
        alarm.start()
        # wait4 tells the memory of this child alone, not of the largest so far.
        _, status, usage = os.wait4(process.pid, 0)
        alarm.cancel()
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, seconds, usage.ru_maxrss / 1024


def ours() -> tuple[list[str], Counter[str]]:
    output = OUT / "templates-buckler.json"
    command = [str(Path(sys.executable).with_name("buckler")), "scan", str(DATA), "--format", "json", "--fail-on", "critical"]
    code, seconds, memory = run(command, output)
    found: Counter[str] = Counter()
    try:
        result = json.loads(output.read_bytes())
        found = Counter(finding["check"] for finding in result["findings"])
        findings = f"{sum(found.values())} ({len(result['gaps'])} gaps)"
    except (ValueError, KeyError, TypeError):
        findings = f"no JSON, exit {code}"
    return [f"buckler {__version__}", f"{seconds:.1f} s", f"{memory:.0f} MB", findings], found


def checkov() -> tuple[Path | None, str]:
    """Give the command of checkov, installed once, or why there is none."""
    home = OUT / "checkov"
    program = home / "bin" / "checkov"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True)
            install = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", f"checkov=={CHECKOV}"]
            subprocess.run(install, check=True, capture_output=True, timeout=PATIENCE_S)
        except (subprocess.SubprocessError, OSError) as bad:
            return None, f"checkov {CHECKOV} could not be installed ({type(bad).__name__})"
    return (program, "") if program.exists() else (None, f"checkov {CHECKOV} has no command")


def theirs() -> tuple[list[str], Counter[str]]:
    program, why = checkov()
    if program is None:
        return [f"checkov {CHECKOV}", "skipped", "", why], Counter()
    output = OUT / "templates-checkov.json"
    command = [str(program), "-d", str(DATA), "--framework", "cloudformation", "--output", "json", "--compact", "--quiet", "--soft-fail"]
    # Its list of rules is its own; only its calls home are turned off.
    code, seconds, memory = run(command, output, {"CHECKOV_RUN_SCA_PACKAGE_SCAN": "false", "BC_SKIP_MAPPING": "TRUE"})
    failed: Counter[str] = Counter()
    try:
        result = json.loads(output.read_bytes())
        for part in result if isinstance(result, list) else [result]:
            failed.update(finding["check_id"] for finding in part["results"]["failed_checks"])
        findings = (
            f"{sum(failed.values())} failed checks ({sum(count for name, count in failed.items() if name in LAMBDA)} of Lambda rules)"
        )
    except (ValueError, KeyError, TypeError):
        findings = f"no JSON, exit {code}"
    return [f"checkov {CHECKOV}", f"{seconds:.1f} s", f"{memory:.0f} MB", findings], failed


# Its rules for functions, URLs and permissions, for comparing sizes.
LAMBDA = {
    "CKV_AWS_45", "CKV_AWS_50", "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117", "CKV_AWS_173", "CKV_AWS_258", "CKV_AWS_272", "CKV_AWS_301",
    "CKV_AWS_363", "CKV_AWS_364",
}  # fmt: skip


def table(rows: list[list[str]]) -> None:
    head, *body = rows
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in body:
        print("| " + " | ".join(row) + " |")


def main() -> int:
    if not DATA.is_dir():
        print("skipped: ../shared/data/sam is not here")
        return 0
    OUT.mkdir(exist_ok=True)
    paths = sorted(path for path in DATA.rglob("*") if path.suffix in {".yaml", ".yml", ".json", ".template"})
    rows = [["reading one file", "median", "95 of 100", "slowest", "all"], timing("templates", paths, read_template)]
    if plans := sorted(PLANS.rglob("*.json")):
        rows.append(timing("Terraform plans", plans, read_plan))
    table(rows)
    print()
    mine, found = ours()
    other, failed = theirs()
    table([["scan of all, as a child process", "wall", "peak memory", "findings"], mine, other])
    print("\nmost frequent, ours: " + ", ".join(f"{name} {count}" for name, count in found.most_common(8)))
    if failed:
        print("most frequent, checkov: " + ", ".join(f"{name} {count}" for name, count in failed.most_common(8)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
