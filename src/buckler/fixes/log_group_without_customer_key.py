"""log-group-without-customer-key: encrypt logs with a key of yours."""

from typing import Any

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.text import shown
from buckler.model.watch import LogGroup


@remedy
def log_group_without_customer_key(case: Case[LogGroup]) -> Remedies:
    """Associate the key the user names. Its policy must let CloudWatch Logs use it, or AWS refuses the call and nothing is changed."""
    group, key = case.subject, case.wishes.kms_key
    if not key:
        yield Advice("name a key that CloudWatch Logs may use: --kms-key ARN", "only you know which key")
        return
    name: dict[str, Any] = {"logGroupName": shown(group.name)}
    edit = ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what="key of the log group",
        read=Ask(service="logs", operation="DescribeLogGroups", parameters={"logGroupNamePrefix": shown(group.name)}),
        pick=("logGroups", f"logGroupName={shown(group.name)}", "kmsKeyId"),
        before=None,
        after=key,
        do=Ask(service="logs", operation="AssociateKmsKey", parameters=name | {"kmsKeyId": key}),
        undo=Ask(service="logs", operation="DisassociateKmsKey", parameters=name),
    )
    yield Mend(
        summary="encrypt new log events with your key (--kms-key)",
        edits=(edit,),
        change=lambda estate: on_each(estate, "log_groups", group.arn, kms_key=key),
        lost=("logs for whoever may read the group and not use the key",),
    )
