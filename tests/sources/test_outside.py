from buckler.sources.outside import OUTSIDE, outside


def test_what_is_the_accounts_is_missing_once_and_the_rest_in_each_region():
    listed = list(outside("a plan", [("1", "eu-west-1"), ("1", "us-east-1"), ("2", "eu-west-1")]))
    places = {name: [(one.account, one.region) for one in listed if one.collection == name] for name in OUTSIDE}
    assert places["groups"] == places["users"] == places["organizations"] == [("1", ""), ("2", "")]
    assert places["trails"] == [("1", "eu-west-1"), ("1", "us-east-1"), ("2", "eu-west-1")]
    assert listed[0].unknown.why == "a plan does not tell of the trails of the account"
