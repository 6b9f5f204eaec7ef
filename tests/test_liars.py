"""What stands between buckler and AWS may answer anything: portals, gateways, caches that cut. None of it turns a finding into a pass."""

import http.client
import http.server
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from tests.aws import fresh
from tests.proxy import Proxy
from tests.test_honesty import invented, lost, scan

from buckler.demo.shop import deploy


class Answer(NamedTuple):
    """What is sent back."""

    status: int
    kind: str
    body: bytes
    length: int | None = None
    """Announced; None: the true one."""


PORTAL = b"<html><head><title>Sign in</title></head><body>Accept our terms to go on.</body></html>"
LIES: dict[str, Callable[[Answer], Answer]] = {
    "a portal with status 200": lambda _: Answer(200, "text/html", PORTAL),
    "a portal with status 403": lambda _: Answer(403, "text/html", PORTAL),
    "a page not found": lambda _: Answer(404, "text/html", PORTAL),
    "a gateway's 404": lambda _: Answer(404, "application/json", b'{"message":"Not Found"}'),
    "a bad gateway": lambda _: Answer(502, "text/html", PORTAL),
    "nothing with status 200": lambda true: Answer(200, true.kind, b""),
    "no content": lambda true: Answer(204, true.kind, b""),
    "an empty object": lambda _: Answer(200, "application/json", b"{}"),
    "null": lambda _: Answer(200, "application/json", b"null"),
    "a list": lambda _: Answer(200, "application/json", b"[]"),
    "foreign XML": lambda _: Answer(200, "text/xml", b"<Response><RequestId>x</RequestId></Response>"),
    "an error with status 200": lambda _: Answer(200, "application/json", b'{"__type":"InternalFailure","message":"x"}'),
    "half a body, announced as whole": lambda true: true._replace(body=true.body[: len(true.body) // 2]),
    "half a body, then silence": lambda true: true._replace(body=true.body[: len(true.body) // 2], length=len(true.body)),
    "the body twice": lambda true: true._replace(body=true.body * 2),
    "bytes that are no text": lambda true: true._replace(body=b"\xff\xfe" + true.body),
    "a redirect": lambda _: Answer(302, "text/html", b""),
}


@contextmanager
def liar(endpoint: str, lie: Callable[[Answer], Answer], service: str) -> Iterator[str]:
    """Stand in front of *endpoint* and lie about one service; all but STS when it is `*`."""
    upstream = endpoint.removeprefix("http://")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(upstream, timeout=20)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "host"}}
            connection.request(self.command, self.path, body, {**headers, "Host": upstream})
            response = connection.getresponse()
            true = Answer(response.status, response.getheader("Content-Type", ""), response.read())
            connection.close()
            signed_for = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
            asked = signed_for[1] if signed_for else ""
            told = lie(true) if asked != "sts" and service in {"*", asked} else true
            self.send_response(told.status)
            self.send_header("Content-Type", told.kind)
            if told.status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(told.body) if told.length is None else told.length))
            self.end_headers()
            self.wfile.write(told.body)
            self.close_connection = self.close_connection or told.length is not None

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is none."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def endpoint():
    aws = fresh()
    deploy(aws.endpoint)
    # Nobody changes anything: each question is answered once.
    with Proxy(aws.endpoint, memory={}) as remembering:
        yield remembering.endpoint


@pytest.fixture(scope="module")
def whole(endpoint):
    return scan(endpoint)


def test_an_honest_liar_changes_nothing(endpoint, whole):
    with liar(endpoint, lambda true: true, "*") as between:
        honest = scan(between)
    assert honest.findings == whole.findings
    assert honest.gaps == whole.gaps


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_a_gap(endpoint, whole, name):
    # Each is a scan of the whole shop: by turns, and `make nightly` tells every lie of both.
    turn = ("*", "lambda")[list(LIES).index(name) % 2]
    for service in ("*", "lambda") if os.environ.get("BUCKLER_HYPOTHESIS") == "nightly" else (turn,):
        with liar(endpoint, LIES[name], service) as between:
            broken = scan(between)
        assert not lost(whole, broken), service
        assert not invented(whole, broken), service
        assert broken.gaps
