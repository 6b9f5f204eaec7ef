"""Ask a question of accounts that somebody made to hurt: `python bench/iam_hostile.py`; prints rows of a Markdown table.

Each row is one account read, compiled and asked: who may change a function, what may each principal become, what is the function worth.
The rest of the account has to be answered all the same.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.accounts import OPS, account
from bench.accounts_background import ACCOUNT, Document, allow, document, role_arn, trusting_principals

from buckler.engines.iam import sample
from buckler.engines.secrets import judge
from buckler.errors import SourceError
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.graph import graph_of
from buckler.reach.who import who_can
from buckler.sources.saved import SavedFile, load, read_saved

OUT = Path(__file__).parent / "out"
LONGEST = 6144
"""Characters of an inline or managed policy, as AWS allows them."""

Change = Callable[[list[Document]], None]


def stars(roles: list[Document]) -> None:
    """Give 50 roles a policy of wildcards alone, as long as AWS allows: in action, resource and condition."""
    for number, role in enumerate(roles[:50]):
        run = "*a" * ((LONGEST - 300) // 6)
        statement = allow(
            f"lambda:{run}*", f"arn:aws:lambda:*:*:function:{run}*{number}", Condition={"StringLike": {"aws:PrincipalArn": f"*{run}*"}}
        )
        role["RolePolicyList"] = [{"PolicyName": "stars", "PolicyDocument": document(statement)}]


def long_names(roles: list[Document]) -> None:
    """Let such patterns meet names they nearly match: function names of 64 characters `a`, asked of every one."""
    for role in roles[:50]:
        patterns = [f"arn:aws:lambda:*:*:function:{'*a' * 40}b{number}" for number in range(40)]
        role["RolePolicyList"] = [{"PolicyName": "near", "PolicyDocument": document(allow("lambda:*", patterns))}]


def megabytes(roles: list[Document]) -> None:
    """Give one role a megabyte of statements, and another a pattern of a megabyte."""
    many = [allow(f"s3:Get{number}", f"arn:aws:s3:::bucket-{number}/*") for number in range(12_000)]
    roles[0]["RolePolicyList"] = [{"PolicyName": "many", "PolicyDocument": document(*many)}]
    roles[1]["RolePolicyList"] = [{"PolicyName": "long", "PolicyDocument": document(allow("*", "arn:aws:s3:::" + "*a" * 500_000))}]


def circles(roles: list[Document]) -> None:
    """Make 60 roles of which each may assume each, itself too."""
    arns = [role["Arn"] for role in roles[:60]]
    for role in roles[:60]:
        role["AssumeRolePolicyDocument"] = trusting_principals(*arns)
        role["RolePolicyList"] = [{"PolicyName": "any", "PolicyDocument": document(allow("sts:AssumeRole", role_arn("/", "*")))}]


def malformed(roles: list[Document]) -> None:
    """Put in what AWS would reject: unknown operators, text that is no JSON, elements of the wrong type."""
    wrong: tuple[object, ...] = (
        document(allow("*", "*", Condition={"StringMatches": {"aws:PrincipalArn": "*"}})),
        '{"Version": "2012-10-17", "Statement": [',
        document(allow("*", "*", Effct="Allow")),
        {"Statement": {"Effect": "Maybe", "Action": "*", "Resource": "*"}},
        {"Statement": [{"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}]},
        7,
    )
    for number, role in enumerate(roles[:60]):
        role["RolePolicyList"] = [{"PolicyName": "wrong", "PolicyDocument": wrong[number % len(wrong)]}]


def ask(change: Change) -> str:
    """Make the account, ask, and say what came of it."""
    made = account(200)
    special = {*made.truth.administrators, *(arn for arns in made.truth.planted.values() for arn in arns)}
    ordinary = [role for role in made.details["RoleDetailList"] if role["Arn"] not in special and "/platform/" not in role["Path"]]
    change(ordinary)
    made.functions["Functions"].append(
        {**made.functions["Functions"][0], "FunctionName": "a" * 64, "FunctionArn": OPS.replace("ops-automation", "a" * 64)}
    )
    kinds = ("iam", "functions", "resource-policies", "control-policies")
    wall, own = time.perf_counter(), time.process_time()
    estate, _ = read_saved(
        [SavedFile(path=name, kind=kind, content=made.files[name]) for name, kind in zip(made.files, kinds, strict=True)], judge=judge
    )
    analysis = Analysis(estate, today=date(2026, 11, 26))
    may = who_can(analysis, "lambda:UpdateFunctionCode", OPS)
    graph = graph_of(analysis)
    reached = {arn for arn in graph.principals if f"administrator:{ACCOUNT}" in graph.walk([arn]).steps}
    functions = {sample(one.arn): one for one in estate.functions}
    blast(functions[OPS], analysis)
    wall, own = time.perf_counter() - wall, time.process_time() - own
    bad = sum(len(policy.malformed) for role in estate.roles if not isinstance(role.inline, Unknown) for policy in role.inline)
    named = f", {bad} policies named as malformed" if bad else ""
    found = f"{len(special & reached)} of {len(special)} escalations found, {len(reached - special)} others"
    return f"{wall:.2f} s | {own:.2f} s | {len(may.may)} may change the function, {found}{named}"


def broken_file() -> str:
    """Read a file of four megabytes that breaks off."""
    path = OUT / "broken.json"
    path.write_text(json.dumps(account(1000).details)[:-200], encoding="utf-8")
    wall, own = time.perf_counter(), time.process_time()
    try:
        load(path, "broken.json")
        said = "read, which is wrong"
    except SourceError as refused:
        said = f"`{refused}`"
    return f"{time.perf_counter() - wall:.2f} s | {time.process_time() - own:.2f} s | {said}"


CASES: dict[str, Change] = {
    "nothing wrong (200 roles)": lambda _roles: None,
    f"50 policies of {LONGEST:,} characters `*a*a*a...` in action, resource and condition": stars,
    "50 roles x 40 patterns `*a*a...b` asked of a function called `aaaa...`": long_names,
    "a policy of 12,000 statements, and a pattern of a megabyte": megabytes,
    "60 roles that each may assume each": circles,
    "60 policies that AWS would reject: unknown operators, broken JSON, wrong types": malformed,
}


def main() -> None:
    print("| input | wall | processor | what buckler says |\n|---|--:|--:|---|")
    for name, change in CASES.items():
        print(f"| {name} | {ask(change)} |", flush=True)
    print(f"| a saved file that breaks off | {broken_file()} |")


if __name__ == "__main__":
    main()
