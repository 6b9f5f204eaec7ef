"""archive-ambiguous: an archive says different things to different readers, or attacks whoever unpacks it."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact, Fault
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

_HARMLESS = {"nested-archive", "unreadable", "prefixed-data"}
"""Worth knowing, and told with the inventory, but no attack by themselves."""
_ATTACKS = {"traversal", "absolute-path", "symlink-escapes", "hardlink-escapes", "below-a-link", "bomb", "overlapping-entries", "device"}


@check(Severity.MEDIUM, area="layers", maps=("owasp:SAS-6", "mitre:T1036", "mitre:T1195.002", "nist:SI-7", "nist:SI-10"))
def archive_ambiguous(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag archives whose readers disagree about what is in them, and archives that hurt whoever unpacks them.

    Duplicate names, local headers that differ from the directory, a second name, entries the directory does not list, names that lead out
    of the archive, links that do, overlapping entries, bombs, blobs of an image that are not what their digest says.

    Why: the scanner that approved the package and the service that unpacks it then saw two different packages.

    Not flagged: an archive inside the archive, and bytes in front of it, as self-extracting tools write them.

    Fix: build the archive again with an ordinary tool, from its sources.

    Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification"; OCI, "Image Format Specification".
    """
    by_kind: dict[str, list[Fault]] = {}
    for fault in known(artifact.inventory).faults:
        if fault.kind not in _HARMLESS:
            by_kind.setdefault(fault.kind, []).append(fault)
    for kind, faults in sorted(by_kind.items()):
        yield archive_ambiguous.finding(
            artifact,
            f"{faults[0].detail}{f', and {len(faults) - 1} more of the kind' if len(faults) > 1 else ''}",
            *(Evidence(origin=inside(artifact, fault.entry), note=f"{kind}: {fault.detail}") for fault in faults[:5]),
            severity=Severity.HIGH if kind in _ATTACKS else Severity.MEDIUM,
            key=kind,
        )
