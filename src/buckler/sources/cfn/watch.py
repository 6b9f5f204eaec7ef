"""Who watches: log groups, trails, GuardDuty detectors."""

from __future__ import annotations

from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown
from buckler.model.watch import Detector, EventSelector, FieldSelector, LogGroup, Trail
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import Resolved, to_flag, to_list, to_text, to_texts, unknown

_OPERATORS = {
    "Equals": "equals",
    "StartsWith": "starts_with",
    "EndsWith": "ends_with",
    "NotEquals": "not_equals",
    "NotStartsWith": "not_starts_with",
    "NotEndsWith": "not_ends_with",
}


def log_group(resource: Resource) -> LogGroup:
    template = resource.template
    named = resource.text("LogGroupName")
    if isinstance(named, Unknown):
        # It goes by its logical id, like one without a name, and may be the group of any function.
        template.gap("log_groups", named, resource.origin("LogGroupName"))
    return LogGroup(
        **resource.common(),
        retention_days=resource.number("RetentionInDays"),
        kms_key=resource.text("KmsKeyId"),
    )


def trail(resource: Resource) -> Trail:
    template = resource.template
    key = resource.text("KMSKeyId")
    return Trail(
        **resource.common(),
        home_region=template.region,
        is_multi_region=resource.flag("IsMultiRegionTrail", default=False),
        is_organization=resource.flag("IsOrganizationTrail", default=False),
        is_logging=resource.flag("IsLogging", default=True),
        selectors=_selectors(resource),
        kms_key=None if isinstance(key, Unknown) else key,
        log_file_validation=resource.flag("EnableLogFileValidation", default=False),
    )


def _selectors(resource: Resource) -> tuple[EventSelector, ...] | Unknown:
    advanced, basic = resource.list("AdvancedEventSelectors"), resource.list("EventSelectors")
    if isinstance(advanced, Unknown):
        return advanced
    if isinstance(basic, Unknown):
        return basic
    made: list[EventSelector] = []
    for read, entries in ((_advanced, advanced), (_basic, basic)):
        for entry in entries or ():
            selector = read(entry) if isinstance(entry, Map) else unknown("an event selector is not resolved")
            if isinstance(selector, Unknown):
                return selector
            made.append(selector)
    # Without selectors, a trail records management events and nothing else.
    return tuple(made) or (EventSelector(),)


def _advanced(entry: Map) -> EventSelector | Unknown:
    fields: list[FieldSelector] = []
    entries = to_list(entry.get("FieldSelectors"))
    if isinstance(entries, Unknown):
        return entries
    for one in entries or ():
        name = to_text(one.get("Field")) if isinstance(one, Map) else None
        if not isinstance(one, Map) or not isinstance(name, str):
            return unknown("a field selector is not resolved")
        operators: dict[str, tuple[Text, ...]] = {}
        for operator, attribute in _OPERATORS.items():
            values = to_texts(one.get(operator))
            if isinstance(values, Unknown):
                return values
            if values is not None:
                operators[attribute] = values
        fields.append(FieldSelector(field=name, **operators))
    name = to_text(entry.get("Name"))
    return EventSelector(name=name if isinstance(name, str) else "", fields=tuple(fields))


def _basic(entry: Map) -> EventSelector | Unknown:
    arns: list[Text] = []
    entries = to_list(entry.get("DataResources"))
    if isinstance(entries, Unknown):
        return entries
    for one in entries or ():
        if not isinstance(one, Map):
            return unknown("a data resource is not resolved")
        kind, values = to_text(one.get("Type")), to_texts(one.get("Values"))
        if isinstance(kind, Unknown | Partial) or isinstance(values, Unknown):
            return values if isinstance(values, Unknown) else unknown("a data resource is not resolved")
        if kind == "AWS::Lambda::Function":
            arns.extend(values or ())
    management = to_flag(entry.get("IncludeManagementEvents"), default=True)
    mode = to_text(entry.get("ReadWriteType"))
    if isinstance(management, Unknown):
        return management
    if isinstance(mode, Unknown):
        return mode
    return EventSelector(read_write="All" if mode is None else mode, include_management=management, lambda_arns=tuple(arns))


def detector(resource: Resource) -> Detector:
    return Detector(
        **resource.common(),
        is_enabled=resource.flag("Enable", default=False),
        lambda_network_logs=_lambda_logs(resource.get("Features")),
    )


def _lambda_logs(features: Resolved) -> bool | Unknown:
    entries = to_list(features)
    if isinstance(entries, Unknown):
        return entries
    for entry in entries or ():
        if isinstance(entry, Map) and to_text(entry.get("Name")) == "LAMBDA_NETWORK_LOGS":
            status = to_text(entry.get("Status"))
            return status == "ENABLED" if isinstance(status, str) else unknown("the status of LAMBDA_NETWORK_LOGS is not resolved")
    # What a new detector has on by default has changed with time and differs between accounts.
    return unknown("the detector does not say whether Lambda protection is on", "`Features` with LAMBDA_NETWORK_LOGS")
