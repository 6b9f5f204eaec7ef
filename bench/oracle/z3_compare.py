"""Z3 on two policies: does it too find a request that the new one allows and the old one does not, or prove that there is none?

    python -m bench.oracle.z3_compare [pairs] [seed]

As in `z3_emptiness`, whose encoding this uses; the action is a string of its own, so that classes of actions are put to the test as well.
"""

import random
import sys
import time
from collections import Counter

import msgspec
import z3
from bench.oracle.z3_emptiness import ANN, TIMEOUT_MS, World, like, plain, policy, resource_pattern

from buckler.engines.iam.compare import compare
from buckler.model.policy import Policy, Statement

_ACTIONS = ("*", "*", "s3:*", "s3:get*", "s3:getobject", "s3:put*", "sqs:*")
_LETTERS = z3.Union(z3.Range("a", "z"), z3.Range("0", "9"), z3.Re("-"))
_NAMES = z3.Concat(z3.Plus(_LETTERS), z3.Re(":"), z3.Plus(_LETTERS))
"""What an action may be, known or not, in lower case."""


def old_policy(rng: random.Random) -> Policy:
    document = policy(rng)
    return msgspec.structs.replace(
        document, statements=tuple(msgspec.structs.replace(one, actions=(rng.choice(_ACTIONS),)) for one in document.statements)
    )


def changed(document: Policy, rng: random.Random) -> Policy:
    """Change a policy in one or two places, as somebody who edits it does."""
    statements = list(document.statements)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(statements))
        one = statements[at]
        draw = rng.random()
        if draw < 0.2 and len(statements) > 1:
            del statements[at]
        elif draw < 0.4:
            statements[at] = msgspec.structs.replace(one, actions=(rng.choice(_ACTIONS),))
        elif draw < 0.6:
            statements[at] = msgspec.structs.replace(one, conditions=one.conditions[:-1])
        elif draw < 0.8 and one.resources:
            statements[at] = msgspec.structs.replace(one, resources=tuple(like(str(text), rng) for text in one.resources))
        else:
            statements.insert(at, _with_resource(one, resource_pattern(rng)))
    return msgspec.structs.replace(document, statements=tuple(statements))


def _with_resource(statement: Statement, pattern: str) -> Statement:
    return msgspec.structs.replace(statement, resources=(pattern,), not_resources=None)


class _WorldOfActions(World):
    def __init__(self) -> None:
        super().__init__()
        self.action = z3.String("action")

    def speaks(self, statement: Statement) -> z3.BoolRef:
        named = z3.Or(*(z3.InRe(self.action, plain(str(pattern))) for pattern in statement.actions or ()))
        return z3.And(named, super().speaks(statement))


def by_z3(old: Policy, new: Policy) -> bool | None:
    world = _WorldOfActions()
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(z3.InRe(world.action, _NAMES), world.allowed(new), z3.Not(world.allowed(old)))
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def main(count: int, seed: int) -> int:
    rng = random.Random(seed)  # noqa: S311 - not a secret
    verdicts: Counter[str] = Counter()
    ours_s = theirs_s = 0.0
    for _ in range(count):
        old = old_policy(rng)
        new = changed(old, rng)
        start = time.perf_counter()
        found = compare([old], [new], principal=ANN.principal)
        ours_s += time.perf_counter() - start
        start = time.perf_counter()
        theirs = by_z3(old, new)
        theirs_s += time.perf_counter() - start
        if theirs is None or found.verdict == "undecided":
            verdicts["given up by z3" if theirs is None else "given up by buckler"] += 1
        elif (found.verdict == "wider") is theirs:
            verdicts[found.verdict] += 1
        else:
            verdicts["disagreements"] += 1
            print(f"buckler: {found}\nz3: {'wider' if theirs else 'no wider'}\nold: {old}\nnew: {new}\n")
    listed = ", ".join(f"{number} {name}" for name, number in verdicts.most_common())
    print(f"{count} pairs (seed {seed}): {listed}; {count / ours_s:.0f} questions/s here, {count / theirs_s:.1f} with z3")
    return 1 if verdicts["disagreements"] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 1))
