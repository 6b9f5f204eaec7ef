"""What a script in a pipeline relies on: exit codes, files whole or not at all, and ignores that say when they do nothing."""

import os
import stat

import pytest
from tests.cli.test_errors import buckler

BAD = """\
Resources:
  Job:
    Type: AWS::Lambda::Function
    Properties:
      Handler: app.handler
      Runtime: python3.6
      Code: {ZipFile: x}
      Role: arn:aws:iam::123456789012:role/job
"""
UNREADABLE = BAD.replace("python3.6", "!Ref Runtime") + "Parameters: {Runtime: {Type: String}}\n"
FINE = BAD.replace("python3.6", "python3.13")
HALF = ("--check", "runtime-deprecated")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "open.yaml").write_text(UNREADABLE)
    (tmp_path / "fine.yaml").write_text(FINE)
    return tmp_path


@pytest.mark.parametrize("format_name", ["console", "json", "sarif", "ocsf", "asff", "csv", "junit", "markdown", "html"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["bad.yaml"], 1),
        (["bad.yaml", "--fail-on", "critical"], 0),
        (["bad.yaml", "--fail-on", "never"], 0),
        (["bad.yaml", "open.yaml", "--strict"], 1),
        (["open.yaml"], 0),
        (["open.yaml", "--strict"], 4),
        (["open.yaml", "--strict", "--parameter", "Runtime=python3.13"], 0),
        (["fine.yaml", "--strict"], 0),
        (["fine.yaml", "gone.yaml"], 2),
    ],
)
def test_exit_codes_do_not_depend_on_the_format(folder, arguments, code, format_name):
    done = buckler("scan", *arguments, *HALF, "--format", format_name, "--output", "out", cwd=folder)
    assert done.returncode == code, done.stderr
    assert (folder / "out").stat().st_size


def test_a_link_or_device_is_written_through(folder):
    (folder / "real.json").write_text("")
    (folder / "link.json").symlink_to("real.json")
    assert buckler("scan", "fine.yaml", *HALF, "--format", "json", "--output", "link.json", cwd=folder).returncode == 0
    assert (folder / "link.json").is_symlink()
    assert (folder / "real.json").read_text().startswith("{")
    os.mkfifo(folder / "pipe")
    reading = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert buckler("checks", "--output", "pipe", cwd=folder).returncode == 0
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)
    assert os.read(reading, 100)
    os.close(reading)


@pytest.mark.parametrize("option", ["--output", "--report"])
def test_a_file_that_cannot_be_written_is_told_before_the_work(folder, option):
    done = buckler("scan", "bad.yaml", option, "nowhere/out.json", cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "hint: mkdir -p nowhere" in done.stderr


def test_a_snapshot_of_nothing_does_not_replace_one(folder):
    assert buckler("snap", "it.buckler", "bad.yaml", cwd=folder).returncode == 0
    before = (folder / "it.buckler").read_bytes()
    done = buckler("snap", "it.buckler", "gone.yaml", cwd=folder)
    assert done.returncode == 2
    assert "`gone.yaml` does not exist" in done.stderr
    assert (folder / "it.buckler").read_bytes() == before


@pytest.mark.parametrize("command", [["scan"], ["snap", "x.buckler"]])
@pytest.mark.parametrize("option", [["--all-regions"], ["--region", "eu-west-1"], ["--profile", "p"], ["--resume"], ["--deep"]])
def test_live_options_beside_a_target_are_refused(folder, command, option):
    done = buckler(*command, "bad.yaml", *option, cwd=folder)
    assert done.returncode == 2
    assert f"error: {option[0]} is for the live account" in done.stderr


def test_an_ignore_of_no_check_is_told_with_the_one_it_may_mean(folder):
    (folder / "buckler.toml").write_text('[[ignore]]\ncheck = "runtime-depricated"\nreason = "soon"\n')
    (folder / "bad.yaml").write_text(BAD.replace("python3.6", "python3.6 # buckler: ignore[runtime-deprecatd] soon"))
    done = buckler("scan", "bad.yaml", cwd=folder)
    assert done.returncode == 1
    told = " ".join((done.stdout + done.stderr).split())
    assert "there is no check `runtime-depricated` to ignore; a similar one exists: `runtime-deprecated`" in told
    assert "there is no check `runtime-deprecatd` to ignore; a similar one exists: `runtime-deprecated`" in told


def test_a_state_folder_that_cannot_be_made_is_told(folder):
    done = buckler("scan", "--region", "eu-west-1", cwd=folder, XDG_STATE_HOME=str(folder / "bad.yaml"))
    assert done.returncode == 2
    assert "error: cannot make the folder" in done.stderr


@pytest.mark.parametrize(
    ("region", "hint"), [("eu-wst-1", "`--region eu-west-1`"), ("frankfurt", "--region"), ("us_east_1", "`--region us-east-1`")]
)
def test_a_mistyped_region_is_told(folder, region, hint):
    done = buckler("scan", "--region", region, cwd=folder)
    assert done.returncode == 2
    assert f"error: there is no region `{region}`" in done.stderr
    assert hint in done.stderr


def test_a_mistyped_profile_is_told(folder):
    (folder / "config").write_text("[profile production]\nregion = eu-west-1\n[profile test]\nregion = eu-west-1\n")
    done = buckler("scan", "--profile", "prodution", cwd=folder, AWS_CONFIG_FILE=str(folder / "config"))
    assert done.returncode == 2
    assert "hint: --profile production" in done.stderr


def test_the_command_that_goes_on_is_the_one_that_was_given(monkeypatch, capsys):
    from buckler.cli import _entry
    from buckler.errors import Interrupted

    def interrupted(**_given):
        raise Interrupted("interrupted", hint="buckler scan --resume")

    monkeypatch.setattr(_entry.root, "main", lambda **_given: interrupted())
    assert _entry.run(["scan", "--region", "eu-west-1", "--output", "my report.html"]) == 130
    assert "hint: buckler scan --region eu-west-1 --output 'my report.html' --resume" in capsys.readouterr().err
    _entry.run(["scan", "--external-id", "s3cret"])
    assert "s3cret" not in capsys.readouterr().err


def test_the_policy_fits_into_a_managed_policy(folder):
    import json

    for extra in ([], ["--org"], ["--shallow"]):
        done = buckler("permissions", *extra, cwd=folder)
        # "The size of each managed policy cannot exceed 6,144 characters"; white space is not counted.
        assert len(json.dumps(json.loads(done.stdout), separators=(",", ":"))) <= 6144
        assert json.loads(buckler("permissions", *extra, "--format", "json", cwd=folder).stdout)["policy"] == json.loads(done.stdout)
