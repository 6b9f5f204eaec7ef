import itertools
import json

import jsonschema
import msgspec
import pytest
from tests.report import blasts

from buckler.model.graph import Blast
from buckler.model.layers import Layers, Unread
from buckler.model.origin import ApiOrigin
from buckler.model.policy import parse_policy
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown, UnknownKind
from buckler.report.blast_json import document, schema
from buckler.report.blast_json import json as written
from buckler.report.blast_shape import BlastDocument

every = pytest.mark.parametrize("blast", [pytest.param(make(), id=name) for name, make in blasts.ALL.items()])


def decoded(blast):
    return json.loads(written(blast))


def test_the_published_schema_is_current(request):
    path = request.config.rootpath / "docs/reference/blast.schema.json"
    assert json.loads(path.read_text()) == schema(), "regenerate it: python -m buckler.report.blast_json"


@every
def test_what_is_written_validates_and_decodes_into_its_own_types(blast):
    jsonschema.Draft202012Validator(schema()).validate(decoded(blast))
    assert msgspec.json.decode(written(blast), type=BlastDocument).schema == "buckler/blast/1"


def test_the_schema_can_fail():
    wrong = decoded(blasts.small())
    wrong["touches"][0]["harm"] = "apocalyptic"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(wrong)


@every
def test_every_path_is_there_step_by_step(blast):
    whole = decoded(blast)
    listed = [*zip(whole["reached_by"], blast.reached_by, strict=True), *zip(whole["becomes"], blast.becomes, strict=True)]
    listed += zip(whole["touches"], blast.touches, strict=True)
    for part, one in listed:
        steps = [whole["steps"][at] for at in part["path"]]
        assert [step["kind"] for step in steps] == [edge.kind for edge in one.path.edges]
        for before, after in itertools.pairwise(steps):
            assert before["target"] == after["source"]


def test_a_step_has_its_request_and_the_statement_that_allows_it():
    whole = decoded(blasts.typical())
    step = next(one for one in whole["steps"] if one["what"] == "assumes `break-glass`")
    assert step["proof"][0]["requests"] == [
        {
            "principal": "arn:aws:iam::123456789012:role/shop-checkout-execution-role",
            "action": "sts:AssumeRole",
            "resource": "arn:aws:iam::123456789012:role/break-glass",
            "context": {},
        }
    ]
    assert step["statements"][0]["note"] == "statement `Grant` allows sts:AssumeRole"
    assert step["only_if"] == ["aws:MultiFactorAuthPresent is true"]
    assert not step["certain"]
    [at] = step["proof"][0]["layers"]["identity"]
    assert whole["policies"][at]["document"]["Statement"][0]["Sid"] == "Grant"


def test_what_is_shared_is_written_once():
    whole = decoded(blasts.large())
    assert len({json.dumps(step) for step in whole["steps"]}) == len(whole["steps"])
    assert len({json.dumps(policy) for policy in whole["policies"]}) == len(whole["policies"])
    assert sum(step["kind"] == "runs-as" for step in whole["steps"]) == 1


def test_equal_steps_of_different_making_are_one():
    one, again = blasts.typical(), blasts.typical()
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    assert document(Blast(**{**fields, "touches": again.touches})) == document(one)


def test_every_layer_is_told():
    """Nothing that has a say in a request is left out: a reader can replay it."""
    origin = ApiOrigin(call="iam:GetPolicy", arn="x")

    def policy(sid):
        return parse_policy({"Statement": {"Sid": sid, "Effect": "Allow", "Action": "*", "Resource": "*"}}, origin, name=sid)

    unknown = Unknown(kind=UnknownKind.DENIED, why="w", need="n")
    layers = Layers(
        identity=(policy("identity"),), resource=policy("resource"), boundary=policy("boundary"), session=(policy("session"),),
        scp=((policy("scp"),), ()), rcp=((policy("rcp"),),), endpoint=policy("endpoint"), resource_account="1", blocks_public=True,
        grants=(Grant(grantee="g", operations=("Decrypt",), context_equals=(("a", "b"),)),), unread=(Unread(layer="scp", unknown=unknown),),
    )  # fmt: skip
    blast = blasts.small()
    edge = blast.touches[0].path.edges[-1]
    proof = msgspec.structs.replace(edge.proof[0], layers=layers)
    changed = msgspec.structs.replace(edge, proof=(proof,))
    touch = msgspec.structs.replace(blast.touches[0], path=msgspec.structs.replace(blast.touches[0].path, edges=(changed,)))
    whole = decoded(msgspec.structs.replace(blast, touches=(touch,)))
    told = whole["steps"][-1]["proof"][0]["layers"]
    name = [one["name"] for one in whole["policies"]]
    assert set(told) == set(Layers.__struct_fields__)
    assert [name[told[layer]] for layer in ("resource", "boundary", "endpoint")] == ["resource", "boundary", "endpoint"]
    assert [[name[at] for at in told[layer]] for layer in ("identity", "session")] == [["identity"], ["session"]]
    assert [[name[at] for at in level] for level in told["scp"]] == [["scp"], []]
    assert told["grants"] == [{"grantee": "g", "operations": ["Decrypt"], "context_equals": {"a": "b"}, "context_subset": {}}]
    assert told["unread"] == [{"layer": "scp", "unknown": {"why": "w", "need": "n", "kind": "denied"}}]


def test_no_session_is_not_a_session_that_grants_nothing():
    told = [step["proof"][0]["layers"]["session"] for step in decoded(blasts.small())["steps"] if step["proof"]]
    assert told == [None, None, None]


def test_hostile_names_cannot_move_a_cursor():
    assert all(line.isprintable() for line in written(blasts.hostile()).split("\n"))
