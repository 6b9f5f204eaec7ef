"""The credential formats that can be told by their looks, one line each.

A format is a literal that must occur (tested first, it is cheap), a pattern for the whole credential, how much of it is a public
prefix, and, where the issuer put one in, a check. Every quantifier is bounded, so that a search takes time linear in the text.
Prefixes, lengths and alphabets are facts from the issuers' documentation and secret-scanning partner pages, read 2026-11-25.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buckler.engines.secrets import verify
from buckler.model.severity import Confidence

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


@dataclass(frozen=True, slots=True)
class Format:
    """How one issuer's credential looks."""

    kind: str
    literal: str
    """Occurs in every such credential; nothing is searched where it does not."""
    pattern: re.Pattern[str]
    """Its group `s` is the secret part where the match has more (`AccountKey=...`)."""
    shows: int
    """How many leading characters of the match are the format's public prefix."""
    confidence: Confidence = HIGH
    judge: Callable[[str], Confidence | None] | None = None
    """Looks closer: the confidence, or None when it is not a credential after all."""


# A credential is not part of a longer word. Both ends are checked where the alphabet is known.
_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"


def _format(
    kind: str,
    literal: str,
    body: str,
    shows: int | None = None,
    confidence: Confidence = HIGH,
    judge: Callable[[str], Confidence | None] | None = None,
) -> Format:
    return Format(kind, literal, re.compile(_START + body + _END), len(literal) if shows is None else shows, confidence, judge)


def _anywhere(
    kind: str, literal: str, body: str, shows: int, confidence: Confidence = HIGH, judge: Callable[[str], Confidence | None] | None = None
) -> Format:
    return Format(kind, literal, re.compile(body), shows, confidence, judge)


