"""`buckler sbom`, as scripts use it."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
from tests.engines.artifact.images import Layout, docker_archive
from tests.engines.artifact.images import layer as layer_of

FILES = {
    "python/six-1.16.0.dist-info/METADATA": "Name: six\nVersion: 1.16.0\n\n",
    "node_modules/a/package.json": '{"name": "a", "version": "1.0.0"}',
}


def buckler(*arguments, cwd, **env):
    return subprocess.run(
        [sys.executable, "-m", "buckler.cli.main", "sbom", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def layer(tmp_path):
    tmp_path.joinpath("layer.zip").write_bytes(zipped(FILES))
    for name, content in FILES.items():
        file = tmp_path / "layer" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path


@pytest.mark.parametrize("target", ["layer.zip", "layer"])
@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_a_zip_and_a_folder_hold_the_same(layer, target, form):
    done = buckler(target, "--format", form, "--strict", cwd=layer)
    assert (done.returncode, done.stderr) == (0, "")
    assert "pkg:pypi/six@1.16.0" in done.stdout
    assert "pkg:npm/a@1.0.0" in done.stdout
    assert str(layer) not in done.stdout
    assert buckler(target, "--format", form, cwd=layer).stdout == done.stdout


@pytest.mark.parametrize("make", ["layout", "archive", "docker"])
def test_an_image(tmp_path, make):
    lower = layer_of(
        {
            "usr/lib/os-release": b"ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": b"Package: libc6\nStatus: install ok installed\nVersion: 2.36\n",
        }
    )
    upper = layer_of(
        {f"var/task/{name}": content.encode() for name, content in FILES.items()}
        | {"var/task/gone-1.dist-info/METADATA": b"Name: gone\nVersion: 1\n"}
    )
    top = layer_of({"var/task/gone-1.dist-info/.wh.METADATA": b""})
    target = tmp_path / "image"
    if make == "docker":
        target.write_bytes(layer_of(docker_archive([lower, upper, top])))
    else:
        layout = Layout()
        layout.image([lower, upper, top])
        layout.write(target) if make == "layout" else layout.write_tar(target)
    done = buckler("image", "--strict", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    bill = json.loads(done.stdout)
    assert [one["purl"] for one in bill["components"]] == [
        "pkg:deb/debian/libc6@2.36?distro=debian-12",
        "pkg:npm/a@1.0.0",
        "pkg:pypi/six@1.16.0",
    ]
    assert bill["metadata"]["component"]["type"] == "container"


def test_a_file_is_written_whole(layer):
    done = buckler("layer.zip", "-o", "bill.json", cwd=layer)
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((layer / "bill.json").read_text())["bomFormat"] == "CycloneDX"


def test_what_was_not_read_is_told_and_strict_minds(layer):
    (layer / "x.zip").write_bytes(zipped({**FILES, **{f"{number}.jar": "no archive" for number in range(7)}}))
    done = buckler("x.zip", cwd=layer)
    assert done.returncode == 0
    assert done.stderr.count("note: not assessed:") == 6
    assert "2 more" in done.stderr
    assert buckler("x.zip", "--strict", cwd=layer).returncode == 4


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda path: None, "cannot read"),
        (lambda path: path.write_bytes(b"hello"), "is no artifact"),
        (lambda path: path.write_bytes(b"PK\x03\x04"), "cannot read"),
        (lambda path: path.write_bytes(b""), "is no artifact"),
    ],
)
def test_what_is_no_artifact_is_one_error(tmp_path, make, error):
    make(tmp_path / "x.zip")
    done = buckler("x.zip", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    first = done.stderr.splitlines()[0]
    assert first.startswith("error: ")
    assert error in first
    assert "`x.zip`" in first
    assert "Traceback" not in done.stderr


def test_the_epoch_is_a_number(layer):
    assert '"timestamp": "2001-09-09T01:46:40Z"' in buckler("layer.zip", cwd=layer, SOURCE_DATE_EPOCH="1000000000").stdout
    done = buckler("layer.zip", cwd=layer, SOURCE_DATE_EPOCH="yesterday")
    assert done.returncode == 2
    assert "SOURCE_DATE_EPOCH" in done.stderr
