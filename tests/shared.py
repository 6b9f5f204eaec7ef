"""Real inputs lie beside the checkout, in ../shared/data, and are no part of the repository: what needs them skips where they are absent."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"


def absent(name: str) -> str:
    return f"../shared/data/{name} is not here: real inputs were NOT read; hint: they are no part of the repository, lay them beside the checkout"


def shared(name: str) -> Path:
    """Give a file or folder of real inputs, or skip loudly."""
    path = DATA / name
    if not path.exists():
        pytest.skip(absent(name))
    return path
