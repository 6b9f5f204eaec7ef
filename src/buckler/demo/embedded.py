"""Run the embedded AWS: moto's HTTP server on a free port of 127.0.0.1, with the gaps filled, in a thread of this process."""

import logging
import threading
from types import TracebackType
from typing import Any, Self

from moto.core.base_backend import BackendDict
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from buckler.demo.gaps import Gateway, World, organizations


class QuietHandler(MotoRequestHandler):
    """Serve without a line of log per request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - werkzeug's signature
        """Say nothing."""


class EmbeddedAws:
    """An AWS of one's own, as a context manager; `endpoint` is what `AWS_ENDPOINT_URL` wants.

    Any number of accounts and regions: credentials of `sts:AssumeRole` select the role's account, all others 123456789012.
    moto keeps its state in the process, so two of these in one process share all but Lambda; start one, and `reset` it.
    """

    def __init__(self) -> None:
        self.world = World()
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start to listen."""
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        # AdministratorAccess and the like must exist for roles to have them.
        default_user_config["iam"] = {"load_aws_managed_policies": True}
        self._server = make_server("127.0.0.1", 0, Gateway(self.world), threaded=True, request_handler=QuietHandler)
        self.world.endpoint = self.endpoint
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="embedded-aws", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop listening and forget everything."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self.reset()

    @property
    def endpoint(self) -> str:
        """The URL it answers on."""
        if self._server is None:
            raise RuntimeError("the embedded AWS is not running: use it in a with statement")
        return f"http://127.0.0.1:{self._server.server_port}"

    def reset(self) -> None:
        """Empty all accounts."""
        self.world.reset()
        # moto's own reset first makes every backend anew and then drops it; dropping is enough, but for S3, which closes files.
        kept: list[Any] = BackendDict._instances  # type: ignore[misc] # noqa: SLF001 - moto's list of all that is in use
        for service in kept:
            if service.service_name == "s3":
                for account in service.values():
                    account.reset()
            service.clear()
        kept.clear()
        organizations.forget()
