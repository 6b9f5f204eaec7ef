"""The policy of a KMS key that is made without one."""

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text, join


def default_key_policy(partition: Text, account: Text, origin: FileOrigin) -> Policy:
    """Write what AWS puts on a key that is created without a policy: the account decides by IAM.

    Source: AWS KMS Developer Guide, "Default key policy".
    """
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": join("arn:", partition, ":iam::", account, ":root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, origin)
