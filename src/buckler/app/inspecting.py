"""From an artifact to everything that can be said of it, each unique content once."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from buckler.app.opening import Opened, open_artifact
from buckler.app.vulndb import Opened as Database
from buckler.app.vulndb import open_database
from buckler.config_signing import Signing
from buckler.engines.artifact.catalog import survey
from buckler.engines.artifact.hiding import hides
from buckler.engines.artifact.hunt import search
from buckler.engines.artifact.names import SIGNATURE
from buckler.engines.artifact.states import assess as assess_states
from buckler.engines.secrets import judge
from buckler.model.artifact import Artifact, Inventory, Signature, Vulnerability
from buckler.model.estate import COLLECTIONS, Estate, Missing, Scope
from buckler.model.origin import FileOrigin
from buckler.model.reference import Reference
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.reference_store import ReferenceStore
from buckler.sources.vulndb.layout import layout

NO_DATABASE = Unknown(kind=UnknownKind.FAILED, why="there is no database of vulnerabilities on this machine", need="buckler db update")
"""A gap, not a depth: what is installed was seen, and nobody can say whether it has known flaws."""

_NOBODY: Final = Signing()
"""Nobody but those whom the product itself trusts."""


@dataclasses.dataclass(frozen=True)
class Inspector:
    """What artifacts are measured with; each of them may be missing, and then is said to be."""

    reference: Reference | None = None
    vulnerabilities: Database | None = None
    signing: Signing = _NOBODY
    """Whose signatures count."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def inventory(self, opened: Opened) -> Inventory:
        """Find out everything about one artifact that needs no database."""
        tree = opened.tree
        told = survey(tree)
        states = assess_states(tree, told.packages, self.reference)
        # Only what integrity does not explain is hunted in: that is why a clean layer sets nothing off.
        hunted = search(tree, states.paths("modified", "unowned"), states.paths("not-assessed"), judge)
        unread = tuple(
            Unknown(kind=UnknownKind.FAILED, why=f"{fault.entry or 'the archive'}: {fault.detail}", need="an archive without it")
            for fault in tree.faults
            if fault.is_fatal
        )
        return Inventory(
            digest=opened.digest,
            kind=opened.kind,
            size_bytes=opened.size_bytes,
            entries=len(tree),
            tree_hash=tree.tree_hash(),
            faults=(*tree.faults, *told.faults),
            packages=told.packages,
            states=states.states,
            counted=states.counted,
            hits=hunted.hits,
            hides=hides(tree, states.states) if opened.kind != "image" else (),
            signature=self._signature(opened),
            not_assessed=tuple(dict.fromkeys((*unread, *told.not_assessed, *states.not_assessed, *hunted.not_assessed))),
        )

    def _signature(self, opened: Opened) -> Signature | None:
        """Verify the signature, if there is one; cryptography is loaded only then. Raises `UsageError` for a key that is none."""
        if SIGNATURE not in opened.tree and not (opened.image is not None and opened.image.attached):
            return None
        from buckler.app.trusting import doubted, trusted_by
        from buckler.engines.artifact.signatures import verify_signature

        return doubted(verify_signature(opened.tree, opened.image, trusted_by(self.signing), self.now()))

    def flaws(self, inventory: Inventory) -> tuple[tuple[Vulnerability, ...] | Unknown, tuple[Unknown, ...]]:
        """Match an inventory with the database; beside the flaws, what it can say nothing of."""
        if self.vulnerabilities is None:
            return NO_DATABASE if inventory.packages else (), ()
        return self.vulnerabilities.assess(inventory.packages)


@cache
def inspector(signing: Signing = _NOBODY) -> Inspector:
    """Give the inspector of this machine: with its reference store and its database, where there are any."""
    store = ReferenceStore()
    found = open_database(layout())
    # Nothing fetched and nothing added is no database: it must not look like one that knows of no flaw.
    return Inspector(
        reference=store if store.folder.exists() else None,
        vulnerabilities=found if found.sources or found.faults else None,
        signing=signing,
    )


def read_artifact(path: Path, inspector: Inspector) -> Estate:
    """Look into a file or folder. Raises `SourceError`."""
    shown = str(path)
    opened = open_artifact(path)
    inventory = inspector.inventory(opened)
    flaws, untold = inspector.flaws(inventory)
    origin = FileOrigin(file=shown)
    artifact = Artifact(
        arn="",
        name=path.name or shown,
        account="",
        region="",
        origin=origin,
        address=shown,
        use="image" if opened.kind == "image" else "file",
        inventory=replace(inventory, not_assessed=(*inventory.not_assessed, *untold)),
        vulnerabilities=flaws,
    )
    return Estate(
        scopes=(Scope(kind="artifact", name=shown, account="", region="", origin=origin),),
        artifacts=(artifact,),
        missing=tuple(Missing(collection=name, account="", region="", unknown=_OUTSIDE) for name in COLLECTIONS if name != "artifacts"),
    )


_OUTSIDE = Unknown(kind=UnknownKind.OUTSIDE, why="an artifact does not tell where it runs", need="a template, or a live scan")
