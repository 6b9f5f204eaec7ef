"""Route a request to its handler and put the answer on the wire, both as botocore's service models define them."""

import io
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import ResponseSerializer, get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import BackendRequest, DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound

from buckler.demo.gaps.store import Account

Document = dict[str, Any]
"""A structure in AWS's own member names, as a botocore service model describes it."""


class AwsError(ServiceException):
    """An error of the service's model: *code* is the shape's name, from which status and wire form follow."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


class PassToMoto(Exception):  # noqa: N818 - it steers, it is no error
    """Raised by a handler that has done its part and leaves the answer to moto."""


@dataclass
class World:
    """All that the handlers keep, by account and region, plus every uploaded archive by its digest."""

    endpoint: str = ""
    homes: dict[tuple[str, str], Account] = field(default_factory=dict[tuple[str, str], Account])
    archives: dict[str, bytes] = field(default_factory=dict[str, bytes])
    lock: threading.RLock = field(default_factory=threading.RLock)

    def home(self, account: str, region: str) -> Account:
        """The state of one account in one region, made on first use."""
        return self.homes.setdefault((account, region), Account(account, region))

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.homes.clear()
            self.archives.clear()


@dataclass(frozen=True)
class Call:
    """One request, parsed: `params` holds the members of the operation's input shape that were sent."""

    world: World
    account: str
    region: str
    params: Document

    @property
    def home(self) -> Account:
        """The caller's account in the region called."""
        return self.world.home(self.account, self.region)


Handler = Callable[[Call], Document | None]
Answer = TypeVar("Answer", bound=Handler)
OPERATIONS: dict[str, dict[str, Handler]] = {}
"""service -> operation -> handler; filled by `operation` when the modules of this package are imported."""

# The name in a SigV4 credential scope, where it differs from botocore's service name.
SIGNED_AS = {"tagging": "resourcegroupstaggingapi"}


def operation(service: str, name: str) -> Callable[[Answer], Answer]:
    """Register the decorated function as the answer to *name* of *service*; botocore's model must know the operation."""

    def register(handler: Answer) -> Answer:
        OPERATIONS.setdefault(service, {})[name] = handler
        return handler

    return register


def page(
    items: Iterable[Any], params: Document, *, default: int = 50, most: int = 50, asked: str = "MaxItems"
) -> tuple[list[Any], str | None]:
    """Cut the page that *params* (`Marker`, and the member named by *asked*) want: the items and the next marker.

    As AWS does, a size above *most* is taken as *most*, not refused.
    """
    start = _offset(params.get("Marker") or params.get("NextToken") or params.get("nextToken") or params.get("PaginationToken"))
    size = min(int(params.get(asked) or default), most)
    everything = list(items)
    end = start + size
    return everything[start:end], f"page:{end}" if end < len(everything) else None


def _offset(marker: str | None) -> int:
    if not marker:
        return 0
    prefix, _, offset = marker.partition(":")
    if prefix != "page" or not offset.isdigit():
        raise AwsError("InvalidParameterValueException", "The pagination token is invalid")
    return int(offset)


class Gateway(DomainDispatcherApplication):
    """moto's WSGI application, with our handlers asked first."""

    def __init__(self, world: World) -> None:
        super().__init__(create_backend_app)
        self.world = world

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401 - the WSGI signature
        path = str(environ.get("PATH_INFO", ""))
        if path == "/moto-api/reset":
            self.world.reset()
        elif path.startswith("/_archives/"):
            return self._serve_archive(path.rpartition("/")[2], start_response)
        answer = self._answer(environ)
        if answer is None:
            return super().__call__(environ, start_response)
        status, headers, body = answer
        start_response(f"{status} {'OK' if status < 300 else 'Error'}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _serve_archive(self, digest: str, start_response: Any) -> list[bytes]:  # noqa: ANN401 - the WSGI signature
        body = self.world.archives.get(digest)
        start_response(
            "404 Not Found" if body is None else "200 OK", [("Content-Type", "application/zip"), ("Content-Length", str(len(body or b"")))]
        )
        return [body or b""]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body from our handler, or None where moto shall answer."""
        scope = _credential_scope(str(environ.get("HTTP_AUTHORIZATION", "")))
        if scope is None:
            return None
        access_key, region, signed_as = scope
        service = SIGNED_AS.get(signed_as, signed_as)
        handlers = OPERATIONS.get(service)
        if not handlers:
            return None
        request = BackendRequest(environ)
        request.get_data(cache=True, parse_form_data=False)
        try:
            matched: tuple[Any, Document] = get_service_router(service).match(request)
        except (NotFound, NotImplementedError):
            return None
        model, uri_params = matched
        handler = handlers.get(str(model.name))
        if handler is None:
            _rewind(environ, request)
            return None
        protocol = determine_request_protocol(get_service_model(service), request.content_type)
        params = _parse(protocol, model, request, uri_params)
        call = Call(self.world, get_account_id_from(access_key), region, params)
        result: object
        try:
            with self.world.lock:
                result = handler(call)
        except PassToMoto:
            _rewind(environ, request)
            return None
        except ServiceException as error:
            result = error
        serializer: ResponseSerializer = get_serializer_class(service, protocol)(operation_model=model)
        wired = cast("dict[str, Any]", serializer.serialize(result))
        body = wired["body"]
        headers = {str(name): str(value) for name, value in wired["headers"].items()} | {"x-amzn-RequestId": str(uuid.uuid4())}
        return int(wired["status_code"]), headers, body.encode() if isinstance(body, str) else bytes(body)


def _credential_scope(authorization: str) -> tuple[str, str, str] | None:
    """Access key, region and signing name of a SigV4 `Authorization` header."""
    _, found, rest = authorization.partition("Credential=")
    parts = rest.split(",", 1)[0].split("/")
    return (parts[0], parts[2], parts[3].lower()) if found and len(parts) == 5 else None


def _rewind(environ: dict[str, Any], request: BackendRequest) -> None:
    """Give the body back to whoever reads the request next."""
    environ["wsgi.input"] = io.BytesIO(request.get_data())


def _parse(protocol: str, model: Any, request: BackendRequest, uri_params: Document) -> Document:  # noqa: ANN401 - moto's operation model
    parser: Any = PROTOCOL_PARSERS[protocol](model)
    parsed: Document = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": uri_params,
        }
    )
    return {name: value for name, value in parsed.items() if value is not None}
