"""What is installed in an artifact: one file per ecosystem, all reading one tree."""

from buckler.engines.artifact.catalog import (
    apk,
    binaries,
    dotnet,
    dpkg,
    go,
    java,
    npm,
    python,
    python_vendored,
    rpm,
    ruby,
    rust,
)
from buckler.engines.artifact.catalog.shelf import Shelf
from buckler.engines.artifact.tree import Tree
from buckler.model.artifact import Fault, Package
from buckler.model.unknown import Unknown
from buckler.model.value import Value

__all__ = ["Catalogue", "catalog", "survey"]


class Catalogue(Value):
    """The packages of one artifact, and what could not be told."""

    packages: tuple[Package, ...]
    """In order of package URL and place."""
    faults: tuple[Fault, ...] = ()
    """Metadata that is no metadata, or says different things in different places."""
    not_assessed: tuple[Unknown, ...] = ()
    """What could not be read: there may be packages in it."""


def catalog(tree: Tree) -> tuple[Package, ...]:
    """Find the packages of a tree."""
    return survey(tree).packages


def survey(tree: Tree) -> Catalogue:
    """Find the packages of a tree, and say what could not be told. Raises nothing: bad metadata is a fault."""
    shelf = Shelf(tree)
    for ecosystem in (python, python_vendored, npm, binaries, java, ruby, dotnet, dpkg, apk, rpm):
        ecosystem.find(shelf)
    for ecosystem in (python, npm, go, rust, ruby, dotnet, dpkg, apk, rpm):
        ecosystem.link(shelf)
    return Catalogue(packages=shelf.packages, faults=tuple(shelf.faults), not_assessed=tuple(shelf.not_assessed))
