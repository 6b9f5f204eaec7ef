"""Live code, looked into: each unique package once, over all accounts and regions, and joined with whatever runs it."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from buckler import __version__
from buckler.app.inspecting import Inspector
from buckler.app.opening import open_artifact, open_zip
from buckler.errors import Interrupted, SourceError
from buckler.model.artifact import Artifact, ArtifactKind, ArtifactUse, Fault, Inventory, Signature
from buckler.model.entity import Entity
from buckler.model.estate import Estate, Missing, Note
from buckler.model.functions import Function, ImageRef
from buckler.model.origin import ApiOrigin
from buckler.model.progress import Progress
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.inventory_store import InventoryStore
from buckler.sources.live.download import Fetched, digest_of
from buckler.sources.registry import Pulled

_WORKERS = 4
"""Packages at once: while some are fetched, two cores are busy with others, and no more than these are in memory."""
_HEX = re.compile(r"[0-9a-f]{64}")
_UNTOLD_IMAGE = Unknown(kind=UnknownKind.FAILED, why="AWS does not tell the image", need="lambda:GetFunction")


class Source(Protocol):
    """Where packages come from: `sources.live.code.CodeSource`."""

    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown: ...

    def layer(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown: ...

    def image(self, account: str, region: str, uri: str, architecture: str) -> Pulled | Unknown: ...

    def revocation(self, account: str, signature: Signature) -> Signature: ...

    def stop(self) -> None: ...


@dataclass
class _Wanted:
    """A package that something runs."""

    entity: Entity
    arn: str
    name: str
    use: ArtifactUse
    code_sha256: str
    """As AWS gives it: base64; of an image the digest that its tag was resolved to, in hex."""
    users: dict[str, None] = field(default_factory=dict[str, None])
    unread: Unknown | None = None
    """Why it cannot be looked into."""
    uri: str = ""
    """Of an image."""
    architecture: str = ""

    @property
    def key(self) -> str:
        """Name what is in it: two of one key are looked into once."""
        return self.code_sha256 or self.uri


def look_into(estate: Estate, source: Source, inspector: Inspector, progress: Progress, store: InventoryStore | None = None) -> Estate:
    """Fetch and look into every package that a function runs: its own, those of the versions behind its aliases, its layers.

    What was looked into before, by the digest we computed ourselves, is not fetched again. Raises `Interrupted`.
    """
    wanted = list(_wanted(estate))
    unique: dict[str, _Wanted] = {}
    for one in wanted:
        if one.unread is None:
            unique.setdefault(one.key, one)
    work = _Work(source, inspector, store)
    progress.stage("packages", len(unique))

    def found_out(one: _Wanted) -> Inventory | Unknown:
        inventory = work.inventory(one)
        progress.advance("packages")
        return inventory

    pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="package")
    try:
        inventories = dict(zip(unique, pool.map(found_out, unique.values()), strict=True))
    except KeyboardInterrupt:
        source.stop()
        hint = "run it again: what was looked into is kept"
        raise Interrupted("interrupted", cause="packages were being looked into", hint=hint) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    artifacts = tuple(_artifact(one, one.unread or inventories[one.key], inspector) for one in wanted)
    return replace(estate, artifacts=(*estate.artifacts, *artifacts), notes=(*estate.notes, *work.notes()), missing=_untold(estate))


def _untold(estate: Estate) -> tuple[Missing, ...]:
    """Where functions or their layers could not be listed, packages may be missing."""
    unlisted = (one for one in estate.missing if one.collection == "functions")
    return (*estate.missing, *(replace(one, collection="artifacts") for one in unlisted))


class _Work:
    def __init__(self, source: Source, inspector: Inspector, store: InventoryStore | None) -> None:
        self._source = source
        self._inspector = inspector
        self._store = store
        self._unkept: dict[str, None] = {}

    def notes(self) -> Iterator[Note]:
        """Tell what is wrong with the cache: it costs time and nothing else."""
        for why in self._unkept:
            yield Note(message=why, origin=ApiOrigin(call="lambda:GetFunction", arn=""))

    def inventory(self, one: _Wanted) -> Inventory | Unknown:
        """Find out what is in a package: from the cache, or by fetching it."""
        digest = digest_of(one.code_sha256) if one.use != "image" else one.code_sha256 or None
        kept = self._store.get(digest) if self._store is not None and digest is not None else None
        if isinstance(kept, Inventory):
            return self._told(one, _as_of(kept, self._inspector.now()))
        if kept is not None:
            self._unkept[kept.why] = None
        if one.use == "image":
            return self._image(one)
        ask = self._source.layer if one.use == "layer" else self._source.function
        got = ask(shown(one.entity.account), shown(one.entity.region), one.arn, one.code_sha256)
        if isinstance(got, Unknown):
            return got
        if isinstance(got, Fault):
            return _never_read(got, digest or "")
        with got.file as file:
            try:
                opened = open_zip(file, one.arn)
            except SourceError as bad:
                fault = Fault(kind="unreadable", entry="", detail=bad.cause or bad.error, is_fatal=True)
                return _never_read(fault, got.sha256)
        return self._told(one, self._kept(self._inspector.inventory(opened)))

    def _image(self, one: _Wanted) -> Inventory | Unknown:
        got = self._source.image(shown(one.entity.account), shown(one.entity.region), one.uri, one.architecture)
        if isinstance(got, Unknown):
            return got
        try:
            opened = open_artifact(Path(got.path))
        except SourceError as bad:
            fault = Fault(kind="unreadable", entry="", detail=bad.cause or bad.error, is_fatal=True)
            return _never_read(fault, got.digest.removeprefix("sha256:"), kind="image")
        return self._told(one, self._kept(self._inspector.inventory(opened)))

    def _kept(self, inventory: Inventory) -> Inventory:
        failed = self._store.put(inventory) if self._store is not None else None
        if failed is not None:
            self._unkept[failed.why] = None
        return inventory

    def _told(self, one: _Wanted, inventory: Inventory) -> Inventory:
        """Ask AWS whether a signature was revoked: the answer is of today and is not kept."""
        if not isinstance(inventory.signature, Signature):
            return inventory
        return replace(inventory, signature=self._source.revocation(shown(one.entity.account), inventory.signature))


def _as_of(inventory: Inventory, now: datetime) -> Inventory:
    """Say of a kept signature whether it has expired since."""
    signature = inventory.signature
    if not isinstance(signature, Signature) or signature.state != "valid" or not signature.expires:
        return inventory
    if datetime.fromisoformat(signature.expires) > now:
        return inventory
    return replace(inventory, signature=replace(signature, state="expired", why=f"it expired on {signature.expires[:10]}"))


def _never_read(fault: Fault, digest: str, kind: ArtifactKind = "zip") -> Inventory:
    """Keep of a package that nobody could read why: what is in it is not known."""
    unknown = Unknown(kind=UnknownKind.FAILED, why=fault.detail, need="a package that is what AWS says it is")
    return Inventory(digest=digest, kind=kind, size_bytes=0, entries=0, tree_hash="", faults=(fault,), not_assessed=(unknown,))


def _artifact(one: _Wanted, inventory: Inventory | Unknown, inspector: Inspector) -> Artifact:
    call = "lambda:GetLayerVersion" if one.use == "layer" else "lambda:GetFunction"
    flaws, untold = inspector.flaws(inventory) if isinstance(inventory, Inventory) else (inventory, ())
    if isinstance(inventory, Inventory):
        inventory = replace(inventory, not_assessed=(*inventory.not_assessed, *untold))
    return Artifact(
        arn=one.arn,
        name=one.name,
        account=one.entity.account,
        region=one.entity.region,
        origin=ApiOrigin(call=call, arn=one.arn, account=shown(one.entity.account), region=shown(one.entity.region)),
        use=one.use,
        inventory=inventory,
        vulnerabilities=flaws,
        used_by=tuple(sorted(one.users)),
    )


# --- what there is to look into --------------------------------------------------------------------------------------


def _wanted(estate: Estate) -> Iterator[_Wanted]:
    """List packages: those of functions by their content, layers by their ARN (two may have one content)."""
    yield from _packages(estate.functions)
    yield from _layers(estate)


def _packages(functions: Iterable[Function]) -> Iterator[_Wanted]:
    found: dict[str, _Wanted] = {}
    for function in functions:
        arn = shown(function.arn)
        if function.package_type == "Image":
            for one in _images_of(function):
                # What could not be read is told of each function.
                found.setdefault(one.key or arn, one).users[arn] = None
            continue
        for qualified, name, code in _code_of(function):
            if code is None:
                unknown = Unknown(kind=UnknownKind.FAILED, why="AWS gave no CodeSha256", need="lambda:GetFunctionConfiguration")
                yield _Wanted(function, qualified, name, "function", "", {arn: None}, unknown)
            else:
                found.setdefault(code, _Wanted(function, qualified, name, "function", code)).users[arn] = None
    yield from found.values()


def _images_of(function: Function) -> Iterator[_Wanted]:
    """Give the images of `$LATEST` and of the versions that aliases send callers to, by the digests their tags were resolved to."""
    image = function.image
    if not isinstance(image, ImageRef):
        yield _Wanted(function, shown(function.arn), shown(function.name), "image", "", unread=image or _UNTOLD_IMAGE)
        return
    resolved = image.resolved_uri if isinstance(image.resolved_uri, str) else shown(image.uri)
    repository, _, digest = resolved.partition("@sha256:")
    architecture = shown(function.architectures[0]) if function.architectures else ""
    yield _Wanted(function, shown(function.arn), shown(function.name), "image", digest, uri=resolved, architecture=architecture)
    for arn, name, code in _code_of(function) if digest else ():
        # Of an image `CodeSha256` is the digest of its manifest, in hex; what is fetched has to have it.
        if code and code not in {function.code_sha256, digest} and _HEX.fullmatch(code):
            yield _Wanted(function, arn, name, "image", code, uri=f"{repository}@sha256:{code}", architecture=architecture)


def _code_of(function: Function) -> Iterator[tuple[str, str, str | None]]:
    """Give the code of `$LATEST` and of the versions that aliases send callers to: (ARN, name, CodeSha256)."""
    yield shown(function.arn), shown(function.name), function.code_sha256
    if isinstance(function.aliases, Unknown) or isinstance(function.versions, Unknown):
        return
    served = {version for alias in function.aliases for version in (alias.version, *alias.routing)}
    for version in function.versions:
        if version.version in served and version.code_sha256 not in {None, function.code_sha256}:
            yield f"{shown(function.arn)}:{shown(version.version)}", f"{shown(function.name)}:{shown(version.version)}", version.code_sha256


def _layers(estate: Estate) -> Iterator[_Wanted]:
    versions = {shown(one.arn): one for one in estate.layers}
    found: dict[str, _Wanted] = {}
    for function in estate.functions:
        for layer in () if isinstance(function.layers, Unknown) else function.layers:
            arn = shown(layer.arn)
            if arn not in found:
                version = versions.get(arn)
                name = arn.partition(":layer:")[2] or arn
                code = version.code_sha256 if version is not None else None
                why = None if code else _why_not(version.exists if version is not None else None)
                # Asked as an account that uses it: its owner need not be ours.
                found[arn] = _Wanted(function, arn, name, "layer", code or "", unread=why)
            found[arn].users[shown(function.arn)] = None
    yield from found.values()


def _why_not(exists: bool | Unknown | None) -> Unknown:  # noqa: FBT001 - a fact
    if isinstance(exists, Unknown):
        return exists
    if exists is False:
        return Unknown(kind=UnknownKind.FAILED, why="the layer version is gone", need="a layer version that is there")
    return Unknown(kind=UnknownKind.FAILED, why="the layer version was not read", need="lambda:GetLayerVersion")


# --- the cache -------------------------------------------------------------------------------------------------------


def inventories(inspector: Inspector) -> InventoryStore:
    """Give the cache of what was looked into with the same rules, references and keys."""
    reference = getattr(inspector.reference, "folder", None)
    parts = [__version__, _has_rules(), _listing(reference) if isinstance(reference, Path) else ""]
    parts += [msgspec.json.encode(inspector.signing).decode(), *_contents(inspector)]
    return InventoryStore("\n".join(parts))


def _has_rules() -> str:
    from importlib.util import find_spec

    return "yara" if find_spec("yara_x") is not None else ""


def _listing(folder: Path) -> str:
    """Sum up which releases a reference store knows: every one it adds may settle a file that was open before."""
    digest = hashlib.sha256()
    for root, folders, files in os.walk(folder / "purls"):
        folders.sort()
        for name in sorted(files):
            digest.update(f"{Path(root).name}/{name}\n".encode())
    return digest.hexdigest()


def _contents(inspector: Inspector) -> Iterator[str]:
    """Sum up the files that say whose signatures count."""
    signing = inspector.signing
    named = (signing.signer_roots, signing.notation_certificates, signing.notation_authorities, signing.cosign_keys, signing.revoked)
    for file in (one for files in named for one in files):
        try:
            yield hashlib.sha256(Path(file).read_bytes()).hexdigest()
        except OSError:
            yield "unread"
