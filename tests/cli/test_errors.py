"""Every mistake ends in one error line, a cause where there is one, a hint, and the right exit code; never in a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest


def buckler(*arguments: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    import os

    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    clean |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", **env}
    return subprocess.run(
        [sys.executable, "-m", "buckler.cli.main", *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd, env=clean
    )


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        pytest.param(
            ["scna"], 2, ["error: there is no command `scna`", "hint: a similar command exists: `buckler scan`"], id="mistyped-command"
        ),
        pytest.param(
            ["scan", "--formt", "json"], 2, ["error: no such option", "hint: a similar option exists: `--format`"], id="mistyped-option"
        ),
        pytest.param(
            ["scan", "--format", "jsn"],
            2,
            ["error: `jsn` is not a value of --format", "hint: a similar value exists: `json`"],
            id="mistyped-value",
        ),
        pytest.param(
            ["secrets", "migrate", "f", "--to", "ssm", "--patch", "p"],
            2,
            ["error: --patch needs the source that is patched", "hint: --source FOLDER --patch FILE"],
            id="patch-without-source",
        ),
        pytest.param(
            ["secrets", "migrate", "f", "--to", "ssm", "--source", ".", "--layer", "arn"],
            2,
            ["error: --source and --layer exclude each other", "hint: leave out one"],
            id="layer-and-source",
        ),
        pytest.param(
            ["secrets", "migrate", "f", "--to", "ssm", "--source", "nowhere"], 2, ["error: `nowhere` is no folder"], id="source-nowhere"
        ),
        pytest.param(
            ["fix", ".", "--project", "."], 2, ["error: --project is for the live account, and a target was named"], id="project-and-target"
        ),
        pytest.param(
            ["explain", "function-url-publik"],
            2,
            ["error: there is no check `function-url-publik`", "`function-url-public`"],
            id="mistyped-check",
        ),
        pytest.param(["scan", "--framework", "fsbq", "."], 2, ["error: there is no framework `fsbq`", "`fsbp`"], id="mistyped-framework"),
        pytest.param(["scan", "nowhere.yaml"], 2, ["`nowhere.yaml` does not exist"], id="missing-file"),
        pytest.param(
            ["net", "nowhere.yaml", "--to", "db"],
            2,
            ["`nowhere.yaml` does not exist", "the function comes first"],
            id="missing-file-of-net",
        ),
        pytest.param(["scan", "--parameter", "Secret", "."], 2, ["error: --parameter needs KEY=VALUE"], id="bad-parameter"),
        pytest.param(
            ["scan", ".", "--region", "eu-west-1"],
            2,
            ["error: --region is for the live account, and a target was named"],
            id="target-and-region",
        ),
        pytest.param(["scan", "."], 3, ["error: nothing to scan in `.`", "hint:"], id="empty-folder"),
        pytest.param(["scan", "--report", "x.doc", "."], 2, ["cannot tell the format of `x.doc`"], id="unknown-report"),
        pytest.param(["scan", "--baseline", "nope.json", "."], 2, ["cannot read the baseline `nope.json`"], id="no-baseline"),
        pytest.param(["scan", "--region", "eu-west-1"], 2, ["error:", "hint:"], id="no-credentials"),
        pytest.param(["diff", "a", "b"], 2, ["`a` does not exist", "`b` does not exist"], id="diff-of-nothing"),
    ],
)
def test_told_in_one_line(tmp_path, arguments, code, stderr):
    done = buckler(*arguments, cwd=tmp_path)
    told = done.stderr + done.stdout
    assert done.returncode == code, told
    for piece in stderr:
        assert piece in told
    assert "Traceback" not in told


def test_one_bad_target_does_not_stop_the_others(tmp_path):
    (tmp_path / "good.yaml").write_text(
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python2.7\n      Handler: a.b\n      Code: {ZipFile: x}\n      Role: arn:aws:iam::123456789012:role/r\n"
    )
    (tmp_path / "bad.yaml").write_text("Resources:\n  F: {Type: AWS::Lambda::Function\n")
    done = buckler("scan", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert "runtime-deprecated" in done.stdout
    assert "bad.yaml" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_parameter_s_value_is_never_repeated(tmp_path):
    done = buckler("scan", ".", "--parameter", "hunter2-is-my-password", cwd=tmp_path)
    assert "hunter2" not in done.stdout + done.stderr


def test_a_reader_that_stops_early_is_no_error(tmp_path):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m buckler.cli.main checks | head -1"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [["scan", "x" * 5000], ["scan", "template.yaml", "--output", "x" * 5000]])
def test_a_name_no_file_can_have_is_a_mistake_and_not_our_bug(arguments, tmp_path):
    (tmp_path / "template.yaml").write_text("AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", encoding="utf-8")
    told = buckler(*arguments, cwd=tmp_path)
    assert told.returncode == 2
    assert "too long" in told.stdout + told.stderr
    assert "bug" not in told.stderr


@pytest.mark.parametrize("output_format", ["console", "json"])
def test_a_side_that_cannot_be_read_is_not_compared(tmp_path, output_format):
    (tmp_path / "old.yaml").write_text(
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python2.7, Handler: a.b, Code: {ZipFile: x}, Role: r}\n"
    )
    (tmp_path / "new.yaml").write_text("Resources:\n  F: {Type: AWS::Lambda::Function\n")
    done = buckler("diff", "old.yaml", "new.yaml", "--format", output_format, cwd=tmp_path)
    assert done.returncode == 2
    assert "new.yaml" in done.stderr
    assert "disappeared" not in done.stdout
    assert "runtime-deprecated" not in done.stdout


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        pytest.param("--kms-key", "banana", "the ARN of a key", id="key"),
        pytest.param(
            "--failure-destination", "arn:aws:kinesis:eu-west-1:123456789012:stream/s", "the ARN of a queue or topic", id="stream"
        ),
        pytest.param("--extension-layer", "arn:aws:lambda:eu-west-1:123456789012:layer:x", "the ARN of a layer version", id="no-version"),
        pytest.param("--signing-profile", "release", "the ARN of a version of a signing profile", id="profile"),
        pytest.param("--allow-origin", "*", "an origin", id="everybody"),
        pytest.param("--subnet", "subnet 1", "a subnet", id="subnet"),
        pytest.param("--security-group", "aws_instance.x", "a security group", id="group"),
        pytest.param("--allow-origin", "https://a.example/path", "an origin", id="a-page-is-no-origin"),
    ],
)
def test_what_aws_would_refuse_is_not_written_into_a_template(tmp_path, option, value, what):
    template = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: python3.14, Handler: a.b, Code: {ZipFile: x}, Role: r}\n"
    (tmp_path / "t.yaml").write_text(template)
    done = buckler("fix", "t.yaml", option, value, "--write", cwd=tmp_path)
    assert done.returncode == 2
    assert f"error: `{value}` is not {what}, which {option} takes\nhint: " in done.stderr
    assert (tmp_path / "t.yaml").read_text() == template


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("assert",), "which file?", id="assert-without-a-file"),
        pytest.param(("assert", "gone.yaml", "t.yaml"), "cannot read `gone.yaml`", id="a-file-that-is-not-there"),
        pytest.param(("F", "t.yaml", "--why"), "--why is of one target", id="why-of-nothing"),
    ],
)
def test_questions_about_networks_that_lack_something(tmp_path, words, said):
    (tmp_path / "t.yaml").write_text("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Role: r}}}\n")
    done = buckler("net", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert f"error: {said}" in done.stderr
    assert "Traceback" not in done.stderr
