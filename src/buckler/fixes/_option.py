"""A way to mend a finding in texts, and what templates and Terraform say of it in the same words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from buckler.fixes._fix import Advice
from buckler.model.fix import Wishes
from buckler.model.stores import Store
from buckler.model.text import shown
from buckler.sources.cfn.editing import Placed


@dataclass(frozen=True, slots=True)
class Option:
    """Replacements that set what has to be set."""

    summary: str
    make: Callable[[], tuple[Placed, ...]]
    """Raises `CannotEditError`."""
    lost: tuple[str, ...] = ()
    is_safe: bool = False
    opens: tuple[str, ...] = ()
    """Names that the user gave for what stands elsewhere: that the text answers no questions about it is no reason against it."""
    copies: Mapping[str, str] = field(default_factory=dict[str, str])
    """As of `Mend`."""


WHICH_DIGEST: Final = Advice(
    "name the image by its digest, `repository@sha256:...`", "no file tells which one runs: read the account too, buckler fix --project"
)
LOST_BY_DIGEST: Final = ("deployments that only move the tag",)


def digest_of(uri: str, wishes: Wishes) -> str:
    """Give the digest by which an image runs, `sha256:...`; empty where none does, or several do.

    Which registry it is, files often leave to the deployment (`${AWS::AccountId}.dkr.ecr...`): name and tag have to be the same.
    """
    named = uri.partition("/")[2]
    found = {digest.rpartition("@")[2] for name, digest in wishes.digests if named and name.partition("/")[2] == named}
    return found.pop() if len(found) == 1 else ""


HOW_MUCH: Final = Advice("reserve what the function needs at its busiest: --reserved-concurrency N", "only you know how much it needs")
WHICH_KEY: Final = Advice("encrypt it with a key of your own: --kms-key ARN", "only you know which key")
LOST_BY_KEY: Final = ("access of roles that may not use the key: grant them `kms:Decrypt`",)
LOST_BY_SIGNING: Final = ("deployments of code that nobody trusted signed",)
HOW_LONG: Final = Advice("set a timeout: --timeout SECONDS", "only you know how long the slowest honest request takes")
WHICH_LAYER: Final = Advice("add the layer of your product: --extension-layer ARN", "only you know which product protects your functions")
WHICH_DESTINATION: Final = Advice(
    "name a queue or topic for what functions fail on: --failure-destination ARN", "only you know who looks at it"
)
WHICH_DEAD_LETTERS: Final = Advice(
    "give the queue a dead-letter queue: --failure-destination ARN", "only you know which queue of its kind, standard or FIFO, takes them"
)
_ATTEMPTS: Final = 5
"""At least so many, says the AWS Lambda Developer Guide ("Using Lambda with Amazon SQS"): with fewer, throttling sends messages there."""


def dead_letters(target: str, *, is_fifo: bool) -> dict[str, str | int] | None:
    """Write a `RedrivePolicy`; None where what is named is no queue, or not of the same kind, which SQS asks for."""
    if not target.startswith("arn:") or target.split(":")[2] != "sqs" or target.endswith(".fifo") != is_fifo:
        return None
    return {"deadLetterTargetArn": target, "maxReceiveCount": _ATTEMPTS}


def lost_by_redriving(queue: Store) -> str:
    """Say what a dead-letter queue takes away."""
    return f"attempts beyond the fifth at messages of `{shown(queue.name)}`: they are in the other queue then"


WHICH_NETWORK: Final = Advice(
    "attach it to subnets with a security group of yours: --subnet ID --security-group ID",
    "only you know which network filters where it goes",
)
WHOSE_SCRIPTS: Final = Advice("name the origins that need it: --allow-origin https://...", "only you know whose scripts call it")
WHICH_PROFILE: Final = Advice("sign the code: --signing-profile ARN", "only you know which profile signs your code")
LOST_BY_NETWORK: Final = (
    "whatever of the internet and of AWS's services is not reached from those subnets: `buckler net` tells, once it is deployed",
    "whoever knows the function by the addresses that Lambda has on the internet",
)
LOST_BY_ORIGINS: Final = ("browsers that call it from pages of any other origin",)
PUBLIC_LAYER: Final = (
    "take out the permission that lets everybody get the layer; treat what is in it as published",
    ("other accounts that add this version to a function from now on",),
)
SHARED_LAYER: Final = (
    "take out the permission that lets the account get the layer",
    ("that account adding this version to a function from now on; if it is a partner, ignore the finding with its name",),
)
OPEN_TO_ACCOUNT: Final = (
    "take out the permission of the account",
    ("whatever that account does with the function: if it is a partner, ignore the finding with its name as the reason",),
)
OPEN_TO_ANYONE: Final = (
    "take out the permission that lets strangers in",
    ("whoever came in by it: who needs the function has to be named",),
)
BY_ACCOUNT: Final = frozenset({"s3.amazonaws.com", "ses.amazonaws.com", "logs.amazonaws.com", "config.amazonaws.com"})
"""Services whose permission is narrowed by `aws:SourceAccount`, not by an ARN."""


def lost_by_retention(days: int) -> tuple[str, ...]:
    """Say what goes when log events are kept for so long."""
    return (f"log events older than {days} days",)


def lost_by_timeout(seconds: int) -> tuple[str, ...]:
    """Say what goes when invocations may take so long."""
    return (f"invocations that take longer than {seconds} s",)


def lost_by_concurrency(number: int) -> tuple[str, ...]:
    """Say what goes when so much concurrency is reserved."""
    return (f"more than {number} invocations at a time: they are throttled",)
