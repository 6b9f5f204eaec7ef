import base64

import pytest
from msgspec.structs import replace
from tests import aws
from tests.estates import ACCOUNT, REGION, TODAY, analysis, code_signing_config, function, signing_profile
from tests.estates import layer as layer_version
from tests.fixes import leaky
from tests.fixes.remedies import mends, planned, setting

from buckler.app import fixing
from buckler.checks.code_signing_missing import code_signing_missing as check
from buckler.demo.shop.signer import Signer
from buckler.fixes.plan import make_plan
from buckler.model.fix import ApiEdit, SignEdit, SignLayerEdit, Wishes
from buckler.model.functions import LayerRef, RuntimeManagement
from buckler.model.progress import Silent

PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release/abc"
CONFIG = code_signing_config(untrusted_artifact_on_deployment="Enforce", publishers=(PROFILE,))
DIGEST = base64.b64encode(bytes(32)).decode()
PINNED = RuntimeManagement(update_on="FunctionUpdate")
UNSIGNED = function(code_signing_config=None, code_sha256=DIGEST, runtime_management=PINNED)
SIGNED = function(code_signing_config=None, signing_profile_version_arn=PROFILE, runtime_management=PINNED)


def test_signed_code_is_held_to_it():
    fix = planned(check, SIGNED, CONFIG)
    (edit,) = fix.edits
    assert (fix.proof.verdict, setting(fix)) == ("proved", (None, CONFIG.arn))
    assert (edit.do.operation, edit.undo.operation) == ("PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig")


def test_unsigned_code_has_to_be_signed_first():
    fix = planned(check, UNSIGNED, CONFIG, signing_profile=PROFILE)
    assert fix.proof.why.startswith("what runs is not signed yet; a profile and a bucket")
    fix = planned(check, UNSIGNED, CONFIG, signing_profile=PROFILE, signing_bucket="signed")
    assert (fix.proof.verdict, [type(edit) for edit in fix.edits]) == ("proved", [SignEdit, ApiEdit])
    assert fix.edits[0].key == f"buckler/{UNSIGNED.name}/{'00' * 32}.zip"


