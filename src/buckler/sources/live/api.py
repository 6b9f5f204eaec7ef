"""The one seam to AWS: clients, paging, pace, retries, counting, and errors turned into values."""

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import botocore
import botocore.config
from botocore.exceptions import BotoCoreError, IncompleteReadError

from buckler import __version__, errors
from buckler.model.estate import Missing
from buckler.model.origin import ApiOrigin
from buckler.model.progress import Progress
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import failures
from buckler.sources.live.answers import Answer
from buckler.sources.live.calls import CALLS, Call, Collector
from buckler.sources.live.failures import Failure, Meaning
from buckler.sources.live.options import Patience, is_emulated
from buckler.sources.live.pace import Breaker, Pace

WHO_AM_I = Collector("accounts").call("sts", "GetCallerIdentity", "which account the credentials belong to", result="Account")


# Nobody answered at all: an endpoint that is closed for one operation is closed for all of the service.
_UNREACHED = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"})


_ACCOUNT_OF_ADDRESS = re.compile(r"^(https?://)\d{12}\.(?=(?:\d{1,3}\.){3}\d{1,3}(?::|/|$))")


class Stopped(Exception):  # noqa: N818 - control flow: somebody asked all workers to stop
    """Raised in a worker when the run is to end."""


class Account:
    """An AWS account and the session whose credentials reach it."""

    def __init__(self, session: Any, home: str) -> None:  # noqa: ANN401 - botocore has no types
        self.session = session
        self.home = home
        """Region in which to ask what has no region."""
        self.id = ""
        self.partition = "aws"
        self.arn = ""
        """Of the caller."""


