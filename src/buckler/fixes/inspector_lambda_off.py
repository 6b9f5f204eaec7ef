"""inspector-lambda-off: let Inspector scan the functions' dependencies."""

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._inspector import scanning
from buckler.model.estate import Scope
from buckler.model.text import shown
from buckler.reach.inspectors import inspector_of


@remedy
def inspector_lambda_off(case: Case[Scope]) -> Remedies:
    """Switch the scanning on, that of the code too where nothing else would hide that it is off; others' scans are not known here."""
    status = inspector_of(case.subject, case.analysis)
    if status is None:
        yield Advice(case.finding.remedy.text if case.finding.remedy else "switch Inspector on", "what Inspector scans here was not told")
        return
    dependencies, code = (
        scanning(case, shown(status.arn), "LAMBDA", "lambda"),
        scanning(case, shown(status.arn), "LAMBDA_CODE", "lambdaCode"),
    )
    lost = ("no request, but money: Inspector bills by the function",)
    yield Mend(
        summary="switch Inspector's scanning of the functions' dependencies on",
        edits=(dependencies,),
        change=lambda estate: on_each(estate, "inspectors", status.arn, lambda_standard=True),
        lost=lost,
        is_safe=True,
    )
    yield Mend(
        summary="switch Inspector's scanning of the functions' dependencies and code on",
        edits=(dependencies, code),
        change=lambda estate: on_each(estate, "inspectors", status.arn, lambda_standard=True, lambda_code=True),
        lost=lost,
        is_safe=True,
    )
