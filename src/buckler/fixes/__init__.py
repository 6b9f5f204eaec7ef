"""How to mend an estate: one remedy per file, named for the check it mends, found by walking this folder. No registry to edit.

A remedy is `fixes/x.py` and `tests/fixes/test_x.py`. The machinery starts with an underscore, or is one of `plan`, `prove`, `apply`,
`undo`, `journal`, `state`, `texts`, `migrate`, `moving`, `patching`, `copies`, `closing`, `making`, `signing`. What is mended in templates
by setting a property stands in `_properties`.
"""

import importlib
import pkgutil
from functools import cache

from buckler.fixes._fix import Advice, Case, Mend, Remedier, remedy

__all__ = ["Advice", "Case", "Mend", "Remedier", "all_remedies", "remedy"]

_MACHINERY = {
    "apply",
    "closing",
    "copies",
    "journal",
    "making",
    "migrate",
    "moving",
    "patching",
    "plan",
    "prove",
    "signing",
    "state",
    "texts",
    "undo",
}


@cache
def all_remedies() -> dict[str, Remedier]:
    """Import every remedy of this folder: id of the check -> remedy, sorted."""
    found: dict[str, Remedier] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_") or module.name in _MACHINERY:
            continue
        one: Remedier = getattr(importlib.import_module(f"{__name__}.{module.name}"), module.name)
        found[one.check] = one
    return dict(sorted(found.items()))
