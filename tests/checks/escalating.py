"""An account with somebody worth becoming: an administrator as which services run things, and one who is none."""

from tests.estates import LATEST, allow, function, on, policy, role
from tests.reach.attack import trust

from buckler.model.policy import Policy

SERVICES = ["lambda.amazonaws.com", "ec2.amazonaws.com", "cloudformation.amazonaws.com"]
ADMIN = policy(allow("*"), name="everything")


def scheduled() -> Policy:
    """Let a schedule invoke a function, so that it runs."""
    return policy({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": "*"})


_OPS = role("ops", inline=(ADMIN,), trust=trust(service=SERVICES))
_HARMLESS = role("harmless", inline=(policy(allow("logs:*")),))
OPS = (
    _OPS,
    _HARMLESS,
    function("checkout", role=_HARMLESS.arn, policies=(on(LATEST, scheduled()),)),
    function("operations", role=_OPS.arn, policies=(on(LATEST, scheduled()),)),
)
