"""A finding is the same finding however its file was typed, wherever the command ran, and wherever in the file it moved."""

import json
import os
import shutil
from pathlib import Path

import pytest

from buckler import app
from buckler.app.naming import steady_names

TEMPLATE = """\
Resources:
  Job:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.6
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/job
  Open:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Job, Action: lambda:InvokeFunction, Principal: "*"}
"""
MOVED = TEMPLATE.replace("Resources:\n", "Resources:\n" + "  # ten lines of thoughts\n" * 10)
OPTIONS = app.ScanOptions(today="2026-11-26")


def fingerprints(*targets: str | Path, options: app.ScanOptions = OPTIONS) -> set[str]:
    result = app.scan_targets([Path(target) for target in targets], options)
    assert not result.errors
    return {finding.fingerprint for finding in result.findings}


@pytest.fixture(params=[".git", "buckler.toml", None], ids=["repository", "configured", "bare"])
def project(tmp_path, request):
    """A folder with a template two levels down, as a repository, with a configuration, or neither."""
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "template.yaml").write_text(TEMPLATE)
    if request.param == ".git":
        (folder / ".git").mkdir()
    elif request.param:
        (folder / request.param).write_text("")
    return folder


def test_a_file_has_one_name_however_it_is_typed(project, monkeypatch):
    file = project / "shop" / "template.yaml"
    first = fingerprints(file)
    assert first
    for folder, typed in [
        (project / "shop", ["template.yaml", "./template.yaml", "../shop/template.yaml", "."]),
        (project, ["shop/template.yaml", "shop", ".", str(file)]),
        (project.parent, ["project/shop/template.yaml", "project"]),
    ]:
        monkeypatch.chdir(folder)
        for one in typed:
            assert fingerprints(one) == first, (folder, one)


def test_a_checkout_elsewhere_has_the_same_names(project):
    elsewhere = project.parent / "builds" / "42"
    shutil.copytree(project, elsewhere)
    assert fingerprints(elsewhere) == fingerprints(project)


def test_a_resource_that_moves_is_the_same(project):
    before = fingerprints(project)
    (project / "shop" / "template.yaml").write_text(MOVED)
    assert fingerprints(project) == before


def test_files_of_one_name_are_not_mixed_up(project):
    (project / "mail").mkdir()
    (project / "mail" / "template.yaml").write_text(TEMPLATE)
    both = fingerprints(project)
    assert len(both) == 2 * len(fingerprints(project / "shop"))
    known = app.ScanOptions(today="2026-11-26", baseline=frozenset(fingerprints(project / "shop")))
    if (project / ".git").exists():
        assert len(fingerprints(project, options=known)) == len(both) // 2
    else:
        assert fingerprints(project, options=known), "what is in the other file is new"


def test_a_name_that_is_no_text_is_a_name(tmp_path):
    file = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.yaml"))  # noqa: PTH118 - bytes
    Path(file).write_text(TEMPLATE)
    assert fingerprints(file)


def test_the_shortest_end_that_tells_files_apart(tmp_path):
    files = {name: str(tmp_path / name) for name in ("a/x.yaml", "b/x.yaml", "b/y.yaml", "c/b/y.yaml")}
    names = steady_names(files.values())
    assert names[files["a/x.yaml"]] == "a/x.yaml"
    assert names[files["b/x.yaml"]] == "b/x.yaml"
    assert names[files["c/b/y.yaml"]] == "c/b/y.yaml"
    assert names[files["b/y.yaml"]].endswith("/b/y.yaml")
    assert len(set(names.values())) == 4


def test_a_template_is_compared_with_its_other_state_wherever_that_lies(tmp_path):
    (tmp_path / "was.yaml").write_text(TEMPLATE)
    (tmp_path / "is.yaml").write_text(MOVED.replace('Principal: "*"', "Principal: s3.amazonaws.com"))
    was, now = (app.read_targets([tmp_path / name], OPTIONS).estates for name in ("was.yaml", "is.yaml"))
    difference = app.compare(was, now, OPTIONS)
    assert [(one.kind, one.collection) for one in difference.changes] == [("changed", "functions")]
    assert {one.check for one in difference.disappeared} >= {"policy-open-to-anyone"}
    assert difference.remained


def test_a_baseline_holds_what_json_prints(project, monkeypatch):
    from buckler.cli._entry import run

    monkeypatch.chdir(project / "shop")
    assert run(["scan", "template.yaml", "--format", "json", "--output", "baseline.json"]) == 1
    assert json.loads(Path("baseline.json").read_text())["findings"]
    monkeypatch.chdir(project)
    assert run(["scan", "shop", "--baseline", "shop/baseline.json"]) == 0
