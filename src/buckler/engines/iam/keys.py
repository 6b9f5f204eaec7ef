"""Condition keys that exist, and what somebody meant who wrote one that does not.

AWS accepts any key and never sends one it does not have, so a misspelt key is a key that is absent from every request. Only what is surely
wrong is said to be: a key of the prefix `aws:`, which AWS lists in full, or one that is nearly a key there is. Keys of identity providers
(`token.actions.githubusercontent.com:sub`) are anybody's.
Source: IAM User Guide, "AWS global condition context keys", read 2026-11-26; AWS Service Authorization Reference.
"""

import re
from difflib import SequenceMatcher, get_close_matches
from functools import cache, lru_cache
from typing import Final

from buckler.data.iam_actions import details, names

_ALIKE: Final = 0.8

_GLOBAL: Final = [
    "PrincipalArn",
    "PrincipalAccount",
    "PrincipalOrgPaths",
    "PrincipalOrgID",
    "PrincipalTag/",
    "PrincipalIsAWSService",
    "PrincipalServiceName",
    "PrincipalServiceNamesList",
    "PrincipalType",
    "PrincipalOrgMasterAccountId",
    "userid",
    "username",
    "AssumedRoot",
    "FederatedProvider",
    "TokenIssueTime",
    "SignInSessionArn",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "ChatbotSourceArn",
    "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4",
    "SourceIdentity",
    "SourceIp",
    "SourceVpc",
    "SourceVpcArn",
    "SourceVpce",
    "VpceAccount",
    "VpceOrgID",
    "VpceOrgPaths",
    "VpcSourceIp",
    "ResourceAccount",
    "ResourceOrgID",
    "ResourceOrgPaths",
    "ResourceTag/",
    "CalledVia",
    "CalledViaFirst",
    "CalledViaLast",
    "CalledViaAWSMCP",
    "ViaAWSService",
    "ViaAWSMCPService",
    "CurrentTime",
    "EpochTime",
    "referer",
    "RequestedRegion",
    "RequestTag/",
    "TagKeys",
    "SecureTransport",
    "SourceAccount",
    "SourceArn",
    "SourceOrgID",
    "SourceOrgPaths",
    "UserAgent",
    "IsMcpServiceAction",
]

# Of other services than their prefix says, so on no service's own page.
_CROSS_SERVICE: Final = [
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:RoleAssumedBy",
    "glue:CredentialIssuingService",
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
    "identitystore:UserId",
]

_HOLE = re.compile(r"\$\{[^}]*\}|<[^>]*>")


@lru_cache(maxsize=8192)
def misspelt(key: str) -> tuple[str | None] | None:
    """Give None for a key that exists or may; else, in a tuple, the key that was probably meant, or None when nothing is like it."""
    prefix, colon, name = key.lower().partition(":")
    if not colon or "." in prefix or "/" in prefix or prefix in {"saml", "identitycenter", "catalog"}:
        return None
    if prefix == "aws":
        known = _of_aws()
        if _is_among(key.lower(), known):
            return None
        return (_nearest(key, known),)
    if prefix in names().services:
        known = _of_service(prefix)
        if _is_among(key.lower(), known):
            return None
        alike = _nearest(key, known) or _of_aws().get(f"aws:{name}")
        return (alike,) if alike and not _only_numbered(key, alike) else None
    # No such service: `aw:SourceArn`, `lamda:FunctionArn`.
    homes = get_close_matches(prefix, ("aws", *names().services), 3, _ALIKE)
    for home in homes:
        found = (_of_aws() if home == "aws" else _of_service(home)).get(f"{home}:{name}")
        if found:
            return (found,)
    return None


def _is_among(key: str, known: dict[str, str]) -> bool:
    # A key ends at its `/` where the rest is the name of a tag.
    return key in known or any(key.startswith(one) for one in known if one.endswith("/")) or any(p.fullmatch(key) for p in _patterns(key))


def _nearest(key: str, known: dict[str, str]) -> str | None:
    written, slash, tag = key.partition("/")
    likely = {one.rstrip("/"): spelling for one, spelling in known.items() if "${" not in one}
    found = get_close_matches(written.lower(), likely, 1, _ALIKE)
    if not found:
        return None
    # The prefix is alike anyhow: it must not be what makes two names so.
    name, other = (text.partition(":")[2] for text in (written.lower(), found[0]))
    if SequenceMatcher(None, name, other).ratio() < _ALIKE:
        return None
    spelling = likely[found[0]]
    return spelling + tag if spelling.endswith("/") and slash else spelling


def _only_numbered(key: str, alike: str) -> bool:
    """Say whether two keys differ in a digit: those of one family, of which a page may list the first only."""
    return re.sub(r"\d+", "", key.lower()) == re.sub(r"\d+", "", alike.lower())


@cache
def _of_aws() -> dict[str, str]:
    return {f"aws:{name}".lower(): f"aws:{name}" for name in _GLOBAL}


@cache
def _of_service(prefix: str) -> dict[str, str]:
    if prefix not in names().services:
        return {}
    listed = (name for name, _ in details(prefix).keys)
    crossing = (name for name in _CROSS_SERVICE if name.startswith(f"{prefix}:"))
    return {name.lower(): name for name in (*(_HOLE.split(one)[0] if _ends_in_hole(one) else one for one in listed), *crossing)}


def _ends_in_hole(key: str) -> bool:
    found = _HOLE.search(key)
    return found is not None and found.end() == len(key) and key[found.start() - 1] == "/"


@cache
def _patterns_of(prefix: str) -> tuple[re.Pattern[str], ...]:
    """Give the keys with a placeholder in the middle: `codebuild:secondarySources/${SourceIdentifier}.location`."""
    if prefix not in names().services:
        return ()
    keys = (name.lower() for name, _ in details(prefix).keys if _HOLE.search(name))
    return tuple(re.compile(".+".join(re.escape(part) for part in _HOLE.split(key))) for key in keys)


def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    return _patterns_of(key.partition(":")[0])
