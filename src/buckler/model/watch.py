"""Who watches: trails, log groups, detectors, scanners."""

from buckler.model.entity import Entity
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.model.value import Value


class FieldSelector(Value):
    """One field of an advanced event selector; a selector matches when all its fields do. Values of one operator are alternatives."""

    field: str
    """`eventCategory`, `resources.type`, `resources.ARN`, `readOnly`, `eventName`, `eventSource`, ..."""
    equals: tuple[Text, ...] = ()
    starts_with: tuple[Text, ...] = ()
    ends_with: tuple[Text, ...] = ()
    not_equals: tuple[Text, ...] = ()
    not_starts_with: tuple[Text, ...] = ()
    not_ends_with: tuple[Text, ...] = ()


class EventSelector(Value):
    """Either an advanced selector (`fields` set) or a basic one."""

    name: str = ""
    fields: tuple[FieldSelector, ...] = ()
    read_write: Text = "All"
    """Basic: `ReadOnly`, `WriteOnly`, `All`."""
    include_management: bool = True
    lambda_arns: tuple[Text, ...] = ()
    """Basic: values of the data resource `AWS::Lambda::Function`; `arn:aws:lambda` means every function."""
    other_resources: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Basic, of a live trail: (type, values) of all other data resources."""
    excluded_sources: tuple[str, ...] = ()
    """Basic, of a live trail: services whose management events are left out."""


class Trail(Entity):
    home_region: Text
    is_multi_region: bool | Unknown
    is_organization: bool | Unknown
    is_logging: bool | Unknown
    selectors: tuple[EventSelector, ...] | Unknown
    kms_key: Text | None = None
    log_file_validation: bool | Unknown = False


class LogGroup(Entity):
    retention_days: int | Unknown | None
    """None: kept for ever."""
    kms_key: Text | Unknown | None


class Detector(Entity):
    """GuardDuty in one region of one account; no Detector in a region that was read means GuardDuty is off there."""

    is_enabled: bool | Unknown
    lambda_network_logs: bool | Unknown


class InspectorStatus(Entity):
    """Inspector in one region of one account."""

    lambda_standard: bool | Unknown
    lambda_code: bool | Unknown
