"""Identities of providers that anybody can have one of, and what somebody of no account of ours brings from there.

A trust policy that takes tokens of GitHub takes those of every repository in the world, unless it says whose. What the token says is
compared as any other condition is; a stranger chooses what their own repository, group or pool is called, so a pattern such as `repo:acme*`
lets in `acme-7q4z`. Facts: IAM User Guide, "Available keys for AWS OIDC federation"; GitHub Docs, "OpenID Connect reference"; GitLab, HCP
Terraform and Buildkite documentation of their tokens, read 2026-11-26.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from buckler.engines.iam import sample
from buckler.model.policy import Statement
from buckler.reach.strangers import Further, plain

_STRANGER: Final = "stranger-7q4z"


class Provider(NamedTuple):
    """Somebody who gives identities to anybody."""

    host: str
    who: str
    """Who has one."""
    head: str
    """What the subject starts with, before the name of the owner."""
    separator: str
    """What follows the name of the owner in the subject."""
    rest: str
    """How a subject goes on after the separator."""
    claims: Mapping[str, tuple[str, ...]] = {}
    """What else a stranger's token says."""


_PROVIDERS: Final = (
    Provider(
        "token.actions.githubusercontent.com",
        "anyone with a GitHub repository",
        "repo:",
        "/",
        f"{_STRANGER}:ref:refs/heads/main",
        {
            "repository": (f"{_STRANGER}/{_STRANGER}",),
            "repository_owner": (_STRANGER,),
            "repository_id": ("999999999",),
            "repository_owner_id": ("999999999",),
            "actor": (_STRANGER,),
            "actor_id": ("999999999",),
            "enterprise": (),
            "enterprise_id": (),
        },
    ),
    Provider("gitlab.com", "anyone with a GitLab project", "project_path:", "/", f"{_STRANGER}:ref_type:branch:ref:main"),
    Provider(
        "app.terraform.io",
        "anyone with an organisation of HCP Terraform",
        "organization:",
        ":",
        f"project:{_STRANGER}:workspace:{_STRANGER}:run_phase:apply",
    ),
    Provider(
        "agent.buildkite.com",
        "anyone with an organisation of Buildkite",
        "organization:",
        ":",
        f"pipeline:{_STRANGER}:ref:refs/heads/main:commit:0:step:x",
    ),
    Provider(
        "cognito-identity.amazonaws.com",
        "anyone with an identity pool of Cognito",
        "",
        "",
        "us-east-1:99999999-9999-4999-8999-999999999999",
    ),
)


def provider_of(principal: str) -> Provider | None:
    """Find the provider a Federated principal names; None for those that vouch for their own people only."""
    host = principal.rpartition("oidc-provider/")[2]
    return next((one for one in _PROVIDERS if one.host == host), None)


def tokens(provider: Provider, statement: Statement) -> Iterator[Further]:
    """Give the tokens a stranger may bring: of a name of their own, and of names that the patterns of a statement match."""
    host = provider.host
    wanted = [_wanted(statement, f"{host}:{claim}") for claim in ("aud", "sub")]
    # Whoever asks for a token says for whom it is; the pool of Cognito is the stranger's own.
    audiences = dict.fromkeys(plain(one) for one in wanted[0]) if provider.separator else {}
    audience = next(iter(audiences), "sts.amazonaws.com" if provider.separator else "us-east-1:88888888-8888-4888-8888-888888888888")
    claims = tuple((f"{host}:{claim}", values) for claim, values in provider.claims.items())
    amr: Further = () if provider.separator else ((f"{host}:amr", ("unauthenticated",)),)
    own = f"{provider.head}{_STRANGER}{provider.separator}{provider.rest}" if provider.separator else provider.rest
    for subject in dict.fromkeys((own, *(made for pattern in wanted[1] if (made := _subject(provider, pattern))))):
        yield ((f"{host}:aud", (audience,)), (f"{host}:sub", (subject,)), *claims, *amr)


def _wanted(statement: Statement, key: str) -> list[str]:
    return [
        sample(value)
        for condition in statement.conditions
        if condition.key.lower() == key and "not" not in condition.operator.lower() and condition.operator.lower() != "null"
        for value in condition.values
    ]


def _subject(provider: Provider, pattern: str) -> str:
    """Make a subject of a pattern that leaves the name of the owner open: what an attacker may register; "" when it names the owner."""
    if not provider.separator:
        return ""
    if pattern.startswith(("*", "?")):
        # `*:ref:refs/heads/main` asks for the branch and not for the owner.
        tail = re.split(r"[*?]", pattern)[-1]
        return f"{provider.head}{_STRANGER}{provider.separator}{_STRANGER}{tail}" if tail else ""
    if not pattern.startswith(provider.head):
        return ""
    owner, separator, rest = pattern.removeprefix(provider.head).partition(provider.separator)
    if not set(owner) & set("*?"):
        return ""
    named = owner.replace("*", "-7q4z").replace("?", "x").lstrip("-")
    return f"{provider.head}{named}{provider.separator}{plain(rest) if separator else provider.rest}"
