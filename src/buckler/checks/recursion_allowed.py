"""recursion-allowed: the function may invoke itself in a loop without end."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import known_text
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="resilience", maps=("owasp:SAS-8", "mitre:T1496", "nist:SC-5"))
def recursion_allowed(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a function whose recursive-loop detection was switched off.

    Why: one message can then keep the function, a queue and the bill running until somebody notices; whoever can send that message can
    do so on purpose.

    Not flagged: `Terminate`, AWS's default, which stops a loop through SQS, SNS or S3 after about 16 invocations.

    Fix: run `aws lambda put-function-recursion-config --function-name NAME --recursive-loop Terminate`. A design that needs the loop
    should count its rounds in the message and be given a reserved concurrency.

    Source: AWS Lambda Developer Guide, "Use Lambda recursive loop detection to prevent infinite loops".
    """
    if known_text(known(fn.recursive_loop)) == "Allow":
        yield recursion_allowed.finding(
            fn, "recursive invocations are allowed to go on without end", seen(fn.origin, "RecursiveLoop is Allow")
        )