class Api:
    """Asks AWS. Used by many threads."""

    def __init__(self, *, stop: threading.Event, progress: Progress, patience: Patience, connections: int) -> None:
        self.stop = stop
        self._progress = progress
        self._patience = patience
        self._config = botocore.config.Config(
            # Retries are ours, not botocore's adaptive ones: its pauses cannot be interrupted, know no deadline, and are not counted.
            retries={"total_max_attempts": 1, "mode": "standard"},
            connect_timeout=patience.connect_s,
            read_timeout=patience.read_s,
            max_pool_connections=connections,
            user_agent_extra=f"buckler/{__version__}",
            # Some operations have a host of their own (`data-signer.REGION`); an endpoint somebody names is one host.
            inject_host_prefix=not is_emulated(),
        )
        self._lock = threading.Lock()
        # Of its own: botocore makes one client at a time and takes a while, in which those who have theirs go on asking.
        self._making = threading.Lock()
        self._clients: dict[tuple[Account, str, str], Any] = {}
        self._paces: dict[tuple[str, str, str], Pace] = {}
        self._breakers: dict[tuple[str, str, str], Breaker] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How often each IAM action was asked for."""
        with self._lock:
            return tuple(sorted(self._counts.items()))

    def ask(self, account: Account, region: str, call: Call, params: Mapping[str, Any]) -> Answer | Unknown | None:
        """Ask once, patiently: an answer, None where AWS says there is none, or `Unknown`.

        Raises `CredentialsError` when AWS does not know who asks, and `Stopped` when the run is to end.
        """
        pace, breaker, line = self._weather(account, region, call)
        again = breaker.attempts()
        reached = line.attempts()
        for closed, last in ((again, breaker.last), (reached, line.last)):
            if closed is None and last is not None:
                return last.unknown(call)
        again = again and reached
        # Nobody wants to wait long to hear that there is nothing to talk to.
        total_s = self._patience.total_s if account.id else min(self._patience.total_s, 8.0)
        deadline = time.monotonic() + (total_s if again else 0.0)
        pause = self._patience.first_s
        while True:
            self.sleep(pace.delay())
            answer, failure = self._attempt(account, region, call, params)
            if failure is None or failure.phrase not in _UNREACHED:
                line.answered()
            else:
                line.failed(failure)
            if failure is None:
                pace.answered()
                breaker.answered()
                return answer
            if failure.meaning is Meaning.UNRECOGNISED:
                failure = self._unrecognised(account, region, call, failure)
            if failure.meaning in {Meaning.EXPIRED, Meaning.UNUSABLE}:
                raise _no_entry(account, call, failure)
            if not failure.is_worth_a_retry:
                breaker.answered()
                return None if failure.meaning is Meaning.NONE else failure.unknown(call)
            if failure.meaning is Meaning.THROTTLED:
                pace.throttled()
            breaker.failed(failure)
            # Half of it by chance: workers that were refused together do not come back together.
            wait = random.uniform(pause / 2, pause)  # noqa: S311 - no secret depends on it
            if time.monotonic() + wait > deadline:
                return failure.unknown(call)
            self.sleep(wait)
            pause = min(pause * 2, self._patience.longest_s)

    def _attempt(self, account: Account, region: str, call: Call, params: Mapping[str, Any]) -> tuple[Answer | None, Failure | None]:
        if self.stop.is_set():
            raise Stopped
        with self._lock:
            self._counts[call.action] += 1
        self._progress.say(f"{call.action} in {account.id or '?'}/{region}")
        try:
            client = self._client(account, region, call.service)
        except BotoCoreError as error:  # botocore looks for credentials when it makes a client
            return None, failures.read(error, call)
        except ValueError as error:
            raise errors.UsageError("the endpoint of AWS is not a URL", hint="AWS_ENDPOINT_URL=http://127.0.0.1:5000") from error
        ask = getattr(client, _method(call.operation))
        try:
            answer: Answer = ask(**params)
            if "Body" in answer:
                answer["Body"] = answer["Body"].read()  # a stream, which may break on the way
        except failures.ERRORS as error:
            return None, failures.read(error, call)
        answer.pop("ResponseMetadata", None)
        if call.result and answer.get(call.result) is None:
            # botocore reads a truncated or foreign body of status 200 as an empty answer; an absence must not be concluded from it.
            return None, Failure(Meaning.TRANSIENT, f"an answer without {call.result}")
        return answer, None

    def _unrecognised(self, account: Account, region: str, call: Call, failure: Failure) -> Failure:
        """Tell a disabled region from bad credentials by asking who we are where it was answered before."""
        if not account.id or call is WHO_AM_I:
            return Failure(Meaning.EXPIRED, failure.phrase)
        _, trouble = self._attempt(account, account.home, WHO_AM_I, {})
        if trouble is not None:
            return Failure(Meaning.TRANSIENT if trouble.is_worth_a_retry else Meaning.EXPIRED, failure.phrase)
        why = f"{region} is not enabled for {account.id}" if region != account.home else "though the credentials are valid"
        return Failure(Meaning.UNSUPPORTED, f"{failure.phrase} ({why})")

    def sleep(self, seconds: float) -> None:
        if seconds > 0 and self.stop.wait(seconds):
            raise Stopped

    def _weather(self, account: Account, region: str, call: Call) -> tuple[Pace, Breaker, Breaker]:
        """Give what is known of a call's family, of the operation, and of the way to the service."""
        family = (account.id, region, call.family)
        operation = (account.id, region, f"{call.service}:{call.operation}")
        with self._lock:
            pace = self._paces.setdefault(family, Pace(call.rate))
            breaker = self._breakers.setdefault(operation, Breaker(self._patience.total_s))
            line = self._breakers.setdefault((account.id, region, call.service), Breaker(self._patience.total_s))
        return pace, breaker, line

    def _client(self, account: Account, region: str, service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
        key = (account, region, service)
        with self._making:
            if key not in self._clients:
                client = account.session.create_client(service, region_name=region, config=self._config)
                client.meta.events.register("before-parse", _whole)
                client.meta.events.register("before-call", _reachable)
                self._clients[key] = client
            return self._clients[key]


def _no_entry(account: Account, call: Call, failure: Failure) -> errors.CredentialsError:
    """Say that the credentials do not (or no longer) work."""
    cause = f"{failure.phrase} on {call.action}"
    if account.id:
        hint = "renew them (`aws sso login`, new keys, ...), then: buckler scan --resume"
        return errors.CredentialsError(f"AWS does not accept the credentials for {account.id} any more", cause=cause, hint=hint)
    if failure.meaning is Meaning.UNUSABLE:
        return errors.CredentialsError("there are no usable AWS credentials", cause=cause, hint="aws configure, or aws sso login")
    return errors.CredentialsError("AWS does not accept the credentials", cause=cause, hint="aws sts get-caller-identity")


def _reachable(params: Answer, **_: object) -> None:
    """Take the account out of a host that is an address: S3's control plane is at `ACCOUNT.HOST`, but an address has no names below it."""
    params["url"] = _ACCOUNT_OF_ADDRESS.sub(r"\1", params["url"])


def _whole(response_dict: Answer, **_: object) -> None:
    """Refuse an answer that is shorter than it says: botocore would take what is left of it for an empty one."""
    said, encoding = (response_dict["headers"].get(name) for name in ("content-length", "content-encoding"))
    body = response_dict["body"]
    # HTTP: "A 204 response is terminated by the end of the header section; it cannot contain content" (RFC 9110, 15.3.5), whatever is said.
    has_body = response_dict["status_code"] != 204
    # A stream finds out by itself, when it is read.
    if has_body and said is not None and encoding is None and isinstance(body, bytes) and len(body) < int(said):
        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(said))


