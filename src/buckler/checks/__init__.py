"""Opinions about an estate: one question per file, found by walking this folder. No registry to edit.

A check is `checks/x.py` and `tests/checks/test_x.py`; modules that start with an underscore are the machinery.
"""

import importlib
import pkgutil
from functools import cache

from buckler.checks._check import Check, check, fingerprint, seen
from buckler.checks._run import Answers, run

__all__ = ["Answers", "Check", "all_checks", "check", "find_check", "fingerprint", "run", "seen"]


@cache
def all_checks() -> tuple[Check, ...]:
    """Import every check of this folder, sorted by id."""
    found: list[Check] = []
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        found.append(getattr(loaded, module.name))
    return tuple(sorted(found, key=lambda one: one.id))


def find_check(check_id: str) -> Check | None:
    """Find a check by id (`function-url-public`; underscores are accepted too)."""
    wanted = check_id.replace("_", "-").lower()
    return next((one for one in all_checks() if one.id == wanted), None)
