"""Something that is known by its resource policy alone."""

import json
import re
from collections.abc import Callable

import msgspec

from buckler.model.entity import Entity
from buckler.model.functions import LATEST, Function, LayerVersion, QualifiedPolicy
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.stores import KmsKey, Secret, Store, StoreKind
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value
from buckler.sources.common import Common

_STORES: tuple[tuple[str, StoreKind], ...] = (
    (r"arn:[^:]*:s3:::[^/]+", "bucket"),
    (r"arn:[^:]*:sqs:.+", "queue"),
    (r"arn:[^:]*:sns:.+", "topic"),
    (r"arn:[^:]*:dynamodb:[^:]*:[^:]*:table/[^/]+", "table"),
    (r"arn:[^:]*:kinesis:.+:stream/.+", "stream"),
    (r"arn:[^:]*:events:.+:event-bus/.+", "event-bus"),
    (r"arn:[^:]*:ecr:.+:repository/.+", "repository"),
)
_TOLD = Unknown(kind=UnknownKind.OUTSIDE, why="the saved answers do not tell", need="a live scan")


class Guarded(Value):
    """A resource and its policy, as a file gives them."""

    arn: str
    account: str
    region: str
    policy: object
    """The document, or its JSON text, as `aws lambda get-policy` answers it."""
    file: str

    @property
    def origin(self) -> FileOrigin:
        """Name the place."""
        return FileOrigin(file=self.file, path=self.arn)

    def parsed(self) -> Policy:
        """Read the policy."""
        document = self.policy
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except ValueError:
                document = None  # parse_policy lists it as malformed
        return parse_policy(document, self.origin)

    def with_policy(self, function: Function) -> Function:
        """Put the policy on the qualifier of a function that the ARN names."""
        pieces = self.arn.split(":")
        qualifier = pieces[7] if len(pieces) > 7 else LATEST
        known = () if isinstance(function.policies, Unknown) else tuple(one for one in function.policies if one.qualifier != qualifier)
        added = QualifiedPolicy(qualifier=qualifier, policy=self.parsed())
        policies = (added, *known) if qualifier == LATEST else (*known, added)
        return msgspec.structs.replace(function, policies=policies)

    def bare_function(self, arn: str, untold: Callable[[str], Unknown]) -> Function:
        """Make a function of which nothing is known but its policy."""
        return Function(
            arn=arn,
            name=arn.split(":")[6],
            account=self.account,
            region=self.region,
            origin=self.origin,
            package_type=untold("its package"),
            runtime=untold("its runtime"),
            role=untold("its execution role"),
            timeout_s=untold("its timeout"),
            environment=untold("its environment"),
            layers=untold("its layers"),
            image=untold("its image"),
            vpc=untold("its VPC"),
            file_systems=untold("the file systems it mounts"),
            tracing=untold("its tracing"),
            dead_letter=untold("its dead-letter queue"),
            logging=untold("its log group"),
            kms_key=untold("its key"),
            memory_mb=untold("its memory"),
            handler=untold("its handler"),
            code_signing_config=untold("its code signing"),
            reserved_concurrency=untold("its concurrency"),
            urls=untold("its URLs"),
            policies=(),
            aliases=untold("its aliases"),
            versions=untold("its versions"),
            event_invoke=untold("its destinations"),
            recursive_loop=untold("its recursion setting"),
            runtime_management=untold("its runtime management"),
            tags=untold("its tags"),
        )


def guarded(one: Guarded) -> Entity | None:
    """Make the thing that the policy guards; None for a kind of which nothing is asked."""
    arn, policy = one.arn, one.parsed()
    name = arn.split(":secret:")[-1] if ":secretsmanager:" in arn else re.split(r"[:/]", arn)[-1]
    common = Common(arn=arn, name=name, account=one.account, region=one.region, origin=one.origin, address="")
    if ":secretsmanager:" in arn:
        return Secret(**common, policy=policy, kms_key=_TOLD, rotation=_TOLD)
    if ":kms:" in arn and ":key/" in arn:
        return KmsKey(**common, policy=policy, is_customer_managed=_TOLD, is_enabled=_TOLD, rotation=_TOLD, grants=_TOLD)
    if ":layer:" in arn:
        pieces = arn.split(":")
        number = int(pieces[7]) if len(pieces) > 7 and pieces[7].isdigit() else None
        common["name"] = pieces[6]
        return LayerVersion(**common, version=number, policy=policy, exists=True)
    for pattern, kind in _STORES:
        if re.fullmatch(pattern, arn):
            return Store(**common, kind=kind, policy=policy, kms_key=_TOLD, blocks_public_policy=_TOLD, notifies=_TOLD)
    return None
