"""Artifacts are told by what they are, wherever that stands in the file."""

from pathlib import Path

import pytest
from tests.engines.artifact.attacks import plain

from buckler.app import ScanOptions, read_targets
from buckler.app.opening import open_artifact
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
