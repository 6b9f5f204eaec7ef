"""Every witness of a finding is answered again before it is told: one set of policies, all layers, and each step of a path."""

import msgspec
import pytest
from tests.checks.samples import sample_check
from tests.estates import ACCOUNT, allow, analysis, at, function, policy

from buckler.checks import run
from buckler.checks._run import WitnessError
from buckler.model.finding import Evidence, Request, Witness
from buckler.model.layers import Layers
from buckler.model.unknown import UnknownKind
from buckler.reach.graph import BrokenProofError

_USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
_ASKED = Request(principal=_USER, action="lambda:InvokeFunction", resource=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:checkout")
_MAY = Witness(requests=(_ASKED,), layers=Layers(identity=(policy(allow("*")),)))
_MAY_NOT = Witness(requests=(_ASKED,), layers=Layers(identity=(policy(allow("*")),), boundary=policy(allow("s3:*"))))
_REFUSED = msgspec.structs.replace(_MAY_NOT, expect="IMPLICIT_DENY")


def _claiming(**proof):
    class Claiming:
        id, area, subject_type = "claiming", sample_check.area, sample_check.subject_type

        def __call__(self, fn, _analysis):
            finding = sample_check.finding(fn, "m", Evidence(origin=at("x:Y"), note="n"))
            yield msgspec.structs.replace(finding, **proof)

    return run([Claiming()], analysis(function()))


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param({"witness": _MAY}, id="layers"),
        pytest.param({"witness": _REFUSED}, id="layers-that-refuse"),
        pytest.param({"path": (_MAY, _REFUSED, _MAY)}, id="each-step"),
        pytest.param({"witness": Witness(requests=(_ASKED,), policies=(policy(allow("*")),))}, id="policies-of-one-kind"),
        pytest.param({}, id="no-claim"),
    ],
)
def test_what_replays_is_told(proof):
    assert len(_claiming(**proof).findings) == 1


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param({"witness": _MAY_NOT}, id="a-boundary-stops-it"),
        pytest.param({"path": (_MAY, _MAY_NOT)}, id="the-last-step"),
        pytest.param({"path": (_MAY_NOT, _MAY)}, id="the-first-step"),
        pytest.param({"witness": Witness(requests=(_ASKED,))}, id="no-policies-at-all"),
    ],
)
def test_what_does_not_is_our_bug(proof):
    with pytest.raises(WitnessError, match="lambda:InvokeFunction gives IMPLICIT_DENY, not ALLOW"):
        _claiming(**proof)


def test_a_step_nobody_can_prove_costs_one_answer():
    """Two engines disagree about one function: that is told, and the scan goes on."""

    class Believing:
        id, area, subject_type = "believing", sample_check.area, sample_check.subject_type

        def __call__(self, fn, _analysis):
            if fn.name == "checkout":
                raise BrokenProofError("a -> b (assume, sts-001) has no proof")
            yield sample_check.finding(fn, "m", Evidence(origin=at("x:Y"), note="n"))

    answers = run([Believing()], analysis(function(), function("other")))
    assert [finding.subject.name for finding in answers.findings] == ["other"]
    assert [(gap.subject.name, gap.kind) for gap in answers.gaps] == [("checkout", UnknownKind.FAILED)]
    assert "our bug: a -> b" in answers.gaps[0].why
    assert (answers.questions, answers.answered) == (2, 1)
