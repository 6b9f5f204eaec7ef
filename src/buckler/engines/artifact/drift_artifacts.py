"""Artifacts as they were pinned and as they are: the same bytes, the same content, or else which packages and files differ."""

import base64
from collections.abc import Iterator
from pathlib import PurePath

from buckler.engines.artifact.drift_notes import Notes
from buckler.model.lock import ArtifactPin, FunctionPin, LayerPin, Lock, PackagePin, Unread, unknown_of


def compare_artifacts(locked: Lock, found: Lock, notes: Notes) -> int:
    """Compare each artifact with the one of the lock it should be; give how many there are."""
    for now in found.artifacts:
        for gap in now.unread:
            notes.doubt(now.path, "all of the content", unknown_of(gap))
        if now.sha256 and any(was.sha256 == now.sha256 for was in locked.artifacts):
            continue
        same = next((was for was in locked.artifacts if was.tree_hash == now.tree_hash), None)
        if same is not None:
            if same.sha256 and now.sha256:
                notes.drift("re-zipped", now.path, f"`{now.path}` has the content that was locked, zipped again")
            continue
        if now.sha256 and _runs(now.sha256, locked):
            continue
        before = _predecessor(now, locked)
        if before is None:
            notes.drift("artifact-unknown", now.path, f"`{now.path}` is nothing that was locked")
            continue
        details = tuple(differences(before, now))
        notes.drift("artifact-changed", now.path, f"`{now.path}` is not what was locked", details=details)
    return len(found.artifacts)


def _runs(sha256: str, locked: Lock) -> bool:
    """Say whether these bytes are pinned as the code of a function or a layer, or this image as that of a function."""
    if any(one.image is not None and one.image.digest == f"sha256:{sha256}" for one in locked.functions):
        return True
    code_sha256 = base64.b64encode(bytes.fromhex(sha256)).decode()
    pinned: tuple[FunctionPin | LayerPin, ...] = (*locked.functions, *locked.layers)
    return any(one.code_sha256 == code_sha256 for one in pinned)


def _predecessor(now: ArtifactPin, locked: Lock) -> ArtifactPin | None:
    """Find what an artifact was before: that of the same path, else the only one of the same file name."""
    same_path = [was for was in locked.artifacts if was.path == now.path]
    same_name = [was for was in locked.artifacts if PurePath(was.path).name == PurePath(now.path).name]
    found = same_path or same_name
    return found[0] if len(found) == 1 else None


def differences(was: ArtifactPin, now: ArtifactPin) -> Iterator[str]:
    """Say in one line each which packages, files and other facts of an artifact differ: `+` new, `-` gone, `~` other content."""
    if was.signature != now.signature:
        yield f"~ signature: {_signed(now)}, it was: {_signed(was)}"
    for fault in now.faults:
        if fault not in was.faults:
            yield f"+ fault: {fault}"
    yield from _packages(was, now)
    before, after = {file.path: file.sha256 for file in was.files}, {file.path: file.sha256 for file in now.files}
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            yield f"+ {path}"
        elif path not in after:
            yield f"- {path}"
        elif before[path] != after[path]:
            yield f"~ {path}"


def _packages(was: ArtifactPin, now: ArtifactPin) -> Iterator[str]:
    before, after = {(one.purl, one.path): one for one in was.packages}, {(one.purl, one.path): one for one in now.packages}
    gone = [one for key, one in before.items() if key not in after]
    for key, package in after.items():
        old = before.get(key)
        if old is None:
            earlier = next((one for one in gone if _name(one.purl) == _name(package.purl)), None)
            if earlier is None:
                yield f"+ {package.purl} ({package.integrity})"
            else:
                gone.remove(earlier)
                yield f"~ {earlier.purl} -> {package.purl.rpartition('@')[2]} ({package.integrity})"
        elif old.content != package.content:
            yield f"~ {package.purl}: other content under the same version ({package.integrity}){_count(old, package)}"
        elif old.integrity != package.integrity:
            yield f"~ {package.purl}: {package.integrity}, it was {old.integrity}"
    for one in gone:
        yield f"- {one.purl}"


def _name(purl: str) -> str:
    head = purl.partition("?")[0]
    return head.rpartition("@")[0] or head


def _count(was: PackagePin, now: PackagePin) -> str:
    return f", {now.files} files instead of {was.files}" if was.files != now.files else ""


def _signed(pin: ArtifactPin) -> str:
    signature = pin.signature
    if signature is None:
        return "none"
    state = f"not assessed ({signature.state.not_read})" if isinstance(signature.state, Unread) else signature.state
    return f"{state}, {signature.signer}"
