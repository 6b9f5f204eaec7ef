"""Blasts made by hand: a small one, one as accounts have them, one of 400 nodes, one of hostile names, and empty ones."""

import itertools

import msgspec

from buckler.model.finding import ContextEntry, Evidence, Request, Witness
from buckler.model.graph import Access, Become, Blast, Edge, EdgeKind, Node, NodeKind, Path, Reacher, Touch
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.policy import parse_policy
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, UnknownKind

HOME, OTHER, REGION = "123456789012", "210987654321", "eu-west-1"

INTERNET = Node(id="internet", kind="internet", name="internet")

_ARNS: dict[str, str] = {
    "role": "arn:aws:iam::{account}:role/{name}",
    "user": "arn:aws:iam::{account}:user/{name}",
    "function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "layer": "arn:aws:lambda:{region}:{account}:layer:{name}",
    "secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "parameter": "arn:aws:ssm:{region}:{account}:parameter{name}",
    "key": "arn:aws:kms:{region}:{account}:key/{name}",
    "bucket": "arn:aws:s3:::{name}",
    "queue": "arn:aws:sqs:{region}:{account}:{name}",
    "topic": "arn:aws:sns:{region}:{account}:{name}",
    "table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "stream": "arn:aws:kinesis:{region}:{account}:stream/{name}",
    "event-bus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "repository": "arn:aws:ecr:{region}:{account}:repository/{name}",
    "account": "account:{name}",
    "service": "service:{name}",
    "administrator": "administrator:{account}",
    "resource": "arn:aws:states:{region}:{account}:stateMachine:{name}",
}


def node(kind: NodeKind, name: str, *, account: str = HOME, region: str = REGION, count: int = 1) -> Node:
    arn = _ARNS[kind].format(account=account, region=region, name=name)
    is_regional = "{region}" in _ARNS[kind]
    return Node(id=arn, kind=kind, name=name, account=account, region=region if is_regional else "", count=count)


