"""Questions about patterns: is there a string that these name and those do not, and if so, which.

The set of positions a string has led to is one integer (see `globs.py`), and so are the sets of many patterns side by side: one step is
two `&`, a shift and a `|`, however many patterns there are. `intersect` walks the product of all patterns of a question lazily, shortest
strings first.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from buckler.engines.iam.globs import MANY, MANY_INSIDE, ONE, ONE_INSIDE, Glob
from buckler.model.value import Value

BUDGET = 20_000
"""States of a product that are looked at before a question is given up: about 0.1 s."""
_BITS, _FEWEST = 10_000_000, 500
"""Positions of all patterns together times states; and the states that are looked at all the same."""


class GaveUp(Value):
    """No answer: neither a witness nor a proof that there is none."""

    why: str
    is_final: bool = False
    """A narrower question would be given up, too."""


def intersect(include: Iterable[Sequence[Glob]], exclude: Iterable[Glob] = (), *, budget: int = BUDGET) -> str | GaveUp | None:
    """Find a string that some pattern of each set in *include* names and no pattern of *exclude* does.

    None is a proof that there is none. The string is the text of a pattern with its wildcards filled in, where that does; else a shortest.
    """
    wanted = tuple(tuple(one) for one in include)
    if not all(wanted):
        return None
    product = _Product(wanted, tuple(exclude))
    for candidate in _candidates(wanted):
        if product.accepts(candidate):
            return candidate
    found = product.shortest(budget)
    if isinstance(found, GaveUp):
        return next((candidate for candidate in _joined(wanted) if product.accepts(candidate)), found)
    return found


def covers(wider: Iterable[Glob], narrower: Iterable[Glob], *, budget: int = BUDGET) -> bool | None:
    """Say whether *wider* names all that *narrower* does; None when that took too long to find out."""
    outside = intersect((tuple(narrower),), wider, budget=budget)
    return None if isinstance(outside, GaveUp) else outside is None


def signatures(sets: Sequence[Sequence[Glob]], within: Glob, *, budget: int = BUDGET) -> dict[int, str] | GaveUp:
    """List every way in which a string of *within* can be named by some of *sets* and not by the others, each with such a string.

    A way is a bitset over *sets*.
    """
    product = _Product(((within,), *(tuple(one) for one in sets)), ())
    fresh = _fresh(product.literals)
    came: dict[int, tuple[int, str]] = {product.start: (0, "")}
    queue = deque([product.start])
    found: dict[int, str] = {}
    (everywhere, inside), *named = product.groups
    limit = product.limit(budget)
    while queue:
        state = queue.popleft()
        if state & inside:
            way = sum(1 << number for number, (_, accepting) in enumerate(named) if state & accepting)
            if way not in found:
                found[way] = _path(came, state)
        for character in product.characters(state, fresh):
            following = product.step(state, character)
            if following in came or not following & everywhere:
                continue
            if len(came) >= limit:
                return GaveUp(why=f"the patterns need more than {limit} states")
            came[following] = (state, character)
            queue.append(following)
    return found


class _Product:
    """All patterns of one question side by side in one integer."""

    def __init__(self, include: tuple[tuple[Glob, ...], ...], exclude: tuple[Glob, ...]) -> None:
        self.start = self.loop = self.loop_run = self.one = self.one_run = self.refused = self.lost = 0
        self.literals: dict[str, int] = {}
        self.groups: list[tuple[int, int]] = []
        """Per set to be included: all its positions, and the accepting ones."""
        self.below: dict[int, int] = {}
        """Position with a `*` -> the positions before it in its pattern."""
        offset = 0
        for group in include:
            everywhere = accepting = 0
            for glob in group:
                self._add(glob, offset)
                everywhere |= ((1 << glob.size) - 1) << offset
                accepting |= 1 << (offset + glob.size - 1)
                offset += glob.size
            self.groups.append((everywhere, accepting))
        for glob in exclude:
            self._add(glob, offset)
            last = 1 << (glob.size - 1)
            self.refused |= last << offset
            self.lost |= (last & glob.loop_any) << offset
            offset += glob.size
        self.constrained = self.loop_run | self.one_run
        self.size = offset
        self.character_at = _Positions(self.literals)

    def _add(self, glob: Glob, offset: int) -> None:
        self.start |= 1 << offset
        self.loop |= glob.loop_any << offset
        self.loop_run |= glob.loop_run << offset
        self.one |= glob.one_any << offset
        self.one_run |= glob.one_run << offset
        for character, positions in glob.literals.items():
            self.literals[character] = self.literals.get(character, 0) | (positions << offset)
        loops = glob.loop_any
        while loops:
            top = loops.bit_length() - 1
            self.below[offset + top] = ((1 << top) - 1) << offset
            loops ^= 1 << top

    def limit(self, budget: int) -> int:
        """Give the number of states to look at: fewer where each costs more."""
        return min(budget, max(_FEWEST, _BITS // max(self.size, 1)))

    def step(self, state: int, character: str) -> int:
        hit = self.one | self.literals.get(character, 0)
        loop = self.loop
        if character != ":":
            hit |= self.one_run
            loop |= self.loop_run
        state = ((state & hit) << 1) | (state & loop)
        # Whatever an earlier position leads to, the `*` reached last leads to as well: the earlier ones can be forgotten.
        stars = state & self.loop
        while stars:
            top = stars.bit_length() - 1
            state &= ~self.below[top]
            stars &= ~(self.below[top] | (1 << top))
        return state

    def accepts(self, text: str) -> bool:
        state = self.start
        for character in text:
            state = self.step(state, character)
            if not state:
                return False
        return self._accepting(state)

    def _accepting(self, state: int) -> bool:
        return not state & self.refused and all(state & accepting for _, accepting in self.groups)

    def _hopeless(self, state: int) -> bool:
        return bool(state & self.lost) or not all(state & everywhere for everywhere, _ in self.groups)

    def shortest(self, budget: int) -> str | GaveUp | None:
        """Walk the product breadth first."""
        limit = self.limit(budget)
        fresh = _fresh(self.literals)
        came: dict[int, tuple[int, str]] = {self.start: (0, "")}
        queue = deque([self.start])
        if self._hopeless(self.start):
            return None
        while queue:
            state = queue.popleft()
            if self._accepting(state):
                return _path(came, state)
            for character in self.characters(state, fresh):
                following = self.step(state, character)
                if following in came or self._hopeless(following):
                    continue
                if len(came) >= limit:
                    return GaveUp(why=f"the patterns need more than {limit} states")
                came[following] = (state, character)
                queue.append(following)
        return None

    def characters(self, state: int, fresh: str) -> list[str]:
        """List one character per way to go on: those that count here, and one that stands for all others."""
        characters = [fresh, *self.character_at.of(state)]
        if state & self.constrained and ":" not in characters:
            characters.append(":")
        return characters


class _Positions:
    """Which characters the literal positions of a state wait for."""

    def __init__(self, literals: dict[str, int]) -> None:
        self.literals = literals
        self.all = 0
        for positions in literals.values():
            self.all |= positions
        self.known: dict[int, list[str]] = {}

    def of(self, state: int) -> list[str]:
        waiting = state & self.all
        found = self.known.get(waiting)
        if found is None:
            found = [character for character, positions in self.literals.items() if positions & waiting]
            self.known[waiting] = found
        return found


def _path(came: dict[int, tuple[int, str]], state: int) -> str:
    characters: list[str] = []
    while True:
        state, character = came[state]
        if not character:
            return "".join(reversed(characters))
        characters.append(character)


def _fresh(used: Iterable[str]) -> str:
    """Give a character that stands for all that no pattern mentions; a readable one while there is one."""
    taken = {*used, ":"}
    for character in "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_":
        if character not in taken:
            return character
    return next(chr(code) for code in range(0x4E00, 0x110000) if chr(code) not in taken)


_TRIED = 4
_WORDS = {1: "aws", 2: "s3", 3: "us-east-1", 4: "111122223333"}
"""What stands in a segment of an ARN that is nothing but `*`."""


def _candidates(include: tuple[tuple[Glob, ...], ...]) -> Iterator[str]:
    """Fill in the wildcards of the patterns, the most telling set first."""
    for group in sorted(include, key=lambda group: -max(glob.size for glob in group)):
        for glob in group[:_TRIED]:
            if len(glob.tokens) == glob.size - 1:
                yield _filled(glob, "x")
                continue
            yield _filled(glob, "x")
            yield _filled(glob, "")


def _joined(include: tuple[tuple[Glob, ...], ...]) -> Iterator[str]:
    """Put the text of one pattern inside the first `*` of the other: two patterns of hundreds of stars have too many states to walk."""
    if len(include) == 2 and all(len(group) == 1 for group in include):
        (first,), (second,) = include
        for outer, inner in ((first, second), (second, first)):
            yield _filled(outer, "", at_first_star=_filled(inner, ""))


def _filled(glob: Glob, word: str, *, at_first_star: str | None = None) -> str:
    out: list[str] = []
    colons = 0
    is_arn = glob.tokens[:4] == ("a", "r", "n", ":")
    skipped = 0
    for index, token in enumerate(glob.tokens):
        if index < skipped:
            continue
        wild = _wildcards(glob.tokens, index) if is_arn and colons in _WORDS and glob.tokens[index - 1] == ":" else 0
        if wild and at_first_star is None:
            out.append(_WORDS[colons])
            skipped = index + wild
        elif token in {ONE, ONE_INSIDE}:
            # The account of an ARN is made of digits.
            out.append("9" if is_arn and colons == 4 else "x")
        elif token not in {MANY, MANY_INSIDE}:
            out.append(token)
            colons += token == ":"  # noqa: S105 - a token of a pattern, not a password
        elif at_first_star is not None:
            out.append(at_first_star)
            at_first_star = ""
        elif glob.tokens[index - 1] not in {ONE, ONE_INSIDE}:
            out.append(word)
    return "".join(out)


def _wildcards(tokens: Sequence[str], start: int) -> int:
    """Count the tokens of a segment that is nothing but `*` or `?*`; 0 for another."""
    end = start
    while end < len(tokens) and tokens[end] in {ONE, ONE_INSIDE, MANY, MANY_INSIDE}:
        end += 1
    segment = tokens[start:end]
    stars = sum(token in {MANY, MANY_INSIDE} for token in segment)
    is_whole = end == len(tokens) or tokens[end] == ":"
    return end - start if is_whole and stars and len(segment) - stars <= 1 else 0
