"""buckler: security for AWS Lambda, with proof."""

__version__ = "0.1.0"
