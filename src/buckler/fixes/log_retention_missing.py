"""log-retention-missing: let logs end."""

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._settings import log_group_setting
from buckler.model.watch import LogGroup


@remedy
def log_retention_missing(case: Case[LogGroup]) -> Remedies:
    """Set a retention. What is older goes for good, which no undo brings back: so it needs a review."""
    group, days = case.subject, case.wishes.retention_days
    edit = log_group_setting(
        group,
        "retention of the log group, in days",
        member="retentionInDays",
        after=days,
        do=("PutRetentionPolicy", {"retentionInDays": days}),
        undo="DeleteRetentionPolicy",
    )
    yield Mend(
        summary=f"keep the logs for {days} days (--retention-days)",
        edits=(edit,),
        change=lambda estate: on_each(estate, "log_groups", group.arn, retention_days=days),
        lost=(f"log events older than {days} days: CloudWatch deletes them, and undoing the fix does not bring them back",),
    )
