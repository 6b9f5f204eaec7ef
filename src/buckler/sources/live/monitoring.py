"""GuardDuty and Inspector: who watches Lambda."""

from buckler.model.estate import Estate
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.watch import Detector, InspectorStatus
from buckler.sources.live.answers import Answer, each, inner, strings
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call, Collector

COLLECTOR = Collector("monitoring")
DETECTORS = COLLECTOR.call("guardduty", "ListDetectors", "whether GuardDuty is on", result="DetectorIds", page=("NextToken", "NextToken"))
DETECTOR = COLLECTOR.call("guardduty", "GetDetector", "whether GuardDuty watches Lambda's network activity", result="Status")
INSPECTOR = COLLECTOR.call("inspector2", "BatchGetAccountStatus", "whether Inspector scans Lambda", result="accounts")

_NETWORK_LOGS = "LAMBDA_NETWORK_LOGS"


def collect_guardduty(reader: Reader) -> Estate:
    """Read GuardDuty's detector of a region; none means GuardDuty is off there."""
    pages = reader.pages(DETECTORS)
    ids = [identity for answer in pages.answers() for identity in strings(answer, "DetectorIds")]
    return Estate(detectors=tuple(_detector(reader, identity) for identity in ids), missing=pages.missing("detectors"))


def _detector(reader: Reader, identity: str) -> Detector:
    answer = reader.read(DETECTOR, DetectorId=identity)
    arn = reader.arn("guardduty", f"detector/{identity}")
    return Detector(
        arn=arn,
        name=identity,
        account=reader.account,
        region=reader.region,
        origin=reader.origin(DETECTOR, arn),
        is_enabled=answer if isinstance(answer, Unknown) else answer["Status"] == "ENABLED",
        lambda_network_logs=answer if isinstance(answer, Unknown) else _watches(answer),
    )


def _watches(answer: Answer) -> bool | Unknown:
    if "Features" not in answer:
        return _untold(DETECTOR, "Features")
    # A region that does not have the feature does not list it: nobody watches there.
    return any(feature.get("Name") == _NETWORK_LOGS and feature.get("Status") == "ENABLED" for feature in each(answer, "Features"))


def collect_inspector(reader: Reader) -> Estate:
    """Read whether Inspector scans Lambda in a region."""
    answer = reader.read(INSPECTOR, accountIds=[reader.account])
    if isinstance(answer, Unknown):
        return Estate(missing=(reader.missing("inspectors", answer),))
    state = next((account for account in each(answer, "accounts") if account.get("accountId") == reader.account), None)
    if state is None:
        return Estate(missing=(reader.missing("inspectors", _untold(INSPECTOR, "the account")),))
    arn = reader.arn("inspector2", "account")
    return Estate(
        inspectors=(
            InspectorStatus(
                arn=arn,
                name=reader.account,
                account=reader.account,
                region=reader.region,
                origin=reader.origin(INSPECTOR, arn),
                lambda_standard=_scans(state, "lambda"),
                lambda_code=_scans(state, "lambdaCode"),
            ),
        )
    )


def _scans(state: Answer, resource: str) -> bool | Unknown:
    status = inner(state, "resourceState", resource).get("status")
    return status in {"ENABLED", "ENABLING"} if status else _untold(INSPECTOR, resource)


def _untold(call: Call, what: str) -> Unknown:
    return Unknown(kind=UnknownKind.FAILED, why=f"{call.action} does not tell {what}", need=f"an answer to {call.action} with {what}")