def edge(source: Node, target: Node, kind: EdgeKind, what: str, *, action: str = "", only_if: tuple[str, ...] = (), unread: tuple[Unknown, ...] = (),
         technique: str = "", file: str = "", context: tuple[ContextEntry, ...] = ()) -> Edge:  # fmt: skip
    """A step; with an *action*, proved by one request under one statement."""
    proof: tuple[Witness, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    if action:
        origin = (
            FileOrigin(file=file, line=31, column=7) if file else ApiOrigin(call="iam:GetRolePolicy", arn=source.id, account=source.account)
        )
        policy = parse_policy(
            {"Version": "2012-10-17", "Statement": [{"Sid": "Grant", "Effect": "Allow", "Action": action, "Resource": target.id}]}, origin
        )
        request = Request(principal=source.id, action=action, resource=target.id, context=context)
        proof = (Witness(requests=(request,), layers=Layers(identity=(policy,))),)
        evidence = (Evidence(origin=origin, note=f"statement `Grant` allows {action}"),)
    return Edge(
        source=source.id,
        target=target.id,
        kind=kind,
        technique=technique,
        what=what,
        proof=proof,
        evidence=evidence,
        only_if=only_if,
        unread=unread,
    )


def path(*edges: Edge) -> Path:
    return Path(edges=edges)


def touch(
    target: Node, before: Path, via: Node, kind: EdgeKind, access: tuple[Access, ...], harm: Severity, what: str = "", **more: object
) -> Touch:
    last = edge(
        via, target, kind, what or f"may {' and '.join(access)} `{target.name}`", action=_ACTIONS.get(target.kind, "s3:GetObject"), **more
    )  # type: ignore[arg-type]
    return Touch(node=target, access=access, via=via.id, path=path(*before.edges, last), harm=harm)


_ACTIONS = {
    "secret": "secretsmanager:GetSecretValue",
    "table": "dynamodb:Scan",
    "queue": "sqs:ReceiveMessage",
    "parameter": "ssm:GetParameter",
    "administrator": "*",
    "key": "kms:Decrypt",
    "function": "lambda:UpdateFunctionCode",
}


def small() -> Blast:
    """A function behind an open URL whose role reads one bucket and one secret."""
    function, role = node("function", "thumbnails"), node("role", "thumbnails-role")
    invoked = edge(INTERNET, function, "invoke", "invokes it through its open URL", action="lambda:InvokeFunctionUrl", file="template.yaml")
    runs = path(edge(function, role, "runs-as", "runs as `thumbnails-role`"))
    return Blast(
        function=function,
        reached_by=(Reacher(node=INTERNET, path=path(invoked)),),
        runs_as=role,
        becomes=(),
        touches=(
            touch(node("secret", "prod/db"), runs, role, "read-secret", ("read",), Severity.HIGH),
            touch(node("bucket", "uploads"), runs, role, "read", ("read", "write"), Severity.MEDIUM),
        ),
        worst=Severity.HIGH,
        summary="owning `thumbnails` gives an attacker the secret `prod/db` in 2 steps",
    )


def typical() -> Blast:
    """Three hops over two accounts to administrator, a conditional step, a step that rests on something unread, and data of every harm."""
    function, role = node("function", "checkout"), node("role", "shop-checkout-execution-role")
    deploy, admin = node("role", "shop-deployment"), node("role", "OrganizationAccountAccessRole", account=OTHER)
    break_glass, ci = node("role", "break-glass"), node("user", "ci-bot")
    report, report_role = node("function", "nightly-report"), node("role", "reporting")
    everything = node("administrator", f"everything in {OTHER}", account=OTHER)
    boundary = Unknown(kind=UnknownKind.DENIED, why="AccessDenied on organizations:ListPolicies", need="organizations:ListPolicies")
    mfa = "aws:MultiFactorAuthPresent is true"
    runs = edge(function, role, "runs-as", "runs as `shop-checkout-execution-role`")
    to_deploy = edge(role, deploy, "assume", "assumes `shop-deployment`", action="sts:AssumeRole", file="infrastructure/roles.yaml")
    to_admin = edge(deploy, admin, "assume", f"assumes `OrganizationAccountAccessRole` of {OTHER}", action="sts:AssumeRole")
    to_glass = edge(role, break_glass, "assume", "assumes `break-glass`", action="sts:AssumeRole", only_if=(mfa,))
    to_report = edge(
        deploy,
        report,
        "change-code",
        "replaces the code of `nightly-report`",
        action="lambda:UpdateFunctionCode",
        technique="lambda-003",
        unread=(boundary,),
    )
    to_reporting = edge(report, report_role, "runs-as", "runs as `reporting`")
    to_ci = edge(role, ci, "escalate", "makes an access key for `ci-bot`", action="iam:CreateAccessKey", technique="iam-002")
    become = {
        admin.id: path(runs, to_deploy, to_admin), deploy.id: path(runs, to_deploy), break_glass.id: path(runs, to_glass),
        report_role.id: path(runs, to_deploy, to_report, to_reporting), ci.id: path(runs, to_ci), role.id: path(runs),
    }  # fmt: skip
    api = node("service", "apigateway.amazonaws.com")
    partner, developer, bucket_service = node("account", "998877665544"), node("user", "dana"), node("service", "s3.amazonaws.com")
    dev_ops = node("role", "developers")
    low, medium, high, critical = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL
    return Blast(
        function=function,
        reached_by=(
            Reacher(node=INTERNET, path=path(
                edge(INTERNET, api, "invoke", "sends a request to the open API `shop`"),
                edge(api, function, "invoke", "invokes it for `POST /orders`", action="lambda:InvokeFunction", file="template.yaml"),
            )),
            Reacher(node=api, path=path(edge(api, function, "invoke", "invokes it for `POST /orders`", action="lambda:InvokeFunction", file="template.yaml"))),
            Reacher(node=partner, path=path(edge(partner, function, "invoke", "invokes it directly", action="lambda:InvokeFunction", only_if=("aws:PrincipalOrgID is o-abcdefghij",)))),
            Reacher(node=dev_ops, path=path(edge(dev_ops, function, "change-code", "replaces its code", action="lambda:UpdateFunctionCode"))),
            Reacher(node=developer, path=path(
                edge(developer, dev_ops, "assume", "assumes `developers`", action="sts:AssumeRole"),
                edge(dev_ops, function, "change-code", "replaces its code", action="lambda:UpdateFunctionCode"),
            )),
            Reacher(node=bucket_service, path=path(edge(bucket_service, function, "invoke", "invokes it when an object is put into `uploads`"))),
        ),
        runs_as=role,
        becomes=(
            Become(node=admin, path=become[admin.id], is_administrator=True),
            Become(node=deploy, path=become[deploy.id]),
            Become(node=break_glass, path=become[break_glass.id]),
            Become(node=ci, path=become[ci.id]),
            Become(node=report_role, path=become[report_role.id]),
        ),
        touches=(
            touch(everything, become[admin.id], admin, "admin", ("list", "read", "write", "delete", "permissions"), critical, f"does anything in {OTHER}"),
            touch(node("secret", "prod/payments/stripe-api-key"), become[role.id], role, "read-secret", ("read",), high),
            touch(node("secret", "prod/orders/database-password"), become[role.id], role, "read-secret", ("read",), high),
            touch(node("table", "orders"), become[role.id], role, "write", ("read", "write", "delete"), high),
            touch(node("bucket", "shop-deployment-artifacts-eu-west-1"), become[deploy.id], deploy, "write", ("read", "write"), high),
            touch(node("key", "alias/shop"), become[role.id], role, "read", ("read",), medium),
            touch(node("bucket", "uploads"), become[role.id], role, "write", ("list", "read", "write"), medium),
            touch(node("table", "finance-monthly-aggregates"), become[report_role.id], report_role, "read", ("read",), medium, unread=(boundary,)),
            touch(node("queue", "mail-to-send"), become[role.id], role, "write", ("write",), low),
            touch(node("parameter", "/shop/flags", region="us-east-1"), become[ci.id], ci, "read", ("read",), low),
        ),
        worst=critical,
        summary=f"owning `checkout` makes an attacker administrator of {OTHER} in 3 steps",
        gaps=(boundary, Unknown(kind=UnknownKind.NOT_ASKED, why="grants of keys were not listed", need="--deep")),
    )  # fmt: skip


def large(things: int = 400) -> Blast:
    """A shared role that touches hundreds of things itself and through a dozen roles."""
    function, role = node("function", "etl-dispatcher"), node("role", "data-platform-shared")
    runs = edge(function, role, "runs-as", "runs as `data-platform-shared`")
    kinds: tuple[NodeKind, ...] = ("bucket", "table", "secret", "queue", "topic", "stream", "parameter", "key")
    others = things * 15 // 100
    roles = [node("role", f"pipeline-{index:03d}-runner") for index in range(others)]
    becomes: list[Become] = []
    paths = {role.id: path(runs)}
    for index, one in enumerate(roles):
        before = roles[index // 3 - 1] if index >= 3 else role
        paths[one.id] = path(*paths[before.id].edges, edge(before, one, "assume", f"assumes `{one.name}`", action="sts:AssumeRole"))
        becomes.append(Become(node=one, path=paths[one.id]))
    harms = (Severity.HIGH, Severity.MEDIUM, Severity.MEDIUM, Severity.LOW)
    touches = [
        touch(
            node(kinds[index % len(kinds)], f"{('raw', 'curated', 'exports', 'staging')[index % 4]}-zone-{index:03d}-datasets-{REGION}"),
            paths[(roles[index % others] if index % 3 else role).id], roles[index % others] if index % 3 else role,
            "read", ("read", "write") if index % 2 else ("list", "read"), harms[index * len(harms) // things],
        )
        for index in range(things - others - 22)
    ]  # fmt: skip
    callers = [node("role", f"scheduler-{index:02d}") for index in range(20)]
    return Blast(
        function=function,
        reached_by=tuple(
            Reacher(node=one, path=path(edge(one, function, "invoke", "invokes it directly", action="lambda:InvokeFunction")))
            for one in callers
        ),
        runs_as=role,
        becomes=tuple(becomes),
        touches=tuple(touches),
        worst=Severity.HIGH,
        summary=f"owning `etl-dispatcher` gives an attacker {len(touches)} things and {len(roles)} other roles",
    )


HOSTILE = (
    "</title></svg><script>alert(1)</script> \" onload='x' &amp; ]]> <!-- \x1b]0;owned\x07\x00\x0b\r\nerror: fake\u202e\u2066gnp.\u200b\x9b31m\ud800\uffff\U000e0041"
     "اسم-דלי-" + "W" * 420
)  # fmt: skip
"""A name as an attacker who may name things would like it: 500 characters of markup, control, direction and width."""


def hostile() -> Blast:
    """Everything a stranger can name is hostile."""
    function, role, other = node("function", HOSTILE), node("role", HOSTILE, account=HOSTILE), node("role", HOSTILE[::-1])
    unread = Unknown(kind=UnknownKind.FAILED, why=HOSTILE, need=HOSTILE)
    runs = edge(function, role, "runs-as", HOSTILE)
    become = path(
        runs, edge(role, other, "escalate", HOSTILE, action=HOSTILE, technique=HOSTILE, only_if=(HOSTILE,), unread=(unread,), file=HOSTILE)
    )
    thing = node("bucket", "﷽" * 40 + HOSTILE)
    return Blast(
        function=function,
        reached_by=(Reacher(node=INTERNET, path=path(edge(INTERNET, function, "invoke", HOSTILE, action="lambda:InvokeFunction"))),),
        runs_as=role,
        becomes=(Become(node=other, path=become, is_administrator=True),),
        touches=(touch(thing, become, other, "read", ("read",), Severity.HIGH, HOSTILE),),
        worst=Severity.CRITICAL,
        summary=f"owning `{HOSTILE}` does {HOSTILE}",
        gaps=(unread, unread),
    )


def unread_role() -> Blast:
    """Nobody could tell what the function runs as."""
    denied = Unknown(
        kind=UnknownKind.DENIED, why="AccessDenied on iam:GetAccountAuthorizationDetails", need="iam:GetAccountAuthorizationDetails"
    )
    return Blast(
        function=node("function", "mystery"), reached_by=(), runs_as=None, becomes=(), touches=(), worst=Severity.LOW,
        summary="what an attacker gets with `mystery` is not known, for its role could not be read", gaps=(denied,),
    )  # fmt: skip


def harmless() -> Blast:
    """A role that may do nothing, and nobody who gets in."""
    function, role = node("function", "hello"), node("role", "hello-role")
    return Blast(function=function, reached_by=(), runs_as=role, becomes=(), touches=(), worst=Severity.LOW, summary="owning `hello` gives an attacker nothing else")  # fmt: skip


def chain(length: int = 20) -> Blast:
    """As many roles as a page has lines, each of which may only assume the next, and the last is administrator."""
    blast = small()
    steps = [blast.touches[0].path.edges[0]]
    assert blast.runs_as
    before, becomes = blast.runs_as, []
    for index in range(length):
        one = node("role", f"chain-{index:02d}-of-a-long-chain-of-roles", account=str(100_000_000_000 + index))
        steps.append(edge(before, one, "assume", f"assumes `{one.name}`", action="sts:AssumeRole"))
        becomes.append(Become(node=one, path=path(*steps), is_administrator=index == length - 1))
        before = one
    return msgspec.structs.replace(blast, becomes=tuple(reversed(becomes)), worst=Severity.CRITICAL)


def tangled() -> Blast:
    """One principal on both sides, roles that assume each other, a function that touches things itself, its role and its own code."""
    blast = small()
    function, role = blast.function, blast.runs_as
    assert role
    runs = blast.touches[0].path.edges[0]
    users = [node("user", f"user-{index}") for index in range(6)]
    way = [edge(one, other, "assume", f"acts as `{other.name}`") for one, other in itertools.pairwise(users)]
    rewrites = [edge(one, function, "change-code", "replaces its code") for one in (users[-1], role)]
    one, other = node("role", "one"), node("role", "other")
    to_one, to_other, there, back = (edge(role, one, "assume", "a"), edge(role, other, "assume", "b"), edge(one, other, "assume", "c"), edge(other, one, "assume", "d"))  # fmt: skip
    key = node("key", "abc", account="999999999999")
    own = edge(role, function, "change-code", "rewrites the function itself")
    return msgspec.structs.replace(
        blast,
        reached_by=(*blast.reached_by, Reacher(node=users[0], path=path(*way, rewrites[0])), Reacher(node=role, path=path(rewrites[1]))),
        becomes=(
            Become(node=other, path=path(runs, to_one, there)),
            Become(node=one, path=path(runs, to_other, back)),
            Become(node=users[2], path=path(runs, edge(role, users[2], "escalate", "makes an access key", technique="iam-002"))),
        ),
        touches=(
            *blast.touches,
            Touch(node=function, access=("write",), via=role.id, path=path(runs, own), harm=Severity.LOW),
            Touch(node=key, access=("read",), via=function.id, path=path(edge(function, key, "read", "uses it")), harm=Severity.LOW),
        ),
    )


ALL = {
    "small": small,
    "typical": typical,
    "large": large,
    "hostile": hostile,
    "unread": unread_role,
    "harmless": harmless,
    "chain": chain,
    "tangled": tangled,
}
