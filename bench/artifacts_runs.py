"""Child processes of `bench/artifacts.py`, and what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.artifacts_layers import OUT

PATIENCE_S = 600
WITHOUT_ISAL = "import sys; sys.modules['isal'] = None; from buckler.cli.main import console_script; console_script()"


class Run(NamedTuple):
    """What the cheapest of some runs of a command cost: seconds of the wall and of the processor, and the most memory of any."""

    code: int
    wall: float
    cpu: float
    memory_mb: float


def best(command: list[str], times: int, output: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a command *times*, its output in a file. Wall and processor are the least each: others use this machine, too."""
    runs = [_once(command, output, env) for _ in range(times)]
    return Run(runs[-1].code, min(one.wall for one in runs), min(one.cpu for one in runs), max(one.memory_mb for one in runs))


def _once(command: list[str], output: Path, env: Mapping[str, str] | None) -> Run:
    with output.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(["timeout", str(PATIENCE_S), *command], stdout=file, stderr=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(process.pid, 0)  # the memory of this child alone
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    """Give the environment buckler is run in: caches of its own, and bytecode kept, as an installed package has it."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **env,
        "PYTHONPYCACHEPREFIX": str(OUT / "bytecode"),
        "XDG_CACHE_HOME": str(OUT / "cache"),
        "XDG_DATA_HOME": str(OUT / "data"),
        "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(OUT / "osv"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


def buckler(*arguments: str, is_fast: bool = True) -> list[str]:
    """Give the command line of buckler, with or without ISA-L."""
    return [str(Path(sys.executable).with_name("buckler")), *arguments] if is_fast else [sys.executable, "-c", WITHOUT_ISAL, *arguments]
