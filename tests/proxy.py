"""A proxy in front of the embedded AWS that counts calls by operation and makes some of them fail the way AWS fails.

with Proxy(aws.endpoint, faults=[Fault("lambda:GetPolicy", kind="denied")]) as proxy:
    ...  # a client of proxy.endpoint
    assert proxy.calls["lambda:GetPolicy"] == 3
"""

import functools
import http.client
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import botocore.session

Kind = Literal["denied", "throttled", "error", "slow", "cut", "dropped", "expired", "unsupported"]
"""`cut` closes in the middle of the answer, `dropped` before its first byte."""

# botocore does not compare a body with its Content-Length, and takes JSON that does not parse for an empty answer:
# to its callers a cut answer of a JSON service is a successful one that holds nothing. See test_proxy.py.

# Protocol -> kind of fault -> status and error code, as AWS answers them.
ERRORS: dict[str, dict[str, tuple[int, str]]] = {
    "rest-json": {
        "denied": (403, "AccessDeniedException"),
        "throttled": (429, "TooManyRequestsException"),
        "error": (500, "InternalServerException"),
        "expired": (403, "ExpiredTokenException"),
        "unsupported": (403, "UnknownOperationException"),
    },
    "json": {
        "denied": (400, "AccessDeniedException"),
        "throttled": (400, "ThrottlingException"),
        "error": (500, "InternalServerError"),
        "expired": (400, "ExpiredTokenException"),
        "unsupported": (400, "UnknownOperationException"),
    },
    "query": {
        "denied": (403, "AccessDenied"),
        "throttled": (400, "Throttling"),
        "error": (500, "InternalFailure"),
        "expired": (403, "ExpiredToken"),
        "unsupported": (400, "InvalidAction"),
    },
    "ec2": {
        "denied": (403, "UnauthorizedOperation"),
        "throttled": (503, "RequestLimitExceeded"),
        "error": (500, "InternalError"),
        "expired": (400, "RequestExpired"),
        "unsupported": (400, "InvalidAction"),
    },
    "rest-xml": {
        "denied": (403, "AccessDenied"),
        "throttled": (503, "SlowDown"),
        "error": (500, "InternalError"),
        "expired": (400, "ExpiredToken"),
        "unsupported": (501, "NotImplemented"),
    },
}
ERRORS["smithy-rpc-v2-cbor"] = ERRORS["json"]

# The name in a credential scope, where botocore calls the service otherwise.
SIGNED_AS = {
    "tagging": "resourcegroupstaggingapi",
    "elasticloadbalancing": "elbv2",
    "access-analyzer": "accessanalyzer",
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "cloudcontrolapi": "cloudcontrol",
    "elasticfilesystem": "efs",
    "es": "opensearch",
}
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "expect"})
MESSAGE = "a fault injected by the test proxy"


@dataclass
class Fault:
    """Make the calls of an operation fail.

    `operation` is a name such as `lambda:GetPolicy`, or a pattern such as `lambda:List*` or `*`. Of the calls that match, each `every`-th
    fails, beginning with the `every`-th; the first `after` pass, and no more than `times` fail. `where` narrows it to requests whose path
    or body holds that text.
    """

    operation: str
    kind: Kind
    every: int = 1
    after: int = 0
    times: int | None = None
    where: str = ""
    delay_s: float = 0.2
    _matched: int = 0
    _failed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, operation: str, request: str) -> bool:
        """Whether this call is one of those that fail."""
        if not fnmatchcase(operation, self.operation) or self.where not in request:
            return False
        with self._lock:
            self._matched += 1
            counted = self._matched - self.after
            if counted < 1 or counted % self.every or (self.times is not None and self._failed >= self.times):
                return False
            self._failed += 1
            return True


class Seen(NamedTuple):
    """One call that went by."""

    operation: str
    """`service:Operation`, both as botocore names them."""
    region: str
    access_key: str
    fault: str | None
    """The kind of fault it met, if any."""


Answered = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""
Memory = dict[tuple[str, str, bytes, str], Answered]
"""What the upstream answered to a method, a target, a body, and whom asking for what."""


Recorded = Callable[[str, bytes], tuple[str, bytes] | None]


