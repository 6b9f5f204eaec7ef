"""Exact IAM and the attack graph on synthetic accounts of 1,000 and 10,000 roles, beside the peers that install here.

Options: `--small` leaves 10,000 out; `--no-peers` runs buckler alone. Each size is measured in a process of its own (`iam_measure.py`), so
that its peak memory is its own; the processor's time stands beside the wall's, since only that can be compared on a busy machine.
IAMSpy and PMapper install from nowhere we reach (git only; no import on Python >= 3.10): their figures are quoted, and say so.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.accounts import Account, account
from bench.iam_measure import DECISIONS, OBVIOUS, TODAY, asked, context_of, estate_of

from bench import iam_peers
from buckler import __version__
from buckler.reach.analysis import Analysis

OUT = Path(__file__).parent / "out" / "iam"
SMALL, LARGE = 1_000, 10_000
SIMULATED = 3_000
QUOTED = "measured 2026-11-24 on another synthetic account of this size, not run here"


def measured(count: int) -> tuple[dict[str, Any], iam_peers.Run]:
    """Measure an account of *count* roles in a process of its own."""
    folder = account(count).write(OUT / str(count))
    output = OUT / f"measured-{count}.json"
    done = iam_peers.run([sys.executable, str(Path(__file__).with_name("iam_measure.py")), str(folder)], output, tells=True)
    if done.code != 0:
        sys.exit(f"error: measuring {count} roles ended with {done.code}")
    return json.loads(output.read_text(encoding="utf-8")), done


def seconds(pair: list[float]) -> str:
    """Write (wall, processor)."""
    unit, scale = ("ms", 1000) if max(pair) < 0.5 else ("s", 1)
    digits = 1 if unit == "ms" else 2
    return f"{pair[0] * scale:.{digits}f} {unit} ({pair[1] * scale:.{digits}f})"


def total(times: dict[str, list[float]], *stages: str) -> list[float]:
    return [sum(times[stage][part] for stage in stages) for part in (0, 1)]


def rate(pair: list[float], count: int) -> str:
    return f"{count / pair[0]:,.0f}/s ({count / pair[1]:,.0f})"


STAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("load and compile", ("load", "compile"), "< 1 s"),
    ("who_can `lambda:UpdateFunctionCode` on a function, warm", ("who_can change",), "< 10 ms"),
    ("who_can `sts:AssumeRole` on a role, warm", ("who_can assume",), "< 10 ms"),
    ("all escalation edges", ("edges",), ""),
    ("whole graph: edges, a walk from every principal, each way to administrator proved", ("edges", "walks"), "< 3 s"),
    ("blast of a function, graph not made yet", ("first blast",), ""),
    ("blast of a function, warm (median of functions not asked before)", ("blast",), "< 50 ms"),
    ("the slowest of these", ("blast, slowest",), ""),
    ("blast of the function of a planted role, again", ("same blast",), ""),
)


def ours(small: dict[str, Any], run: iam_peers.Run, large: tuple[dict[str, Any], iam_peers.Run] | None) -> None:
    """Print buckler's table."""
    times, big = small["times"], large[0]["times"] if large else None
    print(f"| buckler {__version__}: wall (processor) | {SMALL:,} | target | {LARGE:,} | growth, processor (target 12) |")
    print("|---|--:|---|--:|--:|")
    for name, stages, target in STAGES:
        at = total(times, *stages)
        grown = total(big, *stages) if big else None
        print(f"| {name} | {seconds(at)} | {target} | {seconds(grown) if grown else '-'} | {f'{grown[1] / at[1]:.1f}' if grown else '-'} |")
    for name, stage, count, target in (
        ("exact decisions of the fast twin, one thread", "decisions", DECISIONS, ">= 50,000/s"),
        ("the same, each policy met for the first time", "first decisions", DECISIONS, ""),
        ("writing the requests from the estate", "requests", DECISIONS, ""),
        ("decisions of the obvious twin", "obvious decisions", OBVIOUS, ""),
    ):
        grown_rate = rate(big[stage], count) if big else "-"
        print(f"| {name} | {rate(times[stage], count)} | {target} | {grown_rate} | |")
    print(f"| peak memory of all of it | {run.memory_mb:.0f} MB | < 200 MB | {f'{large[1].memory_mb:.0f} MB' if large else '-'} | |")
    for label, one in ((SMALL, small), *(((LARGE, large[0]),) if large else ())):
        result = one["result"]
        found = result["found"].values()
        kinds, decoys = sum(hit == all_ for hit, _, all_ in found), sum(hit > 0 for hit, _ in result["decoys"].values())
        print(
            f"\n{label:,} roles, {one['statements']:,} identity statements: planted kinds found {kinds} of {len(found)} "
            f"({sum(hit for hit, _, _ in found)} of {sum(all_ for _, _, all_ in found)} principals, "
            f"{sum(sure for _, sure, _ in found)} for sure, "
            f"the others with what they rest on), kinds of decoys reported {decoys} of {len(result['decoys'])}, "
            f"administrators {result['administrators']} of 5, others reported {len(result['others'])}; "
            f"{result['moves']:,} techniques open to somebody, {result['edges']:,} edges, {result['proved']} ways to administrator proved. "
            f"Of {DECISIONS:,} answers {result['answers']}; the twins differ in {result['twins differ']} of {OBVIOUS:,}."
        )


def peers(made: Account, folder: Path) -> None:
    """Print the peers' table."""
    print("\n| peer | time | processor | memory | said |\n|---|--:|--:|--:|---|")
    scanned = iam_peers.cloudsplaining(folder, made.truth)
    name = f"cloudsplaining {iam_peers.CLOUDSPLAINING} scan"
    if scanned is None:
        print(f"| {name} | could not be run here | | | |")
    else:
        run = scanned["run"]
        kinds, decoys = len(made.truth.planted), len(made.truth.decoys)
        said = f"{scanned['found']} of {kinds} planted kinds, {scanned['decoys']} of {decoys} kinds of decoys"
        print(f"| {name} | {run.wall:.2f} s | {run.cpu:.2f} s | {run.memory_mb:.0f} MB | {said} |")
    analysis = Analysis(estate_of(folder), today=TODAY)
    drawn = [(*one, context_of(analysis, *one)) for one in asked(analysis, SIMULATED)]
    answered = iam_peers.simulate(made, drawn)
    name = f"@cloud-copilot/iam-simulate {iam_peers.IAM_SIMULATE}, {SIMULATED:,} decisions"
    if answered is None:
        print(f"| {name} | could not be run here | | | |")
    else:
        run, wall, cpu = answered["run"], answered["wall"], answered["cpu"]
        print(f"| {name} | {SIMULATED / wall:,.0f}/s | {SIMULATED / cpu:,.0f}/s | {run.memory_mb:.0f} MB | {answered['answers']} |")
    print(f"| IAMSpy 0.1.0 | load 5.2 s, who_can 3.8 s, 3 decisions/s | | 577 MB | {QUOTED} |")
    print(f"| PMapper 1.1.5 | graph 93 s at 100 roles, unfinished at 1,000 | | | {QUOTED} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    small, run = measured(SMALL)
    ours(small, run, None if options.small else measured(LARGE))
    if not options.no_peers:
        peers(account(SMALL), OUT / str(SMALL))
    print(flush=True)
    subprocess.run([sys.executable, str(Path(__file__).with_name("iam_hostile.py"))], check=True)


if __name__ == "__main__":
    main()
