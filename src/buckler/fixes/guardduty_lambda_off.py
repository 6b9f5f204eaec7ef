"""guardduty-lambda-off: let GuardDuty look at the functions' network traffic."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.estate import Estate, Scope
from buckler.model.fix import ApiEdit, Ask, Held, Lookup
from buckler.model.origin import ApiOrigin
from buckler.model.text import shown
from buckler.model.watch import Detector

_FEATURE: Final = "LAMBDA_NETWORK_LOGS"
OTHERS: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "AI_PROTECTION",
    "AI_ANALYST",
)
"""What else GuardDuty can look at. CreateDetector: "any feature that is not specified in the API call gets enabled by default", all of them
billed. EKS_RUNTIME_MONITORING is not named: it is part of RUNTIME_MONITORING, and both in one call are an error. Read 2026-11-27."""
_ID: Final = "detector"
_MARK: Final = {"made-by": "buckler"}
_LOGS: Final = "no request, but money: GuardDuty bills Lambda protection by the volume of network logs"
_BASE: Final = "no request, but money: GuardDuty bills the region's CloudTrail events, flow logs and DNS queries by their volume"


@remedy
def guardduty_lambda_off(case: Case[Scope]) -> Remedies:
    """Switch Lambda protection on; where the user agrees to what it costs, make the detector that is lacking or resume the one that is not.

    A detector that is made looks at nothing else that can be left out. Undoing deletes it while it has found nothing; else it is suspended.
    """
    scope = case.subject
    detector = next((one for one in case.analysis.estate.detectors if (one.account, one.region) == (scope.account, scope.region)), None)
    if (detector is None or detector.is_enabled is not True) and not case.wishes.guardduty:
        yield Advice(
            f"{case.finding.remedy.text if case.finding.remedy else 'switch GuardDuty on'}, or let buckler do it: --guardduty",
            "GuardDuty as a whole is billed for all of the account: that is yours to decide",
        )
        return
    if detector is None:
        made = _detector(scope)
        make = _make(made)
        edits = tuple(replace(edit, lookups=make.lookups) for edit in (_switch_on(made, f"{{{_ID}}}"), _protect(made, f"{{{_ID}}}")))
        yield Mend(
            summary="make a GuardDuty detector that looks at nothing but what it must and the functions' network traffic (--guardduty)",
            edits=(make, *edits),
            change=_with(made),
            lost=(_BASE, _LOGS),
            is_safe=True,
        )
        return
    name, arn = shown(detector.name), detector.arn
    if detector.is_enabled is True:
        yield Mend(
            summary="switch GuardDuty's Lambda protection on",
            edits=(_protect(detector, name),),
            change=lambda estate: on_each(estate, "detectors", arn, lambda_network_logs=True),
            lost=(_LOGS,),
            is_safe=True,
        )
        return
    yield Mend(
        summary="resume GuardDuty, with Lambda protection (--guardduty)",
        edits=(_switch_on(detector, name), *(() if detector.lambda_network_logs is True else (_protect(detector, name),))),
        change=lambda estate: on_each(estate, "detectors", arn, is_enabled=True, lambda_network_logs=True),
        lost=(_BASE, "and whatever else was switched on when it was suspended", _LOGS),
        is_safe=True,
    )


def _detector(scope: Scope) -> Detector:
    account, region = shown(scope.account), shown(scope.region)
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    arn = f"arn:{partition}:guardduty:{region}:{account}:detector/new"
    origin = ApiOrigin(call="guardduty:GetDetector", arn=arn, account=account, region=region)
    return Detector(arn=arn, name="new", account=account, region=region, origin=origin, is_enabled=True, lambda_network_logs=True)


def _with(detector: Detector) -> Callable[[Estate], Estate]:
    def change(estate: Estate) -> Estate:
        there = any(one.arn == detector.arn for one in estate.detectors)
        return estate if there else replace(estate, detectors=(*estate.detectors, detector))

    return change


def _make(detector: Detector) -> ApiEdit:
    """Make it suspended, so that nothing is looked at, and billed, before everything else is switched off."""
    where = {"DetectorId": f"{{{_ID}}}"}
    features = [{"Name": name, "Status": "DISABLED"} for name in (_FEATURE, *OTHERS)]
    ((key, value),) = _MARK.items()
    return _edit(
        detector,
        "detector",
        f"{{{_ID}}}",
        ("Tags", key),
        (None, value),
        (
            Ask(service="guardduty", operation="CreateDetector", parameters={"Enable": False, "Features": features, "Tags": _MARK}),
            Ask(service="guardduty", operation="DeleteDetector", parameters=where),
        ),
        lookups={_ID: Lookup(read=Ask(service="guardduty", operation="ListDetectors", parameters={}), pick=("DetectorIds", "0"))},
        held=Held(
            read=Ask(service="guardduty", operation="ListFindings", parameters=where | {"MaxResults": 1}),
            pick=("FindingIds",),
            what="findings",
        ),
    )


def _switch_on(detector: Detector, identity: str) -> ApiEdit:
    return _edit(
        detector,
        "whether the detector looks",
        identity,
        ("Status",),
        ("DISABLED", "ENABLED"),
        (_update(identity, Enable=True), _update(identity, Enable=False)),
    )


def _protect(detector: Detector, identity: str) -> ApiEdit:
    def switch(status: str) -> Ask:
        return _update(identity, Features=[{"Name": _FEATURE, "Status": status}])

    return _edit(
        detector,
        "Lambda protection of the detector",
        identity,
        ("Features", f"Name={_FEATURE}", "Status"),
        ("DISABLED", "ENABLED"),
        (switch("ENABLED"), switch("DISABLED")),
    )


def _update(identity: str, **what: Any) -> Ask:  # noqa: ANN401 - parameters are AWS's
    return Ask(service="guardduty", operation="UpdateDetector", parameters={"DetectorId": identity, **what})


def _edit(
    detector: Detector,
    what: str,
    identity: str,
    pick: tuple[str, ...],
    states: tuple[str | None, str],
    asks: tuple[Ask, Ask],
    **more: Any,  # noqa: ANN401 - lookups and what is held
) -> ApiEdit:
    """Move a piece of what GetDetector tells from the first state to the second by the first call, and back by the second."""
    return ApiEdit(
        account=shown(detector.account),
        region=shown(detector.region),
        arn=shown(detector.arn),
        what=what,
        read=Ask(service="guardduty", operation="GetDetector", parameters={"DetectorId": identity}),
        pick=pick,
        before=states[0],
        after=states[1],
        do=asks[0],
        undo=asks[1],
        **more,
    )
