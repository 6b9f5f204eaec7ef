"""The GitHub Action and the pre-commit hook: their steps run, as a runner would run them, but for installing."""

import base64
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
OPEN = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
  Job:
    Type: AWS::Lambda::Function
    Properties: {Handler: a.b, Runtime: python3.13, Code: {ZipFile: "x"}, Role: !GetAtt Role.Arn}
"""


@pytest.fixture
def runner(tmp_path):
    """A step's script, with what a runner gives it."""
    files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    work, temporary, programs = tmp_path / "work", tmp_path / "temp", tmp_path / "programs"
    for folder in (work, temporary, programs):
        folder.mkdir()

    def step(name, **env):
        path = f"{programs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        given = {"PATH": path, "HOME": str(tmp_path), "RUNNER_TEMP": str(temporary)}
        given |= {key: str(value) for key, value in files.items()} | env
        # As GitHub runs `shell: bash`.
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],
            cwd=work, env=given, capture_output=True, text=True, check=False,
        )  # fmt: skip

    step.work, step.files, step.programs, step.temporary = work, files, programs, temporary
    return step


def test_findings_become_sarif_a_summary_and_the_exit_code(runner):
    (runner.work / "template.yaml").write_text(OPEN)
    done = runner("scan", TARGETS="template.yaml", OPTIONS="--fail-on low --color never", SARIF="out.sarif")
    assert done.returncode == 0, done.stderr
    assert "error[role-administrator]" in done.stdout
    assert runner.files["GITHUB_OUTPUT"].read_text() == "exit-code=1\n"
    assert "role-administrator" in runner.files["GITHUB_STEP_SUMMARY"].read_text()
    (run,) = json.loads((runner.work / "out.sarif").read_text())["runs"]
    assert "role-administrator" in {one["ruleId"] for one in run["results"]}
    assert runner("verdict", CODE="1").returncode == 1


def test_what_is_called_like_a_command_is_none(runner):
    name = "$(touch hacked);`touch hacked`.yaml"
    (runner.work / "a.yaml").write_text(OPEN)
    done = runner("scan", TARGETS=f"a.yaml {name}", OPTIONS="", SARIF="out.sarif")
    assert done.returncode == 0
    assert runner.files["GITHUB_OUTPUT"].read_text() == "exit-code=2\n"
    assert not (runner.work / "hacked").exists()


def test_no_script_holds_an_expression():
    """An expression in a script is put there before the shell reads it: a file's name would be a command."""
    assert all("${{" not in step["run"] for step in STEPS.values())
    assert all("uses" not in step for step in STEPS.values())


def test_the_file_is_uploaded_as_code_scanning_takes_it(runner):
    (runner.work / "out.sarif").write_text('{"version": "2.1.0"}')
    gh = runner.programs / "gh"
    gh.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$RUNNER_TEMP/asked"\n')
    gh.chmod(0o755)
    done = runner("upload", SARIF="out.sarif", COMMIT="abc", REF="refs/heads/main", REPOSITORY="acme/shop", GH_TOKEN="t")
    assert done.returncode == 0, done.stderr
    asked = (runner.temporary / "asked").read_text().split("\n")
    assert "repos/acme/shop/code-scanning/sarifs" in asked
    assert {"commit_sha=abc", "ref=refs/heads/main"} <= set(asked)
    (sent,) = [word.partition("@")[2] for word in asked if word.startswith("sarif=@")]
    assert gzip.decompress(base64.b64decode(Path(sent).read_text())) == b'{"version": "2.1.0"}'


def test_without_a_file_nothing_is_uploaded(runner):
    assert runner("upload", SARIF="none.sarif", COMMIT="", REF="", REPOSITORY="", GH_TOKEN="").returncode == 0


def test_every_variable_of_a_step_comes_from_an_input():
    used = {value for step in STEPS.values() for value in (step.get("env") or {}).values()}
    named = {value.removeprefix("${{ inputs.").removesuffix(" }}") for value in used if value.startswith("${{ inputs.")}
    assert named <= set(ACTION["inputs"])


def test_the_hook_of_pre_commit_finds_what_the_command_finds(tmp_path):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (tmp_path / "template.yaml").write_text(OPEN)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        hook["entry"].split(), cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "error[role-administrator]" in done.stdout
    assert hook["pass_filenames"] is False
