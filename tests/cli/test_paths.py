"""`buckler paths`: its JSON, its exit codes, and its errors. What it prints is in test_why."""

import json

import pytest
from tests.cli.asked import ALL, ASKED

TWO = ("account.json", "functions.json")


def test_the_json_has_a_shape(asked):
    done = asked(*ASKED["paths"], "--format", "json")
    document = json.loads(done.out)
    assert (document["schema"], document["from"], document["to"]) == ("buckler/paths/1", "user:ann", "administrator:*")
    assert len(document["paths"]) == 1


def test_no_path_is_an_answer_of_its_own(asked):
    """The organisation forbids what an administrator would do."""
    done = asked("paths", "--from", "user:ann", "--to", "administrator:*", *ALL)
    assert (done.code, done.out) == (0, "no path from `user:ann` to `administrator:*` was found\n")
    assert json.loads(asked("paths", "--from", "user:ann", "--to", "administrator:*", *ALL, "--format", "json").out)["paths"] == []


def test_a_path_is_a_finding_to_a_script(asked):
    assert asked(*ASKED["paths"]).code == 1


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        pytest.param(("--from", "user:anne", "--to", "administrator:*"), "nothing in the estate is `user:anne`", "", id="mistyped"),
        pytest.param(("--from", "ann", "--to", "nowhere-at-all"), "nothing in the estate is `nowhere-at-all`", "", id="no-end"),
        pytest.param(("--from", "ann"), "missing option", "--help", id="no-target"),
        pytest.param(("--from", "ann", "--to", "administrator:*", "--limit", "0"), "0", "--help", id="limit"),
        pytest.param(("--to", "administrator:*", "--region", "x"), "--region is for the live account", "leave out", id="live-option"),
    ],
)
def test_a_mistake_is_told(asked, arguments, error, hint):
    done = asked("paths", *arguments, *TWO)
    assert (done.code, done.out) == (2, "")
    assert error in done.err
    assert hint in done.err.partition("hint: ")[2]
