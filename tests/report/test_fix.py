"""A plan for people: no line is longer than the terminal, unless a word is."""

import pytest

from buckler.model.fix import Fix, Plan, Proof, TextEdit
from buckler.model.severity import Severity
from buckler.report.fix import plan_text

LONG = "the role can become administrator of its account: it passes `shop-admin` to a new function and invokes it with what it made (lambda-001)"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:" + "a-very-long-name-" * 6


def fix(verdict, message=LONG, summary=LONG):
    edit = TextEdit(file="t.yaml", sha256="", line=1, start=0, end=1, before="a", after="b", lines_before="a", lines_after="b")
    return Fix(
        id="0123456789ab", check="role-can-escalate", severity=Severity.HIGH, subject="r", name="nightly-cleanup-role", fingerprint="f",
        message=message, summary=summary, is_safe=False, edits=(edit,), lost=(LONG,), notes=(LONG,), proof=Proof(verdict=verdict, why=LONG),
    )  # fmt: skip


def text_of(width, *fixes):
    return plan_text(Plan(schema=1, version="1", scopes=(), taken_at="", estate="", digest="", fixes=fixes), width)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("verdict", ["proved", "advice"])
def test_every_line_is_as_wide_as_the_terminal_at_most_and_no_word_is_lost(width, verdict):
    text = text_of(width, fix(verdict))
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert any(len(line) > width - 15 for line in lines), "and it is filled"
    assert " ".join(text.split()).count(LONG) == (4 if verdict == "proved" else 3)


def test_what_follows_the_first_line_stands_to_the_right_of_it():
    assert text_of(80, fix("proved", summary="short")).splitlines()[:4] == [
        "review[role-can-escalate] nightly-cleanup-role: the role can become",
        "    administrator of its account: it passes `shop-admin` to a new function and",
        "    invokes it with what it made (lambda-001)",
        "  fix 0123456789ab: short",
    ]
    assert text_of(80, fix("advice")).splitlines()[1:5] == [
        "  [role-can-escalate] nightly-cleanup-role: the role can become administrator of",
        "      its account: it passes `shop-admin` to a new function and invokes it with",
        "      what it made (lambda-001)",
        "    because the role can become administrator of its account: it passes",
    ]


def test_a_word_that_is_longer_stays_whole():
    assert ARN in text_of(80, fix("proved", message=f"it names {ARN} somewhere"))
