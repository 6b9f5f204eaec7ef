"""artifact-drifted: what runs is not what was accepted in the lock."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.drifts import doubts_in, drifts_in, summed_up

_SHOWN = 5
_NO_LOCK = Unknown(kind=UnknownKind.NOT_ASKED, why="there is no lock to compare with", need="buckler lock, then --lock lambda.lock")


@check(Severity.HIGH, area="layers", maps=("owasp:SAS-6", "mitre:T1525", "mitre:T1554", "nist:SI-7", "nist:CM-3", "pci:11.5.2"))
def artifact_drifted(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag code, layers, images, signing and other settings that decide what runs, where they are not as a lock says.

    Each drift is a finding of its own, about the function, layer version or artifact, and as severe as its class: other bytes under a
    layer version's ARN are critical, a runtime that AWS updated is low. The check is asked when there is a lock: `--lock`, or `lock` in
    buckler.toml.

    Why: CloudFormation and Terraform do not see code that was replaced past them, and a layer is hardly ever looked at again once it
    works. What changes without anybody having accepted it is how an attacker stays.

    Not flagged: content that was only zipped again; a code-signing configuration that was attached; what the lock has an exception for;
    functions of accounts and regions that are not scanned.

    Fix: deploy again what was locked, or, when the change is yours, accept it with `buckler lock --update`, which shows it first.

    Source: AWS Lambda API Reference, FunctionConfiguration (`CodeSha256`) and GetLayerVersion.
    """
    locked = analysis.locked
    if locked is None:
        raise Undecided(_NO_LOCK)
    for drift, about in drifts_in(scope, locked, analysis):
        yield artifact_drifted.finding(
            about,
            drift.message,
            seen(about.origin, drift.kind),
            *(seen(about.origin, detail) for detail in drift.details[:_SHOWN]),
            severity=drift.severity,
            key=drift.id,
        )
    doubts = doubts_in(scope, locked, analysis)
    if doubts:
        raise Undecided(summed_up(doubts))
