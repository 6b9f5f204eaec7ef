"""The one base of every value."""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A frozen, keyword-only, comparable, storable value.

    Tagged with its class name, so that unions (`Policy | Unknown`) survive a snapshot.
    Its collections are tuples, never lists or dicts: values are hashable and can be interned.
    """

    # INVARIANT: values hold no cycles (they are frozen when made), so the garbage collector need not track them (gc=False).
