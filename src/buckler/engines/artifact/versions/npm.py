"""npm: Semantic Versioning, leniently read."""

from buckler.engines.artifact.versions.semver import semver_key as npm_key

__all__ = ["npm_key"]
