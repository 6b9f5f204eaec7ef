"""Tampering found, and false alarms, on layers as pip, npm and pnpm make them; guarddog beside it on the same layers.

`python bench/tamper.py [--seed N] [--layers NAME,...] [--without-peer] [--misses]`. The first run downloads the packages with pip and npm
into bench/out/tamper; they are the reference as well. Each plant of `tamper_plants.py` goes alone into a copy of each layer that has a
place for it.
An alarm on a clean layer is a modified or missing file, a file nobody owns that something may run, or a hit of the hunt.
"""

import argparse
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from bench.tamper_plants import ANY, NODE, PYTHON, Item, Layer, Plant

from buckler.app.referencing import add_references
from buckler.engines.artifact.catalog import catalog
from buckler.engines.artifact.catalog.binaries import carries
from buckler.engines.artifact.hunt import search
from buckler.engines.artifact.inflate import IS_FAST
from buckler.engines.artifact.states import TOOL, States, assess, may_run
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import read_zip
from buckler.engines.secrets import judge
from buckler.model.artifact import Hit
from buckler.model.reference import Reference
from buckler.sources.reference_store import ReferenceStore

OUT = Path(__file__).parent / "out" / "tamper"
LAYERS, WHEELS, CACHE = OUT / "layers", OUT / "wheels", OUT / "npm-cache"
GUARDDOG = "3.2.0"
PYTHON_LAYERS = {
    "py-requests-2018": ["requests==2.19.1"],
    "py-requests": ["requests==2.32.3"],
    "py-flask": ["flask==2.0.3", "werkzeug==2.0.3"],
    "py-boto3": ["boto3==1.28.40"],
    "py-pydantic": ["pydantic==2.8.2"],
    "py-cryptography": ["cryptography==41.0.7"],
    "py-aiohttp": ["aiohttp==3.8.6"],
    "py-pillow": ["pillow==10.0.0", "pyyaml==6.0.1", "jinja2==3.1.2"],
    "py-lxml": ["lxml==5.2.2", "beautifulsoup4==4.12.3"],
    "py-pandas": ["pandas==2.2.3", "numpy==2.1.3"],
    "py-compiled": ["httpx==0.27.0", "click==8.1.7", "redis==5.0.4"],
}
NODE_LAYERS = {
    "node-express": ["express@4.17.1"],
    "node-axios": ["axios@0.21.0", "lodash@4.17.15"],
    "node-aws-sdk": ["@aws-sdk/client-s3@3.600.0"],
    "node-sharp": ["sharp@0.33.4"],
    "node-no-lock": ["uuid@8.3.2", "pg@8.11.3", "jsonwebtoken@9.0.2"],
}
PNPM_LAYERS = {"node-pnpm": ["express@4.19.2", "lodash@4.17.21", "underscore@1.13.6"]}
NODE_ENV = {**os.environ, "npm_config_cache": str(CACHE), "npm_config_audit": "false", "npm_config_fund": "false"}


class Seen(NamedTuple):
    """What a scan of one layer says."""

    alarms: dict[str, str]
    seconds: float


# --- layers ---------------------------------------------------------------------------------------------------------------


