"""Move a secret out of a function's environment, and back: made in a store, granted, referred to.

The value is read from AWS and written to AWS; it is in no plan, journal, log or message. Every part is told by reading it again: `stands`.
Sources: AWS Lambda API Reference, UpdateFunctionConfiguration (`Environment` replaces all variables; `RevisionId`); AWS Secrets Manager API
Reference, CreateSecret, DeleteSecret (recovery window of at least seven days); read 2026-11-26.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from buckler.fixes._deployed import look
from buckler.fixes._refused import RefusedError
from buckler.fixes._work import Stand, Work
from buckler.fixes.state import same
from buckler.model.artifact import Fault
from buckler.model.code import Place
from buckler.model.fix import Ask, MoveEdit
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer
from buckler.sources.live.options import is_emulated

LAYER: Final = "buckler-resolve"
WRAPPER: Final = "/opt/buckler/wrapper"
_WRAPPED_BY, _WRAPPED_BEFORE = "AWS_LAMBDA_EXEC_WRAPPER", "BUCKLER_EXEC_WRAPPER"
_PREFIX: Final = "buckler:"
_RESOLVER: Final = Path(__file__).parents[1] / "guard" / "resolve"
_SPREADS_S: Final = 10.0
"""IAM: "changes ... might take time to become visible"; a function that starts before it may read its secret fails."""


class _Held(NamedTuple):
    """The secret in its store."""

    arn: str
    is_ours: bool


class Mover(Work[MoveEdit]):
    """Makes one move and takes it back."""

    # --- where it stands --------------------------------------------------------------------------------------------------

    def stands(self) -> Stand:
        """Say how far it has come; `changed` when the variable is neither what it was nor what it shall be. Raises `RefusedError`."""
        value = self._variables(self._configuration()).get(self._edit.variable)
        if value is None:
            return "changed"
        held = self._held()
        if not value.startswith(_PREFIX):
            return "partial" if held is not None and held.is_ours else "before"
        if held is None or not held.is_ours or value != self._reference(held):
            return "changed"
        return "after" if self._granted() is not None and self._is_wrapped(self._configuration()) else "partial"

    def _is_wrapped(self, configuration: Answer) -> bool:
        """Say whether something puts the value in its place: the code itself, or the resolver around the runtime."""
        return self._edit.in_code or (
            self._variables(configuration).get(_WRAPPED_BY) == WRAPPER and any(map(self._is_resolver, self._layers(configuration)))
        )

    # --- there ------------------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Move it, or go on with a move that was begun. Raises `RefusedError`."""
        edit = self._edit
        configuration = self._settled()
        value = self._variables(configuration).get(edit.variable)
        if value is None:
            raise RefusedError(f"{edit.what} is not there any more")
        if edit.code_sha256 and configuration.get("CodeSha256") == edit.code_sha256:
            raise RefusedError("the function still runs code that takes the reference for the value: deploy the patched code first")
        if edit.in_code:
            self._insist_on_package(str(configuration.get("Runtime") or ""))
        layer = "" if edit.in_code else self._resolver()
        held = self._stored(value) if not value.startswith(_PREFIX) else self._held()
        if held is None or not held.is_ours:
            raise RefusedError(f"{edit.what} refers to something that buckler did not make")
        self._hook("stored")
        if edit.store == "secretsmanager":
            self._do(
                "secretsmanager", "PutResourcePolicy", SecretId=held.arn, ResourcePolicy=json.dumps(guard(edit)), BlockPublicPolicy=True
            )
            self._hook("guarded")
        granted = self._granted()
        if granted is None:
            self._do("iam", "PutRolePolicy", RoleName=edit.role, PolicyName=edit.policy, PolicyDocument=json.dumps(grant(edit, held.arn)))
            self._world.wait(0.0 if is_emulated() else _SPREADS_S)
        elif not same(granted, grant(edit, held.arn)):
            raise RefusedError(f"the role `{edit.role}` has another policy `{edit.policy}`")
        self._hook("granted")
        if self.stands() != "after":
            variables = self._variables(configuration) | {edit.variable: self._reference(held)}
            layers = self._layers(configuration)
            if not edit.in_code:
                if variables.get(_WRAPPED_BY) not in {None, WRAPPER}:
                    variables[_WRAPPED_BEFORE] = variables[_WRAPPED_BY]
                variables[_WRAPPED_BY] = WRAPPER
                layers = layers if any(map(self._is_resolver, layers)) else [*layers, layer]
            self._configure(configuration, variables, layers)
            self._hook("replaced")
        self._await("after")

    def _insist_on_package(self, runtime: str) -> None:
        """Refuse while what is deployed would take the reference for the value, or nobody can tell."""
        edit = self._edit
        got = self._world.package(edit.account, edit.region, edit.arn)
        if isinstance(got, Unknown | Fault):
            raise RefusedError(f"whether the deployed package takes references is not known: {_why(got)}")
        with got.file as file:
            try:
                seen = look(file, runtime, edit.variable)
            except ValueError as bad:
                raise RefusedError(f"whether the deployed package takes references is not known: {bad}") from bad
        if seen.plain:
            raise RefusedError(
                f"the deployed package reads it as it is ({_listed(seen.plain)}) and would take the reference for the value: "
                "deploy the patched code first"
            )
        if not seen.wrapped or seen.unread:
            rest = f": look at {_listed(seen.unread)}" if seen.unread else ""
            raise RefusedError(f"the deployed package is not seen to read it as patched code does{rest}: deploy the patched code first")
        self.told = (f"the deployed package reads `{edit.variable}` as patched code does: {_listed(seen.wrapped)}",)

    def _stored(self, value: str) -> _Held:
        """Have the value in the store: made now, or found there from a run that was cut off."""
        edit, held = self._edit, self._held()
        if held is not None and not held.is_ours:
            hint = "choose other names with --prefix"
            raise RefusedError(f"`{edit.name}` is in {_STORES[edit.store]} already, and buckler did not make it: {hint}")
        if held is not None:
            kept = self._value()
            if kept is not None and kept != value:
                raise RefusedError(f"{edit.what} was given another value since `{edit.name}` was made of it")
            return held
        if edit.store == "ssm":
            key = {"KeyId": edit.key} if edit.key else {}
            self._do("ssm", "PutParameter", Name=edit.name, Description=edit.mark, Value=value, Type="SecureString", Overwrite=False, **key)
        else:
            key = {"KmsKeyId": edit.key} if edit.key else {}
            self._do("secretsmanager", "CreateSecret", Name=edit.name, Description=edit.mark, SecretString=value, **key)
        made: _Held | None = self._awaited(self._held)
        if made is None or not made.is_ours:
            raise RefusedError(f"AWS does not show `{edit.name}`, which it was asked to make")
        return made

    # --- and back ---------------------------------------------------------------------------------------------------------

    def take_back(self) -> None:
        """Give the variable its value back, and take away what the move made. Raises `RefusedError`."""
        edit = self._edit
        configuration = self._settled()
        variables, held = dict(self._variables(configuration)), self._held()
        if held is not None and not held.is_ours:
            held = None
        if held is not None and variables.get(edit.variable) == self._reference(held):
            if edit.store == "secretsmanager":
                # Its policy keeps everybody but the function from reading it.
                self._do("secretsmanager", "DeleteResourcePolicy", SecretId=held.arn)
            value = self._awaited(self._value)
            if value is None:
                raise RefusedError(f"`{edit.name}` cannot be read, so the variable cannot be given its value back")
            variables[edit.variable] = value
            layers = self._layers(configuration)
            if not any(one.startswith(_PREFIX) for one in variables.values()):
                layers = [one for one in layers if not self._is_resolver(one)]
                before = variables.pop(_WRAPPED_BEFORE, None)
                if before is not None:
                    variables[_WRAPPED_BY] = before
                elif variables.get(_WRAPPED_BY) == WRAPPER:
                    del variables[_WRAPPED_BY]
            self._configure(configuration, variables, layers)
            self._hook("restored")
        if not edit.in_code:
            self._drop_layer()
        if self._granted() is not None:
            self._do("iam", "DeleteRolePolicy", RoleName=edit.role, PolicyName=edit.policy)
            self._hook("revoked")
        if held is not None:
            if edit.store == "ssm":
                self._do("ssm", "DeleteParameter", Name=edit.name)
            else:
                self._do("secretsmanager", "DeleteSecret", SecretId=held.arn, RecoveryWindowInDays=7)
            self._hook("dropped")
        self._await("before")

    # --- pieces -----------------------------------------------------------------------------------------------------------

    def _reference(self, held: _Held) -> str:
        return f"{_PREFIX}{self._edit.store}:{held.arn}"

    def _held(self) -> _Held | None:
        """Find the secret by its name; one that is to be deleted is not there."""
        name = self._edit.name
        if self._edit.store == "ssm":
            wanted = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
            listed, member = self._ask("ssm", "DescribeParameters", ParameterFilters=wanted), "Parameters"
        else:
            listed, member = (
                self._ask("secretsmanager", "ListSecrets", Filters=[{"Key": "name", "Values": [name]}], MaxResults=100),
                "SecretList",
            )
        entries = cast("list[Answer]", (listed or {}).get(member) or [])
        found = next((one for one in entries if one.get("Name") == name and not one.get("DeletedDate")), None)
        if found is None:
            return None
        # A parameter's ARN follows from its name.
        arn = str(found.get("ARN") or self._edit.secret_arn)
        return _Held(arn, found.get("Description") == self._edit.mark)

    def _value(self) -> str | None:
        """Read the value; None when it cannot be read (by its own policy, for one)."""
        if self._edit.store == "ssm":
            answer = self._world.read(
                *self._place, Ask(service="ssm", operation="GetParameter", parameters={"Name": self._edit.name, "WithDecryption": True})
            )
            return None if answer is None or isinstance(answer, Unknown) else str(answer["Parameter"]["Value"])
        answer = self._world.read(
            *self._place, Ask(service="secretsmanager", operation="GetSecretValue", parameters={"SecretId": self._edit.name})
        )
        return None if answer is None or isinstance(answer, Unknown) or "SecretString" not in answer else str(answer["SecretString"])

    def _granted(self) -> object:
        """Give the policy that the role has under the name of the move's; None when it has none."""
        answer = self._ask("iam", "GetRolePolicy", RoleName=self._edit.role, PolicyName=self._edit.policy)
        document: object = None if answer is None else answer["PolicyDocument"]
        return json.loads(document) if isinstance(document, str) else document

    def _resolver(self) -> str:
        """Give the layer version that holds the resolver: the one that was named, ours if it was published before, else a new one."""
        if self._edit.layer:
            return self._edit.layer
        content = resolver_layer()
        ours = self._published(content)
        if ours is not None:
            return str(ours["LayerVersionArn"])
        made = self._do("lambda", "PublishLayerVersion", LayerName=LAYER, Description=_mark_of(content), Content={"ZipFile": content})
        return str((made or {})["LayerVersionArn"])

    def _published(self, content: bytes) -> Answer | None:
        """Find the version of our layer that holds this very resolver."""
        listed = self._ask("lambda", "ListLayerVersions", LayerName=LAYER) or {}
        versions = cast("list[Answer]", listed.get("LayerVersions") or [])
        return next((one for one in versions if one.get("Description") == _mark_of(content)), None)

    def _drop_layer(self) -> None:
        """Take our layer version away when no function uses it any more."""
        ours = None if self._edit.layer else self._published(resolver_layer())
        if ours is not None and not self._is_used(str(ours["LayerVersionArn"])):
            self._do("lambda", "DeleteLayerVersion", LayerName=LAYER, VersionNumber=int(ours["Version"]))
            self._hook("unpublished")

    def _is_used(self, layer: str) -> bool:
        marker: dict[str, str] = {}
        while True:
            listed = self._ask("lambda", "ListFunctions", **marker) or {}
            if any(layer in self._layers(one) for one in cast("list[Answer]", listed.get("Functions") or [])):
                return True
            following = listed.get("NextMarker")
            if not following:
                return False
            marker = {"Marker": str(following)}

    def _is_resolver(self, layer: str) -> bool:
        return layer == self._edit.layer or layer.rpartition(":")[0].endswith(f":layer:{LAYER}")

    # --- the function -----------------------------------------------------------------------------------------------------

    def _variables(self, configuration: Answer) -> dict[str, str]:
        environment = cast("Answer", configuration.get("Environment") or {})
        if environment.get("Error"):
            raise RefusedError("AWS does not show the environment: it is encrypted under a key that these credentials may not use")
        return cast("dict[str, str]", environment.get("Variables") or {})

    def _layers(self, configuration: Answer) -> list[str]:
        return [str(one["Arn"]) for one in cast("list[Answer]", configuration.get("Layers") or [])]

    def _configure(self, read: Answer, variables: dict[str, str], layers: list[str]) -> None:
        """Set variables and layers at once, and only if nobody changed the function since it was *read*."""
        self._do(
            "lambda",
            "UpdateFunctionConfiguration",
            FunctionName=self._edit.arn,
            RevisionId=read["RevisionId"],
            Environment={"Variables": variables},
            Layers=layers,
        )
        self._settled()


