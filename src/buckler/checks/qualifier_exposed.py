"""qualifier-exposed: an alias or version lets strangers in though the function itself does not."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import LATEST, Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis


@check(
    Severity.HIGH,
    area="exposure",
    maps=("fsbp:Lambda.1", "cis:compute-1.1/12.6", "owasp:SAS-3", "owasp:SAS-11", "mitre:T1190", "nist:AC-3", "pci:7.3.3"),
)
def qualifier_exposed(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag an alias or published version whose own policy lets anyone with an AWS account in, while that of `$LATEST` does not.

    Why: every alias and version keeps a resource policy of its own. The console and most tools show that of `$LATEST`, so an open one
    beside it stays unseen, and an old version keeps its old bugs, environment and role for ever.

    Not flagged: qualifiers that are as open as `$LATEST` (`policy-open-to-anyone` reports those), and URLs of aliases
    (`function-url-public` does).

    Fix: run `aws lambda remove-permission --function-name NAME --qualifier QUALIFIER --statement-id SID`. Delete versions that no alias
    points to any more.

    Source: AWS Lambda API reference, AddPermission, parameter `Qualifier`; AWS Lambda Developer Guide, "Using Lambda aliases in event
    sources and permissions policies".
    """
    entries = known(fn.policies)
    others = [entry for entry in entries if entry.qualifier != LATEST and entry.policy is not None]
    doubt: Undecided | None = None
    latest_is_open, aside = False, ", though not `$LATEST`"
    try:
        latest_is_open = _is_latest_open(fn, analysis)
    except Undecided as undecided:
        # The stranger gets in all the same; only how it compares is open.
        doubt, aside = (undecided if others else None), ""
    for entry in others:
        try:
            policy = known(entry.policy)
            opening = analysis.exposure.open_policy(fn, entry.qualifier, policy) if policy is not None else None
        except Undecided as undecided:
            doubt = doubt or undecided
            continue
        if opening is None or latest_is_open:
            continue
        yield qualifier_exposed.finding(
            fn,
            f"anyone with an AWS account may {opening.verb} `{shown(entry.qualifier)}`{aside}",
            *(seen(statement.origin, f"the policy of `{shown(entry.qualifier)}` alone") for statement in opening.statements),
            witness=opening.witness,
            key=shown(entry.qualifier),
        )
    if doubt is not None:
        raise doubt
    _insist_on_all(fn)


def _is_latest_open(fn: Function, analysis: Analysis) -> bool:
    policy = known(fn.policy_of(LATEST))
    return policy is not None and analysis.exposure.open_policy(fn, LATEST, policy) is not None


def _insist_on_all(fn: Function) -> None:
    """Raise when a version or alias was not asked for its policy: nothing follows from its silence."""
    read = {entry.qualifier for entry in known(fn.policies)}
    names = [alias.name for alias in known(fn.aliases)] + [version.version for version in known(fn.versions)]
    for name in names:
        if name not in read:
            unread = fn.policy_of(name)
            if isinstance(unread, Unknown):
                raise Undecided(unread)
