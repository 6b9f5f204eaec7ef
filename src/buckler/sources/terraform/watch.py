"""Who watches: trails, log groups, GuardDuty, Inspector."""

from buckler.model.text import Text, join
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.watch import Detector, EventSelector, FieldSelector, InspectorStatus, LogGroup, Trail
from buckler.sources.terraform.arns import made
from buckler.sources.terraform.common import common, default_bool, listed
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node, State

_OPERATORS = ("equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with")


def read_watchers(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("trails", plan.of("aws_cloudtrail"), _trail)
    draft.each("log_groups", plan.of("aws_cloudwatch_log_group"), _log_group)
    draft.each("detectors", plan.of("aws_guardduty_detector"), lambda node: _detector(draft, node))
    for node in draft.sound("inspectors", plan.of("aws_inspector2_enabler")):
        try:
            for status in _inspector(node):
                draft.add("inspectors", status)
        except MalformedError as error:
            draft.malformed("inspectors", node.resource, error)


def _trail(node: Node) -> Trail:
    base = common(node, "name")
    return Trail(
        **base,
        home_region=base["region"],
        is_multi_region=default_bool(node.boolean("is_multi_region_trail"), default=False),
        is_organization=default_bool(node.boolean("is_organization_trail"), default=False),
        is_logging=default_bool(node.boolean("enable_logging"), default=True),
        selectors=_selectors(node),
        kms_key=node.text("kms_key_id", to="arn") or None,
        log_file_validation=default_bool(node.boolean("enable_log_file_validation"), default=False),
    )


def _selectors(node: Node) -> tuple[EventSelector, ...] | Unknown:
    advanced, basic = node.blocks("advanced_event_selector"), node.blocks("event_selector")
    if isinstance(advanced, Unknown):
        return advanced
    if isinstance(basic, Unknown):
        return basic
    found: list[EventSelector] = []
    for block in advanced:
        fields = _fields(block)
        if isinstance(fields, Unknown):
            return fields
        name = block.text("name")
        found.append(EventSelector(name=name if isinstance(name, str) else "", fields=fields))
    for block in basic:
        arns = _lambda_arns(block)
        management = block.boolean("include_management_events")
        if isinstance(arns, Unknown) or isinstance(management, Unknown):
            return arns if isinstance(arns, Unknown) else block.child("include_management_events").why()
        found.append(
            EventSelector(read_write=block.text("read_write_type") or "All", include_management=management is not False, lambda_arns=arns)
        )
    # Without any, a trail records management events and no data events.
    return tuple(found) or (EventSelector(),)


def _fields(block: Node) -> tuple[FieldSelector, ...] | Unknown:
    blocks = block.blocks("field_selector")
    if isinstance(blocks, Unknown):
        return blocks
    fields: list[FieldSelector] = []
    for one in blocks:
        values: dict[str, tuple[Text, ...]] = {}
        for operator in _OPERATORS:
            given = one.texts(operator, to="arn")
            if isinstance(given, Unknown):
                return given
            values[operator] = given
        field = one.text("field")
        if not isinstance(field, str):
            return one.child("field").why()
        fields.append(
            FieldSelector(
                field=field,
                equals=values["equals"],
                starts_with=values["starts_with"],
                ends_with=values["ends_with"],
                not_equals=values["not_equals"],
                not_starts_with=values["not_starts_with"],
                not_ends_with=values["not_ends_with"],
            )
        )
    return tuple(fields)


def _lambda_arns(block: Node) -> tuple[Text, ...] | Unknown:
    resources = block.blocks("data_resource")
    if isinstance(resources, Unknown):
        return resources
    found: list[Text] = []
    for one in resources:
        kind = one.text("type")
        if not isinstance(kind, str):
            return one.child("type").why()
        if kind == "AWS::Lambda::Function":
            values = one.texts("values", to="arn")
            if isinstance(values, Unknown):
                return values
            found.extend(values)
    return tuple(found)


def _log_group(node: Node) -> LogGroup:
    days = node.integer("retention_in_days")
    return LogGroup(
        **common(node, "name"),
        retention_days=None if days == 0 else days,  # 0 is the provider's way to say: for ever.
        kms_key=node.text("kms_key_id", to="arn") or None,
    )


def _detector(draft: Draft, node: Node) -> Detector:
    base = common(node)
    base["arn"] = join(made(node.view, node.resource, "arn:{p}:guardduty:{r}:{a}:detector/"), base["name"])
    # Which protections a new detector has without being told is AWS's choice, and has changed.
    watches: bool | Unknown = Unknown(
        kind=UnknownKind.UNRESOLVED,
        why="the plan has no `aws_guardduty_detector_feature` for LAMBDA_NETWORK_LOGS",
        need="a live scan (guardduty:GetDetector)",
    )
    for feature in draft.beside("detectors", "aws_guardduty_detector_feature", "detector_id", base["name"]):
        if feature.text("name") == "LAMBDA_NETWORK_LOGS":
            status = feature.text("status")
            watches = status == "ENABLED" if isinstance(status, str) else feature.child("status").why()
    return Detector(**base, is_enabled=default_bool(node.boolean("enable"), default=True), lambda_network_logs=watches)


def _inspector(node: Node) -> tuple[InspectorStatus, ...]:
    base = common(node)
    kinds, accounts = node.texts("resource_types"), listed(node.texts("account_ids", to="account_id"))
    if node.child("account_ids").state() is State.UNSET or not accounts:
        accounts = (base["account"],)

    def scans(kind: str) -> bool | Unknown:
        return kinds if isinstance(kinds, Unknown) else kind in kinds

    return tuple(
        InspectorStatus(
            arn=made(node.view, node.resource, "arn:{p}:inspector2:{r}:{a}:"),
            name=account,
            account=account,
            region=base["region"],
            origin=base["origin"],
            address=base["address"],
            lambda_standard=scans("LAMBDA"),
            lambda_code=scans("LAMBDA_CODE"),
        )
        for account in accounts
    )
