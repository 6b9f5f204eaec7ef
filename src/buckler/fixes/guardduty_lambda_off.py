"""guardduty-lambda-off: let the detector that is there look at the functions' network traffic."""

from typing import Any

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.estate import Scope
from buckler.model.fix import ApiEdit, Ask
from buckler.model.text import shown

_FEATURE = "LAMBDA_NETWORK_LOGS"


@remedy
def guardduty_lambda_off(case: Case[Scope]) -> Remedies:
    """Switch Lambda protection on; a detector is not made, since that begins to be billed for all of the account."""
    scope = case.subject
    detector = next((one for one in case.analysis.estate.detectors if (one.account, one.region) == (scope.account, scope.region)), None)
    if detector is None or detector.is_enabled is not True:
        yield Advice(
            case.finding.remedy.text if case.finding.remedy else "switch GuardDuty on",
            "GuardDuty as a whole is billed for all of the account: that is yours to decide",
        )
        return
    where: dict[str, Any] = {"DetectorId": shown(detector.name)}

    def switch(status: str) -> Ask:
        return Ask(service="guardduty", operation="UpdateDetector", parameters=where | {"Features": [{"Name": _FEATURE, "Status": status}]})

    yield Mend(
        summary="switch GuardDuty's Lambda protection on",
        edits=(
            ApiEdit(
                account=shown(scope.account),
                region=shown(scope.region),
                arn=shown(detector.arn),
                what="Lambda protection of the detector",
                read=Ask(service="guardduty", operation="GetDetector", parameters=where),
                pick=("Features", f"Name={_FEATURE}", "Status"),
                before="DISABLED",
                after="ENABLED",
                do=switch("ENABLED"),
                undo=switch("DISABLED"),
            ),
        ),
        change=lambda estate: on_each(estate, "detectors", detector.arn, lambda_network_logs=True),
        lost=("no request, but money: GuardDuty bills Lambda protection by the volume of network logs",),
        is_safe=True,
    )
