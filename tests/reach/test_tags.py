"""Conditions on tags, and attackers who may set them."""

import pytest
from msgspec.structs import replace
from tests.reach.attack import ACCOUNT, allow, arn, can, deny, graph, trust, user
from tests.reach.test_graph import ADMIN, ANN, ME, is_certain, replays, steps

from buckler.model.iam import Tag

ROTATE = allow(["iam:CreateAccessKey", "iam:DeleteAccessKey"], Condition={"StringEquals": {"aws:ResourceTag/developer": "true"}})
BOSS = arn("user", "boss")


def tagged(identity, **tags):
    return replace(identity, tags=tuple(Tag(key=key, value=value) for key, value in tags.items()))


class TestOfOthers:
    """CloudGoat's key rotation: access keys of users that carry a tag, and everybody may be given it."""

    def there(self, *statements, **tags):
        return graph(user("ann", ROTATE, *statements), tagged(user("boss", allow("*")), **tags))

    def test_a_tag_that_may_be_there_is_a_condition(self):
        there = self.there()
        assert steps(there, ANN, ADMIN) == ["makes an access key for `boss`", f"may change every permission in {ACCOUNT}"]
        assert not is_certain(there, ANN, ADMIN)

    @pytest.mark.parametrize("tags", [{}, {"developer": "false"}], ids=["absent", "another"])
    def test_a_tag_that_may_be_set_is_none(self, tags):
        there = self.there(allow("iam:TagUser"), **tags)
        assert (
            steps(there, ANN, ADMIN)[0]
            == "sets the tag developer = true and makes an access key for `boss`, after deleting one if there are two"
        )
        assert is_certain(there, ANN, ADMIN)
        walk = there.walk([ANN])
        edge = there.way(walk, BOSS).edges[0]
        assert [witness.requests[0].action for witness in edge.proof] == [
            "iam:TagUser",
            "iam:CreateAccessKey",
            "iam:DeleteAccessKey",
        ]
        assert all(replays(witness) for witness in edge.proof)

    @pytest.mark.parametrize(
        "statement",
        [
            allow("iam:TagUser", arn("user", "ann")),
            allow("iam:TagUser", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            allow("iam:TagUser", Condition={"StringEquals": {"aws:RequestTag/developer": "no"}}),
            deny("iam:TagUser"),
            allow("iam:TagRole"),
        ],
        ids=["another-user", "another-key", "another-value", "denied", "another-kind"],
    )
    def test_where_it_may_not_be_set_another_tag_keeps_it_out(self, statement):
        assert steps(self.there(statement, developer="false"), ANN, ADMIN) == []

    def test_whole_classes_are_tagged_at_once(self):
        users = [tagged(user(f"u{number}"), developer="false") for number in range(40)]
        there = graph(user("ann", ROTATE, allow("iam:TagUser")), *users)
        walk = there.walk([ANN])
        assert {one.arn for one in users} <= walk.certain


class TestOfItsOwn:
    """A policy for whoever carries a tag, and a role that may tag itself."""

    OPEN = allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "platform"}})

    def test_it_tags_itself(self):
        there = graph(can("me", self.OPEN, allow("iam:TagRole", ME)))
        assert steps(there, ME, ADMIN) == ["gives itself tags that conditions ask for", f"may change every permission in {ACCOUNT}"]
        assert is_certain(there, ME, ADMIN)
        edges = there.way(there.walk([ME]), ADMIN).edges
        assert all(replays(witness) for edge in edges for witness in edge.proof)
        assert "iam:TagRole" in [request.action for witness in edges[-1].proof for request in witness.requests]

    @pytest.mark.parametrize(
        "statement",
        [
            allow("iam:TagRole", arn("role", "else")),
            allow("iam:TagUser"),
            allow("iam:TagRole", Condition={"StringEquals": {"aws:RequestTag/team": ["web", "data"]}}),
        ],
        ids=["another-role", "another-kind", "another-value"],
    )
    def test_what_it_may_not_set_opens_nothing(self, statement):
        assert steps(graph(can("me", self.OPEN, statement)), ME, ADMIN) == []

    def test_a_trust_that_asks_for_a_tag(self):
        wanted = trust(aws=f"arn:aws:iam::{ACCOUNT}:root", Condition={"StringEquals": {"aws:PrincipalTag/team": "platform"}})
        there = graph(user("ann", allow("sts:AssumeRole"), allow("iam:TagUser", ANN)), can("boss", allow("*"), trust=wanted))
        assert steps(there, ANN, ADMIN)[-2:] == [
            "sets the tag team = platform and assumes `boss`",
            f"may change every permission in {ACCOUNT}",
        ]
        assert is_certain(there, ANN, ADMIN)

    def test_without_conditions_on_tags_nothing_is_gained(self):
        there = graph(can("me", allow("iam:TagRole", ME), allow("s3:*")))
        assert list(there.walk([ME]).steps) == [ME]
