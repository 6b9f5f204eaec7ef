"""log-group-without-customer-key: encrypt logs with a key of yours."""

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import log_group_setting
from buckler.model.watch import LogGroup


@remedy
def log_group_without_customer_key(case: Case[LogGroup]) -> Remedies:
    """Associate the key the user names. Its policy must let CloudWatch Logs use it, or AWS refuses the call and nothing is changed."""
    group, key = case.subject, case.wishes.kms_key
    if not key:
        yield Advice("name a key that CloudWatch Logs may use: --kms-key ARN", "only you know which key")
        return
    edit = log_group_setting(
        group, "key of the log group", member="kmsKeyId", after=key, do=("AssociateKmsKey", {"kmsKeyId": key}), undo="DisassociateKmsKey"
    )
    yield Mend(
        summary="encrypt new log events with your key (--kms-key)",
        edits=(edit,),
        change=lambda estate: on_each(estate, "log_groups", group.arn, kms_key=key),
        lost=("logs for whoever may read the group and not use the key",),
    )
