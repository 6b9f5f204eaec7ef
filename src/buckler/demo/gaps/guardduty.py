"""GuardDuty: a detector's features, each with its status, whether it was ever set or not."""

import uuid
from typing import Any

from moto.guardduty.models import guardduty_backends

from buckler.demo.gaps.operations import AwsError, Call, PassToMoto, operation, page
from buckler.demo.gaps.store import Document

FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
OPTIONAL = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING")


@operation("guardduty", "UpdateDetector")
def update_detector(call: Call) -> None:
    """Merge the features given into those there are; moto would replace them."""
    detector = _detector(call)
    changed: dict[str, Document] = {feature["Name"]: feature for feature in call.many("Features")}
    detector.features = [old for old in _features(detector) if old["name"] not in changed] + [_lowered(new) for new in changed.values()]
    if "Enable" in call.params:
        detector.enabled = call.params["Enable"]


@operation("guardduty", "GetDetector")
def get_detector(call: Call) -> Document:
    """The detector with all features: the foundational sources are on while the detector is."""
    detector = _detector(call)
    on = "ENABLED" if detector.enabled else "DISABLED"
    status = dict.fromkeys(OPTIONAL, "DISABLED") | {feature["name"]: feature["status"] for feature in _features(detector)}
    stamp = detector.updated_at
    features = [{"Name": name, "Status": on, "UpdatedAt": stamp} for name in FOUNDATIONAL]
    features += [{"Name": name, "Status": status[name], "UpdatedAt": stamp} for name in status if name not in FOUNDATIONAL]
    return {
        "CreatedAt": detector.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "UpdatedAt": stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "FindingPublishingFrequency": detector.finding_publish_freq,
        "ServiceRole": detector.service_role,
        "Status": on,
        "Tags": detector.tags,
        "DataSources": {
            "CloudTrail": {"Status": on},
            "DNSLogs": {"Status": on},
            "FlowLogs": {"Status": on},
            "S3Logs": {"Status": status["S3_DATA_EVENTS"]},
            "Kubernetes": {"AuditLogs": {"Status": status["EKS_AUDIT_LOGS"]}},
        },
        "Features": features,
    }


def _detector(call: Call) -> Any:  # noqa: ANN401 - moto's object
    detector = guardduty_backends[call.account][call.region].detectors.get(str(call.params["DetectorId"]))
    if detector is None:
        raise PassToMoto
    return detector


def _features(detector: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - moto's object
    # moto keeps the wire's member names (lower camel case).
    return [_lowered(feature) for feature in detector.features]


def _lowered(feature: Document) -> Document:
    return {name[0].lower() + name[1:]: value for name, value in feature.items()}


@operation("guardduty", "CreateDetector")
def create_detector(call: Call) -> Document:
    """Create the one detector a region can have.

    "Any feature that is not specified in the API call gets enabled by default", with the exception of runtime monitoring.
    """
    backend = guardduty_backends[call.account][call.region]
    if backend.detectors:
        raise AwsError("BadRequestException", "The request is rejected because a detector already exists for the current account.")
    given = {str(feature["Name"]): feature for feature in call.many("Features")}
    rest = [{"Name": name, "Status": "ENABLED"} for name in OPTIONAL if name not in given and name != "RUNTIME_MONITORING"]
    identity = backend.create_detector(
        enable=call.params["Enable"],
        finding_publishing_frequency=call.params.get("FindingPublishingFrequency", ""),
        data_sources={},
        tags=call.params.get("Tags") or {},
        features=[_lowered(feature) for feature in (*given.values(), *rest)],
    )
    return {"DetectorId": identity}


@operation("guardduty", "CreateSampleFindings")
def create_sample_findings(call: Call) -> None:
    """Make one finding of each type asked for; of no type, one."""
    detector = _detector(call)
    found = call.home.guardduty_findings.setdefault(detector.id, [])
    found += [uuid.uuid4().hex for _ in call.many("FindingTypes") or ("any",)]


@operation("guardduty", "ListFindings")
def list_findings(call: Call) -> Document:
    """The ids of what a detector found, archived or not; criteria are not modelled."""
    chosen, token = page(call.home.guardduty_findings.get(_detector(call).id, []), call.params, default=50, most=50, asked="MaxResults")
    return {"FindingIds": chosen, "NextToken": token or ""}