def _method(operation: str) -> str:
    """Name the method of a client: `ListFunctionUrlConfigs` -> `list_function_url_configs`."""
    name: str = botocore.xform_name(operation)
    return name


class Reader:
    """Reads one region of one account. Made anew for every piece of work, which it belongs to alone."""

    def __init__(self, api: Api, account: Account, region: str, *, is_global: bool = False) -> None:
        self._api = api
        self.is_global = is_global
        """Reads what has no region; *region* is only where to ask."""
        self._account = account
        self.account = account.id
        self.partition = account.partition
        self.region = region

    def read(self, call: Call, /, **params: Any) -> Answer | Unknown:  # noqa: ANN401 - parameters are AWS's
        """Ask for what is always there."""
        answer = self.find(call, **params)
        return Failure(Meaning.BROKEN, "nothing").unknown(call) if answer is None else answer

    def find(self, call: Call, /, **params: Any) -> Answer | Unknown | None:  # noqa: ANN401 - parameters are AWS's
        """Ask for what may not be there; None: AWS says there is none."""
        return self._api.ask(self._account, self.region, call, params)

    def pages(self, call: Call, /, **params: Any) -> "Pages":  # noqa: ANN401 - parameters are AWS's
        """Ask for all pages of a list."""
        return Pages(self, call, params)

    def wait(self, seconds: float) -> None:
        """Give AWS time for what it does in the background. Raises `Stopped` when the run is to end."""
        self._api.sleep(seconds)

    def elsewhere(self, region: str) -> "Reader":
        """Read another region of the same account."""
        return Reader(self._api, self._account, region)

    def origin(self, call: Call, arn: str) -> ApiOrigin:
        """Name the place a fact comes from."""
        return ApiOrigin(call=call.action, arn=arn, account=self.account, region="" if self.is_global else self.region)

    def arn(self, service: str, resource: str) -> str:
        """Write the ARN of something in this region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def missing(self, collection: str, unknown: Unknown) -> Missing:
        """Say that a collection is not, or not completely, known here."""
        return Missing(collection=collection, account=self.account, region="" if self.is_global else self.region, unknown=unknown)


class Pages:
    """A list that comes in pages. After reading, `unknown` says why the rest could not be read, or is None: the list is complete."""

    def __init__(self, reader: Reader, call: Call, params: Mapping[str, Any]) -> None:
        self._reader = reader
        self._call = call
        self._params = dict(params)
        self.unknown: Unknown | None = None

    def answers(self) -> Iterator[Answer]:
        """Give page after page."""
        asked, answered = self._call.page or ("", "")
        seen: set[str] = set()
        while True:
            answer = self._reader.find(self._call, **self._params)
            if answer is None:
                return
            if isinstance(answer, Unknown):
                self.unknown = answer
                return
            yield answer
            token = answer.get(answered) if answered else None
            if not token:
                return
            if token in seen:
                self.unknown = Failure(Meaning.BROKEN, "a page that leads to itself").unknown(self._call)
                return
            seen.add(token)
            self._params[asked] = token

    def __iter__(self) -> Iterator[Answer]:
        """Give item after item."""
        for answer in self.answers():
            yield from answer[self._call.result]

    def missing(self, *collections: str) -> tuple[Missing, ...]:
        """Say, after reading, what is not completely known."""
        if self.unknown is None:
            return ()
        return tuple(self._reader.missing(collection, self.unknown) for collection in collections)


def not_asked(why: str) -> Unknown:
    """Say that the chosen depth does not ask."""
    return Unknown(kind=UnknownKind.NOT_ASKED, why=why, need="--deep")


__all__ = ["CALLS", "WHO_AM_I", "Account", "Answer", "Api", "Pages", "Reader", "Stopped", "not_asked"]
