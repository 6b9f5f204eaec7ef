"""A class of ARNs asked as a whole: sets of them are ints, so that "which of these" is one bit operation, not a loop."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from buckler.engines.iam.compiled import Body, test_of
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts


class Targets:
    """ARNs of one kind, sorted. Bit i of a set stands for `arns[i]`."""

    __slots__ = ("_by_body", "_by_pattern", "arns", "everything")

    def __init__(self, arns: Sequence[str]) -> None:
        self.arns = sorted(set(arns))
        self.everything = (1 << len(self.arns)) - 1
        self._by_pattern: dict[tuple[str, Callable[[str], object]], int] = {}
        self._by_body: dict[int, int] = {}

    def covered(self, body: Body, context: Context, doubts: Doubts) -> tuple[int, int]:
        """Give the targets a statement speaks of for sure, and those it may speak of as well."""
        if body.covers_everything is not None:
            return (self.everything, 0) if body.covers_everything else (0, 0)
        named = self._by_body.get(id(body))
        if named is None:
            named = 0
            for test in body.tests:
                named |= self._matching(test)
            self._by_body[id(body)] = named
        maybe = 0
        if body.slow:
            # Patterns with variables or holes depend on who asks.
            for index in self._bits(self.everything & ~named):
                answer = body.named_slowly(self.arns[index], context, doubts)
                if answer:
                    named |= 1 << index
                elif answer is None:
                    maybe |= 1 << index
        return (self.everything & ~named & ~maybe, maybe) if body.is_negated else (named, maybe)

    def named(self, pattern: str) -> int:
        """Give the targets a pattern of `Resource` without variables names."""
        return self._matching(test_of(pattern))

    def _matching(self, test: tuple[str, Callable[[str], object]]) -> int:
        found = self._by_pattern.get(test)
        if found is None:
            head, matches = test
            start = bisect_left(self.arns, head)
            found = 0
            for index in range(start, len(self.arns)):
                arn = self.arns[index]
                if not arn.startswith(head):
                    break
                if matches(arn):
                    found |= 1 << index
            self._by_pattern[test] = found
        return found

    def names(self, bits: int) -> Iterator[str]:
        """Give the ARNs of a set, in order."""
        return (self.arns[index] for index in self._bits(bits))

    @staticmethod
    def _bits(bits: int) -> Iterator[int]:
        while bits:
            low = bits & -bits
            yield low.bit_length() - 1
            bits ^= low
