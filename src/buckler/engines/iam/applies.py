"""Whether a pattern of `Resource` can ever name something that an action acts on.

Only a sure no is one: an action that is not in the catalogue, a kind of ARN that is not, a hole, a policy variable may be anything. The
ARNs are those of AWS's Service Authorization Reference, with placeholders as wide as any real name could be.
"""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.overlap import ANY, One, Run, Token, overlap, tokens
from buckler.model.text import Hole, Partial, Text

_SEGMENTS: Final = 6
_PLACEHOLDER = re.compile(r"(\$\{[^}]*\})")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PLAIN: Final = Run(without=":/")
_WORD: Final[tuple[Token, ...]] = (One(without=":/*"), Run(without=":/*"))
_ONE_SEGMENT: Final = Run(without=":")
_SEGMENT: Final[tuple[Token, ...]] = (One(without=":"), _ONE_SEGMENT)
_NO_NAME: Final = Run(only="*/:")
"""What stands in a request where a name would: nothing, a star, the next separator."""
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]+")

# Kinds of resources whose last name holds neither `/` nor `:`. Elsewhere a name may: of objects, parameters, log groups, roles with a path.
_PLAINLY_NAMED: Final = frozenset({"dynamodb:index", "dynamodb:table", "kinesis:stream", "kms:key", "s3:bucket", "sns:topic", "sqs:queue"})

# Actions that act on more than their page says, or to which SAM's policy templates give more, which nobody can change.
_UNDERSTATED: Final = frozenset({
    "dynamodb:listbackups",  # AWS SAM, DynamoDBBackupFullAccessPolicy
    "dynamodb:liststreams",  # AWS SAM, DynamoDBStreamReadPolicy
    "logs:describeindexpolicies",  # takes log groups, and BedrockAgentCoreFullAccess names them
    "rekognition:comparefaces",  # AWS SAM, RekognitionNoDataAccessPolicy
    "rekognition:createcollection",  # AWS SAM, RekognitionWriteOnlyAccessPolicy
    "rekognition:detectfaces",  # AWS SAM, RekognitionNoDataAccessPolicy
    "rekognition:detectlabels",  # AWS SAM, RekognitionNoDataAccessPolicy
    "rekognition:detectmoderationlabels",  # AWS SAM, RekognitionNoDataAccessPolicy
    "rekognition:listcollections",  # AWS SAM, RekognitionReadPolicy
    "ses:getidentityverificationattributes",  # AWS SAM, SESCrudPolicy
    "ses:verifyemailidentity",  # AWS SAM, SESCrudPolicy
    "ssmmessages:opendatachannel",  # on sessions: Systems Manager User Guide, "Sample IAM policies for Session Manager"
    "states:sendtaskfailure",  # on state machines and activities: tried in aws/aws-cdk#8486; AWS SAM, StepFunctionsCallbackPolicy
    "states:sendtaskheartbeat",  # likewise
    "states:sendtasksuccess",  # likewise
    "waf-regional:getwebaclforresource",  # on web ACLs: AWS's managed policies AWSWAFConsoleFullAccess and FMSServiceRolePolicy
})  # fmt: skip

# Actions without a resource that are no lists, and of which it is certain all the same.
_ONLY_ALL: Final = frozenset({
    "cloudwatch:getmetricdata",  # Amazon CloudWatch User Guide, "CloudWatch permissions reference"
    "cloudwatch:putmetricdata",  # the same
    "ecr:getauthorizationtoken",  # Amazon ECR User Guide, "Identity-based policies": `GetAuthorizationToken` takes no resource
    "xray:puttelemetryrecords",  # AWS X-Ray Developer Guide: "X-Ray ... write actions only support `*`"
    "xray:puttracesegments",  # the same
})  # fmt: skip


