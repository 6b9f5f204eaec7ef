"""Package URLs in their one canonical form.

Source: github.com/package-url/purl-spec: PURL-SPECIFICATION and the rules of each type, read 2026-11-26.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from buckler.model.artifact import Ecosystem

_SAFE: Final = ":~.-_"
"""Besides letters and digits; the colon stays because the specification says so (`@1:2.3`)."""
_LOWER: Final = frozenset({"pypi", "golang", "deb", "apk"})
"""Types whose names are the same in any case."""
_LOWER_NAMESPACE: Final = frozenset({"golang", "deb", "rpm", "apk"})


def purl(
    ecosystem: Ecosystem, name: str, version: str, *, namespace: str = "", qualifiers: Mapping[str, str] | None = None, subpath: str = ""
) -> str:
    """Write a package URL. *namespace* and *subpath* may have several parts; empty qualifiers are left out."""
    spelled = name.strip("/")
    if ecosystem in _LOWER:
        spelled = spelled.lower()
    if ecosystem == "pypi":
        spelled = spelled.replace("_", "-")
    above = namespace.strip("/")
    if ecosystem in _LOWER_NAMESPACE:
        above = above.lower()
    parts = [quote(part, safe=_SAFE) for part in (*above.split("/"), *spelled.split("/")) if part]
    text = f"pkg:{ecosystem}/{'/'.join(parts)}"
    if version:
        text += "@" + quote(version, safe=_SAFE)
    given = sorted((key.lower(), value) for key, value in (qualifiers or {}).items() if value)
    if given:
        text += "?" + "&".join(f"{key}={quote(value, safe=_SAFE + '/')}" for key, value in given)
    if subpath.strip("/"):
        text += "#" + "/".join(quote(part, safe=_SAFE) for part in subpath.strip("/").split("/"))
    return text
