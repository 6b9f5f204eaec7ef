from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import TODAY, allow, function, policy, role, scope

from buckler.checks import run
from buckler.checks.vpc_endpoint_policy_open import vpc_endpoint_policy_open as check
from buckler.fixes.plan import make_plan
from buckler.fixes.prove import Verdict
from buckler.model.fix import Wishes
from buckler.model.progress import Silent
from buckler.reach.analysis import Analysis

OPEN = policy({**allow("*"), "Principal": "*"})


def test_only_the_account_and_what_is_its_own():
    net = Net("endpoint vpce-1 com.amazonaws.eu-west-1.s3 app")
    endpoints = tuple(replace(one, policy=OPEN) for one in net.estate.endpoints)
    estate = replace(net.estate, endpoints=endpoints, functions=(function(vpc=net.vpc_config),), roles=(role(),), scopes=(scope(),))

    def judge(about, _checks):
        answers = run([check], Analysis(about, today=TODAY))
        return Verdict(findings=answers.findings, gaps=answers.gaps)

    (fix,) = make_plan(Analysis(estate, today=TODAY), judge(estate, ()).findings, Wishes(), judge, Silent()).fixes
    (edit,) = fix.edits
    account = estate.endpoints[0].account
    assert fix.proof.verdict == "proved"
    assert edit.before["Statement"] == [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]
    assert edit.after["Statement"][0]["Condition"] == {"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}}
