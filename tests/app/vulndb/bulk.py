"""OSV's bulk host on this machine: archives with entity tags and ranges, as Google's storage serves them, and ways to break."""

import base64
import contextlib
import hashlib
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.engines.artifact.advisories import BEFORE_2, advisory, affected


def archive(*advisories):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for number, one in enumerate(advisories):
            made.writestr(f"{one['id']}-{number}.json", json.dumps(one))
    return buffer.getvalue()


def demo(count=1, **fields):
    """An archive with that many advisories of `demo`."""
    return archive(*(advisory(f"CVE-2026-{1000 + number}", affected("demo", *BEFORE_2), **fields) for number in range(count)))


class Bulk:
    """What the server has, what it was asked, and how it misbehaves."""

    def __init__(self):
        self.archives = {}
        self.asked = []
        self.break_after = None
        """Close the connection after so many bytes of the next body."""
        self.status = None
        self.wrong_sum = False
        self.gives_tags = True
        self.redirect = None
        self.url = ""


@contextlib.contextmanager
def served():
    bulk = Bulk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            """Nothing is printed."""

        def do_GET(self):
            bulk.asked.append((unquote(self.path), dict(self.headers)))
            body = bulk.archives.get(unquote(self.path))
            if bulk.redirect:
                return self.answer(302, b"", Location=bulk.redirect)
            if bulk.status or body is None:
                return self.answer(bulk.status or 404, b"no")
            tag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
            headers = {"ETag": tag} if bulk.gives_tags else {}
            checksum = base64.b64encode(hashlib.md5(b"other" if bulk.wrong_sum else body).digest()).decode()  # noqa: S324 - what the host uses
            headers["x-goog-hash"] = f"crc32c=AAAAAA==,md5={checksum}"
            if self.headers.get("If-None-Match") == tag:
                return self.answer(304, b"", **headers)
            start = 0
            if self.headers.get("Range") and self.headers.get("If-Range") == tag:
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
                if start >= len(body):
                    return self.answer(416, b"")
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return self.answer(206 if start else 200, body[start:], **headers)

        def answer(self, status, body, **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if bulk.break_after is not None and body:
                self.wfile.write(body[: bulk.break_after])
                self.wfile.flush()
                bulk.break_after = None
                self.close_connection = True
                self.connection.close()
                return
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        bulk.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield bulk
        finally:
            server.shutdown()