FORMATS: tuple[Format, ...] = (
    # AWS. The 16 characters are base32; ids ending in EXAMPLE are the documentation's.
    _format("aws-access-key-id", "AKIA", r"AKIA[A-Z2-7]{16}", judge=verify.aws_key_id),
    _format("aws-temporary-access-key-id", "ASIA", r"ASIA[A-Z2-7]{16}", judge=verify.aws_key_id),
    _format("aws-bedrock-api-key", "ABSK", r"ABSK[A-Za-z0-9+/]{100,140}={0,2}"),
    _format("aws-bedrock-api-key", "bedrock-api-key-", r"bedrock-api-key-[A-Za-z0-9+/=_-]{40,2048}"),
    _anywhere("aws-presigned-url", "X-Amz-Signature=", r"X-Amz-Signature=(?P<s>[0-9a-f]{64})", 16, MEDIUM),
    # GitHub: 36 characters, the last six a checksum of the first thirty.
    *(_format("github-token", p, p + r"[A-Za-z0-9]{36}", judge=verify.crc32_tail) for p in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    _format("github-fine-grained-token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    *(
        _format("gitlab-token", p, p + r"[A-Za-z0-9_-]{20,64}(?:\.[0-9a-z]{2}\.[0-9a-z]{7,12})?")
        for p in ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "glft-")
    ),
    _format("bitbucket-token", "ATBB", r"ATBB[A-Za-z0-9]{32}", judge=verify.mixed),
    _format("atlassian-api-token", "ATATT3", r"ATATT3[A-Za-z0-9_=-]{60,220}"),
    # Chat.
    *(
        _format("slack-token", p, p + r"[A-Za-z0-9-]{10,250}", judge=verify.has_digits)
        for p in ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xapp-")
    ),
    _anywhere(
        "slack-webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9]{6,14}/[A-Za-z0-9]{6,14}/[A-Za-z0-9/]{16,80}",
        24,
        judge=verify.not_filler,
    ),
    _anywhere("discord-webhook", "/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/[0-9]{15,21}/[A-Za-z0-9_-]{50,100}", 0),
    _format("discord-bot-token", ".", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}", 0, judge=verify.discord),
    _anywhere(
        "teams-webhook",
        "webhook.office.com/",
        r"webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
        19,
    ),
    _format("telegram-bot-token", ":AA", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", 0),
    # Payment and commerce.
    *(_format("stripe-key", p, p + r"[A-Za-z0-9]{16,250}", judge=verify.not_filler) for p in ("sk_live_", "rk_live_")),
    *(_format("stripe-test-key", p, p + r"[A-Za-z0-9]{16,250}", None, MEDIUM, verify.not_filler) for p in ("sk_test_", "rk_test_")),
    _format("stripe-webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/]{24,80}={0,2}", judge=verify.not_filler),
    *(_format("square-token", p, p + r"[A-Za-z0-9_-]{22,60}") for p in ("sq0atp-", "sq0csp-")),
    _format("square-token", "EAAA", r"EAAA[A-Za-z0-9_-]{60}", confidence=MEDIUM, judge=verify.mixed),
    *(_format("shopify-token", p, p + r"[0-9a-fA-F]{32}") for p in ("shpat_", "shpss_", "shpca_", "shppa_")),
    # Mail and messages.
    _format("twilio-credentials", "AC", r"AC[0-9a-f]{32}:[0-9a-f]{32}"),
    _format("twilio-api-key", "SK", r"SK[0-9a-f]{32}", confidence=MEDIUM),
    _format("sendgrid-api-key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _format("mailgun-key", "key-", r"key-[0-9a-f]{32}"),
    _anywhere("mailgun-key", "-", r"(?<![0-9A-Za-z-])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![0-9A-Za-z-])", 0, MEDIUM),
    _format("mailchimp-api-key", "-us", r"[0-9a-f]{32}-us[0-9]{1,2}", 0),
    _format("brevo-api-key", "xkeysib-", r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _format("postman-api-key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _format("resend-api-key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}", confidence=MEDIUM),
    # Clouds.
    _format("google-api-key", "AIza", r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _format("google-oauth-token", "ya29.", r"ya29\.[A-Za-z0-9_-]{30,500}"),
    _format("google-oauth-client-secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _format("google-refresh-token", "1//0", r"1//0[A-Za-z0-9_-]{40,160}"),
    _anywhere("azure-storage-key", "AccountKey=", r"AccountKey=(?P<s>[A-Za-z0-9+/]{86}==)", 11),
    _anywhere("azure-shared-access-key", "SharedAccessKey=", r"SharedAccessKey=(?P<s>[A-Za-z0-9+/]{42,44}={0,2})", 16),
    _anywhere("azure-sas-signature", "sig=", r"[?&;]sig=(?P<s>[A-Za-z0-9%+/_-]{40,90}={0,2})", 0, judge=verify.mixed),
    _format("azure-client-secret", "8Q~", r"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}", 0),
    _format("digitalocean-token", "dop_v1_", r"dop_v1_[0-9a-f]{64}"),
    _format("digitalocean-token", "doo_v1_", r"doo_v1_[0-9a-f]{64}"),
    _format("alibaba-access-key-id", "LTAI", r"LTAI[A-Za-z0-9]{12,26}", confidence=MEDIUM, judge=verify.mixed),
    *(_format("planetscale-token", p, p + r"[A-Za-z0-9_.=-]{32,64}") for p in ("pscale_pw_", "pscale_tkn_", "pscale_oauth_")),
    _format("doppler-token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}", 3),
    *(_format("vault-token", p, p + r"[A-Za-z0-9_-]{24,220}", judge=verify.mixed) for p in ("hvs.", "hvb.", "hvr.")),
    _format("terraform-cloud-token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}", 0),
    _format("pulumi-token", "pul-", r"pul-[0-9a-f]{40}"),
    _format("heroku-api-key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{36,65}"),
    # Models.
    _format("anthropic-api-key", "sk-ant-", r"sk-ant-[a-z0-9]{3,10}-[A-Za-z0-9_-]{40,120}"),
    _format("openai-api-key", "sk-proj-", r"sk-proj-[A-Za-z0-9_-]{40,180}"),
    _format("openai-api-key", "sk-svcacct-", r"sk-svcacct-[A-Za-z0-9_-]{40,180}"),
    _format("openai-api-key", "T3BlbkFJ", r"sk-[A-Za-z0-9_-]{18,90}T3BlbkFJ[A-Za-z0-9_-]{18,90}", 3),
    _format("api-key", "sk-", r"sk-[A-Za-z0-9]{32,64}", confidence=MEDIUM, judge=verify.mixed),
    _format("openrouter-api-key", "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}"),
    _format("huggingface-token", "hf_", r"hf_[A-Za-z]{34}", judge=verify.mixed_case),
    _format("replicate-token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _format("groq-api-key", "gsk_", r"gsk_[A-Za-z0-9]{52}"),
    _format("perplexity-api-key", "pplx-", r"pplx-[A-Za-z0-9]{40,56}"),
    # Registries and tools.
    _format("npm-token", "npm_", r"npm_[A-Za-z0-9]{36}", judge=verify.crc32_tail),
    _format("pypi-token", "pypi-", r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,1000}"),
    _format("pypi-token", "pypi-AgENdGVzdC5weXBpLm9yZw", r"pypi-AgENdGVzdC5weXBpLm9yZw[A-Za-z0-9_-]{50,1000}", 5),
    _format("rubygems-token", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    _format("dockerhub-token", "dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{27}"),
    _format("linear-api-key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    *(_format("notion-token", p, p + r"[A-Za-z0-9]{43,46}") for p in ("secret_", "ntn_")),
    _format("airtable-token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}", 3),
    _format("databricks-token", "dapi", r"dapi[0-9a-f]{32}(?:-[0-9])?"),
    _format("grafana-token", "glsa_", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}"),
    _format("grafana-token", "glc_", r"glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _format("sentry-token", "sntrys_", r"sntrys_[A-Za-z0-9+/=_-]{60,400}"),
    _format("sentry-token", "sntryu_", r"sntryu_[0-9a-f]{64}"),
    _format("new-relic-user-key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _format("new-relic-license-key", "NRAL", r"[0-9a-f]{36}(?:FFFF)?NRAL", 0),
    _format("new-relic-insert-key", "NRII-", r"NRII-[A-Za-z0-9_-]{32}"),
    _format("dynatrace-token", "dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}", 7),
    _format("launchdarkly-sdk-key", "sdk-", r"sdk-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    _format("facebook-access-token", "EAAC", r"EAAC[A-Za-z0-9]{80,300}"),
    _format("age-secret-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    # Tokens of no single issuer.
    _anywhere(
        "jwt",
        "eyJ",
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{4,16384}\.[A-Za-z0-9_-]{0,2048}",
        3,
        judge=verify.jwt,
    ),
    _format("bearer-token", "oken ", r"[Tt]oken (?P<s>[0-9a-f]{40})", 6, MEDIUM, verify.mixed),
    _format("basic-auth", "asic ", r"[Bb]asic (?P<s>[A-Za-z0-9+/]{8,512}={0,2})", 6, judge=verify.basic),
    _format("bearer-token", "earer ", r"[Bb]earer (?P<s>[A-Za-z0-9._~+/-]{16,4096}={0,2})", 7, MEDIUM, judge=verify.bearer),
    # Private keys without their armour: how the DER of PKCS #1, PKCS #8, SEC 1 and Ed25519 begins in base64.
    *(
        _anywhere("private-key", start, r"(?<![A-Za-z0-9+/])" + re.escape(start) + r"[A-Za-z0-9+/]{40,8192}", 0)
        for start in (
            *("MIIEpAIBAAKC", "MIIEowIBAAKC", "MIICXAIBAAKB", "MIICXQIBAAKB", "MIIJKAIBAAKC", "MIIJKQIBAAKC"),  # PKCS #1
            *("MIIEvQIBADAN", "MIIEvgIBADAN", "MIIEvAIBADAN", "MIIJQgIBADAN", "MIIJQwIBADAN", "MIGHAgEAMBMG"),  # PKCS #8
            *("MHcCAQEEI", "MC4CAQAwBQYDK2Vw"),  # SEC 1, Ed25519
        )
    ),
)  # fmt: skip

_BY_LITERAL: dict[str, list[Format]] = {}
for _f in FORMATS:
    _BY_LITERAL.setdefault(_f.literal, []).append(_f)
_SHORTEST = 14
"""`Basic ` and eight characters."""


def _rarest_pair(literal: str) -> str:
    """The two neighbouring characters of *literal* that ordinary words are least likely to have."""
    pairs = [literal[i : i + 2] for i in range(len(literal) - 1)]
    return min(pairs, key=lambda pair: (pair.islower() and pair.isalpha(), pair.isalpha()))


# Which formats are worth a search is decided by one set of character pairs, made once per text, instead of a hundred substring tests.
_BY_PAIR: dict[str, list[tuple[int, str, list[Format]]]] = {}
for _place, (_literal, _formats) in enumerate(_BY_LITERAL.items()):
    if len(_literal) > 1:
        _BY_PAIR.setdefault(_rarest_pair(_literal), []).append((_place, _literal, _formats))
_BY_CHARACTER = tuple((place, literal, formats) for place, (literal, formats) in enumerate(_BY_LITERAL.items()) if len(literal) == 1)


def _possible(text: str) -> Iterator[Format]:
    """The formats whose literal is in *text*, in the order of the table, so that two runs see the same one first."""
    pairs = _BY_PAIR.keys() & set(map(operator.add, text, text[1:]))
    entries = [entry for pair in pairs for entry in _BY_PAIR[pair]] if pairs else []
    for _, literal, formats in sorted((*entries, *_BY_CHARACTER)):
        if literal in text:
            yield from formats


@dataclass(frozen=True, slots=True)
class Match:
    """One credential seen in a text: *text[start:end]*."""

    kind: str
    confidence: Confidence
    start: int
    end: int
    shown: str
    """The public prefix."""


def matches(text: str) -> Iterator[Match]:
    """Find every credential of a known format in *text*."""
    if len(text) < _SHORTEST:
        return
    for form in _possible(text):
        for found in form.pattern.finditer(text):
            secret = found["s"] if "s" in form.pattern.groupindex else found[0]
            confidence = form.judge(secret) if form.judge else form.confidence
            if confidence is not None:
                yield Match(form.kind, min(confidence, form.confidence), found.start(), found.end(), found[0][: form.shows])