_STORES: Final = {"secretsmanager": "Secrets Manager", "ssm": "Parameter Store"}


# --- what is written -----------------------------------------------------------------------------------------------------


def grant(edit: MoveEdit, secret: str) -> dict[str, Any]:
    """Write the policy that the role gets: to read this one secret, and to use this one key through its store."""
    action = "secretsmanager:GetSecretValue" if edit.store == "secretsmanager" else "ssm:GetParameter"
    statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": action, "Resource": secret}]
    if edit.key:
        suffix = "amazonaws.com.cn" if edit.region.startswith("cn-") else "amazonaws.com"
        via = {"StringEquals": {"kms:ViaService": f"{edit.store}.{edit.region}.{suffix}"}}
        statements.append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": edit.key, "Condition": via})
    return {"Version": "2012-10-17", "Statement": statements}


def guard(edit: MoveEdit) -> dict[str, Any]:
    """Write the policy of the secret: nobody but the function reads it, whatever their own policies say."""
    only = {"ArnNotEquals": {"aws:PrincipalArn": edit.role_arn}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": only}
    return {"Version": "2012-10-17", "Statement": [statement]}


def resolver_layer() -> bytes:
    """Zip the resolver as a layer, always the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode in (("resolve.cjs", 0o644), ("resolve.py", 0o644), ("wrapper", 0o755)):
            entry = zipfile.ZipInfo(f"buckler/{name}", (2026, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 3, (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, (_RESOLVER / name).read_bytes())
    return buffer.getvalue()


def _mark_of(content: bytes) -> str:
    """Describe a layer version so that it is known again: by what is in it."""
    return f"buckler {hashlib.sha256(content).hexdigest()}"


def resolver_digest() -> str:
    """Give the `CodeSha256` that AWS will tell of the layer."""
    return base64.b64encode(hashlib.sha256(resolver_layer()).digest()).decode()


def _why(unknown: Unknown | Fault) -> str:
    return unknown.why if isinstance(unknown, Unknown) else unknown.detail


def _listed(places: Sequence[Place]) -> str:
    most = 3
    rest = len(places) - most
    shown = [f"{one.file}:{one.line}" if one.line else one.file for one in places[:most]]
    return ", ".join([*shown, *([f"{rest} more"] if rest > 0 else [])])