@lru_cache(maxsize=65536)
def may_act_on(action: str, resource: Text) -> bool:
    """Say whether an entry of `Resource` may name a resource that *action* acts on, or the `*` that an action without one asks for."""
    action = action.lower()
    types = catalogue().resource_types(action)
    if types is None:
        return True
    pattern = _pattern(resource)
    prefix = action.partition(":")[0]
    if action in _UNDERSTATED and pattern.service in _services_of(prefix):
        return True
    if not types and catalogue().level(action) != "List" and action not in _ONLY_ALL and pattern.service in _services_of(prefix):
        # Some services ask for the ARN of what is to be created or changed though their page names none (`glue:CreateCrawler`,
        # `logs:PutResourcePolicy`): AWS's own policies count on it. To list things only `*` will do.
        return True
    if pattern.tokens[:4] != tuple("arn:"):
        # A wildcard or a hole may become an ARN. What cannot AWS rejects, but for `execute-api:/stage/GET/path` in the policy of an API.
        return True
    if any(_fits(kind, resource) for kind in types):
        return True
    if not catalogue().required_types(action) and _asks_for_all(prefix, resource):
        return True
    if not types and any(pattern.meets(request) for request in _ANY_KIND):
        return True
    # A kind of ARN that is newer than the catalogue may be anything's.
    return not _is_known_kind(resource)


# These answer for many actions alike, so each keeps its answers.


@lru_cache(maxsize=65536)
def _fits(resource_type: str, resource: Text) -> bool:
    return any(_pattern(resource).meets(form) for form in _arns(resource_type))


@lru_cache(maxsize=65536)
def _asks_for_all(prefix: str, resource: Text) -> bool:
    return any(_pattern(resource).meets(request) for request in _requests_for_all(prefix))


@lru_cache(maxsize=8192)
def _is_known_kind(resource: Text) -> bool:
    return any(_pattern(resource).meets(start) for start in _every_kind())


class _Row(NamedTuple):
    """Tokens of an ARN, and its service where that is written out: most ARNs are told apart by it."""

    tokens: tuple[Token, ...]
    service: str

    def meets(self, other: "_Row") -> bool:
        return (not self.service or not other.service or self.service == other.service) and overlap(self.tokens, other.tokens)


def _row(arn: list[Token]) -> _Row:
    colons = [at for at, one in enumerate(arn) if one == ":"][1:3]
    service = arn[colons[0] + 1 : colons[1]] if len(colons) == 2 else []
    head = arn[: colons[0]] if colons else []
    certain = all(isinstance(token, str) for token in service) and not any(token == ANY for token in head)
    return _Row(tuple(arn), "".join(token for token in service if isinstance(token, str)) if certain else "")


@lru_cache(maxsize=8192)
def _pattern(resource: Text) -> _Row:
    """Read an entry of `Resource`. What it does not tell is a run of anything, and so are the segments an incomplete ARN lacks."""
    out: list[Token] = []
    may_have_segments = False
    for part in resource.parts if isinstance(resource, Partial) else (resource,):
        if isinstance(part, Hole):
            out.extend(_run_of(part) if out else (ANY,))
            may_have_segments |= out[-1] == ANY
        else:
            out.extend(tokens(_VARIABLE.sub("*", _renamed(part))))
    missing = _SEGMENTS - 1 - out.count(":")
    if missing > 0 and may_have_segments:
        out.append(ANY)
    elif missing > 0:
        out.extend(token for _ in range(missing) for token in (":", ANY))
    elif "".join(token for token in out if isinstance(token, str)).count("log-group:") and out.count(":") == _SEGMENTS:
        # `GetAtt` gives the ARN of a log group with `:*`, which means its streams, and not every source writes it out.
        out.append(ANY)
    return _row(out)


@cache
def _kinds() -> tuple[tuple[str, str], ...]:
    """Give every kind of ARN as its service and what its resources start with, in order."""
    arns = (
        _renamed(arn) for prefix in catalogue().services for kind in catalogue().types_of(prefix) for arn in catalogue().arn_formats(kind)
    )
    forms = (arn.split(":", _SEGMENTS - 1) for arn in arns)
    return tuple(sorted({(form[2], _PLACEHOLDER.split(form[-1])[0]) for form in forms}))


def _renamed(arn: str) -> str:
    """Give an ARN of CodeStar connections its new name; AWS: either names the same connection."""
    return arn.replace(":codestar-connections:", ":codeconnections:")


