"""Where Lambda's runtimes look for code, first to last, and what of their own can be hidden there.

Function code is unpacked to /var/task, layers one over the other to /opt.
Sources: Lambda Developer Guide, "Packaging your layer content" and "Defined runtime environment variables"; the runtimes' own bootstrap
files, as people who printed them published them; read 2026-11-26.
"""

import re
import sys
from typing import Final, Literal, TypeAlias

from buckler.model.value import Value

Place: TypeAlias = Literal["code", "layers"]

_VERSION: Final = re.compile(r"(?:python|nodejs)(\d+(?:\.\d+)?)")

PYTHON_PACKAGES: Final = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "snapshot_restore_py"})
"""What the Python runtimes bring beside the standard library."""

# What the interpreter, bootstrap.py and awslambdaric have imported before the search path is set: no later file can take its place.
_LOADED_EARLY: Final = frozenset(
    [
        "abc",
        "base64",
        "binascii",
        "codecs",
        "collections",
        "contextlib",
        "copyreg",
        "datetime",
        "encodings",
        "enum",
        "functools",
        "genericpath",
        "heapq",
        "importlib",
        "io",
        "itertools",
        "json",
        "keyword",
        "linecache",
        "logging",
        "ntpath",
        "operator",
        "os",
        "posixpath",
        "re",
        "reprlib",
        "signal",
        "site",
        "sre_compile",
        "sre_constants",
        "sre_parse",
        "stat",
        "string",
        "sys",
        "textwrap",
        "threading",
        "time",
        "token",
        "tokenize",
        "traceback",
        "types",
        "typing",
        "uuid",
        "warnings",
        "weakref",
        "zipimport",
    ]
)
PYTHON_STANDARD: Final = frozenset(sys.stdlib_module_names) - frozenset(sys.builtin_module_names) - _LOADED_EARLY
"""Modules of the standard library that a file earlier in the search path hides: it is searched last."""

NODE_PACKAGES: Final = ("aws-sdk", "@aws-sdk/", "@smithy/")
"""What the Node.js runtimes bring; a slash at the end stands for all of a scope."""

JAVA_PACKAGES: Final = ("aws-lambda-java-core", "aws-lambda-java-runtime-interface-client", "aws-lambda-java-serialization")

VARIABLES: Final = {
    "AWS_LAMBDA_EXEC_WRAPPER": "starts it in place of the runtime",
    "BASH_ENV": "runs it with every shell",
    "CLASSPATH": "loads classes from it",
    "CORECLR_PROFILER_PATH": "loads it into the process",
    "DOTNET_STARTUP_HOOKS": "runs it at start",
    "GEM_PATH": "loads gems from it",
    "JAVA_TOOL_OPTIONS": "hands it to the virtual machine",
    "LD_AUDIT": "loads it into every process",
    "LD_LIBRARY_PATH": "loads shared libraries from it",
    "LD_PRELOAD": "loads it into every process",
    "NODE_OPTIONS": "hands it to Node.js at start",
    "NODE_PATH": "loads modules from it",
    "PATH": "looks for commands in it",
    "PERL5LIB": "loads modules from it",
    "PERL5OPT": "loads it at start",
    "PYTHONHOME": "takes the standard library from it",
    "PYTHONPATH": "imports modules from it, and `sitecustomize` at start",
    "RUBYLIB": "loads files from it",
    "RUBYOPT": "loads it at start",
    "_JAVA_OPTIONS": "hands it to the virtual machine",
}
"""Variables that make a process load or run a file, and how."""


class Root(Value):
    """A folder modules are looked for in."""

    place: Place
    folder: str
    """Relative to /var/task or /opt; empty for that folder itself."""
    is_site: bool = False
    """Whether Python runs the `.pth` files in it."""

    @property
    def path(self) -> str:
        """Give the folder as the function sees it."""
        above = "/var/task" if self.place == "code" else "/opt"
        return f"{above}/{self.folder}" if self.folder else above


def language(runtime: str) -> str:
    """Give the language of a runtime, "" for one that has none or that is not known."""
    return next((one for one in ("python", "nodejs", "ruby", "java", "dotnet") if runtime.startswith(one)), "")


def roots(runtime: str) -> tuple[Root, ...]:
    """Give the folders modules are looked for in, first to last, before what the runtime brings."""
    match = _VERSION.match(runtime)
    version = match[1] if match else ""
    if language(runtime) == "python":
        # bootstrap.py makes all three site directories: "so that we are able to load all customer .pth files".
        return (
            Root(place="code", folder="", is_site=True),
            Root(place="layers", folder=f"python/lib/python{version}/site-packages", is_site=True),
            Root(place="layers", folder="python", is_site=True),
        )
    if language(runtime) == "nodejs":
        # `require` walks up from the file that asks, then NODE_PATH; `import` knows only the first.
        return (
            Root(place="code", folder="node_modules"),
            Root(place="layers", folder=f"nodejs/node{version.split('.')[0]}/node_modules"),
            Root(place="layers", folder="nodejs/node_modules"),
        )
    return ()
