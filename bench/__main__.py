"""Run every benchmark, or those named: `python -m bench [startup|analysis|...|tamper]... [OPTION]...`; `make bench` runs all.

Options stand behind the names and go to each benchmark named.
Each prints a Markdown table with the versions it measured; peers run beside us on the same input in the same run.
Numbers of docs/reference/benchmarks.md come from here.
"""

import platform
import runpy
import sys
from pathlib import Path

NAMES = (
    "startup", "analysis", "secret_detection", "templates", "calls", "iam", "artifacts", "vulnerabilities", "tamper", "network",
    "fanout", "fixes", "resolver",
)  # fmt: skip


def main() -> int:
    first = next((at for at, given in enumerate(sys.argv) if at and given.startswith("-")), len(sys.argv))
    names, options = sys.argv[1:first] or list(NAMES), sys.argv[first:]
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        print(f"error: there is no benchmark `{unknown[0]}`; hint: one of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in names:
        print(f"\n## {name}\n", flush=True)
        sys.argv = [f"bench/{name}.py", *options]
        runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main())
