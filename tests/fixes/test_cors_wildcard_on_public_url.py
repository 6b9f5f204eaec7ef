from tests.estates import LATEST, at, function, on, policy, url
from tests.fixes.remedies import planned, setting

from buckler.checks.cors_wildcard_on_public_url import cors_wildcard_on_public_url as check
from buckler.model.functions import Cors

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
CORS = Cors(
    allow_origins=("*",),
    allow_methods=("GET",),
    expose_headers=("x-id",),
    allow_credentials=True,
    max_age_s=60,
    origin=at("lambda:GetFunctionUrl"),
)
SHOP = function(urls=(url("NONE", cors=CORS), url("AWS_IAM", "live", cors=CORS)), policies=(on(LATEST, OPEN),))


def test_the_rest_of_the_settings_stays():
    fix = planned(check, SHOP, allow_origins=("https://shop.example", "https://beta.shop.example"))
    before, after = setting(fix)
    assert fix.proof.verdict == "proved"
    assert before == {"AllowOrigins": ["*"], "AllowMethods": ["GET"], "ExposeHeaders": ["x-id"], "AllowCredentials": True, "MaxAge": 60}
    assert after == {**before, "AllowOrigins": ["https://shop.example", "https://beta.shop.example"]}


def test_a_star_does_not_help():
    fix = planned(check, SHOP, allow_origins=("*",))
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "the finding would still be there")


def test_only_the_user_knows_whose_scripts():
    assert planned(check, SHOP).proof.why == "only you know whose scripts call it"
