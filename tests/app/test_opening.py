"""Artifacts are told by what they are, wherever that stands in the file."""

import hashlib
import tempfile
from pathlib import Path

import pytest
from tests.engines.artifact.attacks import plain

from buckler.app import ScanOptions, read_targets
from buckler.app.opening import open_artifact, open_zip
from buckler.errors import SourceError


def test_a_zip_behind_something_else_is_read_and_what_stands_in_front_is_named(tmp_path: Path) -> None:
    path = tmp_path / "layer.zip"
    path.write_bytes(b"\x7fELF" + bytes(600) + plain(("python/x.py", b"import os\n")))
    opened = open_artifact(path)
    assert opened.kind == "zip"
    assert list(opened.tree.entries) == ["python/x.py"]
    assert "prefixed-data" in {fault.kind for fault in opened.tree.faults}
    read = read_targets([path], ScanOptions())
    assert [one.artifacts[0].name for one in read.estates] == ["layer.zip"]


@pytest.mark.parametrize("content", [b"", b"text", b"\x7fELF" + bytes(600), b"PK\x05\x06"])
def test_what_is_no_artifact_is_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "layer.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError):
        open_artifact(path)


def test_a_zip_without_a_name_is_read_after_its_file_was_closed() -> None:
    content = plain(("python/x.py", b"import os\n"))
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        opened = open_zip(file, "the code of orders")
    assert (opened.digest, opened.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert opened.tree.read("python/x.py") == b"import os\n"


def test_what_is_no_zip_is_named_as_the_caller_names_it() -> None:
    with tempfile.TemporaryFile() as file, pytest.raises(SourceError, match="the code of orders"):
        open_zip(file, "the code of orders")
