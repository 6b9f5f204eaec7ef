"""What `bench/artifacts.py` measures inside a process of its own; prints one line of JSON.

stage ZIP [zlib]    reading, inflating and hashing, and the same by a plain loop: seconds, the least of five
work ZIP [zlib]     a whole scan in a process that has done one before, as in a scan of many
make FOLDER         the hostile artifacts of the tests, written there: name -> (path, what names it)
attack PATH         one hostile artifact, opened and looked into
"""

import gc
import hashlib
import json
import mmap
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.argv[-1] == "zlib":
    sys.modules["isal"] = None  # type: ignore[assignment]  # as if it were not installed

from buckler.engines.artifact import inflate
from buckler.engines.artifact.catalog.binaries import carries
from buckler.engines.artifact.zip import read_zip
from buckler.engines.artifact.zip_records import find_end, records

TIMES = 5


def least(action: Callable[[], object], times: int = TIMES) -> tuple[float, float]:
    """Give the least seconds of the wall and of the processor."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def stage(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    listed = []
    for one in records(data, find_end(data), 1_000_000):
        name, extra = struct.unpack_from("<HH", data, one.at + 26)
        listed.append((data[one.at + 30 + name + extra :][: one.packed], one.size, one.method))
    inflater: Any = zlib
    if inflate.IS_FAST:
        from isal import isal_zlib as inflater

    def plain() -> None:
        for packed, size, method in listed:
            content = inflater.decompress(packed, -15, size) if method else packed
            hashlib.sha256(content).hexdigest()

    size = sum(one for _, one, _ in listed)
    return {"isal": inflate.IS_FAST, "bytes": size, "read": least(lambda: read_zip(data, carries=carries)), "plain": least(plain)}


def work(path: Path) -> dict[str, Any]:
    from buckler.app import ScanOptions, scan_targets

    found: list[int] = []

    def scan() -> None:
        found.append(len(scan_targets([path], ScanOptions()).findings))

    first = least(scan, 1)
    return {"first": first, "next": least(scan), "findings": found[0]}


def attack(path: Path) -> dict[str, Any]:
    from buckler.app.inspecting import Inspector
    from buckler.app.opening import open_artifact
    from buckler.errors import SourceError

    wall, cpu = time.perf_counter(), time.process_time()
    try:
        opened = open_artifact(path)
        told = Inspector().inventory(opened)
        named = sorted({one.kind for one in told.faults}) or sorted({one.why for one in told.not_assessed})
        entries = told.entries
    except SourceError as bad:
        named, entries = [f"refused: {bad.cause}"], 0
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "named": named, "entries": entries}


def make(folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.engines.artifact.attacks import ATTACKS, MANY
    from tests.engines.artifact.test_oci import CORPUS

    made: dict[str, Any] = {}
    for number, (name, (zipped, kind)) in enumerate([*ATTACKS.items(), ("70,000 entries", (MANY, ""))]):
        path = folder / f"{number}.zip"
        path.write_bytes(zipped())
        made[f"zip: {name}"] = str(path), kind
    for name, (layout, kind) in CORPUS.items():
        made[f"image: {name}"] = str(layout().write(folder / f"image-{name}")), kind
    return made


def main() -> None:
    gc.set_threshold(50_000, 20, 50)  # as the command does
    print(json.dumps({"stage": stage, "work": work, "attack": attack, "make": make}[sys.argv[1]](Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
