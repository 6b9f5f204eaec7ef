"""Whatever a blast holds, it can be shown: also paths that make no sense, which only a bug elsewhere would give."""

import json
import random
import xml.etree.ElementTree as ET

import pytest
from tests.report import blasts

from buckler.model.graph import Become, Blast, Edge, Node, Path, Reacher, Touch
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown, UnknownKind
from buckler.report import Context
from buckler.report.blast import render_blast
from buckler.report.picture_fold import fold
from buckler.report.picture_graph import sketch
from buckler.report.picture_layout import arrange

_ODD = [
    "",
    " ",
    "a",
    "\x00",
    "\ud800",
    "\u202e",
    "<&>'\"",
    "]]>",
    "`",
    "``",
    "ﷺ" * 9,
    "日本語" * 30,
    "x" * 3000,
    "-_/" * 80,
    "\n",
    "שלום",
    "e\u0301" * 50,
]
_KINDS = ("role", "user", "function", "bucket", "secret", "account", "resource", "administrator")


class _Dice:
    """A blast out of nothing: what points nowhere, circles, and names as nobody would choose them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - the same blasts every time
        self.function, self.role = blasts.node("function", "f"), blasts.node("role", "r")

    def some(self, make, most):
        return tuple(make() for _ in range(self.dice.randrange(most + 1)))

    def word(self):
        return self.dice.choice(_ODD)

    def node(self):
        kind, number = self.dice.choice(_KINDS), self.dice.randrange(12)
        return Node(id=f"{kind}:{number}", kind=kind, name=self.word(), account=str(number), count=self.dice.randint(1, 3))

    def identity(self):
        return self.dice.choice([self.function.id, f"{self.function.id}:live", self.role.id, "internet", self.node().id, self.word()])

    def unknown(self):
        return Unknown(kind=UnknownKind.DENIED, why=self.word(), need=self.word())

    def edge(self):
        kind = self.dice.choice(["invoke", "runs-as", "assume", "escalate", "change-code", "read"])
        only_if, unread = self.some(self.word, 1), self.some(self.unknown, 1)
        return Edge(source=self.identity(), target=self.identity(), kind=kind, what=self.word(), only_if=only_if, unread=unread)

    def path(self):
        return Path(edges=self.some(self.edge, 4))

    def harm(self):
        return self.dice.choice(list(Severity))

    def touch(self):
        return Touch(node=self.node(), access=("read",), via=self.identity(), path=self.path(), harm=self.harm())

    def blast(self):
        return Blast(
            function=self.function,
            reached_by=self.some(lambda: Reacher(node=self.node(), path=self.path()), 18),
            runs_as=self.dice.choice([None, self.role]),
            becomes=self.some(lambda: Become(node=self.node(), path=self.path(), is_administrator=self.dice.random() < 0.2), 18),
            touches=self.some(self.touch, 18),
            worst=self.harm(),
            summary=self.word(),
            gaps=self.some(self.unknown, 3),
        )


@pytest.mark.parametrize("seed", range(60))
def test_every_blast_can_be_shown(seed):
    blast = _Dice(seed).blast()
    ET.fromstring(render_blast("svg", blast, Context()).encode("utf-8"))  # noqa: S314 - our own text
    json.loads(render_blast("json", blast, Context()))
    for width in (20, 80, 200):
        assert all(line.isprintable() for line in render_blast("console", blast, Context(width=width)).split("\n"))


@pytest.mark.parametrize("seed", range(60))
def test_every_box_has_a_place_of_its_own_every_link_two_ends_and_nothing_is_lost(seed):
    blast = _Dice(seed).blast()
    whole, drawn = sketch(blast), fold(sketch(blast))
    layout = arrange(drawn, 1200, 100)
    assert set(layout.boxes) == set(drawn.boxes) == set(layout.labels)
    places = [*layout.boxes.values(), *layout.lanes.values()]
    for index, one in enumerate(places):
        assert one.y + one.height <= layout.bottom + 0.2
        for other in places[index + 1 :]:
            assert one.right <= other.x or other.right <= one.x or one.y + one.height <= other.y or other.y + other.height <= one.y
    assert {end for link in drawn.links for end in link} <= set(drawn.boxes)
    for column in range(5):
        assert sum(box.number for box in drawn.column(column)) == sum(box.number for box in whole.column(column))
    labels = {link.label for link in whole.links.values()}
    assert {link.label for link in drawn.links.values()} <= {"", *labels}
