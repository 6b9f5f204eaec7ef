"""Who and where: the accounts and regions of the shop, and the strangers it meets."""

SHOP = "123456789012"
"""The shop's own account: the one whose credentials the demo starts with."""
PARTNER = "210987654321"
"""The payments account, reached by assuming AUDIT_ROLE in it."""
AUDIT_ROLE = "BucklerAudit"

EU = "eu-west-1"
US = "us-east-1"

STRANGER = "999988887777"
"""An account of somebody else's, let in by mistake."""
UNKNOWN_PUBLISHER = "555544443333"
"""Publishes a layer; no list of known publishers has it."""
POWERTOOLS = "017000801446"
"""AWS's own account for Powertools layers."""
DATADOG = "464622532012"


def function_arn(name: str, region: str = EU, account: str = SHOP) -> str:
    """The ARN of one of the shop's functions."""
    return f"arn:aws:lambda:{region}:{account}:function:{name}"


def role_arn(name: str, account: str = SHOP) -> str:
    """The ARN of one of the shop's roles."""
    return f"arn:aws:iam::{account}:role/{name}"
