"""Z3 on small policies: does it too find a request that they allow, or prove that there is none?

    python -m bench.oracle.z3_emptiness [policies] [seed]

Needs z3-solver (requirements/oracle.txt). The regular expressions given to Z3 are written from AWS's sentences (see `match.py`), not from
buckler's automata, and conditions from theirs; so the two share only the policies. Ends with 1 when they disagree.
"""

import random
import sys
import time
from dataclasses import dataclass, field

import z3

from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.context import Context
from buckler.engines.iam.solve import Found, find
from buckler.model.finding import Request
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Condition, Policy, Statement

HERE = ApiOrigin(call="iam:GetPolicyVersion", arn="arn:aws:iam::111122223333:policy/p")
ANN = Request(principal="arn:aws:iam::111122223333:user/ann", action="s3:GetObject", resource="*")
KEYS = ("team", "stage")
TIMEOUT_MS = 5_000

ANY = z3.Full(z3.ReSort(z3.StringSort()))
ONE = z3.AllChar(z3.ReSort(z3.StringSort()))
INSIDE = z3.Intersect(ONE, z3.Complement(z3.Re(":")))


# --- random policies --------------------------------------------------------------------------------------------------------------


def resource_pattern(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(["*", "arn:*", "arn:aws:s3", "arn:aws:s3:::*/*", "*key"])
    service = rng.choice(["s3", "s3", "sqs", "s?s", "*"])
    region, account = rng.choice([("", ""), ("*", "*"), ("us-*", "1111*"), ("us-east-1", "1111")])
    name = "".join(rng.choice(["a", "b", "/", "*", "?", "a*", ":"]) for _ in range(rng.randint(1, 4)))
    arn = f"arn:aws:{service}:{region}:{account}:{name}"
    return arn.replace(":*:", ":", 1) if rng.random() < 0.15 else arn


def text_pattern(rng: random.Random) -> str:
    return "".join(rng.choice(["a", "b", "*", "?"]) for _ in range(rng.randint(1, 3)))


def condition(rng: random.Random) -> Condition:
    key = rng.choice(KEYS)
    if rng.random() < 0.2:
        return Condition(operator="Null", key=key, values=(rng.choice(["true", "false"]),))
    operator = rng.choice(["StringLike", "StringNotLike", "StringEquals", "StringNotEquals", "StringLikeIfExists", "StringNotLikeIfExists"])
    return Condition(operator=operator, key=key, values=tuple(text_pattern(rng) for _ in range(rng.randint(1, 2))))


def like(pattern: str, rng: random.Random) -> str:
    """Give the pattern, or one that is a little wider or beside it: so that Denies meet Allows."""
    at = rng.randrange(len(pattern))
    return rng.choice([pattern, pattern[:at] + "*", pattern[:at] + "?" + pattern[at + 1 :], pattern[:at] + "*" + pattern[at + 1 :]])


def policy(rng: random.Random) -> Policy:
    statements: list[Statement] = []
    known: list[str] = []
    for number in range(rng.randint(2, 6)):
        drawn = (like(rng.choice(known), rng) if known and rng.random() < 0.8 else resource_pattern(rng) for _ in range(rng.randint(1, 2)))
        patterns = tuple(drawn)
        known += patterns
        negated = rng.random() < 0.2
        statements.append(
            Statement(
                effect="Allow" if number == 0 or rng.random() < 0.15 else "Deny",
                actions=("*",),
                resources=None if negated else patterns,
                not_resources=patterns if negated else None,
                conditions=tuple(condition(rng) for _ in range(rng.choice([0, 0, 0, 1, 2]))),
                origin=HERE,
            )
        )
    return Policy(statements=tuple(statements), version="2012-10-17", origin=HERE)


# --- the same for Z3 --------------------------------------------------------------------------------------------------------------


def concatenated(pieces: list[z3.ReRef]) -> z3.ReRef:
    return z3.Re("") if not pieces else pieces[0] if len(pieces) == 1 else z3.Concat(*pieces)


def segment(text: str) -> z3.ReRef:
    """One of the first five segments: wildcards stay inside, but for a `*` that is its last character."""
    pieces: list[z3.ReRef] = []
    for at, character in enumerate(text):
        is_last = at == len(text) - 1
        pieces.append({"*": ANY if is_last else z3.Star(INSIDE), "?": INSIDE}.get(character, z3.Re(character)))
    return concatenated(pieces)


def plain(text: str) -> z3.ReRef:
    return concatenated([{"*": ANY, "?": ONE}.get(character, z3.Re(character)) for character in text])


def resource_language(pattern: str) -> z3.ReRef:
    if not pattern.startswith("arn:"):
        return plain(pattern)
    segments = pattern.split(":", 5)
    whole = [*segments, *["*"] * (6 - len(segments))]
    pieces: list[z3.ReRef] = []
    for one in whole[:5]:
        pieces += [segment(one), z3.Re(":")]
    language = concatenated([*pieces, plain(whole[5])])
    # An entry names what is written exactly like it.
    return z3.Union(language, z3.Re(pattern)) if len(segments) < 6 else language


@dataclass
class World:
    resource: z3.SeqRef = field(default_factory=lambda: z3.String("resource"))
    values: dict[str, z3.SeqRef] = field(default_factory=lambda: {key: z3.String(key) for key in KEYS})
    sent: dict[str, z3.BoolRef] = field(default_factory=lambda: {key: z3.Bool(f"{key} is sent") for key in KEYS})

    def holds(self, one: Condition) -> z3.BoolRef:
        sent, value = self.sent[one.key], self.values[one.key]
        if one.operator == "Null":
            return z3.Not(sent) if one.values == ("true",) else sent
        like = "Like" in one.operator
        named = z3.Or(*(z3.InRe(value, plain(str(text)) if like else z3.Re(str(text))) for text in one.values))
        if "Not" in one.operator:
            return z3.Or(z3.Not(sent), z3.Not(named))
        return z3.Or(z3.Not(sent), named) if one.operator.endswith("IfExists") else z3.And(sent, named)

    def speaks(self, statement: Statement) -> z3.BoolRef:
        patterns = statement.resources or statement.not_resources or ()
        named = z3.Or(*(z3.InRe(self.resource, resource_language(str(pattern))) for pattern in patterns))
        return z3.And(named if statement.resources else z3.Not(named), *(self.holds(one) for one in statement.conditions))

    def allowed(self, document: Policy) -> z3.BoolRef:
        speaking = [(one.effect, self.speaks(one)) for one in document.statements]
        allow, deny = ([said for effect, said in speaking if effect == wanted] for wanted in ("Allow", "Deny"))
        return z3.And(z3.Or(*allow), z3.Not(z3.Or(*deny)) if deny else z3.BoolVal(val=True))


def by_z3(document: Policy) -> bool | None:
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(World().allowed(document))
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def main(count: int, seed: int) -> int:
    rng = random.Random(seed)  # noqa: S311 - not a secret
    given = Context(ANN)
    agreed = {True: 0, False: 0}
    undecided = unanswered = wrong = 0
    ours_s = theirs_s = 0.0
    for _ in range(count):
        document = policy(rng)
        spoken = [(one, document.version) for one in document.statements]
        allows, denies = ([pair for pair in spoken if pair[0].effect == effect] for effect in ("Allow", "Deny"))
        start = time.perf_counter()
        found = find(allows, denies, action=ANN.action, given=given)
        ours_s += time.perf_counter() - start
        start = time.perf_counter()
        theirs = by_z3(document)
        theirs_s += time.perf_counter() - start
        if theirs is None:
            unanswered += 1
        elif isinstance(found, GaveUp):
            undecided += 1
        elif isinstance(found, Found) is not theirs:
            wrong += 1
            print(f"buckler: {found}\nz3: {'sat' if theirs else 'unsat'}\n{document}\n")
        else:
            agreed[theirs] += 1
    print(
        f"{count} policies (seed {seed}): {agreed[True]} allow something, {agreed[False]} nothing, by both; {wrong} disagreements; "
        f"{undecided} given up by buckler, {unanswered} by z3\n"
        f"{count / ours_s:.0f} questions/s here, {count / theirs_s:.1f} with z3"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, int(sys.argv[2]) if len(sys.argv) > 2 else 1))
