"""Cut texts with holes into parts."""

from collections.abc import Container

from buckler.model.text import Hole, Partial, Text, join

# What a hole's value cannot contain. Names AWS makes up hold letters, digits, `-` and `_`.
_PSEUDO_LACKS = {"AWS::AccountId": ":/,.-_|", "AWS::Region": ":/,._|", "AWS::Partition": ":/,._|", "AWS::StackName": ":/,._|"}
_NAME_LACKS = ":/,|"


def split_text(text: Text, delimiter: str, named: Container[str] = ()) -> list[Text] | None:
    """Split a text; None when a hole might hold the delimiter. *named*: logical ids, whose holes stand for names."""
    if isinstance(text, Partial):
        for part in text.parts:
            if isinstance(part, Hole):
                lacks = _PSEUDO_LACKS.get(part.ref, _NAME_LACKS if part.ref in named else "")
                if not any(character in lacks for character in delimiter):
                    return None
    return cut(text, delimiter)


def cut(text: Text, delimiter: str = ":") -> list[Text]:
    """Cut at every delimiter that is to be seen, taking holes for free of it.

    For comparing with texts of known shape, such as ARNs; a hole that hides delimiters makes parts that match nothing.
    """
    if isinstance(text, str):
        return list[Text](text.split(delimiter))
    parts: list[list[str | Hole]] = [[]]
    for part in text.parts:
        if isinstance(part, Hole):
            parts[-1].append(part)
            continue
        head, *rest = part.split(delimiter)
        parts[-1].append(head)
        parts.extend([piece] for piece in rest)
    return [join(*pieces) for pieces in parts]


def paste(parts: list[Text], delimiter: str = ":") -> Text:
    """Undo `cut`."""
    pieces: list[Text] = []
    for index, part in enumerate(parts):
        pieces.extend((delimiter, part) if index else (part,))
    return join(*pieces)
