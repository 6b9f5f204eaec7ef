"""Measure one synthetic account in a process of its own: `python bench/iam_measure.py FOLDER`; prints one JSON object.

Every stage has its wall time and its processor time: on a busy machine only the second can be compared.
"""

import gc
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.accounts import OPS, Truth, account
from bench.accounts_background import ACCOUNT, REGIONS

from buckler.engines.iam import decide, sample
from buckler.engines.iam.access import Access, Guard
from buckler.engines.secrets import judge
from buckler.model.estate import Estate
from buckler.model.finding import Request
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.graph import Graph, graph_of
from buckler.reach.who import Crowd, crowd_of
from buckler.sources.saved import load, read_saved

TODAY = date(2026, 11, 26)
ADMINISTRATOR = f"administrator:{ACCOUNT}"
DECISIONS = 20_000
OBVIOUS = 2_000
"""Decisions of the obvious twin, which is slower."""


class Times(dict[str, tuple[float, float]]):
    """(wall, processor) seconds by stage."""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        wall, own = time.perf_counter(), time.process_time()
        yield
        self[name] = (time.perf_counter() - wall, time.process_time() - own)
        print(f"{name}: {self[name][0]:.2f} s ({self[name][1]:.2f})", file=sys.stderr, flush=True)

    def repeated(self, name: str, asked: list[Callable[[], object]]) -> None:
        """Keep the median of several askings, and the slowest."""
        walls: list[float] = []
        owns: list[float] = []
        for ask in asked:
            wall, own = time.perf_counter(), time.process_time()
            ask()
            walls.append(time.perf_counter() - wall)
            owns.append(time.process_time() - own)
        self[name] = (statistics.median(walls), statistics.median(owns))
        self[f"{name}, slowest"] = (max(walls), max(owns))


def estate_of(folder: Path) -> Estate:
    estate, errors = read_saved([load(path, str(path)) for path in sorted(folder.glob("*.json"))], judge=judge)
    if errors:
        raise errors[0]
    return estate


def asked(analysis: Analysis, count: int) -> list[tuple[str, str, str]]:
    """Draw (principal, action, resource): half about what the principal's own team has, half about anything."""
    rng = random.Random(5)  # noqa: S311 - a seeded shape
    estate = analysis.estate
    # Those whose policies the files tell: of any other no tool could say anything.
    functions = [sample(one.arn) for one in estate.functions if not isinstance(one.policies, Unknown)]
    roles = [sample(one.arn) for one in estate.roles]
    found: list[tuple[str, str, str]] = []
    while len(found) < count:
        principal = rng.choice(roles)
        team = principal.split("/")[1] if rng.random() < 0.5 else sample(rng.choice(estate.roles).name).partition("-")[0]
        here, number = f"{rng.choice(('eu-west-1', 'eu-central-1'))}:{ACCOUNT}", rng.randrange(30)
        action, resource = rng.choice((
            ("s3:GetObject", f"arn:aws:s3:::{team}-data-{number}/shared/object"),
            ("s3:PutObject", f"arn:aws:s3:::{team}-data-{number}/object"),
            ("s3:DeleteObject", f"arn:aws:s3:::{team}-data-{number}/object"),
            ("dynamodb:GetItem", f"arn:aws:dynamodb:{here}:table/{team}-{number}"),
            ("sqs:SendMessage", f"arn:aws:sqs:{here}:{team}-queue-{number}"),
            ("sns:Publish", f"arn:aws:sns:{here}:{team}-topic-{number % 9}"),
            ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{here}:secret:{team}/db-{number}-Ab3dE{number % 10}"),
            ("lambda:InvokeFunction", rng.choice(functions)),
            ("lambda:UpdateFunctionCode", rng.choice(functions)),
            ("xray:PutTraceSegments", "*"),
            ("sts:AssumeRole", rng.choice(roles)),
            ("iam:PassRole", rng.choice(roles)),
        ))  # fmt: skip
        found.append((principal, action, resource))
    return found


def context_of(analysis: Analysis, principal: str, action: str, resource: str) -> dict[str, list[str]]:
    """Give the context of a request as other tools take it: what AWS does not send is left out, and a region is named in any case."""
    request = analysis.access.request(principal, action, resource)
    return {"aws:RequestedRegion": [REGIONS[0]], **{entry.key: list(entry.values) for entry in request.context if entry.values}}


