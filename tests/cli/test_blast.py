"""`buckler blast`: its formats, its last line, and its errors. What it prints is in test_why."""

import json
import shlex

import pytest
from tests.cli.asked import ASKED

TWO = ("account.json", "functions.json")


def test_the_json_is_of_its_schema(asked):
    document = json.loads(asked(*ASKED["blast"], "--format", "json").out)
    assert document["schema"] == "buckler/blast/1"


def test_the_picture_is_whole_and_refers_to_nothing_outside(asked, account):
    done = asked(*ASKED["blast"], "--format", "svg", "--output", "blast.svg")
    assert (done.code, done.out) == (0, "")
    picture = (account / "blast.svg").read_text()
    assert picture.startswith("<svg")
    assert picture.rstrip().endswith("</svg>")
    assert "http" not in picture.replace("http://www.w3.org/", "")


def test_its_last_line_can_be_typed_and_says_what_the_step_says(asked):
    (command,) = (line for line in asked(*ASKED["blast"]).out.splitlines() if line.startswith("help: "))
    words = shlex.split(command.removeprefix("help: "))
    assert words[0] == "buckler"
    done = asked(*words[1:])
    assert (done.code, done.out[:8]) == (0, "allowed:")


def test_only_if_and_unread_are_told(asked):
    said = asked(*ASKED["blast"], width=500).out
    assert "only if `report-daily` takes code nobody signed" in said
    assert "questions unanswered, which may make it worse" in said


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        pytest.param(("report-dayli", *TWO), "there is no function `report-dayli`", "`report-daily`", id="mistyped"),
        pytest.param(("report", *TWO), "there is no function `report`", "report-daily", id="a-role"),
        pytest.param(("report-daily", "account.json"), "there is no function `report-daily`", "name a function by its ARN", id="none-read"),
        pytest.param(
            ("report-daily", *TWO, "--format", "png"), "`png` is not a value of --format", "one of console, json, svg", id="format"
        ),
        pytest.param(("report-daily", *TWO, "--region", "eu-west-1"), "--region is for the live account", "leave out", id="live-option"),
    ],
)
def test_a_mistake_is_told_with_what_may_be_meant(asked, arguments, error, hint):
    done = asked("blast", *arguments)
    assert (done.code, done.out) == (2, "")
    assert f"error: {error}" in done.err
    assert hint in done.err.partition("hint: ")[2]


def test_a_file_where_a_name_should_stand_is_told(asked):
    done = asked("blast", "account.json")
    assert done.code == 2
    assert "error: `account.json` is a file, and stands where FUNCTION should be named" in done.err
    assert "hint: buckler blast FUNCTION account.json" in done.err
