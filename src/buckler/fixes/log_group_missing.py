"""log-group-missing: make the log group before Lambda does, with an end to its logs and a key of yours."""

from collections.abc import Callable

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import log_group_setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Held
from buckler.model.functions import Function
from buckler.model.origin import ApiOrigin
from buckler.model.text import shown
from buckler.model.watch import LogGroup
from buckler.reach.logs import log_group_name


@remedy
def log_group_missing(case: Case[Function]) -> Remedies:
    """Make it, set its retention and its key. Undoing takes all three back, and leaves the group once the function has logged.

    Without a key it would be `log-group-without-customer-key`: one finding for another is no remedy.
    """
    days, key = case.wishes.retention_days, case.wishes.kms_key
    if not key:
        yield Advice(
            f"make its log group, kept for {days} days, with a key that CloudWatch Logs may use: --kms-key ARN",
            "only you know which key, and without one it would be `log-group-without-customer-key`",
        )
        return
    group = _group(case.subject)
    yield Mend(
        summary=f"make its log group, kept for {days} days (--retention-days) under your key (--kms-key)",
        edits=(
            _make(group),
            log_group_setting(
                group,
                "key of the log group",
                member="kmsKeyId",
                after=key,
                do=("AssociateKmsKey", {"kmsKeyId": key}),
                undo="DisassociateKmsKey",
            ),
            log_group_setting(
                group,
                "retention of the log group, in days",
                member="retentionInDays",
                after=days,
                do=("PutRetentionPolicy", {"retentionInDays": days}),
                undo="DeleteRetentionPolicy",
            ),
        ),
        change=all_of(_with(group), lambda estate: on_each(estate, "log_groups", group.arn, retention_days=days, kms_key=key)),
        lost=(
            f"log events older than {days} days, once there are some",
            "logs for whoever may read the group and not use the key",
        ),
    )


def _group(function: Function) -> LogGroup:
    """Write down what Lambda would make at the first invocation."""
    name = shown(log_group_name(function))
    partition, account, region = shown(function.arn).split(":")[1], shown(function.account), shown(function.region)
    arn = f"arn:{partition}:logs:{region}:{account}:log-group:{name}"
    origin = ApiOrigin(call="logs:DescribeLogGroups", arn=arn, account=account, region=region)
    return LogGroup(arn=arn, name=name, account=account, region=region, origin=origin, retention_days=None, kms_key=None)


def _make(group: LogGroup) -> ApiEdit:
    """Make a group that is not there. A stream is what a function that runs begins with: from then on there are logs to lose."""
    name = shown(group.name)
    where = {"logGroupName": name}
    return ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what="log group",
        read=Ask(service="logs", operation="DescribeLogGroups", parameters={"logGroupNamePrefix": name}),
        pick=("logGroups", f"logGroupName={name}", "logGroupName"),
        before=None,
        after=name,
        do=Ask(service="logs", operation="CreateLogGroup", parameters=where),
        undo=Ask(service="logs", operation="DeleteLogGroup", parameters=where),
        held=Held(
            read=Ask(service="logs", operation="DescribeLogStreams", parameters=where | {"limit": 1}), pick=("logStreams",), what="logs"
        ),
    )


def _with(group: LogGroup) -> Callable[[Estate], Estate]:
    def change(estate: Estate) -> Estate:
        there = any(one.arn == group.arn for one in estate.log_groups)
        return estate if there else replace(estate, log_groups=(*estate.log_groups, group))

    return change
