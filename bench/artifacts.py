"""How fast artifacts are read, verified, matched and hunted in; syft, trivy, guarddog and pip-audit beside it on the same layers.

Options: `--no-peers`, `--no-attacks`. Layers are made by pip and npm on first use (`artifacts_layers.py`), the hostile ones by the tests'
own makers. Everything is measured in processes of its own, the least of several runs; the processor's time stands beside the wall's, since
only that can be compared on a busy machine. The database is the 408 advisories of shared/data/osv.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.artifacts_layers import ADVISORIES, OUT, Made, node_layer, pandas_layer, tiny
from bench.artifacts_peers import peers
from bench.artifacts_runs import Run, best, buckler, environment

from buckler import __version__

TIMES = 5
TARGETS = {"pandas": "0.7 s, 150 MB", "node": "0.15 s"}


def child(*arguments: str, env: dict[str, str] | None = None, folder: Path = OUT) -> tuple[dict[str, Any], float]:
    """Run artifacts_child.py; give what it printed, and its peak memory in MB."""
    command = [sys.executable, str(Path(__file__).with_name("artifacts_child.py")), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=env or environment(), cwd=folder, text=True)
    told = process.stdout.read() if process.stdout is not None else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"error: artifacts_child.py {' '.join(arguments)} ended with {process.returncode}")
    return json.loads(told), usage.ru_maxrss / 1024


def cost(run: Run) -> str:
    return f"{run.wall:.2f} s | {run.cpu:.2f} s | {run.memory_mb:.0f} MB"


def layer_table(layer: Made, *, with_peers: bool) -> None:
    print(f"\n{layer.name} layer: {layer.files:,} files, {layer.size / 1e6:.1f} MB unpacked, {layer.zip.stat().st_size / 1e6:.1f} MB zip\n")
    print("| tool | what it does | wall | processor | peak memory | said |\n|---|---|--:|--:|--:|---|")
    output, env = OUT / "out.json", environment()
    rows: list[tuple[str, str, Run, str]] = []
    for is_fast, name in ((True, "isal"), (False, "zlib")):
        run = best(buckler("scan", str(layer.zip), "--format", "json", is_fast=is_fast), TIMES, output, env)
        told = json.loads(output.read_bytes())
        said = f"{len(told['findings'])} findings" + (f" (target {TARGETS[layer.name]})" if is_fast else "")
        rows.append((f"buckler {__version__}, {name}", "the zip: integrity, SBOM, flaws, malware on the rest, checks", run, said))
    run = best(buckler("sbom", str(layer.zip)), TIMES, output, env)
    said = f"{len(json.loads(output.read_bytes())['components'])} packages"
    rows.append((f"buckler {__version__} sbom, isal", "the zip: SBOM", run, said))
    for name, does, run, said in rows:
        print(f"| {name} | {does} | {cost(run)} | {said} |", flush=True)
    for is_fast in (True, False):
        told, memory = child("work", str(layer.zip), *([] if is_fast else ["zlib"]))
        (wall, cpu), name = told["next"], "isal" if is_fast else "zlib"
        print(
            f"| the same in a process that runs, {name} | as a scan of many does | {wall:.2f} s | {cpu:.2f} s | {memory:.0f} MB | |",
            flush=True,
        )
    for peer in peers(layer) if with_peers else ():
        print(f"| {peer.name} | {peer.does} | {cost(peer.run)} | {peer.said} |", flush=True)


def stage_table(layers: list[Made]) -> None:
    print("\nunzip, check and hash every entry (MB/s unpacked), and a plain loop of inflate and sha256 over them on one thread\n")
    print("| layer | with | wall | processor | plain loop | ratio, wall | ratio, processor | target |\n|---|---|--:|--:|--:|--:|--:|---|")
    for layer in layers:
        for way in ("isal", "zlib"):
            told, _ = child("stage", str(layer.zip), *([] if way == "isal" else ["zlib"]))
            if told["isal"] != (way == "isal"):
                continue
            (wall, cpu), (plain, plain_cpu), size = told["read"], told["plain"], told["bytes"] / 1e6
            target = {"isal": "400", "zlib": "220"}[way] if layer.name == "pandas" else ""
            rates = f"{size / wall:.0f} | {size / cpu:.0f} | {size / plain:.0f} | {plain / wall:.2f} | {plain_cpu / cpu:.2f}"
            print(f"| {layer.name} | {way} | {rates} | {target} |", flush=True)


def attack_table() -> None:
    """Look into every hostile artifact that the tests make, each in a process of its own that starts in an empty folder."""
    home = OUT / "attacks"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    made, _ = child("make", str(home))
    print("\n| hostile artifact | wall | processor | peak memory | entries | named |\n|---|--:|--:|--:|--:|---|")
    worst = {"wall": 0.0, "cpu": 0.0, "memory": 0.0}
    unnamed: list[str] = []
    wrote: list[str] = []
    for name, (path, kind) in made.items():
        empty = home / "empty"
        empty.mkdir()
        env = {**environment(), "TMPDIR": str(empty), "HOME": str(empty), "XDG_CACHE_HOME": str(empty), "XDG_DATA_HOME": str(empty)}
        told, memory = child("attack", path, env=env, folder=empty)
        is_named = kind in told["named"] or not kind
        unnamed += [] if is_named else [name]
        wrote += [name] if any(empty.iterdir()) else []
        shutil.rmtree(empty)
        worst = {"wall": max(worst["wall"], told["wall"]), "cpu": max(worst["cpu"], told["cpu"]), "memory": max(worst["memory"], memory)}
        if told["cpu"] > 0.1 or memory > 60 or not is_named:
            cells = f"{told['wall']:.2f} s | {told['cpu']:.2f} s | {memory:.0f} MB | {told['entries']:,} | {', '.join(told['named'])[:80]}"
            print(f"| {name} | {cells} |", flush=True)
    print(f"| the worst of all {len(made)} | {worst['wall']:.2f} s | {worst['cpu']:.2f} s | {worst['memory']:.0f} MB | | |")
    faulty = sum(bool(kind) for _, kind in made.values())
    print(f"\n{faulty - len(unnamed)} of {faulty} with a fault named{f' (not: {unnamed})' if unnamed else ''}; ", end="")
    print(f"files written by {len(wrote)}. Target: at most 1 s and 100 MB each. Those that cost next to nothing are left out.")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-attacks", action="store_true")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    layers = [pandas_layer(), node_layer()]
    env = environment()
    if ADVISORIES.exists():
        subprocess.run(buckler("db", "add", str(ADVISORIES)), env=env, check=True, capture_output=True)
    else:
        print("shared/data/osv is not there: flaws are not assessed")
    start_up = best(buckler("scan", str(tiny())), TIMES, OUT / "out.json", env)
    with contextlib.suppress(OSError, AttributeError):
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; ", end="")
    print(f"`buckler scan` of a zip of one line: {start_up.wall:.2f} s, processor {start_up.cpu:.2f} s, {start_up.memory_mb:.0f} MB")
    for layer in layers:
        layer_table(layer, with_peers=not options.no_peers)
    stage_table(layers)
    if not options.no_attacks:
        attack_table()


if __name__ == "__main__":
    main()