def test_layers_that_nobody_signed_are_copied_and_signed():
    layer = LayerRef(arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:utils:3", origin=UNSIGNED.origin)
    fix = planned(check, replace(UNSIGNED, layers=(layer,)), CONFIG, signing_profile=PROFILE, signing_bucket="signed")
    assert "the layer `utils:3` is not signed either, and these credentials may not fetch it" in fix.proof.why
    version = layer_version(layer.arn, code_sha256=DIGEST)
    two = (replace(layer, arn=layer.arn.replace("utils", "first"), signing_profile_version_arn=PROFILE), layer)
    fix = planned(check, replace(UNSIGNED, layers=two), version, CONFIG, signing_profile=PROFILE, signing_bucket="signed")
    assert (fix.proof.verdict, [type(edit) for edit in fix.edits]) == ("proved", [SignEdit, SignLayerEdit, ApiEdit, ApiEdit]), fix.proof.why
    # In what order they are laid over each other counts, and what is signed stays.
    assert fix.edits[2].after == [two[0].arn, f"{{the signed copy of {layer.arn}}}"]
    gone = replace(version, exists=False)
    fix = planned(check, replace(UNSIGNED, layers=(layer,)), gone, CONFIG, signing_profile=PROFILE, signing_bucket="signed")
    assert "does not exist any more" in fix.proof.why
    signed = replace(layer, signing_profile_version_arn=PROFILE)
    fix = planned(check, replace(UNSIGNED, layers=(signed,)), CONFIG, signing_profile=PROFILE, signing_bucket="signed")
    assert fix.proof.verdict == "proved"


@pytest.mark.parametrize(
    ("why", "code", "profile"),
    [
        ("its digest was not told", None, {}),
        ("is of 123456789012 eu-central-1", DIGEST, {"wish": PROFILE.replace(REGION, "eu-central-1")}),
        ("the current version of a profile, which is", DIGEST, {"version_arn": f"{PROFILE}e"}),
        ("the profile `release` is not active", DIGEST, {"status": "Canceled"}),
    ],
)
def test_what_cannot_be_signed_is_told_why(why, code, profile):
    wish = profile.pop("wish", PROFILE)
    known = signing_profile(**{"version_arn": PROFILE, **profile})
    fix = planned(check, function(code_signing_config=None, code_sha256=code), known, signing_profile=wish, signing_bucket="signed")
    assert why in fix.proof.why


def test_a_configuration_that_trusts_others_is_none():
    fix = planned(check, SIGNED, code_signing_config(publishers=(f"{PROFILE}d",)))
    assert fix.proof.why == f"the code is signed by `{PROFILE}`, and no configuration trusts that"
    assert "--signing-profile" in fix.summary


def test_nobodys_code_is_trusted_but_that_of_the_profile_that_was_named():
    fix = planned(check, SIGNED, signing_profile=f"{PROFILE}d")
    assert fix.proof.why == f"the code is signed by `{PROFILE}`, and you named another"


def test_one_is_made_for_the_profile_that_was_named():
    fix = planned(check, SIGNED, signing_profile=PROFILE)
    assert fix.proof.verdict == "proved", fix.proof.why
    assert [(edit.do.operation, edit.undo.operation) for edit in fix.edits] == [
        ("CreateCodeSigningConfig", "DeleteCodeSigningConfig"),
        ("PutFunctionCodeSigningConfig", "DeleteFunctionCodeSigningConfig"),
    ]
    made = fix.edits[0].do.parameters
    assert made["AllowedPublishers"] == {"SigningProfileVersionArns": [PROFILE]}
    assert made["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}


def test_the_runtime_is_pinned_where_it_would_be_what_nobody_signed():
    auto = function(code_signing_config=None, signing_profile_version_arn=PROFILE, runtime_management=RuntimeManagement(update_on="Auto"))
    (alone, _), (pinned,) = (mends(check, one, signing_profile=PROFILE) for one in (SIGNED, auto))
    assert [edit.do.operation for edit in pinned.edits] == [*(edit.do.operation for edit in alone.edits), "PutRuntimeManagementConfig"]
    assert len(pinned.lost) == 2


def test_two_functions_share_what_is_made_and_undoing_leaves_what_others_use(tmp_path):
    server = aws.fresh()
    lam = aws.client("lambda", server.endpoint)
    wanted = aws.client("signer", server.endpoint).put_signing_profile(profileName="release", platformId="AWSLambda-SHA384-ECDSA")
    profile = wanted["profileVersionArn"]
    code = Signer().sign({"app.py": b"def handler(e, c): ...\n"}, profile, f"arn:aws:signer:{aws.REGION}:{aws.SHOP}:/signing-jobs/1")
    role = f"arn:aws:iam::{aws.SHOP}:role/r"
    for name in ("orders", "mail"):
        lam.create_function(FunctionName=name, Role=role, Runtime="python3.14", Handler="app.handler", Code={"ZipFile": code})
    lam.create_function(FunctionName="plain", Role=role, Runtime="python3.14", Handler="app.handler", Code={"ZipFile": aws.zipped()})
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = fixing.plan_fixes((before,), replace(leaky.OPTIONS, only=(check.id,)), Wishes(signing_profile=profile))
        assert {fix.name: fix.proof.verdict for fix in plan.fixes} == {"orders": "proved", "mail": "proved", "plain": "advice"}
        made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
        assert made.refused == ()
        after = leaky.read()
        (config,) = after.code_signing_configs
        assert {one.name: one.code_signing_config for one in after.functions} == {"orders": config.arn, "mail": config.arn, "plain": None}
        assert {one.name: one.runtime_management.update_on for one in after.functions}["orders"] == "FunctionUpdate"
        found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (after, before))
        assert found == first - {fix.fingerprint for fix in plan.fixes if fix.edits}
        # Somebody puts another function under it.
        lam.put_function_code_signing_config(FunctionName="plain", CodeSigningConfigArn=config.arn)
        undone = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK)
        assert [why for _, why in undone.refused] == ["it stays: it holds functions by now, which buckler never deletes"]
        lam.delete_function_code_signing_config(FunctionName="plain")
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_what_all_checks_say_counts():
    def verdict_with(**profile):
        about = analysis(SIGNED, signing_profile(version_arn=PROFILE, **profile))
        judge = fixing.judge_on(TODAY)
        found = judge(about.estate, (check.id,)).findings
        (fix,) = make_plan(about, found, Wishes(signing_profile=PROFILE), judge, Silent()).fixes
        return fix.proof

    assert verdict_with().verdict == "proved"
    assert "signing-profile-revoked" in verdict_with(status="Revoked").why
    assert "signing-profile-expiring" in verdict_with(signature_validity_days=10).why
