"""GuardDuty: a detector's features, each with its status, whether it was ever set or not."""

from typing import Any

from moto.guardduty.models import guardduty_backends

from buckler.demo.gaps.operations import AwsError, Call, PassToMoto, operation
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
    """Create the one detector a region can have."""
    if guardduty_backends[call.account][call.region].detectors:
        raise AwsError("BadRequestException", "The request is rejected because a detector already exists for the current account.")
    raise PassToMoto
