"""crates.io: Semantic Versioning."""

from buckler.engines.artifact.versions.semver import semver_key as crates_key

__all__ = ["crates_key"]
