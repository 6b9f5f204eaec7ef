"""The decorator and the runner."""

import pytest
from tests.checks.samples import sample_check
from tests.estates import DENIED, NOT_ASKED, OUTSIDE, analysis, ask, at, function, missing, policy, verdict

from buckler.checks import run
from buckler.checks._run import WitnessError
from buckler.model.finding import Evidence, Finding, Gap, Request, Witness
from buckler.model.result import NotAsked
from buckler.model.severity import Severity


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        pytest.param(3, None, id="fine"),
        pytest.param(13, Finding, id="flagged"),
        pytest.param(DENIED, Gap, id="unreadable-is-a-gap"),
        pytest.param(NOT_ASKED, NotAsked, id="not-asked-is-counted"),
        pytest.param(OUTSIDE, NotAsked, id="outside-the-source-is-counted"),
    ],
)
def test_verdicts(timeout, expected):
    assert verdict(sample_check, function(timeout_s=timeout)) is expected


def test_a_collection_that_could_not_be_read_is_a_gap_not_a_pass():
    answers = ask(sample_check, missing("functions"))
    assert [gap.need for gap in answers.gaps] == ["lambda:GetPolicy"]
    assert answers.questions == 1
    assert answers.answered == 0


def test_the_docstring_is_the_page():
    page = sample_check.page
    assert page.title == "a function is named `bad`"
    assert page.fix == "choose another timeout. Any will do."
    assert page.subject == "function"


def test_every_finding_has_a_remedy_the_first_sentence_of_fix_by_default():
    (finding,) = ask(sample_check, function(timeout_s=13)).findings
    assert finding.remedy is not None
    assert finding.remedy.text == "choose another timeout"
    assert finding.frameworks == ("mitre:T1190",)


def test_fingerprints_tell_subjects_and_keys_apart_and_nothing_else():
    here = Evidence(origin=at("x:Y"), note="n")
    there = Evidence(origin=at("x:Z"), note="other")
    one = sample_check.finding(function("a"), "m", here)
    same = sample_check.finding(function("a"), "other words", there, severity=Severity.LOW)
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != sample_check.finding(function("b"), "m", here).fingerprint
    assert one.fingerprint != sample_check.finding(function("a"), "m", here, key="PASSWORD").fingerprint


def test_a_witness_that_does_not_replay_is_our_bug():
    def liar(fn, _analysis):
        nobody = Request(principal="*", action="lambda:InvokeFunction", resource=str(fn.arn))
        yield sample_check.finding(fn, "m", Evidence(origin=at("x:Y"), note="n"), witness=Witness(requests=(nobody,), policies=(policy(),)))

    class Lying:
        id, subject_type = "liar", sample_check.subject_type
        __call__ = staticmethod(liar)

    with pytest.raises(WitnessError):
        run([Lying()], analysis(function()))
