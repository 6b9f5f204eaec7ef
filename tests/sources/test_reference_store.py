"""The reference store: filled from files and by the registries' own clients, read offline, shared safely."""

import base64
import hashlib
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.engines.artifact.trees import installed, npm, tarball, wheel, wheel_files

from buckler.app.referencing import add_from_registry, add_references
from buckler.cli.main import main
from buckler.engines.artifact.reference import manifest_of
from buckler.errors import SourceError
from buckler.model.reference import Wanted
from buckler.sources.reference_clients import _platform, fetch
from buckler.sources.reference_store import ReferenceStore, artefacts, read_artefact

WHEEL = wheel(wheel_files())
TARBALL = tarball(npm("left-pad", "1.3.0", {"index.js": b"module.exports = 1\n"}))
SDIST = tarball({"PKG-INFO": b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n", "src/pkg/core.py": b"x = 1\n"}, top="pkg-1.0")


@pytest.fixture
def store(tmp_path):
    return ReferenceStore(tmp_path / "store")


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "pkg-1.0-py3-none-any.whl").write_bytes(WHEEL)
    (folder / "left-pad-1.3.0.tgz").write_bytes(TARBALL)
    (folder / "pkg-1.0.tar.gz").write_bytes(SDIST)
    (folder / "README.md").write_text("not one")
    return folder


def test_what_is_added_is_given(store, files):
    done = add_references([files], store)
    assert sorted(done.added) == ["pkg:npm/left-pad@1.3.0", "pkg:pypi/pkg@1.0", "pkg:pypi/pkg@1.0"]
    assert done.refused == ()
    again = ReferenceStore(store.folder)
    assert {one.kind for one in again("pkg:pypi/pkg@1.0")} == {"wheel", "sdist"}
    assert again("pkg:npm/left-pad@1.3.0") == (manifest_of(TARBALL, "left-pad-1.3.0.tgz"),)
    assert again("pkg:pypi/unknown@1") == ()
    assert again.releases() == 2
    assert add_references([files], again).known == 3


def test_an_sdist_is_laid_as_it_is_installed():
    assert manifest_of(SDIST, "pkg-1.0.tar.gz").files["pkg/core.py"] == hashlib.sha256(b"x = 1\n").hexdigest()


def test_npms_cache_is_a_folder_of_references(store, tmp_path):
    cache = tmp_path / "_cacache" / "content-v2" / "sha512" / "ab"
    cache.mkdir(parents=True)
    (cache / "cdef").write_bytes(TARBALL)
    (cache / "0123").write_bytes(b'{"name": "left-pad"}')
    assert [path.name for path in artefacts(tmp_path)] == ["cdef"]
    assert add_references([tmp_path], store).added == ("pkg:npm/left-pad@1.3.0",)


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        pytest.param("x.whl", b"no zip", "neither a wheel nor a tarball", id="no zip"),
        pytest.param("x.whl", b"PK\x03\x04cut off", "", id="a cut zip"),
        pytest.param("x.tgz", b"\x1f\x8bcut off", "no tarball", id="a cut gzip"),
        pytest.param("x.tgz", TARBALL[:-40], "no tarball", id="a cut tarball"),
        pytest.param("x.tgz", tarball({"a.js": b""}), "neither a package.json nor a PKG-INFO", id="a tarball of something else"),
        pytest.param("x.tgz", tarball({"package.json": b"["}), "no JSON", id="broken metadata"),
        pytest.param("other-1.0-py3-none-any.whl", WHEEL, "different packages", id="a wheel of another name"),
        pytest.param("other-1.0.tar.gz", SDIST, "different packages", id="an sdist of another name"),
    ],
)
def test_what_is_no_reference(store, tmp_path, name, content, cause):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is no reference") as raised:
        read_artefact(path, manifest_of)
    assert cause in raised.value.cause
    assert len(add_references([path], store).refused) == 1
    assert store.releases() == 0


def test_many_add_at_once(files, tmp_path):
    folder = tmp_path / "shared"
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: add_references([files], ReferenceStore(folder)), range(16)))
    assert all(one.refused == () for one in done)
    assert ReferenceStore(folder).releases() == 2
    assert [path for path in folder.rglob(".*") if path.is_file()] == []


def test_a_damaged_store_does_not_look_empty(store, files):
    add_references([files], store)
    for path in store.folder.glob("manifests/*/*.json"):
        path.write_bytes(b"{")
    with pytest.raises(SourceError, match="is damaged"):
        ReferenceStore(store.folder)("pkg:pypi/pkg@1.0")
    add_references([files], store)
    assert len(ReferenceStore(store.folder)("pkg:pypi/pkg@1.0")) == 2, "adding again mends it"


def test_a_manifest_of_another_release_is_not_given(store, files):
    add_references([files], store)
    marks = next(store.folder.glob("purls/*/*/*")).parent
    wrong = store._marks("pkg:pypi/victim@1")
    wrong.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(marks, wrong)
    assert ReferenceStore(store.folder)("pkg:pypi/victim@1") == ()


# --- registries on this machine -------------------------------------------------------------------------------------------


