"""inspector-blind-spot: Inspector is on, and does not look at the function."""

from collections.abc import Iterator
from datetime import date, timedelta

from buckler.checks._check import check, seen
from buckler.model.finding import Evidence, Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.inspectors import inspector_over

_LONG = timedelta(days=90)
_TAG, _OUT = "InspectorExclusion", "LambdaStandardScanning"


@check(Severity.LOW, area="monitoring", persona=Persona.AUDITOR, maps=("owasp:SAS-6", "nist:RA-5", "pci:11.3.1"))
def inspector_blind_spot(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function that Amazon Inspector leaves out, in a region where it scans the others.

    Why: the console shows Lambda scanning as on, and no finding as good news. Of a function that is encrypted with a customer managed key,
    that carries the tag for exclusion, or that nobody invoked or updated for 90 days, no finding means that nobody looked. An idle function
    can be invoked tomorrow, with the packages of last year.

    Not flagged: regions where Inspector is off (`inspector-lambda-off` reports them). Idle is only said of a function whose execution role,
    by IAM's record, has made no call for 90 days; a function whose role others use too may be idle and not be told.

    Fix: scan the package elsewhere: `buckler scan --code` reads it whatever encrypts it. Take the tag off, or delete what nobody uses.

    Source: Amazon Inspector User Guide, "Scanning AWS Lambda functions with Amazon Inspector" (note on customer managed keys; "invoked or
    updated in the last 90 days") and "Excluding functions from Lambda standard scanning".
    """
    status = inspector_over(fn, analysis)
    if status is None or not known(status.lambda_standard):
        return
    found: list[tuple[str, Evidence]] = []
    doubts = [one for one in (fn.tags, fn.kms_key) if isinstance(one, Unknown)]
    if not isinstance(fn.tags, Unknown) and any((tag.key, tag.value) == (_TAG, _OUT) for tag in fn.tags):
        found.append(("its tag leaves it out", seen(fn.origin, f"the tag {_TAG} is {_OUT}")))
    if fn.kms_key is not None and not isinstance(fn.kms_key, Unknown):
        found.append(("it is encrypted with a customer managed key", seen(fn.origin, f"KMSKeyArn is {shown(fn.kms_key)}")))
    since = analysis.today - _LONG
    idle = _idle(fn, analysis, since)
    if idle is not None:
        found.append((f"nothing invoked or updated it since {since.isoformat()}", idle))
    if found:
        yield inspector_blind_spot.finding(
            fn,
            f"Inspector does not scan it: {' and '.join(why for why, _ in found)}",
            *(evidence for _, evidence in found),
            seen(status.origin, "though Lambda scanning is on here"),
        )
    elif doubts:
        raise Undecided(doubts[0])


def _idle(fn: Function, analysis: Analysis, since: date) -> Evidence | None:
    """Give what tells that a function is idle: its own last update, and the last call of its role."""
    if fn.last_modified is None or date.fromisoformat(fn.last_modified[:10]) >= since:
        return None
    role = next((one for one in analysis.estate.roles if one.arn == fn.role), None)
    if role is None or role.last_used is None or date.fromisoformat(role.last_used[:10]) >= since:
        return None
    return seen(role.origin, f"updated on {fn.last_modified[:10]}, and its role was last used on {role.last_used[:10]}")
