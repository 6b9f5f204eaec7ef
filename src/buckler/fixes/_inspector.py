"""Kinds of resources that Inspector scans, switched on."""

from buckler.fixes._fix import Case
from buckler.model.estate import Scope
from buckler.model.fix import ApiEdit, Ask
from buckler.model.text import shown


def scanning(case: Case[Scope], arn: str, kind: str, member: str) -> ApiEdit:
    """Switch one kind on: *kind* as `Enable` takes it, *member* as the answer has it."""
    account = shown(case.subject.account)
    where: dict[str, list[str]] = {"accountIds": [account], "resourceTypes": [kind]}
    return ApiEdit(
        account=account,
        region=shown(case.subject.region),
        arn=arn,
        what=f"Inspector's scanning of {kind}",
        read=Ask(service="inspector2", operation="BatchGetAccountStatus", parameters={"accountIds": [account]}),
        pick=("accounts", f"accountId={account}", "resourceState", member, "status"),
        before="DISABLED",
        after="ENABLED",
        do=Ask(service="inspector2", operation="Enable", parameters=where),
        undo=Ask(service="inspector2", operation="Disable", parameters=where),
    )
