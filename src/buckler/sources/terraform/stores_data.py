"""Where data lives or passes through: buckets, queues, topics, tables, streams, event buses, image repositories.

A policy, subscription or rule of something that is not in the plan makes it known all the same: that much of it is told.
"""

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.stores import Store, StoreKind
from buckler.model.text import Text, shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.common import common, default_bool
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.stores_beside import TYPES, Beside, Names
from buckler.sources.terraform.stores_notify import DEFAULT_BUS, Notifications, Told, together
from buckler.sources.topic_policy import default_topic_policy

_OUTSIDE = Unknown(kind=UnknownKind.OUTSIDE, why="a plan does not tell of what is made elsewhere", need="a live scan")
# (type, field that names the store)
_POLICIES: dict[StoreKind, tuple[str, str]] = {
    "bucket": ("aws_s3_bucket_policy", "bucket"),
    "queue": ("aws_sqs_queue_policy", "queue_url"),
    "topic": ("aws_sns_topic_policy", "arn"),
    "table": ("aws_dynamodb_resource_policy", "resource_arn"),
    "stream": ("aws_kinesis_resource_policy", "resource_arn"),
    "event-bus": ("aws_cloudwatch_event_bus_policy", "event_bus_name"),
    "repository": ("aws_ecr_repository_policy", "repository"),
}


def read_data_stores(draft: Draft) -> None:
    names = Names(draft)
    told = Notifications(draft, names)
    for kind in TYPES:
        about, key = _POLICIES[kind]
        policies = names.beside(kind, about, key, default=DEFAULT_BUS if kind == "event-bus" else "")
        _Reader(draft, names, told, kind, policies).read()


class _Reader:
    """Reads the stores of one kind."""

    def __init__(self, draft: Draft, names: Names, told: Notifications, kind: StoreKind, policies: Beside) -> None:
        self._draft = draft
        self._told = told
        self._kind: StoreKind = kind
        self._policies = policies
        self._granted = Beside()
        if kind == "bucket":
            self._blocks = names.beside("bucket", "aws_s3_bucket_public_access_block", "bucket")
            self._encryption = names.beside("bucket", "aws_s3_bucket_server_side_encryption_configuration", "bucket")
        elif kind == "event-bus":
            self._granted = names.beside("event-bus", "aws_cloudwatch_event_permission", "event_bus_name", default=DEFAULT_BUS)

    def read(self) -> None:
        plan = self._draft.view.plan
        self._draft.each("stores", plan.of(TYPES[self._kind]), self._store)
        for arn, nodes in self._elsewhere().items():
            self._draft.add("stores", self._made_elsewhere(arn, nodes))

    def _store(self, node: Node) -> Store:
        base = common(node, "bucket" if self._kind == "bucket" else "name")
        policy = self._policy(self._policies.of.get(node.resource, []), node)
        policy = with_grants(policy, self._granted.of.get(node.resource, []), base["arn"], self._granted.stray)
        if self._kind == "topic" and policy is None:
            policy = default_topic_policy(base["arn"], base["account"], node.origin())
        return Store(
            **base,
            kind=self._kind,
            policy=policy,
            kms_key=self._key(node),
            blocks_public_policy=self._is_blocked(node) if self._kind == "bucket" else False,
            notifies=self._notifies(node),
        )

    def _policy(self, beside: list[Node], node: Node | None) -> Policy | Unknown | None:
        """Read the policy of a store: in a resource of its own, else in the store's, as the provider had it before."""
        if len(beside) > 1:
            return Unknown(kind=UnknownKind.UNRESOLVED, why="several policies are set on it, and the last holds", need="one policy")
        for one in beside:
            try:
                return policy_of(one, "policy")
            except MalformedError as error:
                return self._draft.malformed("stores", one.resource, error)
        own = policy_of(node, "policy") if node is not None else None
        return own if own is not None else self._policies.stray

    def _key(self, node: Node) -> Text | Unknown | None:
        key: Text | Unknown | None
        match self._kind:
            case "bucket":
                return self._bucket_key(node)
            case "queue" | "topic":
                key = node.text("kms_master_key_id", to="arn")
            case "table":
                key = _in_block(node, "server_side_encryption", "kms_key_arn")
            case "stream":
                key = node.text("kms_key_id", to="arn")
            case "event-bus":
                key = node.text("kms_key_identifier", to="arn")
            case "repository":
                key = _in_block(node, "encryption_configuration", "kms_key")
        return _own_key(key)

    def _bucket_key(self, node: Node) -> Text | Unknown | None:
        key: Text | Unknown | None = None
        holders = [*self._encryption.of.get(node.resource, ())]
        inline = _block(node, "server_side_encryption_configuration")
        for holder in holders or ([inline] if isinstance(inline, Node) else []):
            try:
                rule = _block(holder, "rule")
                default = _block(rule, "apply_server_side_encryption_by_default") if isinstance(rule, Node) else rule
                key = default.text("kms_master_key_id", to="arn") if isinstance(default, Node) else default
            except MalformedError as error:
                key = self._draft.malformed("stores", holder.resource, error)
        return _own_key(key) if holders or isinstance(inline, Node) else inline or self._encryption.stray

    def _is_blocked(self, node: Node) -> bool | Unknown:
        """Say whether public policies count for nothing.

        Without a word on it, new buckets block public policies altogether: where one can be set, nothing is restricted.
        """
        account, _ = self._draft.view.identity.of(node.resource)
        found: bool | Unknown = self._blocks.stray or False
        for one in self._draft.sound("stores", self._draft.view.plan.of("aws_s3_account_public_access_block")):
            if self._draft.view.identity.of(one.resource)[0] == account and one.boolean("restrict_public_buckets") is True:
                return True
        for one in self._blocks.of.get(node.resource, ()):
            try:
                found = default_bool(one.boolean("restrict_public_buckets"), default=False)
            except MalformedError as error:
                found = self._draft.malformed("stores", one.resource, error)
        return found

    def _notifies(self, node: Node) -> Told:
        match self._kind:
            case "bucket":
                return self._told.of_bucket(node.resource)
            case "topic":
                subscriptions = self._told.subscriptions
                return together(self._told.of_topic(subscriptions.of.get(node.resource, [])), subscriptions.stray)
            case "event-bus":
                return together(self._told.of_bus(self._told.rules.of.get(node.resource, [])), self._told.rules.stray)
            case _:
                return ()

    # --- what is not in the plan -------------------------------------------------------------------------------------

    def _elsewhere(self) -> dict[Text, list[Node]]:
        """List what the plan says of stores that are not in it, by their ARN."""
        found: dict[Text, list[Node]] = {}
        sources = [self._policies.elsewhere, self._granted.elsewhere]
        match self._kind:
            case "bucket":
                sources.append(self._told.buckets_elsewhere())
            case "topic":
                sources.append(self._told.subscriptions.elsewhere)
            case "event-bus":
                sources.append(self._told.rules.elsewhere)
            case _:
                pass
        for source in sources:
            for arn, nodes in source.items():
                found.setdefault(arn, []).extend(nodes)
        return found

    def _made_elsewhere(self, arn: Text, nodes: list[Node]) -> Store:
        first = nodes[0]
        account, region = self._draft.view.identity.of(first.resource)
        parts = shown(arn).split(":")
        is_whole = isinstance(arn, str) and len(parts) >= 6 and self._kind != "bucket"
        policy = self._policy(self._policies.elsewhere.get(arn, []), None) or _OUTSIDE
        return Store(
            arn=arn,
            name=shown(arn).rpartition("/" if "/" in shown(arn) else ":")[2] if isinstance(arn, str) else arn,
            account=parts[4] or account if is_whole else account,
            region=parts[3] or region if is_whole else region,
            origin=first.origin(),
            address=first.resource.address,
            kind=self._kind,
            policy=with_grants(policy, self._granted.elsewhere.get(arn, []), arn, None),
            kms_key=_OUTSIDE,
            blocks_public_policy=_OUTSIDE if self._kind == "bucket" else False,
            notifies=self._told_elsewhere(arn),
        )

    def _told_elsewhere(self, arn: Text) -> Told:
        told = self._told
        match self._kind:
            case "bucket":
                nodes = told.buckets_elsewhere().get(arn)
                return told.told_elsewhere(nodes) if nodes else _OUTSIDE
            case "topic":
                nodes = told.subscriptions.elsewhere.get(arn)
                return together(told.of_topic(nodes)) if nodes else _OUTSIDE
            case "event-bus":
                nodes = told.rules.elsewhere.get(arn)
                return together(told.of_bus(nodes)) if nodes else _OUTSIDE
            case _:
                return _OUTSIDE


