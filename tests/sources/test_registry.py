"""Images fetched from a small registry on this machine, which is honest, slow, broken or hostile as each test wants it."""

import base64
import gzip
import json
import random
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.engines.artifact.images import OCI_LAYER, OCI_MANIFEST, Layout, digest, layer

from buckler.engines.artifact.oci import read_image
from buckler.errors import SourceError
from buckler.sources.registry import Http, RegistryError, parse_reference, pull

NOISE = random.Random(4).randbytes(500_000)  # noqa: S311 - bytes that cannot be packed
TARS = (layer({"app/a.py": b"1"}), layer({"app/noise.bin": NOISE}))
REPOSITORY = "shop/checkout"


@dataclass
class Registry:
    """What the server gives, and what it was asked."""

    port: int = 0
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    auth: str = ""
    """`basic` or `bearer`."""
    cut_after: int = 0
    """Bytes of a blob after which the connection is cut."""
    ranges: bool = True
    busy: int = 0
    """Times it answers 503 before it works."""
    redirect: str = ""
    realm: str = ""
    encode: bool = False

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def add(self, layout: Layout, tag: str) -> dict[str, Any]:
        descriptor = layout.index["manifests"][0]
        for name, data in layout.blobs.items():
            self.blobs[name] = data
            try:
                document = json.loads(data)
            except ValueError:
                continue
            if "layers" in document or "manifests" in document:
                self.manifests[name] = (document["mediaType"], data)
        self.manifests[tag] = self.manifests[descriptor["digest"]]
        return descriptor

    def requests(self, part: str) -> list[dict[str, str]]:
        return [headers for path, headers in self.asked if part in path]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def registry(self) -> Registry:
        return self.server.registry  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        registry = self.registry
        registry.asked.append((self.path, dict(self.headers)))
        if self.path.startswith("/token"):
            good = self.headers.get("Authorization") == f"Basic {base64.b64encode(b'AWS:hunter2').decode()}"
            self.answer(200 if good else 401, b'{"token": "let-me-in"}' if good else b"")
            return
        if registry.busy:
            registry.busy -= 1
            self.answer(503, Retry_After="1")
            return
        wanted = {"basic": f"Basic {base64.b64encode(b'AWS:hunter2').decode()}", "bearer": "Bearer let-me-in"}.get(registry.auth)
        if wanted is not None and self.headers.get("Authorization") != wanted:
            realm = registry.realm or f"http://{registry.host}/token"
            scope = f'Bearer realm="{realm}",service="registry",scope="repository:{REPOSITORY}:pull"'
            self.answer(401, WWW_Authenticate='Basic realm="r"' if registry.auth == "basic" else scope)
            return
        match = re.fullmatch(rf"/(?:v2/{REPOSITORY}/)?(manifests|blobs|referrers)/(.+)", self.path)
        if match is None or match[1] == "referrers":
            self.answer(404)
        elif match[1] == "manifests":
            found = registry.manifests.get(match[2])
            self.answer(200, found[1], Content_Type=found[0]) if found else self.answer(404)
        elif registry.redirect and self.path.startswith("/v2/"):
            self.answer(307, Location=f"{registry.redirect}/blobs/{match[2]}")
        elif match[2] in registry.blobs:
            self.blob(registry.blobs[match[2]])
        else:
            self.answer(404)

    def blob(self, data: bytes) -> None:
        registry = self.registry
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if registry.encode:
            self.answer(200, gzip.compress(data), Content_Encoding="gzip")
            return
        if asked and registry.ranges:
            start = int(asked[1])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        rest = data[start:]
        if registry.cut_after and len(rest) > registry.cut_after:
            self.wfile.write(rest[: registry.cut_after])
            self.close_connection = True
            return
        self.wfile.write(rest)


