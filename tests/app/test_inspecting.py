"""Artifacts through the front door: what is named is looked into, and nothing of it is lost."""

import io
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from buckler.app import ScanOptions, scan_targets
from buckler.app.inspecting import inspector
from buckler.model.result import ScanResult


@pytest.fixture(autouse=True)
def _own_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", raising=False)
    inspector.cache_clear()


def layer(**changed: bytes | None) -> bytes:
    """A layer of a real package, as installed here, some of its files changed, added or left out."""
    files: dict[str, bytes] = {}
    for file in distribution("click").files or ():
        path = Path(str(file.locate()))
        if path.is_file() and "__pycache__" not in path.parts and ".." not in file.parts:
            files[f"python/{file.as_posix()}"] = path.read_bytes()
    for name, content in changed.items():
        if content is None:
            del files[name]
        else:
            files[name] = content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def scan(folder: Path, content: bytes, name: str = "layer.zip") -> ScanResult:
    path = folder / name
    path.write_bytes(content)
    return scan_targets([path], ScanOptions())


def test_a_clean_layer_sets_nothing_off_and_says_what_it_was_not_compared_with(tmp_path: Path) -> None:
    result = scan(tmp_path, layer())
    assert result.findings == ()
    assert {gap.need for gap in result.gaps} == {"buckler db update"}
    assert result.coverage.scopes[0].kind == "artifact"


def test_an_edited_module_and_a_loader_are_found(tmp_path: Path) -> None:
    loader = b'import os; exec(__import__("base64").b64decode("cHJpbnQoMSk="))\n'
    result = scan(tmp_path, layer(**{"python/click/core.py": b"import os\n", "python/zz.pth": loader}))
    assert [finding.check for finding in result.findings] == ["artifact-modified", "known-malware", "layer-shadows-runtime"]
    assert [finding.evidence[0].origin.path for finding in result.findings] == ["python/click/core.py", "python/zz.pth:1", "python/zz.pth"]


def test_a_file_taken_away_is_found(tmp_path: Path) -> None:
    (finding,) = scan(tmp_path, layer(**{"python/click/core.py": None})).findings
    assert finding.check == "artifact-modified"
    assert "missing" in finding.evidence[0].note


def test_a_folder_of_code_is_looked_into(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(layer())) as archive:
        archive.extractall(tmp_path / "layer")
    (tmp_path / "layer" / "python" / "click" / "core.py").write_text("x = 1\n")
    (finding,) = scan_targets([tmp_path / "layer"], ScanOptions()).findings
    assert finding.check == "artifact-modified"


def test_what_is_broken_is_one_error_and_the_others_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(layer()[:-30])
    result = scan_targets([tmp_path / "broken.zip", _written(tmp_path / "good.zip", layer())], ScanOptions())
    assert [error.target for error in result.errors] == [str(tmp_path / "broken.zip")]
    assert [scope.name for scope in result.coverage.scopes] == [str(tmp_path / "good.zip")]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_secret_in_the_code_is_found_and_not_shown(tmp_path: Path) -> None:
    secret = "AKIA" + "QWERTYUIOPASDFGH"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", f'import boto3\nKEY_ID = "{secret}"\n')
    result = scan(tmp_path, buffer.getvalue(), "function.zip")
    assert [finding.check for finding in result.findings] == ["secret-in-code"]
    assert secret not in repr(result)
