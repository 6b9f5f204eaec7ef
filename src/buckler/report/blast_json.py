"""A blast radius as JSON: the contract for scripts, in the shape of `blast_shape.py`."""

from typing import Any

import msgspec

from buckler import __version__
from buckler.model.finding import Evidence, Witness
from buckler.model.graph import Blast, Edge, NetTouch, Node, Path
from buckler.model.layers import Layers
from buckler.model.origin import FileOrigin, place
from buckler.model.policy import Policy
from buckler.model.stores import Grant
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.report.as_json import dump
from buckler.report.blast_shape import (
    BLAST_SCHEMA,
    BecomePart,
    BlastDocument,
    GrantPart,
    LayersPart,
    NetTouchPart,
    NodePart,
    PolicyPart,
    ProofPart,
    ReacherPart,
    StepPart,
    TouchPart,
    UnknownPart,
    UnreadPart,
)
from buckler.report.blast_words import worst_path
from buckler.report.policy_json import policy_document
from buckler.report.shape import ApiPlace, EvidencePart, FilePlace, RequestPart


def json(blast: Blast) -> str:
    """Write the document, two spaces deep, keys in the order of the types."""
    return dump(document(blast)) + "\n"


def document(blast: Blast) -> BlastDocument:
    """Put *blast* into the published shape."""
    tables = Tables()
    worst = worst_path(blast)
    return BlastDocument(
        schema=BLAST_SCHEMA,
        version=__version__,
        function=_node(blast.function),
        worst=blast.worst.value,
        summary=blast.summary,
        runs_as=None if blast.runs_as is None else _node(blast.runs_as),
        reached_by=tuple(ReacherPart(node=_node(one.node), path=tables.path(one.path)) for one in blast.reached_by),
        becomes=tuple(
            BecomePart(node=_node(one.node), administrator=one.is_administrator, path=tables.path(one.path)) for one in blast.becomes
        ),
        touches=tuple(
            TouchPart(node=_node(one.node), access=one.access, via=one.via, harm=one.harm.value, path=tables.path(one.path))
            for one in blast.touches
        ),
        reaches=tuple(map(_reached, blast.reaches)),
        gaps=tuple(map(unknown_part, blast.gaps)),
        worst_path=tuple(tables.step(edge) for edge in (*worst.way_in, *worst.onward)),
        steps=tuple(tables.steps),
        policies=tuple(tables.policies),
    )


def schema() -> dict[str, Any]:
    """Generate the JSON Schema of the document."""
    body = msgspec.json.schema(BlastDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": BLAST_SCHEMA, **body}


class Tables:
    """Steps and policies, each written once."""

    def __init__(self) -> None:
        self.steps: list[StepPart] = []
        self.policies: list[PolicyPart] = []
        self._step_at: dict[int, int] = {}
        self._policy_at: dict[int, int] = {}
        self._equal_steps: dict[Edge, int] = {}
        self._equal_policies: dict[Policy, int] = {}

    def path(self, path: Path) -> tuple[int, ...]:
        return tuple(map(self.step, path.edges))

    def step(self, edge: Edge) -> int:
        # By identity first: a step holds all its policies, which are long to compare. The blast keeps the objects alive.
        at = self._step_at.get(id(edge))
        if at is None:
            at = self._equal_steps.setdefault(edge, len(self.steps))
            if at == len(self.steps):
                self.steps.append(self._write(edge))
            self._step_at[id(edge)] = at
        return at

    def _write(self, edge: Edge) -> StepPart:
        return StepPart(
            source=edge.source,
            target=edge.target,
            kind=edge.kind,
            technique=edge.technique,
            what=edge.what,
            statements=tuple(map(_evidence, edge.evidence)),
            proof=tuple(self._proof(witness) for witness in edge.proof if witness.requests),
            only_if=edge.only_if,
            unread=tuple(map(unknown_part, edge.unread)),
            certain=not (edge.only_if or edge.unread),
        )

    def _policy(self, policy: Policy) -> int:
        at = self._policy_at.get(id(policy))
        if at is None:
            at = self._equal_policies.setdefault(policy, len(self.policies))
            if at == len(self.policies):
                self.policies.append(PolicyPart(name=policy.name, place=place(policy.origin), document=policy_document(policy)))
            self._policy_at[id(policy)] = at
        return at

    def _optional(self, policy: Policy | None) -> int | None:
        return None if policy is None else self._policy(policy)

    def _all(self, policies: tuple[Policy, ...]) -> tuple[int, ...]:
        return tuple(map(self._policy, policies))

    def _proof(self, witness: Witness) -> ProofPart:
        return ProofPart(
            requests=tuple(
                RequestPart(
                    principal=request.principal,
                    action=request.action,
                    resource=request.resource,
                    context={entry.key: entry.values for entry in request.context},
                )
                for request in witness.requests
            ),
            policies=self._all(witness.policies),
            layers=None if witness.layers is None else self._layers(witness.layers),
            expect=witness.expect,
        )

    def _layers(self, layers: Layers) -> LayersPart:
        return LayersPart(
            identity=self._all(layers.identity),
            resource=self._optional(layers.resource),
            boundary=self._optional(layers.boundary),
            session=None if layers.session is None else self._all(layers.session),
            scp=tuple(map(self._all, layers.scp)),
            rcp=tuple(map(self._all, layers.rcp)),
            endpoint=self._optional(layers.endpoint),
            grants=tuple(map(_grant, layers.grants)),
            resource_account=layers.resource_account,
            blocks_public=layers.blocks_public,
            unread=tuple(UnreadPart(layer=one.layer, unknown=unknown_part(one.unknown)) for one in layers.unread),
        )


def _node(node: Node) -> NodePart:
    return NodePart(id=node.id, kind=node.kind, name=node.name, account=node.account, region=node.region, count=node.count)


def _reached(one: NetTouch) -> NetTouchPart:
    return NetTouchPart(
        name=one.name,
        id=one.id,
        service=one.service,
        ports=one.ports,
        certain=one.is_sure,
        guard=one.guard,
        may=one.may,
        harm=one.harm.value,
        unknown=None if one.unknown is None else unknown_part(one.unknown),
    )


def unknown_part(unknown: Unknown) -> UnknownPart:
    return UnknownPart(why=unknown.why, need=unknown.need, kind=unknown.kind.value)


def _grant(grant: Grant) -> GrantPart:
    return GrantPart(
        grantee=shown(grant.grantee),
        operations=grant.operations,
        context_equals=dict(grant.context_equals),
        context_subset=dict(grant.context_subset),
    )


def _evidence(evidence: Evidence) -> EvidencePart:
    origin = evidence.origin
    part = (
        FilePlace(file=origin.file, line=origin.line, column=origin.column, path=origin.path)
        if isinstance(origin, FileOrigin)
        else ApiPlace(call=origin.call, arn=origin.arn, account=origin.account, region=origin.region)
    )
    return EvidencePart(place=place(origin), note=evidence.note, origin=part)


if __name__ == "__main__":
    import sys

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n")
