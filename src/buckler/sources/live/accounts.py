"""Whose eyes we look with: profiles, assumed roles, and the accounts and regions they reach."""

import functools
import os
from dataclasses import dataclass, field
from typing import Any

import botocore.credentials
import botocore.session
from botocore.exceptions import ProfileNotFound

from buckler import errors
from buckler.hints import closest
from buckler.model.estate import COLLECTIONS, Missing
from buckler.model.unknown import Unknown
from buckler.sources.live import regions
from buckler.sources.live.answers import Answer
from buckler.sources.live.api import WHO_AM_I, Account, Api, Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.models import Files
from buckler.sources.live.options import LiveOptions

COLLECTOR = Collector("accounts")
REGIONS = COLLECTOR.call("ec2", "DescribeRegions", "which regions are enabled, for --all-regions", result="Regions")
ASSUME = Collector("accounts", is_org=True).call("sts", "AssumeRole", "other accounts, for --role-arn and --org-role", result="Credentials")
ACCOUNTS = COLLECTOR.call(
    "organizations", "ListAccounts", "the accounts of the organisation", result="Accounts", page=("NextToken", "NextToken")
)

SESSION_NAME = "buckler"
GLOBAL = frozenset({"roles", "users", "groups", "organizations"})
"""Collections that have no region."""


@dataclass
class Reach:
    """The accounts to read, with their regions, and those that could not be reached."""

    accounts: list[Account] = field(default_factory=list[Account])
    regions: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    missing: list[Missing] = field(default_factory=list[Missing])
    bases: frozenset[str] = frozenset()
    """Ids of the accounts that the user's own credentials belong to."""


def reach(api: Api, options: LiveOptions, *, also: frozenset[tuple[str, str]] = frozenset()) -> Reach:
    """Find out who we are and which accounts and regions that reaches. Every account is told, also one that cannot be entered.

    *also*: operations beside those that collectors declare.
    """
    loader = _loader(also)
    bases = [_base(api, options, profile, loader) for profile in options.profiles or (None,)]
    found = Reach(bases=frozenset(base.id for base in bases))
    for base in bases:
        if not options.role_arns and not options.org_role:
            _add(found, base)
        for arn in options.role_arns:
            _enter(api, found, base, arn, options, loader)
        if options.org_role:
            _organisation(api, found, base, options, loader)
    for account in found.accounts:
        found.regions[account.id] = _regions(api, found, account, options)
    if not found.accounts:
        refused = found.missing[0].unknown.why if found.missing else ""
        raise errors.CredentialsError(
            "none of the accounts can be entered", cause=refused, hint="check the role's trust policy and --external-id"
        )
    return found


def _add(found: Reach, account: Account) -> None:
    if account.id not in {known.id for known in found.accounts}:
        found.accounts.append(account)


@functools.cache
def _loader(also: frozenset[tuple[str, str]]) -> Any:  # noqa: ANN401 - botocore has no types
    # One for all sessions: each would otherwise read the service models again.
    session: Any = botocore.session.Session()
    loader: Any = session.get_component("data_loader")
    loader.file_loader = Files(also)
    return loader


def _session(profile: str | None, loader: Any) -> Any:  # noqa: ANN401 - botocore has no types
    session: Any = botocore.session.Session(profile=profile)
    session.register_component("data_loader", loader)
    return session


def _base(api: Api, options: LiveOptions, profile: str | None, loader: Any) -> Account:  # noqa: ANN401 - botocore has no types
    try:
        session = _session(profile, loader)
        session.get_scoped_config()  # the profile is missed here and not in the middle of a scan, also one of AWS_PROFILE
    except ProfileNotFound as error:
        everything: Any = botocore.session.Session(profile=None)
        known: list[str] = everything.available_profiles
        named = profile or os.environ.get("AWS_PROFILE", "default")
        close = closest(named, known) or next(iter(known), None)
        hint = f"--profile {close}" if close else "aws configure"
        raise errors.UsageError(f"there is no profile `{named}`", cause="it is not in the AWS configuration", hint=hint) from error
    regions.refuse_mistyped(options.regions, session)
    # As the AWS CLI and the other SDKs do; botocore alone does not know AWS_REGION.
    region = next(iter(options.regions), None) or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region and not options.all_regions:
        raise errors.UsageError(
            "no region to scan", cause="neither the command line nor the AWS configuration names one", hint="--region eu-west-1"
        )
    account = Account(session, str(region or "us-east-1"))
    _identify(api, account)
    return account


