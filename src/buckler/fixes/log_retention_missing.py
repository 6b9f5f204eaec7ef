"""log-retention-missing: let logs end."""

from typing import Any

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.text import shown
from buckler.model.watch import LogGroup


@remedy
def log_retention_missing(case: Case[LogGroup]) -> Remedies:
    """Set a retention. What is older goes for good, which no undo brings back: so it needs a review."""
    group, days = case.subject, case.wishes.retention_days
    name: dict[str, Any] = {"logGroupName": shown(group.name)}
    edit = ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what="retention of the log group, in days",
        read=Ask(service="logs", operation="DescribeLogGroups", parameters={"logGroupNamePrefix": shown(group.name)}),
        pick=("logGroups", f"logGroupName={shown(group.name)}", "retentionInDays"),
        before=None,
        after=days,
        do=Ask(service="logs", operation="PutRetentionPolicy", parameters=name | {"retentionInDays": days}),
        undo=Ask(service="logs", operation="DeleteRetentionPolicy", parameters=name),
    )
    yield Mend(
        summary=f"keep the logs for {days} days (--retention-days)",
        edits=(edit,),
        change=lambda estate: on_each(estate, "log_groups", group.arn, retention_days=days),
        lost=(f"log events older than {days} days: CloudWatch deletes them, and undoing the fix does not bring them back",),
    )
