"""A headless Chromium, driven through its debugging pipe: no driver to install, no port to open."""

import contextlib
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--window-size=1280,1200",
)  # fmt: skip

_PATIENCE_S = 60


class Page:
    """One tab. What the page logs, and every error, is kept in `said`."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.said: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            assert select.select([self._read], [], [], _PATIENCE_S)[0], "chromium does not answer"
            chunk = os.read(self._read, 1 << 16)
            assert chunk, "chromium went away"
            self._buffer += chunk
        head, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(head)
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" | "Page.javascriptDialogOpening":
                self.said.append(json.dumps(params)[:1000])
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith(("file:", "data:")):
                self.said.append(f"asked for {params['request']['url'][:200]}")

    def open(self, path: pathlib.Path, fragment: str = "") -> None:
        self.call("Page.navigate", url="about:blank")
        self._wait()
        self.call("Page.navigate", url=path.as_uri() + (f"#{fragment}" if fragment else ""))
        self._wait()

    def _wait(self) -> None:
        while self.evaluate("document.readyState") != "complete":
            pass

    def evaluate(self, expression: str) -> Any:
        outcome = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in outcome, outcome
        return outcome["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        extra = {"text": text} if text else {}
        self.call(
            "Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **extra, windowsVirtualKeyCode={"Tab": 9, "Enter": 13}.get(key, 0)
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def write(self, text: str) -> None:
        self.call("Input.insertText", text=text)


def _pipe() -> tuple[int, int]:
    """Make a pipe out of the way of descriptors 3 and 4, which Chromium wants for itself."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """Start a browser and end it, with its profile."""
    assert CHROMIUM
    to_read, to_write = _pipe()
    from_read, from_write = _pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # Chromium reads commands from descriptor 3 and answers on 4; a shell puts them there.
        command = f'exec "$0" "$@" 3<&{to_read} 4>&{from_write} {to_read}<&- {from_write}>&-'
        process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, *_SWITCHES, f"--user-data-dir={profile}"],
            pass_fds=(to_read, from_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(from_write)
        try:
            yield Page(from_read, to_write)
        finally:
            os.close(to_write)
            os.close(from_read)
            process.terminate()
            process.wait(timeout=20)
