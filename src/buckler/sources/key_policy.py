"""The policy of a KMS key that is made without one, and its grants, which services of AWS make as they use it."""

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text, join
from buckler.model.unknown import Unknown, UnknownKind


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


def grants_outside(source: str) -> Unknown:
    """Say that *source* (`a template`, `a plan`) does not tell who was granted a key by a call."""
    return Unknown(kind=UnknownKind.OUTSIDE, why=f"{source} does not tell of the grants of keys", need="a live scan with --deep")
