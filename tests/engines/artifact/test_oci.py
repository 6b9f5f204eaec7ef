"""An image is what its digests say, or it is not assessed."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.artifact.images import OCI_LAYER, Layout, archive, digest, docker_archive, entry, header, layer, packed
from tests.growth import allowed

from buckler.engines.artifact.layered import LayerCache
from buckler.engines.artifact.oci import Image, ImageError, looks_like_image, read_image
from buckler.engines.artifact.rootfs import subtree

BASE = layer({"etc": None, "etc/passwd": b"root", "app": None, "app/a.py": b"1", "app/b.py": b"2"})
GOOD = layer({"app/c.py": b"3"})
EVIL = layer({"app/c.py": b"import os"})


def read(tmp_path: Path, *tars: bytes, **more) -> Image:
    layout = Layout()
    layout.image(tars, **more)
    return read_image(layout.write(tmp_path))


def kinds(image: Image) -> set[str]:
    return {fault.kind for fault in image.faults}


def content(image: Image) -> dict[str, bytes]:
    return {entry.path: image.tree.read(entry.path) for entry in image.tree.files()}


# --- what an image says ----------------------------------------------------------------------------------------------------


def test_an_image_is_read_whole(tmp_path: Path) -> None:
    config = {
        "Entrypoint": ["/lambda-entrypoint.sh"],
        "Cmd": ["app.handler"],
        "Env": ["A=b=c", "PATH=/bin"],
        "User": "993",
        "WorkingDir": "/var/task",
    }
    layout = Layout()
    descriptor = layout.image((BASE, GOOD), config={**config, "Labels": {"a": "b"}}, tag="shop:1")
    image = read_image(layout.write(tmp_path))
    assert image.faults == ()
    assert image.is_whole
    assert image.digest == descriptor["digest"]
    assert str(image.platform) == "linux/amd64"
    assert image.tags == ("shop:1",)
    assert [one.diff_id for one in image.layers] == [digest(BASE), digest(GOOD)]
    assert [one.digest for one in image.layers] == [digest(packed(BASE)), digest(packed(GOOD))]
    assert content(image) == {"etc/passwd": b"root", "app/a.py": b"1", "app/b.py": b"2", "app/c.py": b"3"}
    assert [entry.path for entry in image.layers[1].tree] == ["app/c.py"]
    assert (image.config.entrypoint, image.config.cmd) == (("/lambda-entrypoint.sh",), ("app.handler",))
    assert image.config.env == (("A", "b=c"), ("PATH", "/bin"))
    assert "b=c" not in repr(image)
    assert (image.config.user, image.config.working_dir, image.config.labels) == ("993", "/var/task", (("a", "b"),))


@pytest.mark.parametrize("how", ["folder", "tar", "gz"])
def test_every_form_of_a_layout_is_the_same_image(tmp_path: Path, how: str) -> None:
    layout = Layout()
    layout.image((BASE, GOOD))
    if how == "folder":
        image = read_image(layout.write(tmp_path))
    else:
        path = layout.write_tar(tmp_path / "image.tar")
        if how == "gz":
            path.write_bytes(gzip.compress(path.read_bytes()))
        image = read_image(path)
    assert image.faults == ()
    assert image.tree.tree_hash() == read_image(layout.write(tmp_path / "again")).tree.tree_hash()


def test_dockers_own_kinds_of_documents_are_read(tmp_path: Path) -> None:
    docker = "application/vnd.docker."
    layout = Layout()
    settings = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest(BASE)]}}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{docker}distribution.manifest.v2+json",
        "config": layout.document(settings, f"{docker}container.image.v1+json"),
        "layers": [layout.blob(packed(BASE), f"{docker}image.rootfs.diff.tar.gzip")],
    }
    inner = layout.document(manifest, manifest["mediaType"], platform={"os": "linux", "architecture": "amd64"})
    listed = {"schemaVersion": 2, "mediaType": f"{docker}distribution.manifest.list.v2+json", "manifests": [inner]}
    layout.index["manifests"] = [layout.document(listed, listed["mediaType"])]
    image = read_image(layout.write(tmp_path))
    assert image.faults == ()
    assert (image.media_type, image.tree.read("app/a.py")) == (manifest["mediaType"], b"1")


def test_zstd_and_plain_layers_are_read(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    layout = Layout()
    layers = [layout.blob(zstandard.compress(BASE), OCI_LAYER + "+zstd"), layout.blob(GOOD, OCI_LAYER)]
    layout.image((BASE, GOOD), layers=layers)
    image = read_image(layout.write(tmp_path))
    assert image.faults == ()
    assert content(image)["app/c.py"] == b"3"


def test_without_zstandard_a_zstd_layer_is_not_assessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zstandard = pytest.importorskip("zstandard")
    layout = Layout()
    layout.image((BASE, GOOD), layers=[layout.blob(zstandard.compress(BASE), OCI_LAYER + "+zstd"), layout.blob(GOOD, OCI_LAYER)])
    monkeypatch.setitem(sys.modules, "zstandard", None)
    image = read_image(layout.write(tmp_path))
    assert "zstd-missing" in kinds(image)
    assert not image.is_whole
    assert content(image) == {"app/c.py": b"3"}


def test_what_docker_save_wrote_of_old_is_read(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(layer(docker_archive((BASE, GOOD))))
    image = read_image(path)
    assert image.faults == ()
    assert image.tags == ("shop:1",)
    assert image.config.cmd == ("app.handler",)
    assert content(image)["app/c.py"] == b"3"


def test_a_layer_may_be_a_link_to_that_of_another_image(tmp_path: Path) -> None:
    files = docker_archive((BASE, BASE))
    second = f"{1:064x}/layer.tar"
    files[second] = f"-> ../{0:064x}/layer.tar"
    path = tmp_path / "image.tar"
    path.write_bytes(layer(files))
    assert [one.diff_id for one in read_image(path).layers] == [digest(BASE)] * 2


def test_images_are_told_from_other_files(tmp_path: Path) -> None:
    layout = Layout()
    layout.image((BASE,))
    assert looks_like_image(layout.write(tmp_path / "folder"))
    assert looks_like_image(layout.write_tar(tmp_path / "layout.tar"))
    tmp_path.joinpath("packed.tar.gz").write_bytes(gzip.compress(tmp_path.joinpath("layout.tar").read_bytes()))
    assert looks_like_image(tmp_path / "packed.tar.gz")
    tmp_path.joinpath("saved.tar").write_bytes(layer(docker_archive((BASE, GOOD))))
    assert looks_like_image(tmp_path / "saved.tar")
    for name, data in (("other.tar", BASE), ("zip", b"PK\x03\x04" + bytes(600)), ("empty", b""), ("cut.gz", gzip.compress(BASE)[:30])):
        tmp_path.joinpath(name).write_bytes(data)
        assert not looks_like_image(tmp_path / name)
    assert not looks_like_image(tmp_path / "nowhere")
    assert not looks_like_image(tmp_path)


def test_function_code_and_layers_of_an_image_are_trees_of_their_own(tmp_path: Path) -> None:
    image = read(tmp_path, layer({"var/task/app.py": b"1", "opt/extensions/x": b"2", "optional": b"3"}))
    task, opt = subtree(image.tree, "var/task"), subtree(image.tree, "/opt/")
    assert (list(task.entries), task.read("app.py")) == (["app.py"], b"1")
    assert list(opt.entries) == ["extensions/x"]


# --- which image -----------------------------------------------------------------------------------------------------------


def several() -> Layout:
    layout = Layout()
    inner = [layout.image((layer({name: b"x"}),), platform=("linux", name), listed=False, tag="") for name in ("arm64", "amd64")]
    noise = layout.document(
        {"schemaVersion": 2, "config": layout.blob(b"{}", "application/vnd.in-toto+json"), "layers": []},
        "application/vnd.oci.image.manifest.v1+json",
    )
    noise |= {
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    nested = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [*inner, noise]}
    layout.index["manifests"] = [
        layout.document(nested, "application/vnd.oci.image.index.v1+json", annotations={"org.opencontainers.image.ref.name": "shop:2"})
    ]
    return layout


@pytest.mark.parametrize(("asked", "given"), [("", "amd64"), ("linux/arm64", "arm64"), ("linux/amd64", "amd64")])
def test_the_platform_asked_for_is_read_and_the_others_are_named(tmp_path: Path, asked: str, given: str) -> None:
    image = read_image(several().write(tmp_path), platform=asked, reference="shop:2")
    assert image.faults == ()
    assert list(content(image)) == [given]
    assert [str(one) for one in image.others] == [f"linux/{'arm64' if given == 'amd64' else 'amd64'}"]


def test_a_platform_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"linux/amd64, linux/arm64"):
        read_image(several().write(tmp_path), platform="linux/s390x")


def test_a_platform_that_was_not_pulled_is_no_fault(tmp_path: Path) -> None:
    layout = Layout()
    arm = layout.image((GOOD,), platform=("linux", "arm64"))
    layout.image((GOOD,))
    del layout.blobs[arm["digest"]]
    image = read_image(layout.write(tmp_path))
    assert image.faults == ()
    assert [str(one) for one in image.others] == ["linux/arm64"]


def test_an_index_that_says_another_platform_is_named(tmp_path: Path) -> None:
    layout = Layout()
    layout.image((GOOD,), platform=("linux", "arm64"))
    layout.index["manifests"][0]["platform"]["architecture"] = "amd64"
    assert "platform-differs" in kinds(read_image(layout.write(tmp_path)))


def test_a_docker_manifest_beside_the_index_must_be_about_the_same_image(tmp_path: Path) -> None:
    layout = Layout()
    layout.image((BASE,))
    other = layout.image((EVIL,), listed=False)
    for descriptor, expected in ((layout.index["manifests"][0], False), (other, True)):
        manifest = json.loads(layout.blobs[descriptor["digest"]])
        names = [f"blobs/{one['digest'].replace(':', '/')}" for one in (manifest["config"], *manifest["layers"])]
        files = {**layout.files(), "manifest.json": json.dumps([{"Config": names[0], "Layers": names[1:], "RepoTags": None}]).encode()}
        path = tmp_path / "image.tar"
        path.write_bytes(layer(files))
        assert ("two-images" in kinds(read_image(path))) is expected


# --- what is not what it says ----------------------------------------------------------------------------------------------


def test_a_swapped_blob_is_not_assessed_and_does_not_poison_the_good_image(tmp_path: Path) -> None:
    cache: LayerCache = {}
    good, bad = Layout(), Layout()
    good.image((BASE, GOOD))
    bad.image((BASE, GOOD))
    bad.blobs[digest(packed(GOOD))] = packed(EVIL)
    good.write(tmp_path / "good")
    bad.write(tmp_path / "bad")
    swapped = read_image(tmp_path / "bad", cache=cache)
    wrong = [fault.kind for fault in swapped.faults if fault.is_fatal]
    assert wrong in (["size-mismatch"], ["digest-mismatch"])
    assert "app/c.py" not in swapped.tree
    assert "app/a.py" in swapped.tree
    assert digest(packed(GOOD)) not in cache
    image = read_image(tmp_path / "good", cache=cache)
    assert image.faults == ()
    assert content(image)["app/c.py"] == b"3"
    assert set(cache) == {digest(packed(BASE)), digest(packed(GOOD))}
    # And once more, now that everything is warm.
    assert "app/c.py" not in read_image(tmp_path / "bad", cache=cache).tree
    assert content(read_image(tmp_path / "good", cache=cache)) == content(image)


def test_a_layer_whose_content_is_not_that_of_its_diff_id_is_not_assessed(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, EVIL, diff_ids=(digest(BASE), digest(GOOD)))
    assert kinds(image) == {"diff-id-mismatch"}
    assert "app/c.py" not in image.tree
    assert image.layers[1].diff_id == digest(EVIL)


def test_a_swapped_layer_of_a_docker_archive_is_not_assessed(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(layer(docker_archive((BASE, EVIL), diff_ids=(digest(BASE), digest(GOOD)))))
    image = read_image(path)
    assert kinds(image) == {"diff-id-mismatch"}
    assert "app/c.py" not in image.tree


@pytest.mark.parametrize("which", ["config", "manifest"])
def test_a_swapped_document_is_not_followed(tmp_path: Path, which: str) -> None:
    layout = Layout()
    descriptor = layout.image((GOOD,))
    name = descriptor["digest"] if which == "manifest" else json.loads(layout.blobs[descriptor["digest"]])["config"]["digest"]
    layout.blobs[name] = layout.blobs[name].replace(b"linux", b"LINUX").replace(b"schemaVersion", b"SCHEMAVERSION")
    image = read_image(layout.write(tmp_path))
    assert kinds(image) == {"digest-mismatch"}
    assert not image.is_whole
    assert not image.config.cmd


def test_a_size_that_is_not_the_announced_one_is_named(tmp_path: Path) -> None:
    layout = Layout()
    announced = layout.blob(packed(GOOD), OCI_LAYER + "+gzip") | {"size": 7}
    layout.image((GOOD,), layers=[announced])
    assert kinds(read_image(layout.write(tmp_path))) == {"size-mismatch"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        pytest.param({"urls": ["https://layers.invalid/1"]}, "foreign-layer", id="urls"),
        pytest.param({"mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}, "foreign-layer", id="foreign"),
        pytest.param({"mediaType": "application/x-squashfs"}, "media-type", id="another-kind"),
        pytest.param({"mediaType": OCI_LAYER + "+zstd"}, "media-type-differs", id="another-compression"),
        pytest.param({"digest": "sha512:" + "0" * 128}, "digest-algorithm", id="another-hash"),
        pytest.param({"digest": "sha256:../../../../etc/passwd"}, "digest-algorithm", id="traversal"),
        pytest.param({"digest": "sha256:" + "0" * 64}, "blob-missing", id="missing"),
    ],
)
def test_a_layer_that_is_not_to_be_trusted_is_named(tmp_path: Path, change: dict, kind: str) -> None:
    layout = Layout()
    layout.image((GOOD,), layers=[layout.blob(packed(GOOD), OCI_LAYER + "+gzip") | change])
    image = read_image(layout.write(tmp_path))
    assert kind in kinds(image)
    assert image.is_whole is (kind == "media-type-differs")


def test_layers_that_the_configuration_does_not_name_are_a_fault(tmp_path: Path) -> None:
    assert "layer-count" in kinds(read(tmp_path, BASE, GOOD, diff_ids=(digest(BASE),)))


@pytest.mark.parametrize(
    "document",
    [
        b'{"schemaVersion": 2, "manifests": [], "layers": []}',
        b'{"schemaVersion": 2, "manifests": [], "manifests": []}',
        b'{"schemaVersion": 2, "manifests": [], "Manifests": []}',
        b'{"schemaVersion": 1, "fsLayers": []}',
        b'{"schemaVersion": 2, "manifests": [{"size": "secret-value"}]}',
        b"[" * 100_000,
        b"{}",
        b"",
        b"\xff\xfe",
    ],
)
def test_an_index_that_is_none_is_one_error(tmp_path: Path, document: bytes) -> None:
    tmp_path.joinpath("index.json").write_bytes(document)
    with pytest.raises(ImageError) as bad:
        read_image(tmp_path)
    assert "secret-value" not in str(bad.value)


def test_a_manifest_that_is_an_index_to_others_is_not_followed(tmp_path: Path) -> None:
    layout = Layout()
    layout.image((GOOD,), manifests=[])
    assert kinds(read_image(layout.write(tmp_path))) == {"ambiguous-manifest"}


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="text"),
        pytest.param(b"PK\x03\x04" + bytes(2000), id="a zip"),
        pytest.param(archive(entry("a", b"x")), id="a tar of something else"),
        pytest.param(gzip.compress(b"x")[:-4], id="a cut gzip"),
    ],
)
def test_what_is_no_image_is_one_error(tmp_path: Path, made: bytes) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(made)
    with pytest.raises(ImageError):
        read_image(path)


def test_a_pipe_in_place_of_a_blob_does_not_block(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "index.json")
    with pytest.raises(ImageError):
        read_image(tmp_path)


# --- layers over layers ----------------------------------------------------------------------------------------------------


def test_whiteouts_delete_what_lower_layers_hold(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, layer({"app/.wh.a.py": b"", "etc/.wh..wh..opq": b"", "etc/hosts": b"h"}))
    assert image.faults == ()
    assert content(image) == {"app/b.py": b"2", "etc/hosts": b"h"}


def test_a_whiteout_of_a_folder_deletes_all_below_it(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, layer({".wh.app": b"", "app": None, "app/new.py": b"n"}))
    assert content(image) == {"etc/passwd": b"root", "app/new.py": b"n"}
    assert kinds(image) == {"whiteout-beside-file"}


def test_opaque_folders_keep_what_their_own_layer_brings_in_any_order(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, layer({"app/new.py": b"n", "app/.wh..wh..opq": b""}))
    assert content(image) == {"etc/passwd": b"root", "app/new.py": b"n"}


@pytest.mark.parametrize("name", ["app/.wh...", "app/.wh..", "app/.wh."])
def test_a_whiteout_that_leads_out_deletes_nothing(tmp_path: Path, name: str) -> None:
    image = read(tmp_path, BASE, archive(entry(name)))
    assert "whiteout-escapes" in kinds(image)
    assert len(content(image)) == 3


def test_a_whiteout_of_nothing_is_named(tmp_path: Path) -> None:
    assert kinds(read(tmp_path, BASE, layer({"app/.wh.gone": b""}))) == {"whiteout-of-nothing"}


def test_a_whiteout_does_not_follow_links_out(tmp_path: Path) -> None:
    image = read(tmp_path, layer({"d": "-> ../../etc", "etc": None, "etc/x": b"x"}), archive(entry("d/.wh.x")))
    assert {"below-a-link", "symlink-escapes"} <= kinds(image)
    assert content(image) == {}


def test_later_layers_replace_files_links_and_folders(tmp_path: Path) -> None:
    low = layer({"a": b"1", "b": None, "b/x": b"x", "c": "-> a"})
    high = layer({"a": None, "a/y": b"y", "b": b"2", "c": b"3"})
    assert content(read(tmp_path, low, high)) == {"a/y": b"y", "b": b"2", "c": b"3"}


def test_hard_links_are_files_even_when_their_first_name_is_replaced(tmp_path: Path) -> None:
    image = read(tmp_path, layer({"a": b"1"}), layer({"b": "hard -> a"}), layer({"a": b"2"}))
    assert image.faults == ()
    assert content(image) == {"a": b"2", "b": b"1"}


@pytest.mark.parametrize(
    ("target", "kind"), [("../../etc/passwd", "hardlink-escapes"), ("nowhere", "hardlink-of-nothing"), ("etc", "hardlink-of-nothing")]
)
def test_hard_links_out_of_the_image_hold_nothing(tmp_path: Path, target: str, kind: str) -> None:
    image = read(tmp_path, BASE, archive(entry("x", kind=b"1", link=target)))
    assert kind in kinds(image)
    assert "x" not in image.tree


def test_a_hard_link_through_a_link_stays_in_the_image(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, layer({"d": "-> ../../../etc", "x": "hard -> d/passwd"}))
    assert {"hardlink-through-link", "symlink-escapes"} <= kinds(image)
    assert image.tree.read("x") == b"root"


def test_a_file_below_a_link_of_a_lower_layer_lands_where_it_leads(tmp_path: Path) -> None:
    image = read(tmp_path, BASE, layer({"d": "-> /etc"}), layer({"d/passwd": b"evil"}))
    assert kinds(image) == {"below-a-link"}
    assert image.tree.read("etc/passwd") == b"evil"
    assert image.tree.entries["d"].kind == "symlink"


def test_links_in_circles_are_named(tmp_path: Path) -> None:
    image = read(tmp_path, layer({"a": "-> b", "b": "-> a"}), layer({"a/x": b"x"}))
    assert "link-loop" in kinds(image)
    assert content(image) == {}


def test_case_is_told_apart_and_look_alikes_are_named(tmp_path: Path) -> None:
    assert read(tmp_path / "1", layer({"e": b"", "E": b""})).faults == ()
    assert kinds(read(tmp_path / "2", layer({"app/boto.py": b"", "app/bоto.py": b""}))) == {"twin-name"}


def test_links_within_an_image_are_no_fault(tmp_path: Path) -> None:
    links = {"usr": None, "usr/lib": None, "lib": "-> usr/lib", "usr/lib/x": "-> /etc/alternatives/x", "usr/lib/y": "-> ../../etc/y"}
    assert read(tmp_path, layer(links)).faults == ()


def small() -> bytes:
    layout = Layout()
    layout.image((layer({"a": b"1" * 40}), layer({".wh.a": b"", "b": b"2"})), tag="shop:1")
    return layer(dict(layout.files()))


SMALL = small()


@settings(max_examples=250, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_any_bytes_may_be_wrong_and_what_is_read_is_what_was_hashed(tmp_path_factory, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    path = tmp_path_factory.mktemp("image") / "image.tar"
    path.write_bytes(bytes(data))
    try:
        image = read_image(path)
    except ImageError:
        return
    for one in image.tree.files():
        assert one.sha256 == digest(image.tree.read(one.path))[7:]
    if image.is_whole:
        assert content(image) == {"b": b"2"}


# --- attacks on the reader -------------------------------------------------------------------------------------------------


def bomb() -> Layout:
    layout = Layout()
    size = 300 * 1024 * 1024
    whole = archive(header(b"zeros", size), bytes(size))
    layout.image((), layers=[layout.blob(gzip.compress(whole, 6), OCI_LAYER + "+gzip")], diff_ids=[digest(whole)])
    return layout


def many() -> Layout:
    layout = Layout()
    layout.image((archive(*(entry(f"app/folder{number % 700}/file{number}.py") for number in range(70_000))),))
    return layout


def implied() -> Layout:
    """Names so deep that the folders above them would fill the memory."""
    from tests.engines.artifact.images import pax

    layout = Layout()
    layout.image((archive(*(pax({"path": f"{number}/" + "a/" * 2000 + "x"}) + entry("x") for number in range(3000))),))
    return layout


def looped() -> Layout:
    """Links that are long to follow, and much that stands below them."""
    layout = Layout()
    links = {f"l{number}": f"-> {'x/../' * 800}l{number + 1}" for number in range(30)}
    layout.image((layer(links), archive(*(entry(f"l0/{number}/x") for number in range(5000)))))
    return layout


def swapped() -> Layout:
    layout = Layout()
    layout.image((BASE, GOOD))
    layout.blobs[digest(packed(GOOD))] = packed(EVIL)
    return layout


CORPUS = {
    "bomb": (bomb, "bomb"),
    "many": (many, ""),
    "implied": (implied, "bomb"),
    "looped": (looped, "link-loop"),
    "swapped": (swapped, "digest-mismatch"),
}


@pytest.mark.parametrize("name", CORPUS)
def test_attacks_cost_little_and_write_nothing(tmp_path: Path, name: str) -> None:
    make, kind = CORPUS[name]
    path = make().write(tmp_path / "image")
    before = sorted(str(one) for one in tmp_path.rglob("*"))
    code = (
        "import sys, resource; from pathlib import Path; from buckler.engines.artifact.oci import read_image;"
        "start = resource.getrusage(resource.RUSAGE_SELF); image = read_image(Path(sys.argv[1]));"
        "used = resource.getrusage(resource.RUSAGE_SELF);"
        "peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'));"
        "print(used.ru_utime + used.ru_stime - start.ru_utime - start.ru_stime, peak, len(image.tree), *{fault.kind for fault in image.faults})"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=tmp_path, capture_output=True, text=True, check=True)
    seconds, peak_kb, entries, *found = done.stdout.split()
    assert float(seconds) < allowed(1.5), "of the processor; the target is one second"
    assert int(peak_kb) < 100 * 1024
    assert {kind} - {""} <= set(found)
    assert name != "many" or (int(entries) == 70_000 and not found)
    assert sorted(str(one) for one in tmp_path.rglob("*")) == before
