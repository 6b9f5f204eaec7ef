"""security-group-reference-gone: say which rule to take out; EC2 would not put it back."""

from collections.abc import Iterator

from buckler.fixes._fix import Advice, Case, remedy
from buckler.model.functions import Function


@remedy
def security_group_reference_gone(case: Case[Function]) -> Iterator[Advice]:
    """Name the command. A rule that names a group which is gone cannot be written again, so this could not be undone."""
    gone, about = case.finding.key, case.finding.evidence[0]
    way = "egress" if about.note.startswith("outbound") else "ingress"
    group = str(getattr(about.origin, "arn", "")).rpartition("/")[2]
    ask = f"aws ec2 describe-security-group-rules --filters Name=group-id,Values={group}"
    yield Advice(
        f"take the rule that names `{gone}` out: `aws ec2 revoke-security-group-{way} --group-id {group} --security-group-rule-ids ID`, "
        f"with the id that `{ask}` tells",
        "EC2 takes no rule that names a group which does not exist: what is taken out could not be put back",
    )
