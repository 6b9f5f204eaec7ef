"""artifact-unowned-executable: something in a layer or image runs, and no package knows it."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

_ADDED = ("no package lists it", "it stands among the files of a package that does not list it")
_STARTS = ("extensions/", "opt/extensions/")
_HOOKS = ("sitecustomize.py", "usercustomize.py", ".pth")


@check(
    Severity.LOW,
    area="layers",
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    maps=("owasp:SAS-6", "mitre:T1546", "mitre:T1574", "nist:CM-7(5)", "nist:SI-7"),
)
def artifact_unowned_executable(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag files among installed packages that no package lists and that are code; those that start by themselves one by one.

    Extensions are started by Lambda, `sitecustomize.py` and `.pth` files by Python, before the function's own code.

    Why: whoever can add one file to a layer need not change any that somebody compares.

    Not flagged: the function's own code, and what a layer ships as its own module at its top, unless it starts by itself; data files.

    Fix: give the file a package of its own, or take it out. `buckler lock` pins it by its hash once somebody has looked at it.

    Source: AWS Lambda Developer Guide, "Augmenting functions with extensions"; Python documentation, module `site`.
    """
    inventory = known(artifact.inventory)
    others: list[str] = []
    for one in inventory.states:
        if one.state != "unowned" or one.why not in _ADDED:
            continue
        if one.path.startswith(_STARTS) or one.path.endswith(_HOOKS):
            yield artifact_unowned_executable.finding(
                artifact,
                f"`{one.path}` starts by itself, and no package lists it",
                Evidence(origin=inside(artifact, one.path), note=one.why),
                severity=Severity.MEDIUM,
                key=one.path,
            )
        elif one.why == _ADDED[1]:
            others.append(one.path)
    if others:
        yield artifact_unowned_executable.finding(
            artifact,
            f"{len(others)} files stand among installed packages that do not list them, as `{others[0]}`",
            *(Evidence(origin=inside(artifact, path), note=_ADDED[1]) for path in others[:5]),
        )
