"""The policy of an SNS topic that is made without one."""

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text

_ACTIONS = (
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
)


def default_topic_policy(arn: Text, account: Text, origin: FileOrigin) -> Policy:
    """Write what AWS puts on a topic that is created without a policy: its account may use it, and nobody else.

    Source: what `GetTopicAttributes` answers for a new topic; the policy has the id `__default_policy_ID`.
    """
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": list(_ACTIONS),
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    return parse_policy({"Version": "2008-10-17", "Statement": [statement]}, origin)
