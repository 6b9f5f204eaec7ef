"""A function as it was pinned and as it is."""

import base64
import binascii

from msgspec.structs import replace

from buckler.engines.artifact.drift_layers import compare_order
from buckler.engines.artifact.drift_notes import Notes
from buckler.model.drift import DriftKind
from buckler.model.lock import AliasPin, FunctionPin, ImagePin, Lock, Unread, VariablePin, unknown_of


def compare_function(was: FunctionPin, now: FunctionPin, locked: Lock, found: Lock, notes: Notes) -> None:
    """Compare every fact of a function."""
    if notes.differ(now.id, "the package type", was.package_type, now.package_type):
        message = f"`{now.name}` is deployed as {now.package_type} now, it was {was.package_type}"
        notes.drift("package-type-changed", now.id, message)
        # An image has neither handler nor runtime of its own: that they differ says nothing more.
        now = replace(now, handler=was.handler, runtime=was.runtime, runtime_version=was.runtime_version, runtime_update=was.runtime_update)
    elif was.image is not None and now.image is not None:
        _image(was.image, now.image, now, notes)
    else:
        _code(was, now, locked, found, notes)
    _aliases(was, now, notes)
    _plain(was, now, notes)
    _runtime(was, now, notes)
    compare_order(was, now, notes)
    _signing(was, now, notes)
    _variables(was, now, notes)


# --- what runs -----------------------------------------------------------------------------------------------------------


def _code(was: FunctionPin, now: FunctionPin, locked: Lock, found: Lock, notes: Notes) -> None:
    both_told = isinstance(was.code_sha256, str) and isinstance(now.code_sha256, str)
    if not both_told and was.code_object is not None and now.code_object is not None:
        one, other = was.code_object, now.code_object
        pairs = ((one.bucket, other.bucket), (one.key, other.key), (one.version, other.version))
        if any(notes.differ(now.id, "the package", *pair) for pair in pairs):
            notes.drift("code-object-changed", now.id, f"`{now.name}` takes its package from another object in S3 than the lock says")
        return
    if not notes.differ(now.id, "the code", was.code_sha256, now.code_sha256):
        return
    before, after = _content(str(was.code_sha256), locked), _content(str(now.code_sha256), found) or _content(str(now.code_sha256), locked)
    if before is not None and before == after:
        notes.drift("re-zipped", now.id, f"the code of `{now.name}` is the same, zipped again")
        return
    notes.drift("code-changed", now.id, f"the code of `{now.name}` is not the one that was locked: {now.code_sha256}")


def _content(code_sha256: str, lock: Lock) -> str | None:
    """Give the hash of what is in a package, where the package itself was looked at."""
    try:
        digest = base64.b64decode(code_sha256, validate=True).hex()
    except (binascii.Error, ValueError):
        return None
    return next((one.tree_hash for one in lock.artifacts if one.sha256 == digest), None)


def _image(was: ImagePin, now: ImagePin, function: FunctionPin, notes: Notes) -> None:
    name = f"`{function.name}`"
    if isinstance(now.digest, Unread) and isinstance(now.uri, str) and function.file and "${" not in now.uri:
        wanted = f", `{was.digest}` was locked" if isinstance(was.digest, str) else ""
        notes.drift("image-tag-only", function.id, f"{name} names its image by a tag, which decides at deployment what runs{wanted}")
        return
    if isinstance(was.digest, str) and isinstance(now.digest, str):
        if was.digest == now.digest:
            return
        if was.uri == now.uri:
            notes.drift("image-tag-moved", function.id, f"the tag of {name}'s image leads to another image now: {now.digest}")
        else:
            notes.drift("image-changed", function.id, f"{name} runs another image: {now.digest}")
        return
    if notes.differ(function.id, "the image", was.uri, now.uri):
        notes.drift("image-changed", function.id, f"{name} names another image than the lock")
        return
    notes.unread(function.id, "the image", was.digest, now.digest)


