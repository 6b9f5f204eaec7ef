"""`covers` against an obvious twin: whole texts decided as CloudTrail's documentation reads, and holes never decided wrongly."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estates import DENIED, function, trail

from buckler.model.text import Hole, Partial, join
from buckler.model.unknown import Undecided, Unknown
from buckler.model.watch import EventSelector, FieldSelector
from buckler.reach.trails import covers_all, is_recorded


def covers(seen, of, organizations=()):
    return is_recorded(of, (seen,), organizations)


ACCOUNTS = ("123456789012", "210987654321")
REGIONS = ("eu-west-1", "us-east-1")

# Texts of few letters, so that equal, prefix and suffix all happen often; a hole may hold any of them.
plain = st.text(alphabet="ab", max_size=3)
piece = st.one_of(plain, st.sampled_from([Hole(ref="X"), Hole(ref="Y")]))
texts = st.lists(piece, max_size=3).map(lambda pieces: join(*pieces))
values = st.lists(texts, max_size=2).map(tuple)

operators = st.fixed_dictionaries(
    dict.fromkeys(("equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with"), values)
)
arns = operators.map(lambda ops: FieldSelector(field="resources.ARN", **ops))
others = st.sampled_from(
    [
        FieldSelector(field="readOnly", equals=("true",)),
        FieldSelector(field="readOnly", equals=("false",)),
        FieldSelector(field="eventName", equals=("Invoke",)),
        FieldSelector(field="eventName", not_equals=("Invoke",)),
        FieldSelector(field="eventName", starts_with=("Inv",)),
        FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)),
        FieldSelector(field="resources.type", equals=("AWS::S3::Object",)),
        FieldSelector(field="eventCategory", equals=("Data",)),
    ]
)
DATA = (
    FieldSelector(field="eventCategory", equals=("Data",)),
    FieldSelector(field="resources.type", equals=("AWS::Lambda::Function",)),
)
advanced = st.tuples(st.sampled_from([DATA, DATA, DATA, ()]), st.lists(st.one_of(arns, arns, others), max_size=2)).map(
    lambda pair: EventSelector(fields=(*pair[0], *pair[1]))
)
basic = st.builds(
    EventSelector,
    lambda_arns=st.lists(st.one_of(texts, st.just("arn:aws:lambda")), max_size=2).map(tuple),
    read_write=st.sampled_from(["All", "ReadOnly", "WriteOnly"]),
)
# Mostly a running trail of this account that was read whole: the selectors are what is hard.
flags = st.sampled_from([True, True, True, True, True, False, DENIED])


selectors_of_a_trail = st.lists(st.one_of(advanced, basic), min_size=1, max_size=2).map(tuple)


@st.composite
def trails(draw):
    return trail(
        account=draw(st.sampled_from((ACCOUNTS[0], *ACCOUNTS, ACCOUNTS[0]))),
        home_region=draw(st.sampled_from(REGIONS)),
        is_logging=draw(flags),
        is_multi_region=draw(flags),
        selectors=draw(st.one_of(selectors_of_a_trail, selectors_of_a_trail, selectors_of_a_trail, st.just(DENIED))),
    )


EVENT = {"eventCategory": "Data", "resources.type": "AWS::Lambda::Function", "readOnly": "false", "eventName": "Invoke"}


def obvious(seen, fn):
    """CloudTrail's rules over whole texts, one sentence each."""
    if not seen.is_logging or seen.account != fn.account:
        return False
    if not seen.is_multi_region and seen.home_region != fn.region:
        return False
    return any(matches(selector, fn.arn) for selector in seen.selectors)


def matches(selector, arn):
    if not selector.fields:
        named = "arn:aws:lambda" in selector.lambda_arns or arn in selector.lambda_arns
        return named and selector.read_write != "ReadOnly"
    names = [field.field for field in selector.fields]
    if "eventCategory" not in names or "resources.type" not in names:
        return False
    for field in selector.fields:
        value = arn if field.field == "resources.ARN" else EVENT[field.field]
        selects = [value == one for one in field.equals]
        selects += [value.startswith(one) for one in field.starts_with]
        selects += [value.endswith(one) for one in field.ends_with]
        deselects = [value == one for one in field.not_equals]
        deselects += [value.startswith(one) for one in field.not_starts_with]
        deselects += [value.endswith(one) for one in field.not_ends_with]
        if (selects and not any(selects)) or any(deselects):
            return False
    return True


def fill(text, holes):
    if isinstance(text, Partial):
        return "".join(part if isinstance(part, str) else holes[part.ref] for part in text.parts)
    return text


def settle(seen, holes, flag, selectors):
    """One world that the trail may be in: every hole filled, every unread fact told."""

    def told(value, instead):
        return instead if isinstance(value, Unknown) else value

    def whole(selector):
        fields = tuple(
            FieldSelector(field=one.field, **{name: tuple(fill(v, holes) for v in getattr(one, name)) for name in OPERATORS})
            for one in selector.fields
        )
        arns = tuple(fill(one, holes) for one in selector.lambda_arns)
        return EventSelector(fields=fields, lambda_arns=arns, read_write=selector.read_write)

    return trail(
        account=seen.account,
        home_region=seen.home_region,
        is_logging=told(seen.is_logging, flag),
        is_multi_region=told(seen.is_multi_region, flag),
        selectors=tuple(whole(one) for one in told(seen.selectors, selectors)),
    )


OPERATORS = ("equals", "starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with")
worlds = st.tuples(
    st.fixed_dictionaries({"X": plain, "Y": plain}), st.booleans(), st.lists(st.one_of(advanced, basic), max_size=2).map(tuple)
)


@settings(max_examples=1000)
@given(seen=trails(), arn=texts, world=worlds)
def test_what_is_decided_holds_in_every_world(seen, arn, world):
    holes, flag, selectors = world
    truth = obvious(settle(seen, holes, flag, selectors), function(arn=fill(arn, holes)))
    try:
        answer = covers(seen, function(arn=arn))
    except Undecided:
        return
    assert answer is truth


@given(seen=trails(), arn=plain, world=worlds)
def test_whole_texts_are_always_decided(seen, arn, world):
    settled = settle(seen, *world)
    assert covers(settled, function(arn=arn)) is obvious(settled, function(arn=arn))


@given(seen=trails(), arn=texts)
def test_what_covers_all_covers_each(seen, arn):
    fn = function(arn=arn)
    if covers_all(seen, fn.account, fn.region):
        assert covers(seen, fn)
