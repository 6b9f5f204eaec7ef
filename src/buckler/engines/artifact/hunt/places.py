"""What a file's place alone says: what Python, Lambda or the shell run without being asked to.

Sources: docs.python.org/3/library/site.html; AWS Lambda Developer Guide, "Using the Lambda extensions API", "Working with layers" (PATH and
LD_LIBRARY_PATH begin in /opt/bin and /opt/lib, extensions start with the function), read 2026-11-26.
"""

import re
from collections.abc import Iterator
from typing import Final

from buckler.engines.artifact.hunt.trace import Trace, high, medium
from buckler.model.artifact import Entry
from buckler.model.severity import Confidence

_SITE: Final = re.compile(r"(?:(?:var/task|opt)/)?(?:python(?:/lib/python\d\.\d+/site-packages)?/)?(?P<name>[^/]+)\Z")
_LAYER_SITE: Final = re.compile(r"(?:opt/)?python/(?:lib/python\d\.\d+/site-packages/)?(?P<top>[^/.]+)(?:\.py|/__init__\.py)\Z")
_EXTENSION: Final = re.compile(r"(?:opt/)?extensions/[^/]+\Z")
_BIN: Final = re.compile(r"(?:opt/)?bin/(?P<name>[^/]+)\Z")
_LIB: Final = re.compile(r"(?:opt/)?lib/(?P<name>[^/]+)\Z")
_COMMANDS: Final = frozenset(
    {"sh", "bash", "env", "python", "python3", "node", "java", "ruby", "aws", "curl", "cat", "ls", "openssl", "tar"}
)
_LIBRARIES: Final = re.compile(r"(?:libc|libdl|libpthread|libm|ld-linux-[\w-]+|libresolv|libnss_\w+)[.-]so")
_EARLY: Final = frozenset(
    {
        "abc",
        "asyncio",
        "base64",
        "codecs",
        "collections",
        "datetime",
        "encodings",
        "functools",
        "hashlib",
        "hmac",
        "http",
        "importlib",
        "io",
        "json",
        "logging",
        "os",
        "random",
        "re",
        "runpy",
        "site",
        "socket",
        "ssl",
        "subprocess",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "urllib",
        "warnings",
    }
)
"""Of the standard library: what the runtime itself imports, so that a module of this name runs before the handler."""
_RUNTIME: Final = frozenset({"boto3", "botocore", "s3transfer", "awslambdaric"})
_KERNEL: Final = re.compile(r"\[?k(?:worker|swapd|softirqd|threadd|daemon|devtmpfs|auditd)[\w/:-]*\]?\Z")


def is_telling(path: str) -> bool:
    """Say whether anything could be told by a file's place: the first, cheap question, for the many where nothing can."""
    return _TELLING.match(path) is not None


_TELLING: Final = re.compile(
    r"(?:(?:var/task|opt)/)?(?:(?:python|extensions|bin|lib)/|bootstrap\Z|(?:site|user)customize\b)|(?:.*/)?\[?k(?:w|s|t|d|a)[^/.]*\Z",
    re.DOTALL,
)


def look(entry: Entry) -> Iterator[Trace]:
    """Say what a file nobody explains does by where it stands."""
    path = entry.path
    name = path.rpartition("/")[2]
    site = _SITE.match(path)
    if site and name.removesuffix(".py") in {"sitecustomize", "usercustomize"}:
        yield high("runs-at-start", f"Python imports `{name}` whenever it starts", confidence=Confidence.MEDIUM)
    if _EXTENSION.match(path):
        yield medium("extension", "Lambda starts it beside every function that uses the layer", confidence=Confidence.LOW)
    if path in {"bootstrap", "opt/bootstrap"}:
        yield medium("bootstrap", "a custom runtime runs it in place of Lambda's own", confidence=Confidence.LOW)
    shadow = _LAYER_SITE.match(path)
    if shadow and shadow["top"] in _EARLY:
        yield high(
            "hides-standard-library", f"the runtime imports it in place of Python's own `{shadow['top']}`", confidence=Confidence.MEDIUM
        )
    elif shadow and shadow["top"] in _RUNTIME:
        yield medium("hides-runtime", f"functions import it in place of the runtime's own `{shadow['top']}`")
    command = _BIN.match(path)
    if command and command["name"] in _COMMANDS:
        yield medium("hides-command", f"`{command['name']}` is found here before the system's")
    library = _LIB.match(path)
    if library and _LIBRARIES.match(library["name"]):
        yield high("hides-library", f"programs load it in place of the system's `{library['name']}`", confidence=Confidence.MEDIUM)
    if _KERNEL.match(name) and "." not in name:
        yield medium("disguised-name", "it is called like a thread of the kernel")
