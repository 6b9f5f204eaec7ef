"""Who may invoke a function: aliases, function URLs, and the resource policy of every qualifier."""

import json
from collections.abc import Iterable

from msgspec.structs import replace

from buckler.model.functions import LATEST, Alias, Cors, Function, FunctionUrl, QualifiedPolicy
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import hole
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Call, Collector
from buckler.sources.live.functions import qualifier_of
from buckler.sources.live.limits import CONTROL_PLANE, GET_POLICY

COLLECTOR = Collector("access")
POLICY = COLLECTOR.call(
    "lambda",
    "GetPolicy",
    "who may invoke each function, alias and version",
    result="Policy",
    none=("ResourceNotFoundException",),
    **GET_POLICY,
)
URLS = COLLECTOR.call(
    "lambda", "ListFunctionUrlConfigs", "function URLs", result="FunctionUrlConfigs", page=("Marker", "NextMarker"), **CONTROL_PLANE
)
ALIASES = COLLECTOR.call("lambda", "ListAliases", "aliases of functions", result="Aliases", page=("Marker", "NextMarker"), **CONTROL_PLANE)

ORDINARY = 20
"""Published versions of a function whose policies are read at every depth. Why: docs/why/version-policies.md."""
ALLOWANCE = 1500
"""Policies of published versions that may be read of a region without `--deep`; AWS answers them in 100 seconds."""


def affordable(counts: Iterable[int]) -> int:
    """Say how many of each function's versions are asked without `--deep`, given how many each function of a region has.

    As many as the allowance lasts for, the same for all; never fewer than what is ordinary.
    """
    ascending = sorted(counts)
    left = ALLOWANCE
    for done, count in enumerate(ascending):
        share = left // (len(ascending) - done)
        if count > share:
            return max(share, ORDINARY)
        left -= count
    return max([ORDINARY, *ascending[-1:]])


def collect(reader: Reader, function: Function, *, newest: int | None) -> Function:
    """Read the ways in to one function. *newest*: of how many versions the policies are read; None: of all."""
    aliases, urls = _aliases(reader, function), _urls(reader, function)
    # A URL names its alias: should the aliases not be told, those with a URL are known all the same.
    named = () if isinstance(urls, Unknown) else tuple(str(url.qualifier) for url in urls)
    return replace(function, aliases=aliases, urls=urls, policies=_policies(reader, function, aliases, named, newest))


def _aliases(reader: Reader, function: Function) -> tuple[Alias, ...] | Unknown:
    pages = reader.pages(ALIASES, FunctionName=function.arn)
    aliases = [
        Alias(
            name=entry["Name"],
            version=entry["FunctionVersion"],
            routing=tuple(sorted(inner(entry, "RoutingConfig", "AdditionalVersionWeights"))),
            origin=reader.origin(ALIASES, entry["AliasArn"]),
        )
        for entry in pages
    ]
    return pages.unknown or tuple(sorted(aliases, key=lambda alias: str(alias.name)))


def _urls(reader: Reader, function: Function) -> tuple[FunctionUrl, ...] | Unknown:
    pages = reader.pages(URLS, FunctionName=function.arn)
    urls = [_url(reader, entry) for entry in pages]
    return pages.unknown or tuple(sorted(urls, key=lambda url: str(url.qualifier)))


def _url(reader: Reader, entry: Answer) -> FunctionUrl:
    origin = reader.origin(URLS, entry["FunctionArn"])
    cors: Answer | None = entry.get("Cors")
    return FunctionUrl(
        qualifier=qualifier_of(entry["FunctionArn"]),
        auth_type=entry["AuthType"],
        cors=None
        if cors is None
        else Cors(
            allow_origins=strings(cors, "AllowOrigins"),
            allow_methods=strings(cors, "AllowMethods"),
            allow_headers=strings(cors, "AllowHeaders"),
            expose_headers=strings(cors, "ExposeHeaders"),
            allow_credentials=bool(cors.get("AllowCredentials")),
            max_age_s=cors.get("MaxAge"),
            origin=origin,
        ),
        invoke_mode=entry.get("InvokeMode", "BUFFERED"),
        origin=origin,
    )


def _policies(
    reader: Reader, function: Function, aliases: tuple[Alias, ...] | Unknown, named: tuple[str, ...], newest: int | None
) -> tuple[QualifiedPolicy, ...]:
    """Read the policy of `$LATEST`, of each alias, and of the newest versions and those that an alias points to. Each keeps its own."""
    qualifiers = [LATEST, *named]
    unlisted: list[QualifiedPolicy] = []
    # What was not listed or not asked may have a policy: one entry stands for all of them, so that whoever looks at all policies meets it.
    if isinstance(aliases, Unknown):
        unlisted.append(QualifiedPolicy(qualifier=hole("alias"), policy=aliases))
    else:
        qualifiers += [str(alias.name) for alias in aliases]
    if isinstance(function.versions, Unknown):
        unlisted.append(QualifiedPolicy(qualifier=hole("version"), policy=function.versions))
    else:
        published = [str(version.version) for version in function.versions]
        known = () if isinstance(aliases, Unknown) else aliases
        pointed_to = {str(version) for alias in known for version in (alias.version, *alias.routing)}
        asked_for = published if newest is None else [*published[:newest], *(one for one in published[newest:] if one in pointed_to)]
        qualifiers += asked_for
        if len(asked_for) < len(published):
            unlisted.append(
                QualifiedPolicy(qualifier=hole("older version"), policy=not_asked("the policies of older versions were not read"))
            )
    asked = [QualifiedPolicy(qualifier=qualifier, policy=_policy(reader, function, qualifier)) for qualifier in dict.fromkeys(qualifiers)]
    return (*asked, *unlisted)


def _policy(reader: Reader, function: Function, qualifier: str) -> Policy | Unknown | None:
    # The policy of the unqualified function is what guards `$LATEST`; asked for by that name AWS answers another, empty one.
    asked = {} if qualifier == LATEST else {"Qualifier": qualifier}
    answer = reader.find(POLICY, FunctionName=function.arn, **asked)
    arn = str(function.arn) if qualifier == LATEST else f"{function.arn}:{qualifier}"
    return document(reader, POLICY, arn, answer, "Policy")


def document(reader: Reader, call: Call, arn: str, answer: Answer | Unknown | None, member: str) -> Policy | Unknown | None:
    """Read a policy that AWS answers as JSON text; None where there is none."""
    if answer is None or isinstance(answer, Unknown):
        return answer
    text = answer.get(member)
    if not text:
        return None
    try:
        decoded: object = json.loads(text)
    except ValueError:
        decoded = None  # parse_policy lists it as malformed
    return parse_policy(decoded, reader.origin(call, arn))
