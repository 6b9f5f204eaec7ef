"""Targets as typed: what is found, what is refused, and what must not be waited for."""

import os
from pathlib import Path

import pytest

from buckler.errors import SourceError
from buckler.sources.discover import discover

TEMPLATE = "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n"


def _names(folder: Path, **options: tuple[str, ...]) -> list[str]:
    return [Path(found.path).relative_to(folder).as_posix() for found in discover(folder, **options)]


def test_a_folder_gives_its_templates_in_order_and_no_other_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/one.yaml", "a.yml", "c.template", "d.YAML"):
        (tmp_path / name).write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "docker-compose.yml").write_text("services: {}\n", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/copy.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert _names(tmp_path) == ["a.yml", "c.template", "d.YAML", "b/one.yaml"]
    assert _names(tmp_path, exclude=("b",)) == ["a.yml", "c.template", "d.YAML"]


@pytest.mark.parametrize("name", ["metadata.yaml", "sorted.json"])
def test_a_template_is_known_however_late_its_resources_come(tmp_path: Path, name: str) -> None:
    entries = [f"key{number}" for number in range(5000)]
    if name.endswith("json"):
        mapping = ", ".join(f'"{entry}": {{"a": "b"}}' for entry in entries)
        text = f'{{"Mappings": {{"M": {{{mapping}}}}}, "Resources": {{"Q": {{"Type": "AWS::SQS::Queue"}}}}}}'
    else:
        text = "Metadata:\n" + "".join(f"  {entry}: a value\n" for entry in entries) + "Resources:\n  Q: {Type: AWS::SQS::Queue}\n"
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert text.index("Resources") > 65536
    assert _names(tmp_path) == [name]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "ok.yaml").write_text(TEMPLATE, encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert _names(tmp_path) == ["ok.yaml"]
    with pytest.raises(SourceError, match="is not a file"):
        list(discover(tmp_path / "pipe.yaml"))


def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    assert _names(tmp_path) == []
    with pytest.raises(SourceError, match="is not a file"):
        list(discover(Path("/dev/zero")))


def test_links_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "ok.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    assert _names(tmp_path) == ["ok.yaml"]
    (tmp_path / "self.yaml").symlink_to("self.yaml")
    with pytest.raises(SourceError, match="cannot read") as told:
        list(discover(tmp_path / "self.yaml"))
    assert "symbolic links" in told.value.cause


@pytest.mark.parametrize("name", ["nowhere.yaml", "ok.yaml/inside"])
def test_what_is_not_there_is_said_not_to_exist(tmp_path: Path, name: str) -> None:
    (tmp_path / "ok.yaml").write_text(TEMPLATE, encoding="utf-8")
    with pytest.raises(SourceError, match="does not exist"):
        list(discover(tmp_path / name))


def test_a_name_no_file_can_have_is_refused_in_a_short_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot read") as told:
        list(discover(tmp_path / ("x" * 5000)))
    assert len(told.value.error) < 300


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything: unreadable files were NOT tried; hint: run as an ordinary user")
def test_what_may_not_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """A template nobody could open is no clean template."""
    (tmp_path / "closed.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "closed.yaml").chmod(0)
    assert _names(tmp_path) == ["closed.yaml"]
    (tmp_path / "folder").mkdir(mode=0)
    found: list[str] = []
    with pytest.raises(SourceError, match="folder") as told:
        found.extend(one.path for one in discover(tmp_path))
    assert "denied" in told.value.cause.lower()
    assert len(found) == 1
    (tmp_path / "folder").chmod(0o700)
