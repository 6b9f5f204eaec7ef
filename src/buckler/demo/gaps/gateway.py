"""Route a request to its handler and put the answer on the wire, both as botocore's service models define them."""

import functools
import io
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from botocore.exceptions import UnknownServiceError as UnknownServiceModel
from moto.backends import list_of_moto_modules
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import ResponseSerializer, get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import BackendRequest, DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException, NotFound

from buckler.demo.gaps import ecr
from buckler.demo.gaps.operations import OPERATIONS, AwsError, Call, Document, PassToMoto, World


class Scope(NamedTuple):
    """The credential scope of a request."""

    access_key: str
    region: str
    service: str


Wired = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body of an answer."""

# The name in a SigV4 credential scope, where it differs from botocore's service name.
SIGNED_AS = {"tagging": "resourcegroupstaggingapi", "access-analyzer": "accessanalyzer", "elasticloadbalancing": "elbv2"}


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
        scope = _credential_scope(str(environ.get("HTTP_AUTHORIZATION", "")))
        if scope is None and path.startswith("/v2/"):
            told = ecr.answer(self.world, environ)
            start_response(told.status, [*told.headers, ("Content-Length", str(len(told.body)))])
            return [told.body]
        if scope is None:
            return super().__call__(environ, start_response)
        if scope.service == "apigateway" and path.startswith("/v2/"):
            # Both versions sign as `apigateway`.
            scope = scope._replace(service="apigatewayv2")
        # moto would look the key up in every partition, and make an IAM with 1,500 managed policies for each.
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = _account_of(scope.access_key)
        answer = self._answer(environ, scope) or self._ask_moto(environ, scope)
        status, headers, body = answer
        start_response(f"{status} {'OK' if status < 300 else 'Error'}", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _serve_archive(self, digest: str, start_response: Any) -> list[bytes]:  # noqa: ANN401 - the WSGI signature
        body = self.world.archives.get(digest)
        headers = [("Content-Type", "application/zip"), ("Content-Length", str(len(body or b"")))]
        start_response("404 Not Found" if body is None else "200 OK", headers)
        return [body or b""]

    def _answer(self, environ: dict[str, Any], scope: Scope) -> Wired | None:
        """Status, headers and body from our handler, or None where moto shall answer."""
        handlers = OPERATIONS.get(scope.service)
        if not handlers:
            return None
        request = BackendRequest(environ)
        request.get_data(cache=True, parse_form_data=False)
        try:
            matched: tuple[Any, Document] = get_service_router(scope.service).match(request)
        except (NotFound, NotImplementedError):
            return None
        finally:
            environ["wsgi.input"] = io.BytesIO(request.get_data())
        model, uri_params = matched
        handler = handlers.get(str(model.name))
        if handler is None:
            return None
        protocol = determine_request_protocol(get_service_model(scope.service), request.content_type)
        params = _parse(protocol, model, request, uri_params)
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        call = Call(self.world, environ["HTTP_X_MOTO_ACCOUNT_ID"], scope.region, params)
        result: object
        # Documents are handed out as they are kept, so nobody may change them until they are written down.
        with self.world.lock:
            try:
                result = handler(call)
            except (PassToMoto, HTTPException):
                # moto's older errors know their own wire form; asked the same, it raises the same.
                return None
            except ServiceException as error:
                result = error
            return _wire(scope.service, protocol, model, result)

    def _ask_moto(self, environ: dict[str, Any], scope: Scope) -> Wired:
        """Moto's answer; and where moto has none, AWS's for an operation it does not know, instead of a page of HTML."""
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            said[:] = [int(status.split(" ", 1)[0]), [(name, value) for name, value in headers if name.lower() != "content-length"]]

        try:
            with closing(_Body(super().__call__(environ, start_response))) as chunks:
                body = b"".join(chunks)
        except (NotImplementedError, UnknownServiceError):
            return _unknown_operation(environ, scope)
        if said[0] == HTTPStatus.NOT_FOUND and body.lstrip()[:9].lower() == b"<!doctype":
            return _unknown_operation(environ, scope)
        return said[0], said[1], body

    def get_backend_for_host(self, host: str | None) -> Any:  # noqa: ANN401 - moto's signature
        """As moto, which says on stdout what it does not know and then fails on None."""
        if host is None or host == "moto_api" or host in _modules():
            return host
        for backend, pattern in self.backend_url_patterns:
            if pattern.match(f"http://{host}"):
                return backend
        raise UnknownServiceError(host)


@functools.cache
def _modules() -> frozenset[str]:
    """Name the services of moto, which looks at all of its folders whenever it asks: twice for each request."""
    return frozenset(list_of_moto_modules())


class UnknownServiceError(Exception):
    """moto has no such service."""


class _Body:
    """A WSGI answer that can be closed whether or not it has a `close`."""

    def __init__(self, chunks: Any) -> None:  # noqa: ANN401 - whatever the application returns
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        """Let the application clean up."""
        close: Callable[[], None] | None = getattr(self._chunks, "close", None)
        if close is not None:
            close()


def _unknown_operation(environ: dict[str, Any], scope: Scope) -> Wired:
    """The error for an operation that an endpoint does not have, in the protocol of the service: final, so no client tries again."""
    try:
        model: Any = get_service_model(scope.service)
    except UnknownServiceModel:
        return HTTPStatus.BAD_REQUEST, [("x-amzn-errortype", "UnknownOperationException")], b"{}"
    protocol = str(model.protocol)
    code = "UnknownOperationException" if "json" in protocol else "InvalidAction"
    what = str(environ.get("HTTP_X_AMZ_TARGET") or environ.get("PATH_INFO"))
    return _wire(scope.service, protocol, _operation_model(model), AwsError(code, f"The embedded AWS does not know this operation: {what}"))


def _operation_model(model: Any) -> Any:  # noqa: ANN401 - moto's models
    blank: Document = {}
    return OperationModel(blank, model)


def _wire(service: str, protocol: str, model: Any, result: object) -> Wired:  # noqa: ANN401 - moto's operation model
    serializer: ResponseSerializer = get_serializer_class(service, protocol)(operation_model=model)
    wired = cast("dict[str, Any]", _serialize_error(serializer, result) if isinstance(result, Exception) else serializer.serialize(result))
    body = wired["body"]
    headers = [(str(name), str(value)) for name, value in wired["headers"].items()]
    headers.append(("x-amzn-RequestId", str(uuid.uuid4())))
    status = FORBIDDEN.get(getattr(result, "code", ""), int(wired["status_code"]))
    return status, headers, body.encode() if isinstance(body, str) else bytes(body)


# Errors common to all services, which no service's model lists, and their status.
FORBIDDEN = {"AccessDeniedException": HTTPStatus.FORBIDDEN}
_quiet = threading.Lock()


def _serialize_error(serializer: ResponseSerializer, error: Exception) -> object:
    """Serialise an error without moto's warning that the service's model does not list it."""
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return serializer.serialize(error)


def _credential_scope(authorization: str) -> Scope | None:
    """Who calls what where, from a SigV4 `Authorization` header; None for anything else."""
    _, found, rest = authorization.partition("Credential=")
    parts = rest.split(",", 1)[0].split("/")
    if not found or len(parts) != 5:
        return None
    return Scope(parts[0], parts[2], SIGNED_AS.get(parts[3].lower(), parts[3].lower()))


def _account_of(access_key: str) -> str:
    """The account whose role or user an access key belongs to; the default account for keys nobody made."""
    for account, partitions in list(iam_backends.items()):
        for iam in list(partitions.values()):
            if access_key in iam.access_keys:
                return account
    return DEFAULT_ACCOUNT_ID


def _parse(protocol: str, model: Any, request: BackendRequest, uri_params: Document) -> Document:  # noqa: ANN401 - moto's operation model
    parser: Any = PROTOCOL_PARSERS[protocol](model)
    headers: Any = request.headers
    parsed: Document = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": uri_params,
        }
    )
    return {name: value for name, value in parsed.items() if value is not None}
