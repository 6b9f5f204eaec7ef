"""The files of a project are read as they are; what is not read is named."""

import os

import pytest

from buckler.errors import UsageError
from buckler.sources import project
from buckler.sources.project import read_project


def names(folder, *suffixes):
    return [one.path for one in read_project(folder, suffixes).files]


def unread(folder):
    return [str(one) for one in read_project(folder).unread]


def test_files_of_people_are_read_and_those_of_tools_are_not(tmp_path):
    for name in ("a.py", ".env", "b/c.txt", "node_modules/x.js", ".git/config", "__pycache__/a.pyc", ".venv/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(tmp_path) == [".env", "a.py", "b/c.txt"]
    assert names(tmp_path, ".py", ".txt") == ["a.py", "b/c.txt"]


def test_a_link_out_of_the_folder_is_named_and_one_inside_is_read_once(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("x")
    (tmp_path / "in" / "b").symlink_to(tmp_path / "in" / "a")
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    (tmp_path / "in" / "itself").symlink_to(tmp_path / "in" / "itself")
    assert names(tmp_path / "in") == ["a"]
    assert sorted(unread(tmp_path / "in")) == ["itself: is a link that leads to itself", "out: is a link that leads out of the folder"]


def test_pipes_large_files_and_what_may_not_be_read_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(project, "_MOST_BYTES", 1024 * 1024)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    assert unread(tmp_path) == ["large: is larger than 1 MB", "pipe: is no regular file"]


def test_no_more_is_read_than_fits(tmp_path, monkeypatch):
    for number in range(5):
        (tmp_path / str(number)).write_bytes(b"x" * 100)
    monkeypatch.setattr(project, "_MOST_IN_ALL", 150)
    assert names(tmp_path) == ["0", "1"]
    assert unread(tmp_path) == ["only the first 2 files were read"]


def test_what_is_no_folder_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "nothing"):
        with pytest.raises(UsageError, match="is no folder"):
            read_project(path)
