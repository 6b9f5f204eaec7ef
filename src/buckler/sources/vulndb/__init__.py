"""The files of known vulnerabilities on this machine: where they lie. Fetching them is `vulndb.fetch`, which brings HTTP with it."""

from buckler.sources.vulndb.layout import USUAL, Layout, check_ecosystem, layout

__all__ = ["USUAL", "Layout", "check_ecosystem", "layout"]
