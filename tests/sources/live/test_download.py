"""Code is fetched from where AWS says, compared with what AWS says, and its URL is told to nobody."""

import base64
import hashlib
import io
import logging
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.aws import client, fresh

from buckler.model.artifact import Fault
from buckler.model.unknown import Unknown
from buckler.sources.live.api import Stopped
from buckler.sources.live.download import Fetched, digest_of, fetch
from buckler.sources.live.options import Patience

BODY = bytes(range(256)) * 9000
SECRET = "X-Amz-Signature=5ec7e7"
QUICK = Patience(total_s=2.0, first_s=0.01, longest_s=0.02, connect_s=2.0, read_s=2.0)


def sha(body):
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


class Server(ThreadingHTTPServer):
    """Answers from a list of (status, body, length said); the last one for ever."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [(200, BODY, len(BODY))]
        self.asked = []

    @property
    def location(self):
        return f"http://127.0.0.1:{self.server_port}/code.zip?{SECRET}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status, body, length = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if status == 302:
            self.send_header("Location", self.path + "&again")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def get(server, said=None, **given):
    return fetch(server.location, said or sha(BODY), **({"stop": threading.Event(), "patience": QUICK} | given))


def test_gives_the_bytes(server):
    got = get(server)
    assert isinstance(got, Fetched)
    with got.file as file:
        assert file.read() == BODY
    assert (got.sha256, got.size_bytes) == (hashlib.sha256(BODY).hexdigest(), len(BODY))


def test_other_bytes_than_said_are_not_handed_out(server):
    got = get(server, sha(b"other"))
    assert isinstance(got, Fault)
    assert got.kind == "digest-differs"
    assert got.is_fatal
    assert hashlib.sha256(b"other").hexdigest() in got.detail
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "first",
    [(503, b"", 0), (429, b"slow down", 9), (200, BODY[:-1], len(BODY))],
    ids=["busy", "throttled", "cut off"],
)
def test_what_may_work_later_is_tried_again(server, first):
    server.answers.insert(0, first)
    got = get(server)
    assert isinstance(got, Fetched)
    got.file.close()
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_refusal_is_unknown_and_not_asked_again(server, status):
    server.answers = [(status, SECRET.encode(), len(SECRET))]
    got = get(server)
    assert isinstance(got, Unknown)
    assert str(status) in got.why
    assert len(server.asked) == 1


def test_more_than_the_most_is_not_read(server):
    got = get(server, most_bytes=len(BODY) - 1)
    assert isinstance(got, Unknown)
    assert "larger" in got.why


def test_gives_up(server):
    server.answers = [(500, b"", 0)]
    got = get(server, patience=Patience(total_s=0.05, first_s=0.01, longest_s=0.02))
    assert isinstance(got, Unknown)
    assert "HTTP 500" in got.why


def test_stops_when_asked(server):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        get(server, stop=stop)
    assert server.asked == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/a", "http://s3.invalid/a", "http://[", ""])
def test_asks_nothing_but_https(location, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    got = fetch(location, sha(BODY), stop=threading.Event(), patience=QUICK)
    assert isinstance(got, Unknown)
    assert "https" in got.why


@pytest.mark.parametrize("said", ["", "sha256", base64.b64encode(b"short").decode(), "é" * 44])
def test_without_a_digest_nothing_is_fetched(server, said):
    assert digest_of(said) is None
    assert isinstance(fetch(server.location, said, stop=threading.Event(), patience=QUICK), Unknown)
    assert server.asked == []


@pytest.mark.parametrize("status", [200, 403, 500])
def test_the_location_is_told_to_nobody(server, status, caplog):
    server.answers = [(status, b"", 0)]
    with caplog.at_level(logging.DEBUG):
        got = get(server, patience=Patience(total_s=0.05, first_s=0.01, longest_s=0.02))
    assert len(server.asked) >= 1
    assert SECRET in server.asked[0]
    assert SECRET not in repr(got)
    assert SECRET not in caplog.text


def test_fetches_what_lambda_gives_for_a_layer():
    aws = fresh()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/core.py", "x = 1")
    ask = client("lambda", aws.endpoint)
    arn = ask.publish_layer_version(LayerName="core", Content={"ZipFile": content.getvalue()})["LayerVersionArn"]
    told = ask.get_layer_version_by_arn(Arn=arn)["Content"]
    got = fetch(told["Location"], told["CodeSha256"], stop=threading.Event(), patience=QUICK)
    assert isinstance(got, Fetched)
    with got.file as file:
        assert file.read() == content.getvalue()