class Proxy:
    """Stand in front of *upstream*; `endpoint` is where clients go, `calls` what they called.

    With a *memory*, the upstream is asked each question once: for many scans of something nobody changes. *recorded* answers in its place:
    given an operation and the body of a call, (content type, body), or None where it has nothing.
    """

    def __init__(
        self, upstream: str, *, faults: Iterable[Fault] = (), memory: Memory | None = None, recorded: Recorded | None = None
    ) -> None:
        self.upstream = urlsplit(upstream)
        self.faults = list(faults)
        self.memory = memory
        self.recorded = recorded
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        """Set at the end: what is slow need not be waited for then."""
        self._local = threading.local()
        proxy = self

        class Bound(Handler):
            pass

        Bound.proxy = proxy
        self._server = Server(("127.0.0.1", 0), Bound)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        """The URL clients use instead of the upstream's."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was called, retries included."""
        return Counter(one.operation for one in self.seen)

    def forget(self) -> None:
        """Count from zero again."""
        self.seen.clear()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes, scope: "Scope") -> Answered:
        """Answer from memory where there is one, else as the upstream does."""
        if self.memory is None:
            return self.forward(method, target, headers, body)
        # The action of the JSON protocols is in a header.
        question = (method, target, body, f"{scope} {headers.get('X-Amz-Target', '')}")
        if question not in self.memory:
            self.memory[question] = self.forward(method, target, headers, body)
        return self.memory[question]

    def forward(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answered:
        """Ask the upstream, over a connection of this thread's own that stays open if the upstream lets it."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        fresh = connection is None or connection.sock is None
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self.upstream.hostname or "", self.upstream.port, timeout=60)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            connection.close()
            if fresh:
                raise
            # The upstream closed an idle connection just as we used it.
            return self.forward(method, target, headers, body)
        return answer.status, answer.getheaders(), answer.read()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the game."""


class Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    # Headers and body leave together; without this the kernel may hold them back for 40 ms.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self._body()
        scope = credential_scope(self.headers.get("Authorization", ""))
        service, operation, protocol = identify(self.command, self.path, dict(self.headers.items()), body, scope.service)
        name = f"{service}:{operation}"
        fault = next((one for one in self.proxy.faults if one.strikes(name, f"{self.path}\n{body.decode(errors='replace')}")), None)
        self.proxy.seen.append(Seen(name, scope.region, scope.access_key, fault.kind if fault else None))
        if fault is not None and fault.kind == "dropped":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault is not None and fault.kind not in {"slow", "cut"}:
            self._answer(*failure(protocol, service, fault.kind))
            return
        played = self.proxy.recorded(name, body) if self.proxy.recorded is not None else None
        if played is not None:
            self._answer(200, [("Content-Type", played[0])], played[1])
            return
        if fault is not None and fault.kind == "slow":
            self.proxy.closing.wait(fault.delay_s)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        status, answered, content = self.proxy.answer(self.command, self.path, headers, body, scope)
        kept = [(key, value) for key, value in answered if key.lower() not in HOP_BY_HOP]
        if fault is not None:
            self._answer(status, kept, content, cut=fault.kind == "cut")
            return
        self._answer(status, kept, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve  # noqa: N815 - the names http.server looks for

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], content: bytes, *, cut: bool = False) -> None:
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}", *(f"{key}: {value}" for key, value in headers)]
        # A cut answer always promises more than it brings, even where there is no body.
        lines.append(f"Content-Length: {len(content) + cut}")
        whole = "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if self.command == "HEAD" else content)
        if cut:
            self.wfile.write(whole[: len(whole) - len(content) // 2])
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(whole)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


class Scope(NamedTuple):
    access_key: str
    region: str
    service: str


def credential_scope(authorization: str) -> Scope:
    """Who signed, for which region and service; empty where nobody did."""
    found = re.search(r"Credential=([^/,\s]+)/\d+/([^/]*)/([^/]+)/aws4_request", authorization)
    return Scope(*found.groups()) if found else Scope("", "", "")


def identify(method: str, target: str, headers: dict[str, str], body: bytes, signed_as: str) -> tuple[str, str, str]:
    """Service, operation and protocol of a request, in botocore's names; `?` for what it cannot be told from."""
    service = SIGNED_AS.get(signed_as, signed_as)
    lowered = {key.lower(): value for key, value in headers.items()}
    path, _, query = target.partition("?")
    if signed_as == "apigateway" and path.startswith("/v2/"):
        service = "apigatewayv2"
    if signed_as == "s3" and path.startswith("/v20180820/"):
        service = "s3control"
    if "x-amz-target" in lowered:
        return service, lowered["x-amz-target"].rpartition(".")[2], "json"
    rpc = re.fullmatch(r"/service/[^/]+/operation/([^/]+)", path)
    if rpc:
        return service, rpc[1], "smithy-rpc-v2-cbor"
    form = parse_qs(body.decode(errors="replace")) if "x-www-form-urlencoded" in lowered.get("content-type", "") else {}
    action = (form.get("Action") or parse_qs(query).get("Action") or [""])[0]
    if action:
        return service or "sts", action, "ec2" if service == "ec2" else "query"
    if not service:
        return "?", "?", "rest-json"
    operations = rest_operations(service)
    asked = parse_qs(query, keep_blank_values=True)
    for operation in operations.candidates:
        if operation.method == method and operation.path.fullmatch(path) and operation.wants(asked):
            return service, operation.name, operations.protocol
    return service, "?", operations.protocol


class RestOperation(NamedTuple):
    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]
    """Parameters the URI of the operation holds itself, such as `List=ALL`, or `policy` without a value."""
    literal: int

    def wants(self, asked: dict[str, list[str]]) -> bool:
        """Whether the request's query holds what the URI demands."""
        return all(key in asked and (not value or value in asked[key]) for key, value in self.query.items())


class RestOperations(NamedTuple):
    protocol: str
    candidates: list[RestOperation]


@functools.cache
def rest_operations(service: str) -> RestOperations:
    """The operations of a REST service, the most particular first."""
    try:
        model: Any = session().get_service_model(service)
    except Exception:  # noqa: BLE001 - a service botocore does not know is one we cannot name operations of
        return RestOperations("rest-json", [])
    if not model.metadata["protocol"].startswith("rest"):
        return RestOperations(model.metadata["protocol"], [])  # these write the operation into the request
    operations = [
        rest_operation(name, model.operation_model(name).http)
        for name in model.operation_names
        if not model.operation_model(name).deprecated
    ]
    operations.sort(key=lambda one: (-len(one.query), -one.literal))
    return RestOperations(model.metadata["protocol"], operations)


def rest_operation(name: str, trait: dict[str, Any]) -> RestOperation:
    uri, _, query = trait["requestUri"].partition("?")
    parts = re.split(r"(\{[^}]+\})", uri.rstrip("/"))
    pattern = "".join((".+" if part.endswith("+}") else "[^/]+") if part.startswith("{") else re.escape(part) for part in parts)
    fixed = {key: values[0] for key, values in parse_qs(query, keep_blank_values=True).items()}
    return RestOperation(name, trait["method"], re.compile(f"{pattern}/?"), fixed, len(uri))


@functools.cache
def session() -> Any:
    return botocore.session.Session()


def failure(protocol: str, service: str, kind: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an error in the shape of *protocol*."""
    status, code = ERRORS[protocol][kind]
    if protocol == "rest-json":
        if kind == "throttled" and service != "lambda":
            code = "ThrottlingException"
        body = json.dumps({"Type": "User", "message": MESSAGE, "Message": MESSAGE}).encode()
        return status, [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)], body
    if protocol == "json":
        return status, [("Content-Type", "application/x-amz-json-1.1")], json.dumps({"__type": code, "message": MESSAGE}).encode()
    if protocol == "smithy-rpc-v2-cbor":
        text = b"".join(cbor_text(part) for part in ("__type", code, "message", MESSAGE))
        return status, [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], b"\xa2" + text
    message = f"<Code>{code}</Code><Message>{escape(MESSAGE)}</Message>"
    text_xml = {
        "ec2": f"<Response><Errors><Error>{message}</Error></Errors><RequestID>0</RequestID></Response>",
        "rest-xml": f"<Error>{message}<RequestId>0</RequestId></Error>",
    }.get(protocol, f"<ErrorResponse><Error><Type>Sender</Type>{message}</Error><RequestId>0</RequestId></ErrorResponse>")
    if protocol == "rest-xml" and service != "s3":
        text_xml = f"<ErrorResponse><Error><Type>Sender</Type>{message}</Error><RequestId>0</RequestId></ErrorResponse>"
    return status, [("Content-Type", "text/xml")], f'<?xml version="1.0" encoding="UTF-8"?>{text_xml}'.encode()


def cbor_text(text: str) -> bytes:
    """A short text string in CBOR."""
    encoded = text.encode()
    return (bytes([0x60 | len(encoded)]) if len(encoded) < 24 else bytes([0x78, len(encoded)])) + encoded
