"""`[signing]` of buckler.toml: whose signatures count, and which of them were revoked.

    [signing]
    signer-roots = ["keys/signer-root.pem"]           # of AWS Signer's signatures in zips; replaces the one that is shipped
    notation-certificates = ["keys/authority.pem"]    # notation's signatures of images
    notation-authorities = ["keys/signer-root.pem"]   # those whose time of signing counts too, as AWS Signer's
    notation-signers = ["arn:aws:signer:...:/signing-profiles/shop/ABCDEFGHIJ"]    # absent: any of theirs
    cosign-keys = ["keys/cosign.pub"]
    revoked = ["keys/revoked.txt", "keys/authority.crl"]

Files are relative to the configuration; what stands in them is read when an artifact is signed, by app/trusting.py.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.value import Value


class Signing(Value):
    """The files that say whom to trust, each as a path that can be opened from here."""

    signer_roots: tuple[str, ...] = ()
    """Empty: the root that is shipped."""
    notation_certificates: tuple[str, ...] = ()
    notation_authorities: tuple[str, ...] = ()
    notation_signers: tuple[str, ...] = ()
    """No files: profile version ARNs, or subjects of certificates."""
    cosign_keys: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    file: str = ""
    """The configuration, for messages."""
    lines: tuple[tuple[str, int], ...] = ()
    """(setting, line of the configuration)."""

    def place(self, setting: str) -> str:
        """Say where a setting stands."""
        line = dict(self.lines).get(setting)
        return f"{self.file}:{line}" if line else self.file


FILES: Final = ("signer-roots", "notation-certificates", "notation-authorities", "cosign-keys", "revoked")
_SETTINGS: Final = (*FILES, "notation-signers")


def signing_of(value: object, path: Path, lines: Sequence[str]) -> Signing:
    """Read the table. Raises `UsageError` with the place of whatever is off, a file that is not there included."""
    shown = str(path)
    if not isinstance(value, dict):
        raise UsageError("`signing` must be a table", place=shown, hint='[signing]\ncosign-keys = ["cosign.pub"]')
    table = cast("Mapping[str, object]", value)
    found = Signing(file=shown, lines=tuple(_lines(lines))) if table else Signing()
    unknown = sorted(set(table) - set(_SETTINGS))
    if unknown:
        close = closest(unknown[0], _SETTINGS)
        hint = f"a similar setting exists: `{close}`" if close else f"settings are {', '.join(_SETTINGS)}"
        raise UsageError(f"unknown setting `{unknown[0]}` in [signing]", place=found.place(unknown[0]), hint=hint)
    texts = {name: _texts(table[name], name, found.place(name)) for name in _SETTINGS if name in table}
    files = {name: tuple(_file(path, text, name, found.place(name)) for text in texts.get(name, ())) for name in FILES}
    return Signing(
        signer_roots=files["signer-roots"],
        notation_certificates=files["notation-certificates"],
        notation_authorities=files["notation-authorities"],
        notation_signers=texts.get("notation-signers", ()),
        cosign_keys=files["cosign-keys"],
        revoked=files["revoked"],
        file=found.file,
        lines=found.lines,
    )


def _lines(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Find the lines of the settings; tomllib keeps none."""
    inside = False
    found: list[tuple[str, int]] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("["):
            inside = text.replace(" ", "").partition("#")[0] in {"[signing]", "[tool.buckler.signing]"}
        elif inside and "=" in text and not text.startswith("#"):
            found.append((text.partition("=")[0].strip().strip("\"'"), number))
    return found


def _texts(value: object, name: str, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in cast("list[object]", value)):
        raise UsageError(f"`{name}` must be a list of strings, with one at least", place=place, hint="leave it out to trust nobody by it")
    return tuple(cast("list[str]", value))


def _file(config: Path, text: str, name: str, place: str) -> str:
    path = config.parent / text
    try:
        is_there = path.is_file()
    except (OSError, ValueError):
        is_there = False
    if not is_there:
        raise UsageError(
            f"`{name}` names `{text}`, and there is no such file", place=place, hint=f"paths are relative to {config.name}'s folder"
        )
    return str(path)
