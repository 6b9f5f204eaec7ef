"""Words and counts that several formats share."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from buckler.model.finding import Finding, Gap, Witness
from buckler.model.result import ScanResult
from buckler.model.severity import Severity
from buckler.report.clean import clean

WORST_FIRST: tuple[Severity, ...] = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)

SHOW_HIDDEN = "--persona auditor"
"""The flag that shows findings of taste."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def entities(number: int, collection: str) -> str:
    """`1 security group` of the collection `security_groups`."""
    name = clean(collection.replace("_", " "))
    return count(number, name.removesuffix("s"), name)


def by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Count findings, worst severity first, every severity present."""
    seen = Counter(finding.severity for finding in findings)
    return {severity: seen[severity] for severity in WORST_FIRST}


def fixable(findings: Iterable[Finding]) -> int:
    """Count the findings whose remedy cannot break anything."""
    return sum(finding.remedy is not None and finding.remedy.is_safe for finding in findings)


def functions(result: ScanResult) -> int:
    """Count the functions that were looked at."""
    return sum(number for scope in result.coverage.scopes for name, number in scope.counts if name == "functions")


_SCOPE_WORDS = {"live": "region", "template": "template", "plan": "plan", "saved": "saved answer"}


def scopes(result: ScanResult) -> str:
    """`2 regions and 3 templates`."""
    kinds = Counter(scope.kind for scope in result.coverage.scopes)
    parts = [count(number, _SCOPE_WORDS.get(kind, kind)) for kind, number in sorted(kinds.items())]
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def paragraphs(text: str) -> list[str]:
    """Take the text of a check's page apart: one line per paragraph."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def seconds(value: float) -> str:
    """`0.4 s`, `75 s`."""
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


class Need(NamedTuple):
    """One thing that would answer some questions."""

    need: str
    gaps: tuple[Gap, ...]

    @property
    def is_permission(self) -> bool:
        return is_permission(self.need)


def is_permission(need: str) -> bool:
    """Say whether a need is an IAM action, `lambda:GetPolicy`, rather than a flag or a sentence."""
    service, colon, action = need.partition(":")
    return bool(colon) and action.isalnum() and action[:1].isupper() and service.replace("-", "").isalnum() and service.islower()


def needs(gaps: Iterable[Gap]) -> list[Need]:
    """Group gaps by what would answer them, most first."""
    groups: dict[str, list[Gap]] = {}
    for gap in gaps:
        groups.setdefault(gap.need, []).append(gap)
    return sorted((Need(need, tuple(found)) for need, found in groups.items()), key=lambda group: (-len(group.gaps), group.need))


def answer(need: str) -> str:
    """Say what to do about a need: `grant lambda:GetPolicy`, `pass --parameter Stage=...`, `needs a live scan`."""
    if is_permission(need):
        return f"grant {need}"
    if need.startswith("--"):
        return f"pass {need}"
    return f"needs {need}" if need.startswith(("a ", "an ", "the ")) else need


_EXPECT = {"ALLOW": "allow", "DENY": "deny", "IMPLICIT_DENY": "no statement allows it"}


def witness(proof: Witness) -> str:
    """`InvokeFunctionUrl + InvokeFunction as nobody -> allow`."""
    names = list(dict.fromkeys(request.action.partition(":")[2] or request.action for request in proof.requests))
    # The whole witness is in the JSON; a line is for people.
    actions = " + ".join(names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"])
    callers = ", ".join(dict.fromkeys("nobody" if request.principal == "*" else request.principal for request in proof.requests))
    return f"{actions} as {callers} -> {_EXPECT[proof.expect]}"


def proof(finding: Finding) -> str:
    """Say in a line what proves a finding: its witness, or the steps of its path; empty when there is none."""
    if finding.witness is not None:
        return witness(finding.witness)
    return "; then ".join(witness(step) for step in finding.path)


def where(finding: Finding) -> str:
    """Say whose finding it is in few words: `function checkout`."""
    return f"{finding.subject.kind} {finding.subject.name}"


def policy_snippet(permissions: Iterable[str]) -> str:
    """Write the IAM policy that grants *permissions*, to paste."""
    lines = ",\n".join(f'        "{action}"' for action in sorted(set(permissions)))
    return f"""{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "BucklerReads",
      "Effect": "Allow",
      "Action": [
{lines}
      ],
      "Resource": "*"
    }}
  ]
}}"""
