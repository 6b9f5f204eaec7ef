"""failure-destination-missing: events that the function fails on are dropped."""

import re
from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import action_matches
from buckler.engines.iam.sample import settle
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.policy import Policy, Statement
from buckler.model.severity import Persona, Severity
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis

# Services that invoke asynchronously: Lambda queues their events and gives up after the retries.
_ASYNCHRONOUS = {
    "s3.amazonaws.com": "S3",
    "sns.amazonaws.com": "SNS",
    "events.amazonaws.com": "EventBridge",
    "ses.amazonaws.com": "SES",
    "iot.amazonaws.com": "IoT",
    "config.amazonaws.com": "Config",
    "cloudformation.amazonaws.com": "CloudFormation",
    "codecommit.amazonaws.com": "CodeCommit",
    "iotevents.amazonaws.com": "IoT Events",
    "logs.amazonaws.com": "CloudWatch Logs",
}
# CloudWatch Logs also calls by the name it has in a region.
_LOGS = re.compile(r"logs\.[a-z0-9-]+\.amazonaws\.com")


@check(Severity.LOW, area="resilience", persona=Persona.AUDITOR, maps=("owasp:SAS-10", "nist:SI-11", "nist:AU-12"))
def failure_destination_missing(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function that a service invokes asynchronously, when neither a dead-letter queue nor an on-failure destination keeps failures.

    Why: after the retries the event is gone. An attacker who makes a security function fail, by an event it cannot parse or by exhausting
    its concurrency, makes what it should have reported disappear.

    Not flagged: functions no service may invoke asynchronously by their resource policy, and qualifiers with a destination of their own.

    Fix: set `EventInvokeConfig.DestinationConfig.OnFailure` to a queue or topic. A destination gets the reason too, which a
    dead-letter queue does not.

    Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
    """
    undecided: Undecided | None = None
    for entry in known(fn.policies):
        try:
            policy = known(entry.policy)
            caller = _asynchronous_caller(policy) if policy else None
            if caller is None or _keeps_failures(fn, entry.qualifier):
                continue
        except Undecided as stop:
            undecided = undecided or stop
            continue
        service, statement = caller
        qualifier = shown(entry.qualifier)
        yield failure_destination_missing.finding(
            fn,
            f"events from {service} that `{qualifier}` fails on are dropped",
            seen(fn.origin, "neither DeadLetterConfig nor an on-failure destination"),
            seen(statement.origin, f"{service} may invoke it"),
            key=qualifier,
        )
    if undecided:
        raise undecided


def _asynchronous_caller(policy: Policy) -> tuple[str, Statement] | None:
    doubt = policy.unresolved[0] if policy.unresolved else None
    for statement in policy.statements:
        if statement.effect != "Allow" or not _lets_invoke(statement):
            continue
        for principal in statement.principals or ():
            if principal.kind != "Service":
                continue
            written = settle(principal.value)
            if isinstance(written, Partial):
                doubt = doubt or first_hole(written)
                continue
            service = _ASYNCHRONOUS.get("logs.amazonaws.com" if _LOGS.fullmatch(written) else written)
            if service:
                return service, statement
    if doubt:
        raise Undecided(doubt)
    return None


def _lets_invoke(statement: Statement) -> bool:
    return statement.actions is None or any(
        action_matches(pattern, "lambda:InvokeFunction", Doubts()) is not False for pattern in statement.actions
    )


def _keeps_failures(fn: Function, qualifier: Text) -> bool:
    # A configured destination with a hole is one all the same.
    configs = fn.event_invoke
    unread: Unknown | None = configs if isinstance(configs, Unknown) else None
    for config in () if isinstance(configs, Unknown) else configs:
        if config.qualifier == qualifier:
            if isinstance(config.on_failure, Unknown):
                unread = config.on_failure
            elif config.on_failure is not None:
                return True
    if known(fn.dead_letter) is not None:
        return True
    if unread:
        raise Undecided(unread)
    return False
