"""Published artefacts of packages as values: what integrity is measured with."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from buckler.model.value import Value

ManifestKind: TypeAlias = Literal["wheel", "sdist", "npm"]


class Manifest(Value):
    """The files of one published artefact."""

    purl: str
    kind: ManifestKind
    artefact: str
    """File name in the registry; "" where nobody told."""
    sha256: str
    """Hex, of the artefact."""
    sha512: str
    """Hex, of the artefact: what npm's lock files give."""
    files: Mapping[str, str]
    """Path below the package's root (of wheels: below site-packages; scripts are `bin/x`) -> sha256, hex."""
    bodies: Mapping[str, str] = {}
    """Of scripts, whose first line is written where they are installed: sha256 of the rest."""
    essentials: str = ""
    """sha256 of what counts of a package.json."""
    tags: tuple[str, ...] = ()
    """Of a wheel: which interpreters and platforms it is for."""
    entry_points: tuple[tuple[str, str], ...] = ()
    """Console scripts the installer writes: (name, `module:function`)."""


Reference: TypeAlias = Callable[[str], tuple[Manifest, ...]]
"""Package URL -> what is known of it; empty when nothing is."""


class Wanted(Value):
    """A release whose published artefact is asked for."""

    purl: str
    ecosystem: Literal["pypi", "npm"]
    name: str
    version: str
    tags: tuple[str, ...] = ()
    """Of the installed wheel: a release has many, and only the same one has the same files."""
