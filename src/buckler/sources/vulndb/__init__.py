"""The files of known vulnerabilities on this machine: where they lie, and how they are fetched."""

from buckler.sources.vulndb.fetch import Fetched, base_url, fetch
from buckler.sources.vulndb.layout import USUAL, Layout, check_ecosystem, layout

__all__ = ["USUAL", "Fetched", "Layout", "base_url", "check_ecosystem", "fetch", "layout"]
