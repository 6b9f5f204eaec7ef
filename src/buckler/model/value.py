"""The one base of every value."""

from typing import Any, dataclass_transform

import msgspec


class _KeywordOnly(msgspec.StructMeta):
    """Makes every subclass keyword-only: msgspec does not inherit that setting, and fields with and without defaults mix freely so."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> type:  # noqa: ANN401 - msgspec's own signature
        config.setdefault("kw_only", True)
        return super().__new__(mcls, name, bases, namespace, **config)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(
    msgspec.Struct, metaclass=_KeywordOnly, frozen=True, tag=True, tag_field="_", forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """A frozen, keyword-only, comparable, storable value.

    Tagged with its class name, so that unions (`Policy | Unknown`) survive a snapshot.
    Its collections are tuples, never lists or dicts: values are hashable and can be interned.
    """

    # INVARIANT: values hold no cycles (they are frozen when made), so the garbage collector need not track them (gc=False).
