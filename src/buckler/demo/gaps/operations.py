"""The operations answered here: what a handler is given, may raise, and how it is registered."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from moto.core.exceptions import ServiceException

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
    manifests: dict[tuple[str, str, str], bytes] = field(default_factory=dict[tuple[str, str, str], bytes])
    """Of images: (account, repository, tag or digest)."""
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict[tuple[str, str], bytes])
    """Of images: (account, digest)."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def home(self, account: str, region: str) -> Account:
        """The state of one account in one region, made on first use."""
        return self.homes.setdefault((account, region), Account(account, region))

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.homes.clear()
            self.archives.clear()
            self.manifests.clear()
            self.blobs.clear()


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

    def many(self, member: str) -> list[Any]:
        """A list of the request; empty where it was not sent."""
        return list(self.params.get(member, ()))


Handler = Callable[[Call], Document | None]
Answer = TypeVar("Answer", bound=Handler)
OPERATIONS: dict[str, dict[str, Handler]] = {}
"""service -> operation -> handler; filled by `operation` when the modules of this package are imported."""


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
