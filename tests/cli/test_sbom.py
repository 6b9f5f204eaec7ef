"""`buckler sbom`, as scripts use it."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

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
        (lambda path: path.write_bytes(b"PK\x03\x04"), "cannot be read"),
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
