"""How long it takes to match 10,000 packages anew against 20,000 advisories, and to make the index they are in.

Advisories and packages are invented, with the shape of real ones: aliases, several ranges, long lists of versions, names that repeat.
CPU time of this process, the best of five.
"""

import json
import random
import resource
import time
from collections.abc import Callable

from buckler.engines.artifact.osv import Database, Matched, assess
from buckler.engines.artifact.osv_index import Index
from buckler.model.artifact import Ecosystem, Package

ADVISORIES, PACKAGES, NAMES = 20_000, 10_000, 1_200
KINDS: tuple[tuple[Ecosystem, str, str], ...] = (
    ("pypi", "PyPI", "ECOSYSTEM"),
    ("npm", "npm", "SEMVER"),
    ("golang", "Go", "SEMVER"),
    ("maven", "Maven", "ECOSYSTEM"),
    ("cargo", "crates.io", "SEMVER"),
)
TEXT = "An attacker who controls the input can exhaust the memory of the process. " * 12


def version(dice: random.Random) -> str:
    return f"{dice.randint(0, 6)}.{dice.randint(0, 12)}.{dice.randint(0, 20)}"


def named(kind: Ecosystem, number: int) -> str:
    return {"golang": f"example.invalid/team/module-{number}", "maven": f"invalid.example:artifact-{number}"}.get(kind, f"package-{number}")


def advisories(dice: random.Random) -> list[tuple[str, bytes]]:
    made: list[tuple[str, bytes]] = []
    for number in range(ADVISORIES):
        kind, ecosystem, type_ = KINDS[number % len(KINDS)]
        bounds = sorted({dice.randint(0, 6) for _ in range(4)})
        events = [{"introduced": "0"}, {"fixed": version(dice)}]
        events += [one for at in bounds for one in ({"introduced": f"{at}.13.0"}, {"fixed": f"{at}.13.{dice.randint(1, 9)}"})]
        affected = {
            "package": {"ecosystem": ecosystem, "name": named(kind, dice.randrange(NAMES))},
            "ranges": [{"type": type_, "events": events}],
            "versions": [version(dice) for _ in range(60)] if kind == "pypi" else [],
        }
        record = {
            "schema_version": "1.6.0",
            "id": f"GHSA-{number:08x}",
            "modified": "2026-11-01T00:00:00Z",
            "aliases": [f"CVE-2026-{10_000 + number // 2}"],
            "summary": "Memory exhaustion",
            "details": TEXT,
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
            "affected": [affected],
            "references": [{"type": "WEB", "url": f"https://example.invalid/{at}"} for at in range(6)],
        }
        made.append((f"{record['id']}.json", json.dumps(record).encode()))
    return made


def packages(dice: random.Random) -> list[Package]:
    made: list[Package] = []
    for number in range(PACKAGES):
        kind = KINDS[number % len(KINDS)][0]
        name, at = named(kind, dice.randrange(NAMES)), version(dice)
        made.append(Package(purl=f"pkg:{kind}/{name.replace(':', '/')}@{at}#{number}", ecosystem=kind, name=name, version=at, path="x"))
    return made


def timed(action: Callable[[], object], times: int = 5) -> float:
    taken: list[float] = []
    for _ in range(times):
        started = time.process_time()
        action()
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    dice = random.Random(4)  # noqa: S311 - the same every time
    records, installed = advisories(dice), packages(dice)
    size = sum(len(raw) for _, raw in records)
    build = timed(lambda: Index.build(records, "bench"), 3)
    stored = Index.build(records, "bench").dump()
    opened = timed(lambda: Index.load(stored, "bench"))

    def rematch() -> Matched:
        return assess(installed, Database((Index.load(stored, "bench"),)))

    first = timed(rematch, 1)
    again = timed(rematch)
    found = rematch()
    print("| step | CPU seconds |")
    print("|---|---|")
    print(f"| index {ADVISORIES:,} advisories ({size / 1e6:.0f} MB of JSON) | {build:.2f} |")
    print(f"| open the stored index ({len(stored) / 1e6:.1f} MB) | {opened:.3f} |")
    print(f"| open it and match {PACKAGES:,} packages, the first time in a process | {first:.2f} |")
    print(f"| the same, versions already known | {again:.2f} |")
    print(f"\n{len(found.vulnerabilities):,} flaws, {len(found.not_assessed)} not assessed; ", end="")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