def _identify(api: Api, account: Account) -> None:
    answer = Reader(api, account, account.home).read(WHO_AM_I)
    if isinstance(answer, Unknown):
        elsewhere = "AWS_ENDPOINT_URL" in os.environ
        hint = "curl $AWS_ENDPOINT_URL" if elsewhere else f"aws sts get-caller-identity --region {account.home}"
        raise errors.SourceError("AWS does not tell which account this is", cause=answer.why, hint=hint)
    account.id, account.arn = answer["Account"], answer["Arn"]
    account.partition = answer["Arn"].split(":")[1]


def _enter(api: Api, found: Reach, base: Account, role_arn: str, options: LiveOptions, loader: Any) -> None:  # noqa: ANN401 - botocore has no types
    """Assume a role and add its account, or say that everything in it is unknown."""
    parts = role_arn.split(":")
    if len(parts) < 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        raise errors.UsageError(f"`{role_arn}` is not the ARN of a role", hint="--role-arn arn:aws:iam::123456789012:role/Audit")
    asked = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME}
    if options.external_id:
        asked["ExternalId"] = options.external_id
    first = Reader(api, base, base.home).read(ASSUME, **asked)
    if isinstance(first, Unknown):
        _unreached(found, parts[4], options, first, base)
        return
    session = _session(None, loader)
    session.register_component("credential_provider", _Assumed(api, base, asked, first))
    account = Account(session, base.home)
    _identify(api, account)
    _add(found, account)


def _unreached(found: Reach, account: str, options: LiveOptions, unknown: Unknown, base: Account) -> None:
    regions = options.regions or ((base.home,) if not options.all_regions else ("",))
    for collection in COLLECTIONS:
        for region in ("",) if collection in GLOBAL else regions:
            found.missing.append(Missing(collection=collection, account=account, region=region, unknown=unknown))


class _Assumed:
    """Gives the credentials of an assumed role, in place of botocore's chain, and renews them during long scans."""

    def __init__(self, api: Api, base: Account, asked: dict[str, str], first: Answer) -> None:
        self._api, self._base, self._asked, self._first = api, base, asked, first

    def load_credentials(self) -> Any:  # noqa: ANN401 - botocore has no types
        return botocore.credentials.RefreshableCredentials.create_from_metadata(
            metadata=self._metadata(self._first), refresh_using=self._renew, method="assume-role"
        )

    def _renew(self) -> dict[str, str]:
        answer = Reader(self._api, self._base, self._base.home).read(ASSUME, **self._asked)
        if isinstance(answer, Unknown):
            raise errors.CredentialsError(
                f"the role `{self._asked['RoleArn']}` cannot be assumed any more", cause=answer.why, hint="buckler scan --resume"
            )
        return self._metadata(answer)

    @staticmethod
    def _metadata(answer: Answer) -> dict[str, str]:
        given = answer["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }


def _organisation(api: Api, found: Reach, base: Account, options: LiveOptions, loader: Any) -> None:  # noqa: ANN401 - botocore has no types
    reader = Reader(api, base, base.home)
    pages = reader.pages(ACCOUNTS)
    listed = sorted(entry["Id"] for entry in pages if entry.get("State", entry.get("Status")) == "ACTIVE")
    if pages.unknown is not None:
        # Half of an organisation would look like all of it.
        raise errors.SourceError(
            "the accounts of the organisation cannot be listed",
            cause=pages.unknown.why,
            hint=f"use the management account, or name the roles: --role-arn arn:{base.partition}:iam::ACCOUNT:role/{options.org_role}",
        )
    if not listed:
        raise errors.SourceError(
            "the organisation lists no active account", hint="leave out --org-role to read the account of your credentials"
        )
    for account in listed:
        if account == base.id:
            _add(found, base)
        else:
            _enter(api, found, base, f"arn:{base.partition}:iam::{account}:role/{options.org_role}", options, loader)


def _regions(api: Api, found: Reach, account: Account, options: LiveOptions) -> tuple[str, ...]:
    if options.regions:
        return tuple(sorted(set(options.regions)))
    if not options.all_regions:
        return (account.home,)
    answer = Reader(api, account, account.home).read(REGIONS)  # without AllRegions: those enabled for the account
    if isinstance(answer, Unknown):
        for collection in COLLECTIONS:
            if collection not in GLOBAL:
                found.missing.append(Missing(collection=collection, account=account.id, region="", unknown=answer))
        return ()
    return tuple(sorted(entry["RegionName"] for entry in answer["Regions"]))


def scopes_of(found: Reach) -> list[tuple[Account, str]]:
    """Give every region of every account."""
    return [(account, region) for account in found.accounts for region in found.regions[account.id]]
