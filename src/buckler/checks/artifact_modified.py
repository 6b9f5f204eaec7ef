"""artifact-modified: a file of an installed package is not what its package, or its registry, says it is."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact, FileState
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.wholeness import insist_on_whole

_SHOWN = 5


@check(
    Severity.HIGH,
    area="layers",
    maps=("owasp:SAS-6", "mitre:T1195.002", "mitre:T1554", "nist:SI-7", "nist:SR-11", "pci:11.5.2"),
)
def artifact_modified(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag files of installed packages that differ from the package's own record or from the artefact its registry published.

    A record travels with the package and can be rewritten with it; the registry's artefact cannot. So a file that differs from the
    reference is reported even where the record agrees, and such a record is called forged.

    Why: a layer is shared by many functions and hardly ever looked at again. Who edits one module in it runs in all of them, as all of
    their roles.

    Not flagged: files without a record and a reference, which are not assessed; tests, documentation and type stubs that were left
    out to save space; compiled Python of another interpreter; console scripts, whose first line the installer writes.

    Fix: build the artifact again from pinned, hashed requirements, and compare; if it differs there too, the published package is not
    the one you installed. `buckler reference add` settles what only the record vouches for.

    Source: PyPA specifications, "Recording installed projects"; npm, "package-lock.json" (`integrity`).
    """
    inventory = known(artifact.inventory)
    by_package: dict[str, list[FileState]] = {}
    for one in inventory.states:
        if one.state == "modified":
            by_package.setdefault(one.purl, []).append(one)
    for purl, files in sorted(by_package.items()):
        count = len(files)
        what = f"{count} files of `{purl}` are" if count > 1 else f"`{files[0].path}` of `{purl}` is"
        yield artifact_modified.finding(
            artifact,
            f"{what} not what was published" if purl else f"`{files[0].path}` is not what it should be",
            *(Evidence(origin=inside(artifact, one.path), note=one.why) for one in files[:_SHOWN]),
            confidence=Confidence.HIGH if any("reference" in one.why for one in files) else Confidence.MEDIUM,
            key=purl or files[0].path,
        )
    insist_on_whole(known(artifact.inventory))
