"""Advisories and packages, with quiet defaults."""

import json

from buckler.engines.artifact.osv import Database
from buckler.engines.artifact.osv_index import Index
from buckler.model.artifact import Package

ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm", "golang": "Go", "maven": "Maven", "cargo": "crates.io", "gem": "RubyGems", "nuget": "NuGet"}


def affected(name, *events, ecosystem="PyPI", kind="ECOSYSTEM", versions=(), **fields):
    """One entry of `affected`: events as `introduced="0"` pairs."""
    ranges = [{"type": kind, "events": [{name_: version} for name_, version in events]}] if events else []
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, "versions": list(versions), **fields}


def advisory(id_, *entries, **fields):
    return {"schema_version": "1.6.0", "id": id_, "modified": "2026-01-02T03:04:05Z", "affected": list(entries), **fields}


def index(*advisories, digest="d"):
    return Index.build([(f"{one.get('id', number)}.json", json.dumps(one).encode()) for number, one in enumerate(advisories)], digest)


def database(*advisories):
    return Database((index(*advisories),))


def package(name, version, ecosystem="pypi", **fields):
    fields.setdefault("purl", f"pkg:{ecosystem}/{name.replace(':', '/')}@{version}")
    return Package(ecosystem=ecosystem, name=name, version=version, path="x", **fields)


BEFORE_2 = (("introduced", "0"), ("fixed", "2.0"))