def _run_of(hole: Hole) -> tuple[Token, ...]:
    """Give what a hole inside an ARN may be: `AWS::Region` and a name that AWS makes of a logical id are one word, a parameter anything."""
    is_word = hole.ref.startswith("AWS::") or (not hole.need and _LOGICAL_ID.fullmatch(hole.ref))
    return _WORD if is_word else (ANY,)


@cache
def _arns(resource_type: str) -> tuple[_Row, ...]:
    """Write the ARNs of a kind of resource as tokens."""
    return tuple(_form(form, plain=resource_type in _PLAINLY_NAMED) for form in catalogue().arn_formats(resource_type))


def _form(form: str, *, plain: bool) -> _Row:
    *head, tail = _renamed(form).split(":", _SEGMENTS - 1)
    if head[3] and (head[4] or head[2] == "ec2"):
        # What AWS itself provides may have no account (`arn:aws:ssm:us-east-1::parameter/aws/service/...`). Images and snapshots have none
        # on their page, and one in AWS SAM's EC2CopyImagePolicy.
        head[4] = "*"
    out: list[Token] = []
    for segment in head:
        for piece in _PLACEHOLDER.split(segment):
            out.extend(_SEGMENT if piece.startswith("${") else (_ONE_SEGMENT,) if piece == "*" else piece)
        out.append(":")
    for piece in _PLACEHOLDER.split(tail):
        if piece.startswith("${"):
            out.append(_PLAIN if plain else ANY)
        else:
            out.extend(tokens(piece))
    return _row(out)


@cache
def _services_of(prefix: str) -> frozenset[str]:
    """Name the services in the ARNs that actions with a prefix act on; a pattern that may be any service's has "" there."""
    forms = (form for kind in catalogue().types_of(prefix) for form in _arns(kind))
    return frozenset({"", prefix, *(form.service for form in forms), *({"ssm"} if prefix == "ssmmessages" else ())})


# The same of a kind that is newer than the catalogue.
_ANY_KIND: Final = tuple(
    _row([*"arn:", *_SEGMENT, ":", *_SEGMENT, ":", _ONE_SEGMENT, ":", _ONE_SEGMENT, ":", Run(without=":/*"), separator, _NO_NAME])
    for separator in "/:"
)


@cache
def _requests_for_all(prefix: str) -> tuple[_Row, ...]:
    """Give what a request without a resource asks for.

    That is `*` by AWS's pages. Some services ask for `arn:aws:dynamodb:us-east-1:111122223333:table/*` or for `log-group::log-stream:`,
    which patterns match that have wildcards where names would be; IAM lists below a path.
    """
    arns = [_renamed(arn) for kind in catalogue().types_of(prefix) for arn in catalogue().arn_formats(kind)]
    forms = [arn.split(":", _SEGMENTS - 1) for arn in arns] or [["arn", "*", prefix, "*", "*", ""]]
    heads = {(form[2], bool(form[3]), bool(form[4]), tuple(_PLACEHOLDER.split(form[-1])[::2])) for form in forms}
    heads |= {(service, has_region, has_account, ("",)) for service, has_region, has_account, _ in heads}
    out: list[_Row] = []
    for service, has_region, has_account, (start, *more) in sorted(heads):
        row: list[Token] = [*"arn:", *_SEGMENT, ":", *service, ":"]
        row.extend((*(_SEGMENT if has_region else ()), ":", *(_SEGMENT if has_account else ()), ":", *start))
        out.append(_row(row))
        for piece in more:
            row.extend((_NO_NAME, *piece))
            out.append(_row(row))
        if not more:
            out.append(_row([*row, _NO_NAME]))
        elif prefix == "iam":
            out.append(_row([*row[:-1], ANY, "/"]))
    return tuple(dict.fromkeys(out))


@cache
def _every_kind() -> tuple[_Row, ...]:
    """Give the start of every kind of ARN: `arn:*:lambda:*:*:function:*`."""
    return tuple(
        _row([*"arn:", *_SEGMENT, ":", *service, ":", _ONE_SEGMENT, ":", _ONE_SEGMENT, ":", *start, ANY]) for service, start in _kinds()
    )
