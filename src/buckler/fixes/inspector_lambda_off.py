"""inspector-lambda-off: let Inspector scan the functions' dependencies."""

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._inspector import scanning
from buckler.model.estate import Scope
from buckler.model.text import shown
from buckler.reach.inspectors import inspector_of


@remedy
def inspector_lambda_off(case: Case[Scope]) -> Remedies:
    """Switch the scanning on; scans of others in the pipeline are not known here."""
    status = inspector_of(case.subject, case.analysis)
    if status is None:
        yield Advice(case.finding.remedy.text if case.finding.remedy else "switch Inspector on", "what Inspector scans here was not told")
        return
    yield Mend(
        summary="switch Inspector's scanning of the functions' dependencies on",
        edits=(scanning(case, shown(status.arn), "LAMBDA", "lambda"),),
        change=lambda estate: on_each(estate, "inspectors", status.arn, lambda_standard=True),
        lost=("no request, but money: Inspector bills by the function",),
        is_safe=True,
    )
