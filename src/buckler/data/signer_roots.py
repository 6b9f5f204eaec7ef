"""Roots that AWS Signer's signatures chain to.

`aws_signer_root.pem` was seen in signatures of jobs in us-east-1 (subject "Signer us-west-2 ROOT CA"). It comes from one public third-party
source and could not be confirmed against a zip that AWS signed: reports say so. Pin your own with
`signer-roots` under [signing] in buckler.toml.
"""

from functools import cache
from pathlib import Path

UNCONFIRMED = frozenset({"410220a72bba4576767ba5941b694a9bddc40817f76957f6919fdac89a7849c7"})
"""sha256 of roots (DER) that nobody has confirmed."""


@cache
def signer_roots() -> tuple[bytes, ...]:
    """Give the roots that are shipped, as PEM."""
    return (Path(__file__).with_name("aws_signer_root.pem").read_bytes(),)