def build() -> None:
    for folder in (LAYERS, WHEELS, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    for name, wanted in PYTHON_LAYERS.items():
        if not (LAYERS / name).exists():
            pip = [sys.executable, "-m", "pip", "--quiet"]
            only = "--only-binary=:all:"
            _run([*pip, "download", only, "--dest", str(WHEELS), *wanted])
            compiled = [] if name == "py-compiled" else ["--no-compile"]
            target = _scratch(name)
            _run([*pip, "install", "--no-index", only, "--find-links", str(WHEELS), *compiled, "--target", str(target / "python"), *wanted])
            target.rename(LAYERS / name)
    for name, wanted in NODE_LAYERS.items():
        if not (LAYERS / name).exists():
            target = _scratch(name)
            (target / "nodejs").mkdir()
            _run(["npm", "install", "--silent", *wanted], target / "nodejs")
            if name == "node-no-lock":
                (target / "nodejs" / "package-lock.json").unlink()
                (target / "nodejs" / "node_modules" / ".package-lock.json").unlink()
            target.rename(LAYERS / name)
    for name, wanted in PNPM_LAYERS.items():
        if not (LAYERS / name).exists():
            tools = OUT / "tools"
            tools.mkdir(exist_ok=True)
            _run(["npm", "install", "--silent", "pnpm@9"], tools)
            target = _scratch(name)
            (target / "nodejs").mkdir()
            (target / "nodejs" / "package.json").write_text('{"name": "layer", "version": "1.0.0"}')
            pnpm = ["node", str(tools / "node_modules" / "pnpm" / "bin" / "pnpm.cjs")]
            _run([*pnpm, "add", "--silent", "--store-dir", str(OUT / "pnpm-store"), *wanted], target / "nodejs")
            target.rename(LAYERS / name)
            # pnpm keeps no tarballs: npm fetches them for the reference.
            store = LAYERS / name / "nodejs" / "node_modules" / ".pnpm"
            releases = sorted(path.name.partition("_")[0].replace("+", "/", 1) for path in store.iterdir() if "@" in path.name)
            _run(["npm", "cache", "add", *releases])


def _scratch(name: str) -> Path:
    target = OUT / f"making-{name}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return target


def _run(command: list[str], folder: Path = OUT) -> None:
    done = subprocess.run(command, cwd=folder, env=NODE_ENV, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: `{' '.join(command[:4])} ...` failed: {done.stderr.strip().splitlines()[-1:]}")


def load(name: str) -> Layer:
    layer: Layer = {}
    root = LAYERS / name
    for folder, folders, files in os.walk(root):
        links = [one for one in folders if Path(folder, one).is_symlink()]
        folders[:] = sorted(one for one in folders if one not in links)
        for one in sorted([*files, *links]):
            path = Path(folder, one)
            key = path.relative_to(root).as_posix()
            if path.is_symlink():
                layer[key] = Item(os.fsencode(path.readlink()), 0o777, is_link=True)
            else:
                layer[key] = Item(path.read_bytes(), path.stat().st_mode & 0o777)
    return layer


def pack(layer: Layer) -> bytes:
    """Zip a layer as `zip -ry` does."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, item in layer.items():
            about = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            about.external_attr = ((0o120000 if item.is_link else 0o100000) | item.mode) << 16
            about.create_system = 3
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, item.content)
    return buffer.getvalue()


# --- ours -----------------------------------------------------------------------------------------------------------------


def scan(data: bytes, reference: Reference | None) -> Seen:
    """Read, catalogue, verify, hunt: all but vulnerabilities."""
    start = time.perf_counter()
    tree = read_zip(data, carries=carries)
    states = assess(tree, catalog(tree), reference)
    hunted = search(tree, states.paths("modified", "unowned"), states.paths("not-assessed"), judge)
    return Seen(alarms(tree, states, hunted.hits), time.perf_counter() - start)


def alarms(tree: Tree, states: States, hits: tuple[Hit, ...]) -> dict[str, str]:
    found = {one.path: f"{one.state}: {one.why}" for one in states.states if one.state == "modified"}
    for one in states.states:
        if one.state == "unowned" and one.why != TOOL and (may_run(tree.entries[one.path]) or tree.entries[one.path].kind != "file"):
            found.setdefault(one.path, f"{one.state}: {one.why}")
    for hit in hits:
        found[hit.path] = f"{found.get(hit.path, '')} {hit.rule}".strip()
    return found


def plants_of(name: str) -> dict[str, Plant]:
    return {**(PYTHON if name.startswith("py-") else NODE), **ANY}


# --- the peer -------------------------------------------------------------------------------------------------------------


class Guarddog:
    """guarddog, on the folder of a layer. Without network: it asks GitHub and others for lists, which is not what is measured."""

    def __init__(self) -> None:
        home = OUT / "guarddog"
        self.program = home / "bin" / "guarddog"
        if not self.program.exists():
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            subprocess.run([str(home / "bin" / "pip"), "install", "--quiet", f"guarddog=={GUARDDOG}"], check=False, capture_output=True)
        self.is_there = self.program.exists()
        self.apart = ["unshare", "--net"] if os.geteuid() == 0 and shutil.which("unshare") else []

    def scan(self, layer: Layer, kind: str) -> tuple[set[tuple[str, str]], str, float] | None:
        """Give the (name, path) of the risks it reports, its assessment, and seconds; None when it could not."""
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            for path, item in layer.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                if item.is_link:
                    target.symlink_to(os.fsdecode(item.content))
                else:
                    target.write_bytes(item.content)
            start = time.perf_counter()
            command = [*self.apart, str(self.program), kind, "scan", folder, "--output-format", "json", "--no-sandbox"]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
            seconds = time.perf_counter() - start
        try:
            told = json.loads(done.stdout[done.stdout.index("{") :])
            risks = {(str(risk["name"]), str(risk["file_path"])) for risk in told["risks"]}
            return risks, f"{told['risk_score']['label']} {told['risk_score']['score']}", seconds
        except (ValueError, KeyError, TypeError):
            return None


# --- the tables -----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layers", default="")
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("--misses", action="store_true", help="list what was missed and every false alarm")
    given = parser.parse_args()
    build()
    store = ReferenceStore(OUT / "reference")
    added = add_references([WHEELS, CACHE], store)
    names = [*PYTHON_LAYERS, *NODE_LAYERS, *PNPM_LAYERS]
    names = [name for name in names if not given.layers or name in given.layers.split(",")]
    peer = None if given.without_peer else Guarddog()
    print(f"{len(names)} clean layers, {len(added.added) + added.known} references, seed {given.seed}, {'isal' if IS_FAST else 'zlib'}\n")
    planted: dict[str, list[tuple[str, bool, bool, bool | None]]] = defaultdict(list)
    print(
        "| clean layer | files | MB | alarms with reference | without | seconds with | without | guarddog: risks | assessment | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    details: list[str] = []
    for name in names:
        layer = load(name)
        clean_zip = pack(layer)
        with_it, without = scan(clean_zip, store), scan(clean_zip, None)
        details += [f"false alarm: {name} {path}: {why}" for seen in (with_it, without) for path, why in seen.alarms.items()]
        kind = "pypi" if name.startswith("py-") else "npm"
        small = sum(len(item.content) for item in layer.values()) < 30_000_000
        theirs = peer.scan(layer, kind) if peer is not None and peer.is_there and small else None
        megabytes = sum(len(item.content) for item in layer.values()) / 1e6
        ours = f"{len(with_it.alarms)} | {len(without.alarms)} | {with_it.seconds:.2f} | {without.seconds:.2f}"
        peers = f"{len(theirs[0])} | {theirs[1]} | {theirs[2]:.1f}" if theirs else "- | - | -"
        print(f"| {name} | {len(layer):,} | {megabytes:.1f} | {ours} | {peers} |", flush=True)
        for title, plant in plants_of(name).items():
            rng = random.Random(f"{given.seed} {name} {title}")  # noqa: S311 - to choose files, not keys
            copy = dict(layer)
            wanted = plant(copy, rng)
            if wanted is None:
                continue
            data = pack(copy)
            seen, unaided = scan(data, store), scan(data, None)
            details += [f"missed: {title} in {name}: {path}" for path in wanted - seen.alarms.keys()]
            other = None
            if theirs is not None and peer is not None and megabytes < 4 and title in _PEER_PLANTS:
                again = peer.scan(copy, kind)
                if again is not None:
                    other = any(any(place.endswith(path.partition("/")[2]) for path in wanted) for _, place in again[0] - theirs[0])
            planted[title].append((name, wanted <= seen.alarms.keys(), wanted <= unaided.alarms.keys(), other))
    print("\n| planted | layers | found with reference | without | guarddog, in layers below 4 MB |\n|---|---|---|---|---|")
    for title, results in planted.items():
        theirs_of = [other for *_, other in results if other is not None]
        peers = f"{sum(theirs_of)} of {len(theirs_of)}" if theirs_of else "-"
        print(f"| {title} | {len(results)} | {sum(one[1] for one in results)} | {sum(one[2] for one in results)} | {peers} |")
    total = [one for results in planted.values() for one in results]
    print(f"\n{sum(one[1] for one in total)} of {len(total)} found with reference, {sum(one[2] for one in total)} without.")
    if given.misses:
        print("\n".join(details))


_PEER_PLANTS = frozenset(
    {
        "edited module",
        "`.pth` loader",
        "new module",
        "file and RECORD",
        "npm module appended",
        "npm postinstall",
        "ELF with a miner",
        "sitecustomize",
    }
)
"""Those with something in them that rules could see."""


if __name__ == "__main__":
    main()
