"""Code of many functions over few packages: look into 40 packages, then 1,000 functions that share them, then again unchanged.

The packages are distributions that stand in this environment, zipped as they are, each with its own record; the layers of 960 further
functions and their code are the same 40. Fetching is left out: packages come from disk, as `GetFunction` would hand them over, and each
is asked for once. No peer looks into the code of functions in an account.
"""

import base64
import gc
import hashlib
import importlib.metadata
import io
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import estates as build

from buckler.app.fetching import look_into
from buckler.app.inspecting import Inspector
from buckler.app.judging import judge_estates
from buckler.app.options import ScanOptions
from buckler.model.artifact import Inventory, Signature
from buckler.model.estate import Estate
from buckler.model.progress import Silent
from buckler.sources.inventory_store import InventoryStore
from buckler.sources.live.download import Fetched

PACKAGES, FUNCTIONS = 40, 1_000
_MOST_FILES = 800


def packages(folder: Path) -> dict[str, Path]:
    """Zip distributions of this environment, as (CodeSha256, file)."""
    found: dict[str, Path] = {}
    for one in sorted(importlib.metadata.distributions(), key=lambda each: each.metadata["Name"].lower()):
        files = [
            file for file in one.files or () if ".." not in file.parts and file.suffix != ".pyc" and Path(str(file.locate())).is_file()
        ]
        if len(found) == PACKAGES or not 5 < len(files) < _MOST_FILES:
            continue
        path = folder / f"{one.metadata['Name']}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for file in files:
                made.write(str(file.locate()), str(file))
        found[base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()] = path
    return found


class Disk:
    """Hands packages over from disk, and counts how often."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files
        self.asked = 0

    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched:  # noqa: ARG002 - a `Source`
        self.asked += 1
        file = self._files[code_sha256].open("rb")
        file.seek(0, io.SEEK_END)
        size = file.tell()
        file.seek(0)
        return Fetched(file, base64.b64decode(code_sha256).hex(), size)

    layer = function

    def revocation(self, account: str, signature: Signature) -> Signature:  # noqa: ARG002
        return signature

    def stop(self) -> None:
        """Nothing runs on."""


def account(codes: list[str], count: int) -> Estate:
    """Functions that share packages."""
    functions = tuple(build.function(f"f{number}", code_sha256=codes[number % len(codes)]) for number in range(count))
    return Estate(scopes=(build.scope(),), functions=functions, roles=(build.role(),))


def timed(estate: Estate, files: dict[str, Path], store: InventoryStore | None) -> tuple[float, float, int, Estate]:
    """Look into an estate; give (wall, processor, packages asked for, what it is then)."""
    disk, inspector = Disk(files), Inspector()
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    told = look_into(estate, disk, inspector, Silent(), store)
    return time.perf_counter() - wall, time.process_time() - processor, disk.asked, told


def main() -> None:
    gc.set_threshold(50_000, 20, 50)  # as the command does
    with tempfile.TemporaryDirectory(prefix="buckler-bench-") as made:
        folder = Path(made)
        files = packages(folder)
        codes = list(files)
        size = sum(path.stat().st_size for path in files.values()) / 1e6
        few, many = account(codes, len(codes)), account(codes, FUNCTIONS)
        timed(few, files, None)  # what is loaded once, is
        rows = []
        for name, estate in ((f"{len(codes)} functions, a package each", few), (f"{FUNCTIONS:,} functions over the same packages", many)):
            runs = [timed(estate, files, None) for _ in range(3)]
            rows.append((name, *min(runs)[:3]))
        store = InventoryStore("bench", folder / "kept")
        timed(many, files, store)
        again = timed(many, files, store)
        rows.append((f"{FUNCTIONS:,} functions again, unchanged", *again[:3]))
        wall, processor = time.perf_counter(), time.process_time()
        result = judge_estates((again[3],), ScanOptions())
        rows.append((f"judging the {FUNCTIONS:,}, all checks", time.perf_counter() - wall, time.process_time() - processor, 0))
        found = sum(isinstance(one.inventory, Inventory) for one in again[3].artifacts)
        print(f"{len(codes)} packages, {size:.1f} MB as zips; {found} inventories; {len(result.findings)} findings\n")
        print("| what | wall | processor | packages opened |\n|---|--:|--:|--:|")
        for name, wall, processor, asked in rows:
            print(f"| {name} | {wall:.2f} s | {processor:.2f} s | {asked} |")
        print(f"\n{FUNCTIONS:,} functions cost {rows[1][2] / rows[0][2]:.2f} times the {len(codes)} (target 1.1); unchanged: target 1 s")


if __name__ == "__main__":
    main()
