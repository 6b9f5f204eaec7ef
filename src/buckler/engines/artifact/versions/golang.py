"""Go modules and the toolchain.

A pseudo-version (`v0.0.0-20191109021931-daa7c04131f5`) is a semantic version whose pre-release begins with the time of the commit, made so
that it sorts right; `+incompatible` is build metadata. The toolchain's own versions (`go1.21rc2`) are older than that and differ.
Sources: go.dev/ref/mod, "Versions" and "Pseudo-versions"; go.dev/doc/toolchain, "Go versions".
"""

import re
from functools import lru_cache
from typing import Final

from buckler.engines.artifact.versions._key import Key
from buckler.engines.artifact.versions.semver import semver_key

_TOOLCHAIN: Final = re.compile(r"(?:go)?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(?:(alpha|beta|rc)([0-9]+))?(?:[-+ ].*)?")


@lru_cache(maxsize=65_536)
def go_key(version: str) -> Key:
    """Give the key of a module's version, or of a toolchain's: `go1.21rc2` is 1.21.0-rc.2. Raises `VersionError`."""
    if version.startswith("go") or not version.startswith("v"):
        found = _TOOLCHAIN.fullmatch(version)
        # `1.26.0-0` of an advisory is a semantic version; only what begins with `go`, or has a bare rc, is a toolchain's.
        if found is not None and (version.startswith("go") or found[4]):
            # Vendors append to it (`go1.22.5 X:boringcrypto`, `go1.20.12-custom`): it is that release, patched by somebody.
            pre = f"-{found[4]}.{found[5]}" if found[4] else ""
            return semver_key(f"{found[1]}.{found[2]}.{found[3] or 0}{pre}")
    return semver_key(version)
