"""guardduty-lambda-off: nobody watches where the functions of a region connect to."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.severity import Severity
from buckler.model.text import Text, shown
from buckler.model.unknown import known
from buckler.model.watch import Detector
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.scopes import asked, functions_in, must_be_live


@check(Severity.LOW, area="monitoring", maps=("fsbp:GuardDuty.6", "owasp:SAS-5", "nist:SI-4", "pci:11.5.1"))
def guardduty_lambda_off(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag a region with functions where GuardDuty, or its Lambda protection, is off.

    Why: Lambda protection looks at the functions' network logs for mining pools, command-and-control servers and the Tor network. Without
    it a function that was taken over can call home for as long as it likes.

    Not flagged: regions without functions.

    Fix: run `aws guardduty update-detector --detector-id ID --features Name=LAMBDA_NETWORK_LOGS,Status=ENABLED` in the region.
    Make a detector first where there is none; a delegated administrator can do it for the organisation.

    Source: Amazon GuardDuty User Guide, "Lambda Protection in GuardDuty"; Security Hub control GuardDuty.6.
    """
    functions = functions_in(scope, analysis)
    if not functions:
        return
    detector = _detectors(analysis).get((scope.account, scope.region))
    if detector is None:
        must_be_live(scope, "whether GuardDuty is on")
        analysis.require("detectors", scope.account, scope.region)
        yield guardduty_lambda_off.finding(
            scope,
            f"GuardDuty is off, and nothing watches the {len(functions)} functions here"
            if len(functions) > 1
            else "GuardDuty is off, and nothing watches the function here",
            seen(asked(scope, "guardduty:ListDetectors"), "there is no detector"),
            remedy=f"run `aws guardduty create-detector --enable --region {shown(scope.region)}`",
        )
        return
    update = f"aws guardduty update-detector --region {shown(scope.region)} --detector-id {shown(detector.name)}"
    if not known(detector.is_enabled):
        yield guardduty_lambda_off.finding(
            scope,
            "GuardDuty is suspended, and nothing watches the functions here",
            seen(detector.origin, "the detector is disabled"),
            remedy=f"run `{update} --enable`",
        )
    elif not known(detector.lambda_network_logs):
        yield guardduty_lambda_off.finding(
            scope,
            "GuardDuty does not look at the network traffic of the functions here",
            seen(detector.origin, "LAMBDA_NETWORK_LOGS is not enabled"),
            remedy=f"run `{update} --features Name=LAMBDA_NETWORK_LOGS,Status=ENABLED`",
        )


@once
def _detectors(analysis: Analysis) -> dict[tuple[Text, Text], Detector]:
    return {(detector.account, detector.region): detector for detector in analysis.estate.detectors}
