"""CloudTrail trails with everything they select."""

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.unknown import Unknown
from buckler.model.watch import EventSelector, FieldSelector, Trail
from buckler.sources.live.answers import Answer, each, strings
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("trails")
LIST = COLLECTOR.call("cloudtrail", "DescribeTrails", "trails", result="trailList")
STATUS = COLLECTOR.call("cloudtrail", "GetTrailStatus", "whether trails are logging", result="IsLogging")
SELECTORS = COLLECTOR.call("cloudtrail", "GetEventSelectors", "which events trails record", result="TrailARN")

_LATER = not_asked("not read yet")


def collect(reader: Reader) -> Estate:
    """List the trails that record events of a region, also those at home in another region or account (shadow trails)."""
    answer = reader.read(LIST, includeShadowTrails=True)
    if isinstance(answer, Unknown):
        return Estate(missing=(reader.missing("trails", answer),))
    return Estate(trails=tuple(_trail(reader, entry) for entry in each(answer, "trailList")))


def _trail(reader: Reader, entry: Answer) -> Trail:
    arn: str = entry["TrailARN"]
    return Trail(
        arn=arn,
        name=entry["Name"],
        account=arn.split(":")[4],
        region=entry["HomeRegion"],
        origin=reader.origin(LIST, arn),
        home_region=entry["HomeRegion"],
        is_multi_region=bool(entry.get("IsMultiRegionTrail")),
        is_organization=bool(entry.get("IsOrganizationTrail")),
        is_logging=_LATER,
        selectors=_LATER,
        kms_key=entry.get("KmsKeyId"),
        log_file_validation=bool(entry.get("LogFileValidationEnabled")),
    )


def collect_details(reader: Reader, trail: Trail) -> Estate:
    """Read, in its home region, whether a trail is on and what it records."""
    status = reader.read(STATUS, Name=trail.arn)
    selectors = reader.read(SELECTORS, TrailName=trail.arn)
    return Estate(
        trails=(
            replace(
                trail,
                is_logging=status if isinstance(status, Unknown) else bool(status["IsLogging"]),
                selectors=selectors if isinstance(selectors, Unknown) else read_selectors(selectors),
            ),
        )
    )


def read_selectors(answer: Answer) -> tuple[EventSelector, ...]:
    """Read basic and advanced event selectors; a trail has one kind or the other."""
    advanced = (
        EventSelector(
            name=selector.get("Name", ""),
            fields=tuple(
                FieldSelector(
                    field=field["Field"],
                    equals=strings(field, "Equals"),
                    starts_with=strings(field, "StartsWith"),
                    ends_with=strings(field, "EndsWith"),
                    not_equals=strings(field, "NotEquals"),
                    not_starts_with=strings(field, "NotStartsWith"),
                    not_ends_with=strings(field, "NotEndsWith"),
                )
                for field in each(selector, "FieldSelectors")
            ),
        )
        for selector in each(answer, "AdvancedEventSelectors")
    )
    basic = (
        EventSelector(
            read_write=selector.get("ReadWriteType", "All"),
            include_management=bool(selector.get("IncludeManagementEvents", True)),
            lambda_arns=tuple(
                value
                for resource in each(selector, "DataResources")
                if resource.get("Type") == "AWS::Lambda::Function"
                for value in strings(resource, "Values")
            ),
            other_resources=tuple(
                (str(resource.get("Type")), strings(resource, "Values"))
                for resource in each(selector, "DataResources")
                if resource.get("Type") != "AWS::Lambda::Function"
            ),
            excluded_sources=strings(selector, "ExcludeManagementEventSources"),
        )
        for selector in each(answer, "EventSelectors")
    )
    return (*advanced, *basic)
