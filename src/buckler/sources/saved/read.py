"""From saved answers to one estate."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from buckler.errors import SourceError
from buckler.model.entity import Entity
from buckler.model.estate import COLLECTIONS, Estate, Missing, Note, Scope
from buckler.model.functions import Function, LayerVersion
from buckler.model.iam import Organization
from buckler.model.origin import ApiOrigin, FileOrigin
from buckler.model.secret import Judge
from buckler.model.stores import KmsKey, Secret, Store
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer
from buckler.sources.live.calls import Call
from buckler.sources.live.functions import LIST_FUNCTIONS, function_of, newest_first, unqualified, version_of
from buckler.sources.live.iam import principals
from buckler.sources.saved.control import organization
from buckler.sources.saved.files import SavedFile
from buckler.sources.saved.guarded import Guarded, guarded

_ARN = re.compile(r"arn:[^:]*:[^:]*:(?P<region>[^:]*):(?P<account>\d{12}):")


class _Account:
    """Whose answer it is."""

    def __init__(self, account: str, region: str = "") -> None:
        self.account = account
        self._region = region

    def origin(self, call: Call, arn: str) -> ApiOrigin:
        return ApiOrigin(call=call.action, arn=arn, account=self.account, region=self._region)


def untold(what: str) -> Unknown:
    """Say that saved answers do not tell of something."""
    return Unknown(kind=UnknownKind.OUTSIDE, why=f"the saved answers do not tell {what}", need="a live scan")


def read_saved(files: Sequence[SavedFile], *, judge: Judge) -> tuple[Estate, tuple[SourceError, ...]]:
    """Join saved answers to one estate; a file whose content is not what its kind says becomes an error, and the others go on.

    What no file tells is missing, not absent: a check that concludes from an absence has nothing to conclude from.
    """
    reading = _Reading(judge)
    errors: list[SourceError] = []
    for kind in ("iam", "functions", "resource-policies", "control-policies"):
        for file in files:
            if file.kind == kind:
                try:
                    reading.add(file)
                except SourceError as bad:
                    errors.append(bad)
    return reading.estate(), tuple(errors)


class _Reading:
    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._parts: dict[str, list[object]] = {name: [] for name in COLLECTIONS}
        self._functions: dict[str, Function] = {}
        self._told: set[tuple[str, str]] = set()
        """(collection, account) that some file tells whole."""
        self._places: dict[tuple[str, str], FileOrigin] = {}
        self._notes: list[Note] = []
        self._control: list[SavedFile] = []

    def add(self, file: SavedFile) -> None:
        try:
            match file.kind:
                case "iam":
                    self._iam(file)
                case "functions":
                    self._list(file)
                case "resource-policies":
                    self._policies(file)
                case _:
                    self._control.append(file)
        except (KeyError, TypeError, AttributeError, IndexError) as bad:
            field = f"`{bad.args[0]}` is missing or malformed" if isinstance(bad, KeyError) else "a field is not of the type AWS gives it"
            raise SourceError(
                f"`{file.path}` does not hold what it seems to", cause=field, hint="save the answer again, unchanged", place=file.path
            ) from None

    def _iam(self, file: SavedFile) -> None:
        content: Answer = file.content
        arns = [entry["Arn"] for name in ("RoleDetailList", "UserDetailList", "GroupDetailList") for entry in content.get(name) or ()]
        accounts = sorted({match["account"] for match in map(_ARN.match, arns) if match})
        if not accounts:
            raise SourceError(
                f"`{file.path}` names no account",
                cause="it lists no role, user or group",
                hint="aws iam get-account-authorization-details > account.json",
                place=file.path,
            )
        for account in accounts:
            self._place(account, "", file)
            own = {
                **content,
                **{name: _of(content.get(name) or [], account) for name in ("RoleDetailList", "UserDetailList", "GroupDetailList")},
            }
            roles, users, groups = principals([own], _Account(account))
            for name, found in (("roles", roles), ("users", users), ("groups", groups)):
                self._parts[name].extend(found)
                self._told.add((name, account))
        if content.get("IsTruncated"):
            self._notes.append(
                Note(message="the answer is one page of several: save all of them", origin=FileOrigin(file=file.path, path="IsTruncated"))
            )

    def _list(self, file: SavedFile) -> None:
        versions: dict[str, list[Any]] = {}
        for entry in file.content["Functions"]:
            arn = unqualified(entry["FunctionArn"])
            match = _ARN.match(arn)
            if match is None:
                raise KeyError("FunctionArn")
            self._place(match["account"], match["region"], file)
            origin = _Account(match["account"], match["region"]).origin(LIST_FUNCTIONS, arn)
            if entry.get("Version", "$LATEST") == "$LATEST":
                self._functions[arn] = _without(function_of(entry, arn, origin, self._judge))
                self._told.add(("functions", match["account"]))
            else:
                versions.setdefault(arn, []).append(version_of(entry, origin, self._judge))
        for arn, found in versions.items():
            if arn in self._functions:
                self._functions[arn] = msgspec.structs.replace(self._functions[arn], versions=newest_first(found))

    def _policies(self, file: SavedFile) -> None:
        for arn, policy, account in _entries(file):
            match = _ARN.match(arn)
            owner = account or (match["account"] if match else "") or self._only_account()
            region = match["region"] if match else ""
            self._place(owner, region, file)
            one = Guarded(arn=arn, account=owner, region=region, policy=policy, file=file.path)
            if ":function:" in arn:
                self._on_function(one)
                continue
            made = guarded(one)
            if made is None:
                self._notes.append(Note(message=f"nothing is asked of the policy of {arn}", origin=one.origin))
            else:
                self._parts[_COLLECTION[type(made)]].append(made)

    def _on_function(self, one: Guarded) -> None:
        arn = unqualified(one.arn)
        function = self._functions.get(arn) or one.bare_function(arn, untold)
        self._functions[arn] = one.with_policy(function)

    def _only_account(self) -> str:
        accounts = {account for account, _ in self._places if account}
        return accounts.pop() if len(accounts) == 1 else ""

    def _place(self, account: str, region: str, file: SavedFile) -> None:
        self._places.setdefault((account, region), FileOrigin(file=file.path))

    # --- the whole -----------------------------------------------------------------------------------------------------

    def estate(self) -> Estate:
        self._parts["functions"] = [self._functions[arn] for arn in sorted(self._functions)]
        accounts = sorted({account for account, _ in self._places if account})
        organizations: list[Organization] = [organization(file, accounts) for file in self._control]
        self._parts["organizations"] = list(organizations)
        if organizations:
            self._told.update(("organizations", account) for account in accounts)
        fields: dict[str, tuple[object, ...]] = {name: tuple(found) for name, found in self._parts.items()}
        return Estate(
            **fields,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the names come from the fields themselves
            scopes=tuple(
                Scope(kind="saved", name=f"{account}/{region}" if region else account, account=account, region=region, origin=origin)
                for (account, region), origin in sorted(self._places.items())
            ),
            missing=tuple(self._missing(accounts)),
            notes=tuple(self._notes),
        )

    def _missing(self, accounts: Iterable[str]) -> Iterator[Missing]:
        for account in accounts:
            for name in COLLECTIONS:
                if (name, account) not in self._told:
                    yield Missing(collection=name, account=account, region="", unknown=untold(f"of {name.replace('_', ' ')}"))


_COLLECTION: Mapping[type[Entity], str] = {LayerVersion: "layers", Secret: "secrets", KmsKey: "keys", Store: "stores"}


def _of(entries: list[Answer], account: str) -> list[Answer]:
    return [entry for entry in entries if (match := _ARN.match(entry["Arn"])) and match["account"] == account]


def _without(function: Function) -> Function:
    """Say of what `ListFunctions` does not tell that no file tells it."""
    changed = {
        field.name: untold(f"its {field.name.replace('_', ' ')}")
        for field in msgspec.structs.fields(Function)
        if isinstance(value := getattr(function, field.name), Unknown) and value.kind is UnknownKind.NOT_ASKED
    }
    return msgspec.structs.replace(function, **changed, versions=untold("its versions"), tags=untold("its tags"))


def _entries(file: SavedFile) -> Iterator[tuple[str, object, str]]:
    """Give (ARN, policy document, account or "") of each entry of a file of resource policies, in any of its forms."""
    content: Any = file.content
    if isinstance(content, dict):
        mapping = cast("dict[str, Any]", content)
        content = mapping.get("ResourcePolicies", mapping)
    if isinstance(content, dict):
        for arn, policy in cast("dict[str, Any]", content).items():
            yield arn, policy, ""
        return
    for entry in cast("list[dict[str, Any]]", content):
        arn = entry.get("Resource") or entry.get("ResourceArn") or entry["Arn"]
        yield arn, entry["Policy"], str(entry.get("Account") or "")
