"""Ask others: `python -m bench.oracle [requests] [seed]`; `make oracle` does.

First npm's iam-simulate about random requests with all their policies, then Z3 about what small policies can ever allow, and about which
ports an interface reaches of another. A tool that is
not there is skipped, loudly. Ends with 1 when somebody disagrees for a reason that docs/why/oracle.md does not give.
"""

import importlib.util
import json
import random
import sys
import time
from collections import Counter

from bench.oracle.compare import Divergence, compare, differs_alike
from bench.oracle.coverage import covered
from bench.oracle.documents import simulation
from bench.oracle.shrink import shrink
from bench.oracle.simulator import VERSION, Simulator, install, missing
from bench.oracle.worlds import world

BATCH = 2_000
SHOWN = 10
MOST_REJECTED = 0.05
"""Share of the worlds that the simulator may refuse to judge, before the run says nothing."""


def main(arguments: list[str]) -> int:
    """Run both."""
    count, seed = (int(text) for text in [*arguments, *("20000", "1")[len(arguments) :]])
    results = [by_simulator(count, seed), by_z3(seed)]
    return max(results)


def by_simulator(count: int, seed: int) -> int:
    """Compare `decide` with iam-simulate."""
    print(f"## iam-simulate {VERSION}: {count:,} requests, seed {seed}\n")
    lacking = missing()
    if lacking:
        print(f"SKIPPED: {lacking}, so nothing was compared; hint: install Node.js 20 with npm\n")
        return 0
    install()
    rng = random.Random(seed)  # noqa: S311 - a seeded shape, not a secret
    answers: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    unexplained: list[Divergence] = []
    start = time.perf_counter()
    with Simulator() as simulator:
        asked = agreed = 0
        while asked < count:
            worlds = [world(rng) for _ in range(min(BATCH, count - asked))]
            asked += len(worlds)
            found = compare(simulator, worlds)
            answers += found.answers
            agreed += found.agreed
            rejected += found.rejected
            settled += found.settled
            unexplained += found.unexplained
            tried += covered(worlds)
            if len(unexplained) >= SHOWN:
                break
        seconds = time.perf_counter() - start
        compared = answers.total()
        print(f"{compared:,} compared in {seconds:.0f} s ({compared / seconds:.0f}/s); {rejected.total()} refused: {_listed(rejected)}")
        print(f"our answers: {_listed(answers)}; the simulator's is the same {agreed:,} times")
        print(f"settled divergences: {_listed(settled)}")
        print(f"put to the test: {_listed(tried)}")
        untried = [name for name, times in covered([]).items() if times == tried[name] == 0]
        for one in unexplained[:SHOWN]:
            _show(simulator, one)
    problems = [
        *([f"{len(unexplained)} divergences are not explained"] if unexplained else []),
        *([f"never tried: {', '.join(untried)}"] if untried and count >= BATCH else []),
        *(["the simulator refused too many"] if rejected.total() > MOST_REJECTED * asked else []),
    ]
    print("".join(f"\nerror: {problem}" for problem in problems) or "\nno divergence is unexplained")
    print()
    return 1 if problems else 0


def _show(simulator: Simulator, divergence: Divergence) -> None:
    small = shrink(divergence.world, lambda worlds: differs_alike(simulator, worlds, divergence))
    written = {name: value for name, value in simulation(small).items() if value}
    print(f"\nours: {divergence.ours}; the simulator's: {divergence.theirs}\n{json.dumps(written)}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.most_common()) or "none"


def by_z3(seed: int) -> int:
    """Compare `find`, `compare` and `connect` with Z3."""
    if importlib.util.find_spec("z3") is None:
        print("## Z3\n\nSKIPPED: z3-solver is not installed, so nothing was compared; hint: make oracle")
        return 0
    from bench.oracle import z3_compare, z3_emptiness, z3_network

    print("## Z3: what a policy can allow\n")
    found = z3_emptiness.main(300, seed)
    print("\n## Z3: what new policies allow that old ones did not\n")
    found = max(found, z3_compare.main(200, seed))
    print("\n## Z3: what an interface reaches of another\n")
    return max(found, z3_network.main(2000, seed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
