"""Documentation that is executed.

In a page, a fenced block whose info string names a file (```yaml template.yaml) is written to an empty folder; a `console` block is run
there, line by line. What follows a `$ command` is its expected output (stdout and stderr together): every line must appear, in order;
a line `...` stands for any lines, ` ...` at its end for the rest of it. A command must end with 0 or 1 (findings), or its code is shown with `$ echo $?`.
`<!-- aws -->` in a page runs it against the leaky shop on the embedded AWS. `make` commands are checked to exist, not run.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    command: str
    expected: list[str] = field(default_factory=list)


@dataclass
class File:
    name: str
    body: str


@dataclass
class Page:
    path: Path
    story: list[Step | File]
    """In the order of the page: a file is there from where the page shows it."""
    needs_aws: bool

    @property
    def steps(self) -> list[Step]:
        return [one for one in self.story if isinstance(one, Step)]


def read(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    story: list[Step | File] = []
    for match in FENCE.finditer(text):
        language, _, name = match["info"].strip().partition(" ")
        if language == "console":
            story.extend(_steps(match["body"]))
        elif name:
            story.append(File(name, match["body"]))
    return Page(path=path, story=story, needs_aws="<!-- aws -->" in text)


def _steps(body: str) -> list[Step]:
    steps: list[Step] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:]))
        elif steps and steps[-1].command.endswith("\\") and not steps[-1].expected:
            steps[-1].command = steps[-1].command[:-1] + line.strip()
        elif steps:
            steps[-1].expected.append(line)
    return steps


def run(page: Page, folder: Path, env: dict[str, str]) -> list[str]:
    """Run a page; gives what each of its commands printed."""
    printed: list[str] = []
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    last = 0
    for index, step in enumerate(page.story):
        if isinstance(step, File):
            file = folder / step.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.body, encoding="utf-8")
            continue
        if step.command.startswith("make "):
            target = step.command.split()[1]
            assert re.search(rf"^{target}:", (Path(__file__).parents[2] / "Makefile").read_text(), re.MULTILINE), step.command
            continue
        if step.command == "echo $?":
            assert [line for line in step.expected if line] == [str(last)], f"{page.path.name}: exit code is {last}"
            continue
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=folder,
            env={**env, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        last = done.returncode
        printed.append(done.stdout)
        after = page.story[index + 1] if index + 1 < len(page.story) else None
        told = isinstance(after, Step) and after.command == "echo $?"
        assert last in {0, 1} or told, f"{page.path.name}: `{step.command}` ended with {last}:\n{done.stdout}"
        missing = first_missing(step.expected, done.stdout)
        assert missing is None, f"{page.path.name}: `{step.command}` does not print {missing!r}:\n{done.stdout}"
    return printed


def first_missing(expected: list[str], output: str) -> str | None:
    """Give the first expected line that the output does not have after the ones before it; `...` may stand for anything."""
    lines = [_loose(line) for line in output.splitlines()]
    at = 0
    for line in expected:
        wanted = _loose(line)
        if wanted in {"...", ""}:
            continue
        opening = wanted.removesuffix(" ...")
        fits = (number for number, got in enumerate(lines[at:], at) if got == wanted or (opening != wanted and got.startswith(opening)))
        found = next(fits, None)
        if found is None:
            return line
        at = found + 1
    return None


def _loose(line: str) -> str:
    """Seconds and byte counts differ from run to run."""
    return re.sub(r"\d[\d,]* bytes", "N bytes", re.sub(r"\d+(\.\d+)? s\b", "N s", line)).rstrip()