def with_grants(policy: Policy | Unknown | None, grants: list[Node], arn: Text, stray: Unknown | None) -> Policy | Unknown | None:
    """Add what `aws_cloudwatch_event_permission` grants: each is a statement of the policy of its bus."""
    if not grants:
        return policy if policy is not None else stray
    added = [_grant(node, arn) for node in grants]
    known = policy if isinstance(policy, Policy) else None
    unread = (policy,) if isinstance(policy, Unknown) else ()
    return Policy(
        version="2012-10-17",
        statements=(*(known.statements if known else ()), *(one for grant in added for one in grant.statements)),
        origin=known.origin if known else added[0].origin,
        malformed=(*(known.malformed if known else ()), *(one for grant in added for one in grant.malformed)),
        unresolved=(*(known.unresolved if known else ()), *unread, *(one for grant in added for one in grant.unresolved)),
    )


def _grant(node: Node, arn: Text) -> Policy:
    origin: FileOrigin = node.origin()
    try:
        principal = node.text("principal", to="id")
        condition = _block(node, "condition")
        statement: dict[str, object] = {
            "Sid": node.text("statement_id") or "",
            "Effect": "Allow",
            "Principal": "*" if principal == "*" else {"AWS": node.child("principal").hole() if principal is None else principal},
            "Action": node.text("action") or "events:PutEvents",
            "Resource": arn,
        }
        if isinstance(condition, Unknown):
            return parse_policy(condition, origin)
        if condition is not None:
            kind, key, value = (condition.text(name) for name in ("type", "key", "value"))
            if not isinstance(kind, str) or not isinstance(key, str):
                return parse_policy(condition.why(), origin)
            statement["Condition"] = {kind: {key: value}}
    except MalformedError:
        return parse_policy(None, origin)
    return parse_policy({"Version": "2012-10-17", "Statement": [statement]}, origin)


def _block(node: Node, key: str) -> Node | Unknown | None:
    return node.block(key, computed=True)


def _in_block(node: Node, block: str, key: str) -> Text | Unknown | None:
    found = _block(node, block)
    return found.text(key, to="arn") if isinstance(found, Node) else found


def _own_key(key: Text | Unknown | None) -> Text | Unknown | None:
    """Give a customer-managed key; None for those of AWS (`alias/aws/sqs`)."""
    if isinstance(key, str) and "alias/aws/" in key:
        return None
    return key if key != "" else None