class Registry(BaseHTTPRequestHandler):
    asked: list[str]
    packages: dict[str, bytes]

    def do_GET(self):
        self.asked.append(self.path)
        body = self.packages.get(self.path.partition("?")[0])
        self.send_response(200 if body is not None else 404)
        kind = (
            "application/json"
            if body and body.startswith(b"{")
            else "text/html"
            if body and body.startswith(b"<")
            else "application/octet-stream"
        )
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def registry(monkeypatch, tmp_path):
    packages: dict[str, bytes] = {}
    handler = type("Handler", (Registry,), {"asked": [], "packages": packages})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(TARBALL).digest()).decode()
    about = {"name": "left-pad", "version": "1.3.0", "dist": {"tarball": f"{address}/left-pad.tgz", "integrity": integrity}}
    name = "pkg-1.0-py3-none-any.whl"
    packages |= {
        "/simple/pkg/": f"<html><body><a href='/files/{name}#sha256={hashlib.sha256(WHEEL).hexdigest()}'>{name}</a></body></html>".encode(),
        f"/files/{name}": WHEEL,
        "/left-pad": json.dumps({"name": "left-pad", "versions": {"1.3.0": about}, "dist-tags": {"latest": "1.3.0"}}).encode(),
        "/left-pad.tgz": TARBALL,
    }
    for key, value in {
        "PIP_INDEX_URL": f"{address}/simple/", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0",
        "npm_config_registry": address, "npm_config_cache": str(tmp_path / "cache"), "npm_config_update_notifier": "false",
        "npm_config_fetch_retries": "0", "XDG_DATA_HOME": str(tmp_path / "data"), "no_proxy": "127.0.0.1",
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def layer(tmp_path):
    root = tmp_path / "layer"
    placed = installed(wheel_files()) | {
        f"nodejs/node_modules/left-pad/{path}": content for path, content in npm("left-pad", "1.3.0", {"index.js": b"evil\n"}).items()
    }
    for path, content in placed.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def test_exactly_what_is_installed_is_asked_for_once(registry, layer, store):
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: its registry was NOT asked; hint: apt-get install npm")
    done = add_from_registry([layer], store)
    assert done.refused == ()
    assert sorted(done.added) == ["pkg:npm/left-pad@1.3.0", "pkg:pypi/pkg@1.0"]
    assert {path.split("/")[1] for path in registry.asked} == {"simple", "files", "left-pad", "left-pad.tgz"}
    registry.asked.clear()
    assert add_from_registry([layer], store).known == 2
    assert registry.asked == []


def test_what_the_registry_does_not_have_is_told_and_the_rest_goes_on(registry, layer, store):
    registry.packages.pop("/simple/pkg/")
    registry.packages.pop("/left-pad")
    done = add_from_registry([layer, layer / "absent"], store)
    assert done.added == ()
    assert sorted(one.error for one in done.refused) == sorted([
        "cannot fetch `pkg:npm/left-pad@1.3.0`", "cannot fetch `pkg:pypi/pkg@1.0`", f"cannot read `{layer / 'absent'}`",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("ecosystem", "name", "version"),
    [
        ("npm", "git+ssh://x.invalid/y", "1.0.0"),
        ("npm", "--registry=http://x.invalid", "1.0.0"),
        ("npm", "../x", "1.0.0"),
        ("npm", "x", "http://x.invalid/y.tgz"),
        ("npm", "x", "^1.0.0"),
        ("pypi", "-r/etc/passwd", "1.0"),
        ("pypi", "x", "1.0 --index-url=http://x.invalid"),
        ("pypi", "x @ http://x.invalid", "1.0"),
    ],
)
def test_names_that_are_none_reach_no_command_line(registry, tmp_path, ecosystem, name, version):
    with pytest.raises(SourceError, match="cannot be asked for"):
        fetch(Wanted(purl="pkg:x/y@1", ecosystem=ecosystem, name=name, version=version), tmp_path)
    assert registry.asked == []


def test_the_wheel_of_the_same_platform_is_asked_for():
    tags = ("cp311-cp311-manylinux2014_x86_64", "cp311-cp311-manylinux_2_17_x86_64")
    assert _platform(tags) == [
        "--python-version", "311", "--implementation", "cp", "--abi", "cp311",
        "--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_17_x86_64",
    ]  # fmt: skip
    assert _platform(("py2-none-any", "py3-none-any"))[:4] == ["--python-version", "3", "--implementation", "py"]
    assert _platform(("x; rm-y-z",)) == []


def test_the_command(files, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["reference", "add", str(files)]) == 0
    assert capsys.readouterr().out.startswith("3 added, 0 known already; 2 releases in ")
    assert main(["reference", "add", str(files), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["added"], told["known"]) == ("buckler/reference/1", [], 3)
    assert main(["reference", "add", str(tmp_path / "absent")]) == 2
    assert "there is no such file or folder" in capsys.readouterr().err
    assert main(["reference", "add"]) == 2
    assert main(["reference", "add", str(files / "README.md")]) == 2
    assert "is no reference" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["reference", "add", str(tmp_path / "empty")]) == 2
    assert "holds no reference" in capsys.readouterr().err