def decisions(analysis: Analysis, crowd: Crowd, times: Times) -> dict[str, Any]:
    """Answer the drawn requests with both twins; the requests themselves are written first, and that is timed apart."""
    accesses = {sample(identity.arn): access for identity, access in crowd.members}
    drawn = asked(analysis, DECISIONS)
    for _, _, resource in drawn:
        crowd.guard(resource)
    requests: list[tuple[Access, Request, Guard]] = []
    with times.stage("requests"):
        for principal, action, resource in drawn:
            request = analysis.access.request(principal, action, resource)
            requests.append((accesses[principal], request, crowd.guard(resource)))
    with times.stage("first decisions"):
        answers = [access.decide(request, guard) for access, request, guard in requests]
    with times.stage("decisions"):
        again = [access.decide(request, guard) for access, request, guard in requests]
    layers = [analysis.access.layers(request.principal, request.resource) for _, request, _ in requests[:OBVIOUS]]
    with times.stage("obvious decisions"):
        slow = [decide(request, held).answer for (_, request, _), held in zip(requests[:OBVIOUS], layers, strict=True)]
    differing = sum(1 for one, other in zip(answers, slow, strict=False) if one is not other)
    assert answers == again  # noqa: S101 - a broken cache would make every figure worthless
    return {"answers": Counter(one.name for one in answers), "twins differ": differing}


def graph(analysis: Analysis, truth: Truth, times: Times) -> dict[str, Any]:
    """Find every escalation edge, walk from every principal, and prove every way to administrator."""
    with times.stage("edges"):
        found = Graph(analysis)
        actors = [found.actors.of(arn) for arn in found.principals]
        moves = sum(len(found.moves(actor)) for actor in actors)
        edges = sum(max(1, (move.sure | move.perhaps).bit_count()) for actor in actors for move in found.moves(actor))
    reached: dict[str, bool] = {}
    proved = 0
    with times.stage("walks"):
        for arn in found.principals:
            walk = found.walk([arn], to_administrator=True)
            if ADMINISTRATOR in walk.steps:
                reached[arn] = ADMINISTRATOR in walk.certain
                proved += found.way(walk, ADMINISTRATOR) is not None
    expected = {*truth.administrators, *(arn for arns in truth.planted.values() for arn in arns)}
    found_by = {
        kind: [sum(one in reached for one in arns), sum(reached.get(one, False) for one in arns), len(arns)]
        for kind, arns in truth.planted.items()
    }
    decoys = {kind: [sum(one in reached for one in arns), len(arns)] for kind, arns in truth.decoys.items()}
    return {
        "moves": moves,
        "edges": edges,
        "proved": proved,
        "found": found_by,
        "decoys": decoys,
        "administrators": sum(reached.get(arn, False) for arn in truth.administrators),
        "others": sorted(set(reached) - expected),
    }


def main() -> None:
    gc.set_threshold(50_000, 20, 50)  # as the command does
    folder = Path(sys.argv[1])
    truth = account(int(folder.name)).truth
    times = Times()
    with times.stage("load"):
        estate = estate_of(folder)
    with times.stage("compile"):
        analysis = Analysis(estate, today=TODAY)
        crowd = crowd_of(analysis)
    questions = {"who_can change": ("lambda:UpdateFunctionCode", OPS), "who_can assume": ("sts:AssumeRole", truth.administrators[0])}
    result: dict[str, Any] = {}
    for name, (action, resource) in questions.items():
        with times.stage(f"first {name}"):
            may = [sample(identity.arn) for identity, *_ in crowd.who_can(action, resource)]
        times.repeated(name, [lambda action=action, resource=resource: list(crowd.who_can(action, resource))] * 15)
        result[name] = len(may)
    result |= decisions(analysis, crowd, times)
    result |= graph(analysis, truth, times)
    functions = {sample(one.arn): one for one in estate.functions}
    fresh = Analysis(estate, today=TODAY)
    with times.stage("first blast"):
        blast(functions[OPS], fresh)
    graph_of(fresh)
    chosen = [functions[arn] for arn in [*truth.functions.values(), *list(functions)[:12]]]
    times.repeated("blast", [lambda one=one: blast(one, fresh) for one in chosen])
    times.repeated("same blast", [lambda: blast(chosen[0], fresh)] * 5)
    print(json.dumps({"times": times, "result": result, "statements": account(int(folder.name)).statements}))


if __name__ == "__main__":
    main()