def _aliases(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    if isinstance(was.aliases, Unread) or isinstance(now.aliases, Unread):
        notes.unread(now.id, "the aliases", was.aliases, now.aliases)
        return
    if bool(was.file) != bool(now.file) and not now.aliases:
        return  # a template may leave aliases to others
    before, after = {one.name: one for one in was.aliases}, {one.name: one for one in now.aliases}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            notes.drift("alias-gone", now.id, f"the alias `{name}` of `{now.name}` is gone", key=name)
        elif name not in before:
            notes.drift("alias-new", now.id, f"`{now.name}` has an alias `{name}` that is not in the lock", key=name)
        else:
            _alias(before[name], after[name], now, notes)


def _alias(was: AliasPin, now: AliasPin, function: FunctionPin, notes: Notes) -> None:
    what = f"the alias `{now.name}`"
    if notes.differ(function.id, what, was.version, now.version):
        notes.drift(
            "alias-moved", function.id, f"{what} of `{function.name}` leads to version {now.version}, it was {was.version}", key=now.name
        )
        return
    if was.routing != now.routing:
        shares = ", ".join(now.routing) or "no other version"
        notes.drift("alias-moved", function.id, f"{what} of `{function.name}` also sends traffic to {shares}", key=now.name)
    if notes.differ(function.id, f"the code behind {what}", was.code_sha256, now.code_sha256):
        message = f"version {now.version} of `{function.name}` has other code under the same number: the function was made anew"
        notes.drift("version-changed", function.id, message, key=now.name)


# --- how it runs ---------------------------------------------------------------------------------------------------------


def _plain(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    name = f"`{now.name}`"
    if notes.differ(now.id, "the role", was.role, now.role):
        notes.drift("role-changed", now.id, f"{name} runs as `{now.role}`, it was `{was.role}`")
    if notes.differ(now.id, "the handler", was.handler, now.handler):
        notes.drift("handler-changed", now.id, f"the handler of {name} is `{now.handler}`, it was `{was.handler}`")
    before, after = ", ".join(was.architectures), ", ".join(now.architectures)
    if notes.differ(now.id, "the architecture", before, after):
        notes.drift("architecture-changed", now.id, f"{name} runs on {after}, it was {before}")


def _runtime(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    name = f"`{now.name}`"
    if notes.differ(now.id, "the runtime", was.runtime, now.runtime):
        notes.drift("runtime-changed", now.id, f"{name} runs on {now.runtime}, it was {was.runtime}")
    elif notes.differ(now.id, "the version of the runtime", was.runtime_version, now.runtime_version):
        by = "AWS has updated" if was.runtime_update == "Auto" else "somebody has changed"
        notes.drift("runtime-updated", now.id, f"{by} the runtime of {name} to `{now.runtime_version}`")
    if notes.differ(now.id, "when the runtime is updated", was.runtime_update, now.runtime_update):
        message = f"the runtime of {name} is updated on `{now.runtime_update}`, it was `{was.runtime_update}`"
        notes.drift("runtime-update-changed", now.id, message)


def _signing(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    name, before, after = f"`{now.name}`", was.code_signing, now.code_signing
    if notes.unread(now.id, "code signing", was.code_signing_unread, now.code_signing_unread):
        pass
    elif before is not None and after is None:
        notes.drift("code-signing-detached", now.id, f"{name} has no code-signing configuration any more: any code can be deployed")
    elif before is None and after is not None:
        notes.drift("code-signing-attached", now.id, f"{name} has a code-signing configuration now")
    elif before is not None and after is not None:
        if notes.differ(now.id, "the code-signing configuration", before.config, after.config):
            notes.drift("code-signing-changed", now.id, f"{name} has another code-signing configuration, `{after.config}`")
        if notes.differ(now.id, "the code-signing policy", before.policy, after.policy):
            kind: DriftKind = "code-signing-relaxed" if after.policy == "Warn" else "code-signing-changed"
            notes.drift(kind, now.id, f"unsigned code of {name} meets `{after.policy}`, it was `{before.policy}`", key="policy")
        _publishers(before.publishers, after.publishers, now, notes)
    if not now.file and not was.file and was.signing_profile_version != now.signing_profile_version:
        if now.signing_profile_version is None:
            notes.drift("signature-lost", now.id, f"the code of {name} was signed when it was locked, and is not any more")
        elif was.signing_profile_version is not None:
            notes.drift("signature-changed", now.id, f"the code of {name} is signed with `{now.signing_profile_version}` now")


def _publishers(was: tuple[str, ...] | Unread, now: tuple[str, ...] | Unread, function: FunctionPin, notes: Notes) -> None:
    if isinstance(was, Unread) or isinstance(now, Unread):
        notes.unread(function.id, "whose signatures are trusted", was, now)
        return
    for one in sorted(set(now) - set(was)):
        notes.drift("code-signing-publisher-added", function.id, f"`{function.name}` trusts signatures of `{one}` now", key=one)
    for one in sorted(set(was) - set(now)):
        notes.drift("code-signing-publisher-removed", function.id, f"`{function.name}` trusts signatures of `{one}` no more", key=one)


def _variables(was: FunctionPin, now: FunctionPin, notes: Notes) -> None:
    if isinstance(was.variables, Unread) or isinstance(now.variables, Unread):
        notes.unread(now.id, "the variables that change what runs", was.variables, now.variables)
        return
    before, after = {one.name: one for one in was.variables}, {one.name: one for one in now.variables}
    for name in sorted(before.keys() | after.keys()):
        _variable(name, before.get(name), after.get(name), now, notes)


def _variable(name: str, was: VariablePin | None, now: VariablePin | None, function: FunctionPin, notes: Notes) -> None:
    if was is None:
        value = f" (`{now.value}`)" if now is not None and isinstance(now.value, str) else ""
        message = f"`{function.name}` has the variable `{name}`{value}, which changes what runs"
        notes.drift("variable-added", function.id, message, key=name)
    elif now is None:
        notes.drift("variable-removed", function.id, f"`{function.name}` has the variable `{name}` no more", key=name)
    elif isinstance(was.value, str) != isinstance(now.value, str) and _was_withheld(was, now):
        notes.drift("variable-changed", function.id, f"the variable `{name}` of `{function.name}` has another value", key=name)
    elif notes.differ(function.id, f"the variable `{name}`", was.value, now.value):
        notes.drift("variable-changed", function.id, f"the variable `{name}` of `{function.name}` is `{now.value}` now", key=name)


def _was_withheld(*pins: VariablePin) -> bool:
    """Say whether one value was kept as harmless and the other withheld: then they are not the same, whatever they are."""
    return all(isinstance(pin.value, str) or unknown_of(pin.value).kind.value == "outside" for pin in pins)
