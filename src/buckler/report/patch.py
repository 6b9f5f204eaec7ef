"""A patch of source code for people: what its lines hold of secrets is masked."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from buckler.engines.secrets import judge, redact_line
from buckler.model.code import CodePatch
from buckler.model.secret import Redacted

_WRAP: Final = re.compile(r"\b(?:buckler_secret|bucklerSecret)\(")
_LITERAL: Final = r"(?P<quote>[\"'`])(?P<text>(?:(?!(?P=quote))[^\\]|\\.)+)(?P=quote)"


def patch_text(patch: CodePatch) -> str:
    """Show a patch. It is for reading: `patch` applies the one in the file."""
    names = tuple(one.variable for one in patch.variables)
    return "".join(f"{line}\n" for line in _lines(patch.diff, names))


def is_masked(patch: CodePatch) -> bool:
    """Say whether a patch shows less than it holds: its file then holds what the source holds of secrets."""
    return patch_text(patch) != patch.diff.replace("\r\n", "\n")


def _lines(diff: str, variables: Sequence[str]) -> Iterator[str]:
    is_ours = False
    for line in diff.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        if line.startswith("--- "):
            is_ours = line == "--- /dev/null"
        yield line if is_ours or line.startswith(("--- ", "+++ ", "@@ ")) else line[:1] + _masked(line[1:], variables)


def _masked(text: str, variables: Sequence[str]) -> str:
    # What a read is assigned to may have a secret's name, and the read would then be taken for its value: judged is what stands beside it.
    bare = _WRAP.sub("", text)
    for name in variables:
        bare = re.sub(rf"[\w.]+[\[(]\s*([\"']){re.escape(name)}\1\s*[\])]{{0,2}}|process[?.]+env[?.]+{re.escape(name)}\b\)?", "null", bare)
    shown = text if redact_line(bare) == bare else redact_line(text)
    for name in variables:
        # ... and what it falls back on.
        shown = re.sub(rf"(?P<before>\b{re.escape(name)}[\"'\])\s]*(?:,|\bor\b|\?\?|\|\|)\s*){_LITERAL}", _fallback(name), shown)
    return shown


def _fallback(name: str) -> "Callable[[re.Match[str]], str]":
    def shown(found: "re.Match[str]") -> str:
        is_secret = isinstance(judge(name, found["text"]), Redacted)
        return f"{found['before']}{found['quote']}…{found['quote']}" if is_secret else found[0]

    return shown
