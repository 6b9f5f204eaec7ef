"""The outside oracle: npm's `@cloud-copilot/iam-simulate`, a development tool in a folder of its own, run as one child process.

It is AGPL-3.0: none of its code or data is here. `driver.mjs` calls its public function, over JSON lines.
"""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from bench.oracle.documents import simulation
from bench.oracle.worlds import World

HERE = Path(__file__).parent
FOLDER = HERE.parent / "out" / "oracle"
VERSION: str = json.loads((HERE / "package.json").read_text())["dependencies"]["@cloud-copilot/iam-simulate"]


class Said(NamedTuple):
    """What the simulator said of a world."""

    answer: str
    """`allow`, `deny`, `implicit-deny`, or "" when it refused to judge it."""
    error: str = ""
    details: str = ""
    ignored: tuple[str, ...] = ()
    """Condition keys of the request that it took no notice of, because its catalogue does not have them for the action."""


_ANSWERS = {"Allowed": "allow", "ExplicitlyDenied": "deny", "ImplicitlyDenied": "implicit-deny"}


def missing() -> str:
    """Say what lacks for it to run; "" when nothing does."""
    return next((f"no {tool} here" for tool in ("node", "npm") if shutil.which(tool) is None), "")


def install() -> None:
    """Install what the lock file pins, unless it is there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = FOLDER / "installed"
    lock = (HERE / "package-lock.json").read_text()
    if stamp.exists() and stamp.read_text() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, FOLDER / name)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True, stdout=sys.stderr)
    stamp.write_text(lock)


class Simulator:
    """The child process."""

    def __enter__(self) -> Self:
        command = ["node", str(HERE / "driver.mjs"), str(FOLDER)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, worlds: Iterable[World]) -> Iterator[Said]:
        """Ask about worlds, in order."""
        process = self._process
        lines = [json.dumps(simulation(one)) + "\n" for one in worlds]
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child process has no pipes")
        writer = threading.Thread(target=_write, args=(process.stdin, lines), daemon=True)
        writer.start()
        for _ in lines:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the simulator ended with {process.wait()}")
            yield _said(json.loads(line))
        writer.join()


def _write(stream: IO[str], lines: list[str]) -> None:
    stream.writelines(lines)
    stream.flush()


def _said(raw: dict[str, Any]) -> Said:
    if "error" in raw:
        return Said("", raw["error"], json.dumps(raw.get("errors")))
    return Said(_ANSWERS[raw["answer"]], ignored=tuple(raw["ignored"]))
