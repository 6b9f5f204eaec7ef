"""What somebody may have meant."""

from collections.abc import Iterable


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Give the choice a mistyped *word* most likely stands for, or None when none is near.

    Near is at most one slip in three letters; a slip is a letter missing, too much, wrong, or swapped with its neighbour.
    """
    given = word.lower().replace("_", "-")
    ranked = sorted((_slips(given, choice.lower()), choice) for choice in choices)
    if not ranked:
        return None
    slips, choice = ranked[0]
    return choice if slips <= max(1, max(len(given), len(choice)) // 3) else None


def _slips(left: str, right: str) -> int:
    """Count slips between two words (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]
