"""How long the command line takes to answer when it has nothing to do: the median of 15 runs each, warm file cache.

Beside us: a bare `python -c pass`, so that the machine's own share is seen, and the versions of prowler and checkov where installed.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from buckler.demo.embedded import EmbeddedAws
from buckler.demo.shop import deploy

RUNS = 15
OUT = Path(__file__).parent / "out"


def median_ms(command: list[str], runs: int = RUNS) -> float:
    times: list[float] = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def shop_ms() -> float:
    """Start the embedded AWS and fill it, in this process."""
    start = time.perf_counter()
    with EmbeddedAws() as aws:
        deploy(aws.endpoint)
        return (time.perf_counter() - start) * 1000


def main() -> None:
    own = str(Path(sys.executable).with_name("buckler"))
    rows = [
        ("python -c pass", [sys.executable, "-c", "pass"], "", RUNS),
        ("buckler --version", [own, "--version"], "120 ms", RUNS),
        ("buckler --help", [own, "--help"], "200 ms", RUNS),
    ]
    for peer in ("prowler", "checkov"):
        binary = OUT / peer / "bin" / peer
        if binary.exists():
            rows.append((f"{peer} --version", [str(binary), "--version"], "", 3))
    print("| command | median | target |\n|---|---|---|")
    for name, command, target, runs in rows:
        print(f"| `{name}` | {median_ms(command, runs):.0f} ms | {target} |", flush=True)
    print(f"| `buckler demo`, until its shop is open | {statistics.median(shop_ms() for _ in range(3)):.0f} ms | 15,000 ms |", flush=True)


if __name__ == "__main__":
    main()
