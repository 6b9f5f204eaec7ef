import pytest
from tests.estates import DENIED, FUNCTION_ARN, OTHER, OUTSIDE, ask, function, missing, scope, trail, verdict

from buckler.checks.data_events_missing import data_events_missing
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.watch import EventSelector, FieldSelector

EVERY = (EventSelector(lambda_arns=("arn:aws:lambda",)),)
CHECKOUT = (EventSelector(lambda_arns=(FUNCTION_ARN,)),)


def equals(field, *values):
    return FieldSelector(field=field, equals=values)


def advanced(*fields, kind="AWS::Lambda::Function"):
    return (EventSelector(fields=(equals("eventCategory", "Data"), equals("resources.type", kind), *fields)),)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((trail(selectors=EVERY),), None, id="every-function"),
        pytest.param((trail(selectors=CHECKOUT),), None, id="this-function"),
        pytest.param((trail(),), Finding, id="management-events-only"),
        pytest.param((), Finding, id="no-trail"),
        pytest.param((trail(selectors=EVERY, is_logging=False),), Finding, id="stopped"),
        pytest.param((trail(selectors=EVERY, is_multi_region=False, home_region="us-east-1"),), Finding, id="another-region"),
        pytest.param((missing("trails"),), Gap, id="trails-unreadable"),
        pytest.param((trail(), missing("trails")), Gap, id="some-trails-unreadable"),
        pytest.param((trail(selectors=DENIED),), Gap, id="selectors-unreadable"),
        pytest.param((trail("a", selectors=DENIED), trail("b", selectors=CHECKOUT)), None, id="another-trail-records-it"),
        pytest.param((missing("trails", OUTSIDE),), NotAsked, id="a-template-tells-no-trails"),
        pytest.param((trail(selectors=advanced()),), None, id="advanced-every-function"),
        pytest.param((trail(selectors=advanced(equals("readOnly", "false"))),), None, id="advanced-writes-hold-invocations"),
        pytest.param((trail(selectors=advanced(equals("readOnly", "true"))),), Finding, id="advanced-reads-hold-no-invocation"),
        pytest.param((trail(selectors=advanced(equals("eventName", "Invoke"))),), None, id="advanced-by-event-name"),
        pytest.param((trail(selectors=advanced(equals("eventName", "InvokeAsync"))),), Finding, id="advanced-by-another-event-name"),
        pytest.param((trail(selectors=advanced(equals("resources.ARN", FUNCTION_ARN))),), None, id="advanced-this-function"),
        pytest.param((trail(selectors=advanced(equals("resources.ARN", f"{FUNCTION_ARN}-v2"))),), Finding, id="advanced-a-longer-name"),
        pytest.param(
            (trail(selectors=advanced(FieldSelector(field="resources.ARN", starts_with=(FUNCTION_ARN[:-3],)))),),
            None,
            id="advanced-by-prefix",
        ),
        pytest.param(
            (trail(selectors=advanced(FieldSelector(field="resources.ARN", not_equals=(FUNCTION_ARN,)))),),
            Finding,
            id="advanced-all-but-this-one",
        ),
        pytest.param((trail(selectors=advanced(kind="AWS::S3::Object")),), Finding, id="advanced-objects-are-no-functions"),
        pytest.param(
            (trail(selectors=(EventSelector(lambda_arns=("arn:aws:lambda",), read_write="WriteOnly"),)),), None, id="basic-writes"
        ),
        pytest.param(
            (trail(selectors=(EventSelector(lambda_arns=("arn:aws:lambda",), read_write="ReadOnly"),)),), Finding, id="basic-reads"
        ),
        pytest.param((trail(selectors=(EventSelector(lambda_arns=(FUNCTION_ARN[:-3],)),)),), Finding, id="basic-selectors-know-no-prefix"),
        pytest.param((trail(selectors=EVERY, is_multi_region=False),), None, id="of-this-region-alone"),
        pytest.param((trail(selectors=EVERY, account=OTHER, is_organization=True),), None, id="of-the-organisation"),
        pytest.param((trail(selectors=EVERY, account=OTHER),), Finding, id="of-another-account-alone"),
        pytest.param((trail(selectors=EVERY, is_logging=DENIED),), Gap, id="whether-it-runs-unreadable"),
        pytest.param((trail(selectors=EVERY, is_multi_region=DENIED, home_region="us-east-1"),), Gap, id="reach-unreadable"),
    ],
)
def test_verdict(others, expected):
    assert verdict(data_events_missing, function(), *others) is expected


def test_a_region_without_functions_needs_no_trail():
    assert verdict(data_events_missing) is None


def test_one_finding_for_a_region_that_records_nothing():
    (finding,) = ask(data_events_missing, *(function(f"f{n}") for n in range(30)), trail()).findings
    assert finding.subject.kind == "region"
    assert finding.message == "no trail records the invocations of the 30 functions here"
    assert [one.note for one in finding.evidence[1:]] == ["trail `audit`: it selects no data events of Lambda"]


def test_one_finding_per_function_that_is_left_out():
    answers = ask(data_events_missing, function(), function("orders"), function("stock"), trail(selectors=CHECKOUT))
    assert [one.subject.name for one in answers.findings] == ["orders", "stock"]


def test_a_template_cannot_prove_that_there_is_no_trail():
    here = function(origin=FileOrigin(file="a.yaml", line=1))
    template = scope(kind="template", name="a.yaml", origin=FileOrigin(file="a.yaml"))
    assert verdict(data_events_missing, here, template, trail()) is NotAsked
    assert verdict(data_events_missing, here, template, trail(selectors=EVERY)) is None


def test_a_template_is_asked_about_its_own_functions():
    there = function(origin=FileOrigin(file="b.yaml", line=1))
    assert verdict(data_events_missing, there, scope(kind="template", name="a.yaml", origin=FileOrigin(file="a.yaml"))) is None