def served() -> Iterator[Registry]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] - a client that hangs up is what some tests are about
    server.registry = registry = Registry(port=server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield registry
    server.shutdown()
    server.server_close()
    thread.join()


registry = pytest.fixture(served)
other = pytest.fixture(served)


def shop(registry: Registry, tag: str = "1") -> Layout:
    layout = Layout()
    layout.image(TARS)
    registry.add(layout, tag)
    return layout


def fetch(registry: Registry, cache: Path, name: str = ":1", **more: Any) -> Any:
    http = more.pop("http", None) or Http(registry.host, credentials=more.pop("credentials", None), sleep=lambda _: None, timeout_s=5)
    return pull(parse_reference(f"{registry.host}/{REPOSITORY}{name}"), cache, http=http, **more)


def test_what_is_fetched_can_be_read(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    arrived: list[int] = []
    pulled = fetch(registry, tmp_path, progress=arrived.append)
    assert pulled.digest == layout.index["manifests"][0]["digest"]
    image = read_image(Path(pulled.path))
    assert image.faults == ()
    assert image.digest == pulled.digest
    assert image.tree.read("app/noise.bin") == NOISE
    assert sum(arrived) == pulled.fetched_bytes == image.size_bytes


def test_blobs_that_are_there_are_not_fetched_again(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    first = fetch(registry, tmp_path)
    registry.asked.clear()
    second = fetch(registry, tmp_path, f"@{first.digest}")
    assert (second.fetched_bytes, second.kept_bytes) == (0, first.fetched_bytes)
    assert not registry.requests("/blobs/")
    assert second.path == first.path


def test_a_blob_that_was_changed_on_disk_is_fetched_again(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    pulled = fetch(registry, tmp_path)
    name = json.loads(layout.blobs[pulled.digest])["layers"][0]["digest"]
    tmp_path.joinpath("blobs", "sha256", name[7:]).write_bytes(b"evil")
    fetch(registry, tmp_path)
    assert read_image(Path(pulled.path)).faults == ()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_is_cut_goes_on_where_it_stopped(registry: Registry, tmp_path: Path, ranges: bool) -> None:
    shop(registry)
    registry.cut_after, registry.ranges = 300_000, ranges
    if ranges:
        pulled = fetch(registry, tmp_path)
        assert [one.get("Range", "") for one in registry.requests("/blobs/") if "Range" in one] == ["bytes=300000-"]
    else:
        with pytest.raises(RegistryError):
            fetch(registry, tmp_path)
        assert [path.stat().st_size for path in tmp_path.rglob("*.part")] == [300_000]
        registry.cut_after = 0
        pulled = fetch(registry, tmp_path)
    assert read_image(Path(pulled.path)).faults == ()
    assert not list(tmp_path.rglob("*.part"))


def test_the_next_run_goes_on_where_the_last_one_stopped(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    large = max(layout.blobs, key=lambda name: len(layout.blobs[name]))
    part = tmp_path / "blobs" / "sha256" / f"{large[7:]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(layout.blobs[large][:1000])
    fetch(registry, tmp_path)
    assert [one.get("Range") for one in registry.requests(large)] == ["bytes=1000-"]


def test_a_part_that_is_not_of_the_blob_is_discarded(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    large = max(layout.blobs, key=lambda name: len(layout.blobs[name]))
    part = tmp_path / "blobs" / "sha256" / f"{large[7:]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"evil")
    with pytest.raises(RegistryError):
        fetch(registry, tmp_path)
    assert not part.exists()
    assert read_image(Path(fetch(registry, tmp_path).path)).faults == ()


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_credentials_are_asked_for_when_they_are_wanted(registry: Registry, tmp_path: Path, auth: str) -> None:
    shop(registry)
    registry.auth = auth
    asked: list[int] = []

    def credentials() -> tuple[str, str]:
        asked.append(1)
        return "AWS", "hunter2"

    assert read_image(Path(fetch(registry, tmp_path, credentials=credentials).path)).faults == ()
    assert asked == [1]


def test_without_credentials_it_says_what_is_missing(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    registry.auth = "basic"
    with pytest.raises(RegistryError, match="401") as bad:
        fetch(registry, tmp_path)
    assert "ecr:BatchGetImage" in bad.value.hint


def test_wrong_credentials_are_not_told(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    registry.auth = "bearer"
    with pytest.raises(RegistryError) as bad:
        fetch(registry, tmp_path, credentials=lambda: ("AWS", "planted-password"))
    assert "planted-password" not in str(bad.value)


def test_credentials_do_not_follow_a_redirect(registry: Registry, other: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    other.blobs = registry.blobs
    registry.auth, registry.redirect = "basic", f"http://{other.host}"
    pulled = fetch(registry, tmp_path, credentials=lambda: ("AWS", "hunter2"))
    assert read_image(Path(pulled.path)).faults == ()
    assert len(other.asked) == len(layout.blobs) - 1
    assert not any("Authorization" in headers for _, headers in other.asked)


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest", "http://registry.invalid/x", "file:///etc", "ftp://x.invalid"])
def test_redirects_and_token_servers_without_encryption_are_not_followed(registry: Registry, tmp_path: Path, place: str) -> None:
    shop(registry)
    registry.redirect = place
    with pytest.raises(RegistryError, match="not asked"):
        fetch(registry, tmp_path)
    registry.redirect, registry.auth, registry.realm = "", "bearer", place
    with pytest.raises(RegistryError, match="not asked"):
        fetch(registry, tmp_path, credentials=lambda: ("AWS", "hunter2"))


def test_redirects_in_circles_end(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    registry.redirect = f"http://{registry.host}/v2/{REPOSITORY}"
    with pytest.raises(RegistryError, match="without end"):
        fetch(registry, tmp_path)


def test_a_busy_registry_is_waited_for(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    registry.busy = 3
    waited: list[float] = []
    fetch(registry, tmp_path, http=Http(registry.host, sleep=waited.append))
    assert len(waited) == 3
    assert min(waited) >= 1


@pytest.mark.parametrize("what", ["blob", "manifest"])
def test_what_is_not_what_its_digest_says_is_not_kept(registry: Registry, tmp_path: Path, what: str) -> None:
    layout = shop(registry)
    name = layout.index["manifests"][0]["digest"]
    if what == "blob":
        large = max(layout.blobs, key=lambda one: len(layout.blobs[one]))
        registry.blobs[large] = bytes(len(registry.blobs[large]))
    else:
        registry.manifests[name] = (OCI_MANIFEST, registry.manifests[name][1] + b" ")
    with pytest.raises(RegistryError, match="gave sha256:"):
        fetch(registry, tmp_path, f"@{name}")
    assert all(digest(path.read_bytes())[7:] == path.name for path in tmp_path.rglob("*") if path.is_file())


def test_a_blob_larger_than_announced_is_not_taken(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    large = max(layout.blobs, key=lambda one: len(layout.blobs[one]))
    registry.blobs[large] += b"more"
    with pytest.raises(RegistryError, match="more than"):
        fetch(registry, tmp_path)


def test_what_is_encoded_on_the_way_is_not_unpacked(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    registry.encode = True
    with pytest.raises(RegistryError):
        fetch(registry, tmp_path)


def test_no_more_is_fetched_than_allowed(registry: Registry, tmp_path: Path) -> None:
    shop(registry)
    with pytest.raises(RegistryError, match="larger than"):
        fetch(registry, tmp_path, most_bytes=10_000)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 10_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"layers": [{"digest": []}]}',
        b'{"manifests": [{"platform": {"os": [], "variant": {}}}], "mediaType": []}',
        b'{"layers": 1, "config": {"digest": {}}}',
        b"not json",
        b'{"manifests": [], "layers": []}',
        b"x" * (5 << 20),
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none_is_one_error(registry: Registry, tmp_path: Path, body: bytes) -> None:
    registry.manifests["1"] = (OCI_MANIFEST, body)
    with pytest.raises(RegistryError):
        fetch(registry, tmp_path)


def test_layers_from_elsewhere_are_not_fetched(registry: Registry, tmp_path: Path) -> None:
    layout = Layout()
    layout.image(TARS[:1], layers=[layout.blob(gzip.compress(TARS[0]), OCI_LAYER + "+gzip") | {"urls": ["https://layers.invalid/x"]}])
    registry.add(layout, "1")
    image = read_image(Path(fetch(registry, tmp_path).path))
    assert "foreign-layer" in {fault.kind for fault in image.faults}


def test_the_platform_is_chosen_from_an_index(registry: Registry, tmp_path: Path) -> None:
    layout = Layout()
    inner = [layout.image((layer({name: b"x"}),), platform=("linux", name), listed=False) for name in ("amd64", "arm64")]
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": inner}
    layout.index["manifests"] = [layout.document(index, index["mediaType"])]
    registry.add(layout, "1")
    pulled = fetch(registry, tmp_path, platform="linux/arm64")
    assert pulled.index_digest == layout.index["manifests"][0]["digest"]
    image = read_image(Path(pulled.path))
    assert list(image.tree.entries) == ["arm64"]
    assert (image.digest, image.index_digests) == (pulled.digest, (pulled.index_digest,))
    assert image.faults == ()
    with pytest.raises(RegistryError, match="linux/amd64, linux/arm64"):
        fetch(registry, tmp_path, platform="linux/s390x")


def test_what_is_attached_to_an_image_is_fetched_with_it(registry: Registry, tmp_path: Path) -> None:
    layout = shop(registry)
    name = layout.index["manifests"][0]["digest"]
    signature = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.blob(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [layout.blob(b"payload", "application/vnd.dev.cosign.simplesigning.v1+json")],
    }
    layout.index["manifests"][0] = layout.document(signature, OCI_MANIFEST)
    registry.add(layout, f"{name.replace(':', '-')}.sig")
    image = read_image(Path(fetch(registry, tmp_path).path))
    assert image.digest == name
    assert [one.blobs for one in image.attached] == [(b"payload",)]
    assert image.faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "nginx",
        "nginx:1",
        "host.invalid/UPPER",
        "host.invalid/a:b:c",
        "host.invalid/../x",
        "host.invalid/a@sha256:1",
        "/a",
        "host.invalid/",
        "",
    ],
)
def test_what_names_no_image_is_one_error(text: str) -> None:
    with pytest.raises(SourceError, match="names no image"):
        parse_reference(text)


def test_references_are_read() -> None:
    name = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/checkout"
    assert str(parse_reference(name)) == f"{name}:latest"
    assert str(parse_reference(f"{name}:1@sha256:{'0' * 64}")) == f"{name}:1@sha256:{'0' * 64}"
    assert parse_reference(f"{name}@sha256:{'0' * 64}").tag == ""
