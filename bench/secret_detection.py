"""How well the secret detector tells secrets from look-alikes, and how fast.

`python bench/secret_detection.py [--seed N] [--misses]` makes labelled (name, value) pairs and prints recall and precision, by group where they are not perfect.
The pairs are made from the issuers' descriptions of their formats and from how people name and fill variables, not from the detector's
patterns. Every secret is invented at run time from a seeded generator: nothing in this file is a key, and no scanner will see one.
"""

# ruff: noqa: E501, ISC004, S608 - tables with one row a line; keys are written in two pieces so that no scanner takes this file for a leak

import argparse
import base64
import json
import random
import string
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from buckler.engines.secrets import judge
from buckler.model.secret import Redacted

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM, HEX, B64, URL64 = LOWER + UPPER + DIGITS, "0123456789abcdef", LOWER + UPPER + DIGITS + "+/", LOWER + UPPER + DIGITS + "-_"
BASE32 = UPPER + "234567"


class Pair(NamedTuple):
    """A variable, and whether its value is a secret."""

    group: str
    name: str
    value: str
    is_secret: bool


def _of(rng: random.Random, alphabet: str, length: int) -> str:
    while True:
        made = "".join(rng.choices(alphabet, k=length))
        # Issuers draw from a good source; a short draw without any digit is possible but is not what is measured here.
        if (
            length < 12
            or not set(DIGITS) < set(alphabet)
            or not set(UPPER) & set(alphabet) | set(LOWER) & set(alphabet)
            or (any(c.isdigit() for c in made) and any(c.isalpha() for c in made))
        ):
            return made


def _b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def _url64(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).decode().rstrip("=")


def _crc62(text: str) -> str:
    number, out = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        out = (DIGITS + UPPER + LOWER)[rest] + out
    return out


def _jwt(rng: random.Random, alg: str = "HS256", **claims: object) -> str:
    body = {"sub": _of(rng, DIGITS, 10), "iat": rng.randrange(1_600_000_000, 1_800_000_000), **claims}
    return ".".join(
        (_url64(json.dumps({"alg": alg, "typ": "JWT"})), _url64(json.dumps(body)), _url64(rng.randbytes(32 if alg == "HS256" else 256)))
    )


def _armour(label: str, body: bytes, newline: str = "\n") -> str:
    text = _b64(body)
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return newline.join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def _github(rng: random.Random) -> str:
    body = _of(rng, ALNUM, 30)
    return rng.choice(("ghp", "gho", "ghu", "ghs", "ghr")) + "_" + body + _crc62(body)


def issued(rng: random.Random) -> list[tuple[str, str, str]]:
    """One credential of every issuer: (group, the name its documentation uses, value)."""
    aws_id = "AK" + "IA" + _of(rng, BASE32, 16)
    slack = f"{_of(rng, DIGITS, 12)}-{_of(rng, DIGITS, 12)}-{_of(rng, ALNUM, 24)}"
    azure = _b64(rng.randbytes(64))
    npm = _of(rng, ALNUM, 30)
    service_account = {
        "type": "service_account", "project_id": "acme-prod", "private_key_id": _of(rng, HEX, 40),
        "private_key": _armour("PRIVATE" + " KEY", rng.randbytes(600)), "client_email": "svc@acme-prod.iam.gserviceaccount.com",
    }  # fmt: skip
    return [
        ("aws", "AWS_ACCESS_KEY_ID", aws_id),
        ("aws", "AWS_ACCESS_KEY_ID", "AS" + "IA" + _of(rng, BASE32, 16)),
        ("aws", "AWS_SECRET_ACCESS_KEY", _of(rng, B64, 40)),
        ("aws", "AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2Vj" + _of(rng, B64, 400)),
        ("github", "GITHUB_TOKEN", _github(rng)),
        ("github", "GH_PAT", "github" + "_pat_" + _of(rng, ALNUM, 22) + "_" + _of(rng, ALNUM, 59)),
        ("gitlab", "GITLAB_TOKEN", "gl" + "pat-" + _of(rng, URL64, 20)),
        ("slack", "SLACK_BOT_TOKEN", "xo" + "xb-" + slack),
        ("slack", "SLACK_USER_TOKEN", "xo" + "xp-" + slack),
        ("slack", "SLACK_WEBHOOK_URL", "https://hooks." + f"slack.com/services/T{_of(rng, UPPER + DIGITS, 8)}/B{_of(rng, UPPER + DIGITS, 10)}/{_of(rng, ALNUM, 24)}"),
        ("stripe", "STRIPE_SECRET_KEY", "sk_" + "live_" + _of(rng, ALNUM, 24)),
        ("stripe", "STRIPE_KEY", "rk_" + "live_" + _of(rng, ALNUM, 99)),
        ("stripe", "STRIPE_KEY", "sk_" + "test_" + _of(rng, ALNUM, 24)),
        ("stripe", "STRIPE_WEBHOOK_SECRET", "whsec_" + _of(rng, ALNUM, 32)),
        ("twilio", "TWILIO_API_KEY", "S" + "K" + _of(rng, HEX, 32)),
        ("twilio", "TWILIO_AUTH_TOKEN", _of(rng, HEX, 32)),
        ("sendgrid", "SENDGRID_API_KEY", "S" + "G." + _of(rng, URL64, 22) + "." + _of(rng, URL64, 43)),
        ("google", "GOOGLE_MAPS_KEY", "AI" + "za" + _of(rng, URL64, 34) + _of(rng, ALNUM, 1)),
        ("google", "GOOGLE_CLIENT_SECRET", "GOC" + "SPX-" + _of(rng, URL64, 28)),
        ("google", "GOOGLE_APPLICATION_CREDENTIALS_JSON", json.dumps(service_account)),
        ("google", "FIREBASE_CONFIG", _b64(json.dumps(service_account))),
        ("azure", "AZURE_STORAGE_KEY", azure),
        ("azure", "AzureWebJobsStorage", f"DefaultEndpointsProtocol=https;AccountName=acme;Account" f"Key={azure};EndpointSuffix=core.windows.net"),
        ("azure", "SERVICEBUS", f"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccess" f"Key={_b64(rng.randbytes(32))}"),
        ("azure", "BLOB_URL", f"https://acme.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=sco&sp=rwl&se=2027-01-01&si" f"g={_b64(rng.randbytes(32)).replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}"),
        ("azure", "AZURE_CLIENT_SECRET", _of(rng, ALNUM, 3) + "8Q" + "~" + _of(rng, ALNUM + "-_.", 33) + _of(rng, ALNUM, 1)),
        ("datadog", "DD_API_KEY", _of(rng, HEX, 32)),
        ("datadog", "DATADOG_APP_KEY", _of(rng, HEX, 40)),
        ("new-relic", "NEW_RELIC_LICENSE_KEY", _of(rng, HEX, 36) + "NR" + "AL"),
        ("new-relic", "NEW_RELIC_API_KEY", "NRA" + "K-" + _of(rng, UPPER + DIGITS, 27)),
        ("model", "OPENAI_API_KEY", "sk-" + "proj-" + _of(rng, URL64, 74) + "T3Blb" + "kFJ" + _of(rng, URL64, 73) + _of(rng, ALNUM, 1)),
        ("model", "OPENAI_API_KEY", "sk-" + _of(rng, ALNUM, 20) + "T3Blb" + "kFJ" + _of(rng, ALNUM, 20)),
        ("model", "ANTHROPIC_API_KEY", "sk-" + "ant-api03-" + _of(rng, URL64, 93) + "AA"),
        ("model", "HF_TOKEN", "hf" + "_" + _of(rng, LOWER + UPPER, 34)),
        ("model", "GROQ_API_KEY", "gsk" + "_" + _of(rng, ALNUM, 52)),
        ("registry", "NPM_TOKEN", "np" + "m_" + npm + _crc62(npm)),
        ("registry", "PYPI_TOKEN", "py" + "pi-AgEIcHlwaS5vcmcCJ" + _of(rng, URL64, 150)),
        ("registry", "DOCKER_PASSWORD", "dckr" + "_pat_" + _of(rng, URL64, 26) + _of(rng, ALNUM, 1)),
        ("registry", "RUBYGEMS_API_KEY", "ruby" + "gems_" + _of(rng, HEX, 48)),
        ("chat", "TELEGRAM_BOT_TOKEN", _of(rng, "123456789", 10) + ":A" + "A" + _of(rng, URL64, 32) + _of(rng, ALNUM, 1)),
        ("chat", "DISCORD_TOKEN", _url64("9" + _of(rng, DIGITS, 17)) + "." + _of(rng, ALNUM, 6) + "." + _of(rng, URL64, 37) + _of(rng, ALNUM, 1)),
        ("chat", "DISCORD_WEBHOOK", f"https://discord.com/api/web" f"hooks/{_of(rng, '123456789', 18)}/{_of(rng, URL64, 68)}"),
        ("mail", "MAILGUN_API_KEY", "ke" + "y-" + _of(rng, HEX, 32)),
        ("mail", "MAILCHIMP_KEY", _of(rng, HEX, 32) + f"-us{rng.randrange(1, 21)}"),
        ("shop", "SQUARE_ACCESS_TOKEN", "sq0" + "atp-" + _of(rng, URL64, 21) + _of(rng, ALNUM, 1)),
        ("shop", "SHOPIFY_TOKEN", "shp" + "at_" + _of(rng, HEX, 32)),
        ("cloud", "HEROKU_API_KEY", f"{_of(rng, HEX, 8)}-{_of(rng, HEX, 4)}-4{_of(rng, HEX, 3)}-a{_of(rng, HEX, 3)}-{_of(rng, HEX, 12)}"),
        ("cloud", "DO_TOKEN", "dop" + "_v1_" + _of(rng, HEX, 64)),
        ("cloud", "VAULT_TOKEN", "hv" + "s." + _of(rng, ALNUM, 90)),
        ("cloud", "TFC_TOKEN", _of(rng, ALNUM, 14) + ".atl" + "asv1." + _of(rng, ALNUM, 67)),
        ("cloud", "DATABRICKS_TOKEN", "da" + "pi" + _of(rng, HEX, 32)),
        ("cloud", "GRAFANA_TOKEN", "gl" + "sa_" + _of(rng, ALNUM, 32) + "_" + _of(rng, HEX, 8)),
        ("jwt", "AUTH_TOKEN", _jwt(rng)),
        ("jwt", "SERVICE_JWT", _jwt(rng, "RS256", iss="https://issuer.invalid/", scope="write:all")),
        ("private-key", "PRIVATE_KEY", _armour("RSA " + "PRIVATE KEY", rng.randbytes(1190))),
        ("private-key", "SSH_KEY", _armour("OPENSSH " + "PRIVATE KEY", b"openssh-key-v1\0" + rng.randbytes(380))),
        ("private-key", "SIGNING_PEM", _armour("EC " + "PRIVATE KEY", rng.randbytes(121), "\\n")),
        ("private-key", "GPG_KEY", _armour("PGP " + "PRIVATE KEY BLOCK", rng.randbytes(900))),
        ("private-key", "APP_KEY_B64", _b64(_armour("PRIVATE" + " KEY", rng.randbytes(1218)))),
        ("private-key", "GITHUB_APP_PRIVATE_KEY", _armour("RSA " + "PRIVATE KEY", rng.randbytes(1190), "\\n")),
    ]  # fmt: skip


# Names that say nothing; a credential with a format of its own must be seen all the same.
SILENT = ("FOO", "CONFIG", "VALUE", "SETTINGS", "EXTRA", "Param1", "upstream", "BACKEND", "x", "THING_A")
# Found by their names only.
NAMED_ONLY = {
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "TWILIO_AUTH_TOKEN",
    "AZURE_STORAGE_KEY",
    "DD_API_KEY",
    "DATADOG_APP_KEY",
    "HEROKU_API_KEY",
}

PASSWORD_NAMES = (
    "DB_PASSWORD", "DATABASE_PASSWORD", "MYSQL_ROOT_PASSWORD", "POSTGRES_PASSWORD", "PGPASSWORD", "REDIS_PASSWORD", "SMTP_PASS", "LDAP_BIND_PASSWORD", "ADMIN_PASSWORD", "DBPassword",
    "MasterUserPassword", "dbPasswd", "rds_master_pwd", "RABBITMQ_DEFAULT_PASS", "spring.datasource.password", "KEYSTORE_PASSWORD", "SSH_KEY_PASSPHRASE", "JIRA_PASSWORD_PROD", "FTP_PWD", "mongodb-password",
    "SqlServerPassword", "APP_DB_PASSWORD_2", "SNOWFLAKE_PASSWORD", "elasticPassword", "KIBANA_PASSWORD_STAGING", "WIFI_PASSPHRASE", "oracle_passwd", "REDSHIFT_PW_PASSWORD",
)  # fmt: skip
CREDENTIAL_NAMES = (
    "API_KEY", "ApiKey", "STRIPE_API_KEY", "THIRD_PARTY_API_KEY", "AUTH_TOKEN", "ACCESS_TOKEN", "REFRESH_TOKEN", "BEARER_TOKEN", "CLIENT_SECRET", "OAUTH_CLIENT_SECRET", "JWT_SECRET", "SESSION_SECRET", "COOKIE_SECRET",
    "WEBHOOK_SECRET", "ENCRYPTION_KEY", "SIGNING_KEY", "HMAC_SECRET", "SECRET_KEY", "SECRET_KEY_BASE", "DJANGO_SECRET_KEY", "APP_SECRET", "consumerSecret", "githubToken", "slackSigningSecret", "MASTER_KEY", "LICENSE_KEY", "PAGERDUTY_TOKEN",
    "SNYK_TOKEN", "SONAR_TOKEN", "CIRCLE_TOKEN", "ALGOLIA_ADMIN_KEY", "SEGMENT_WRITE_KEY", "OKTA_API_TOKEN", "AUTH0_CLIENT_SECRET", "apikey", "x_api_key", "NEXTAUTH_SECRET", "PRIVATE_API_KEY", "AES_KEY", "FERNET_KEY", "service-token",
    "PAYMENT_GATEWAY_SECRET", "INTERNAL_API_TOKEN", "DEPLOY_TOKEN", "LAUNCHDARKLY_SDK_KEY", "MIXPANEL_TOKEN", "ROLLBAR_ACCESS_TOKEN", "WEATHER_API_KEY", "CRYPTO_KEY", "HASH_SALT", "API_SECRET",
)  # fmt: skip
HUMAN = (
    "Summer2026!",
    "hunter2",
    "P@ssw0rd",
    "s3cr3t",
    "Welcome123",
    "trustno1",
    "Qwerty!2024",
    "iloveyou99",
    "dragon",
    "Acme-Prod-2025",
    "correct horse battery staple",
    "MyDogRex7",
    "letmein!",
    "Spring#2026",
    "dbpass99",
    "Tr0ub4dor&3",
    "monkey12",
    "Passw0rd$",
)
WEAK = (
    "changeme",
    "password",
    "admin",
    "admin123",
    "postgres",
    "root",
    "changeit",
    "secret",
    "password1",
    "12345678",
    "guest",
    "change-me",
    "test1234",
)


def _password(rng: random.Random) -> str:
    made = _of(rng, ALNUM + "!#%^*()-_=+[]{}", rng.randrange(10, 33))
    return "A" + made[1:-1] + "9"


def _token(rng: random.Random) -> str:
    kind = rng.randrange(6)
    if kind == 0:
        return _of(rng, HEX, rng.choice((32, 40, 48, 64)))
    if kind == 1:
        return _b64(rng.randbytes(rng.choice((16, 24, 32, 48, 64))))
    if kind == 2:
        return _of(rng, URL64, rng.randrange(22, 64))
    if kind == 3:
        return _of(rng, ALNUM, rng.randrange(16, 48))
    if kind == 4:
        return _of(rng, LOWER + DIGITS, rng.randrange(20, 40))
    return _of(rng, UPPER + DIGITS, rng.randrange(20, 40))


def _uri_safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_.!" else f"%{ord(c):02X}" for c in text)


def contained(rng: random.Random) -> list[tuple[str, str, str]]:
    """A secret inside something else: (group, name, value)."""
    p, t = _password(rng), _token(rng)
    plain = p.replace(";", "_").replace("}", "_").replace("{", "_").replace("=", "_")
    host = rng.choice(
        (
            "db.internal",
            "prod.cluster-c1x2y3z4.us-east-1.rds.amazonaws.com",
            "10.0.3.7",
            "localhost",
            "cache-001.abcde.euw1.cache.amazonaws.com",
        )
    )
    user = rng.choice(("app", "admin", "svc_orders", "root", "reporting"))
    scheme = rng.choice(
        (
            "postgres",
            "postgresql",
            "mysql",
            "mysql+pymysql",
            "mongodb",
            "mongodb+srv",
            "redis",
            "rediss",
            "amqp",
            "amqps",
            "mssql",
            "ldap",
            "ftp",
            "sftp",
            "smtp",
            "https",
            "http",
            "nats",
            "clickhouse",
        )
    )
    name = rng.choice(("DATABASE_URL", "MONGO_URI", "REDIS_URL", "BROKER", "UPSTREAM", "CONNECTION", "SOURCE", "AMQP_URL", "dsn", "PROXY"))
    dotenv = f"LOG_LEVEL=info\nDB_HOST={host}\nDB_PASSWORD={plain}\nFEATURE_X=true\n"
    return [
        ("url-password", name, f"{scheme}://{user}:{_uri_safe(p)}@{host}:5432/app?x=1"),
        ("url-password", name, f"{scheme}://:{_uri_safe(p)}@{host}/0" if scheme.startswith("redis") else f"{scheme}://{user}:{rng.choice(HUMAN[:8])}@{host}"),
        ("url-password", "GIT_REMOTE", f"https://x-access-token:{_github(rng)}@github.com/acme/app.git"),
        ("url-password", "GIT_REMOTE", f"https://{_of(rng, HEX, 40)}@github.com/acme/app.git"),
        ("url-query", "CALLBACK", f"https://api.acme.invalid/v1/events?source=x&api_" f"key={_of(rng, ALNUM, 32)}"),
        ("url-query", "EXPORT_URL", f"https://api.acme.invalid/export?access_" f"token={_of(rng, URL64, 40)}&format=csv"),
        ("url-query", "DOWNLOAD", f"https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Sig" f"nature={_of(rng, HEX, 64)}"),
        ("connection-string", "ConnectionStrings__Default", f"Server={host};Database=app;User Id={user};Pass" f"word={plain};Encrypt=true"),
        ("connection-string", "SQL", f"Data Source={host};Initial Catalog=app;uid={user};p" f"wd={plain}"),
        ("connection-string", "JDBC_URL", f"jdbc:mysql://{host}:3306/app?user={user}&pass" f"word={_uri_safe(p)}"),
        ("connection-string", "JDBC", f"jdbc:sqlserver://{host}:1433;databaseName=app;user={user};pass" f"word={plain}"),
        ("connection-string", "PG", f"host={host} dbname=app user={user} pass" f"word={plain} sslmode=require"),
        ("connection-string", "REDIS", f"{host}:6380,pass" f"word={plain.replace(',', '_')},ssl=True,abortConnect=False"),
        ("connection-string", "KAFKA_SASL", f'org.apache.kafka.common.security.plain.PlainLoginModule required username="{user}" pass' f'word="{plain}";'),
        ("blob", "APP_CONFIG", json.dumps({"host": host, "port": 5432, "username": user, "password": p})),
        ("blob", "SETTINGS", json.dumps({"db": {"host": host, "credentials": {"user": user, "dbPassword": p}}, "debug": False})),
        ("blob", "SETTINGS_JSON", json.dumps([{"name": "vendor", "apiKey": t}], indent=1)),
        ("blob", "DOTENV", dotenv),
        ("blob", "CONFIG_B64", _b64(json.dumps({"service": "billing", "clientSecret": t}))),
        ("blob", "ENV_B64", _b64(dotenv)),
        ("blob", "CONFIG_YAML", f"service: billing\ndatabase:\n  host: {host}\n  password: {plain}\n"),
        ("blob", "NPMRC", f"//registry.invalid/:_auth" f"Token={_of(rng, ALNUM, 36)}"),
        ("blob", "DOCKER_CONFIG", json.dumps({"auths": {"registry.invalid": {"auth": _b64(f"{user}:{p}")}}})),
        ("blob", "JWK", json.dumps({"kty": "EC", "crv": "P-256", "x": _of(rng, URL64, 43), "y": _of(rng, URL64, 43), "d": _of(rng, URL64, 43)})),
        ("header", "EXTRA_HEADER", "Basic " + _b64(f"{user}:{p}")),
        ("header", "DEFAULT_HEADERS", f"Authorization: Bearer {_of(rng, URL64, 40)}"),
        ("header", "HEADERS", json.dumps({"Authorization": f"Bearer {_jwt(rng)}", "Accept": "application/json"})),
        ("hash", "ADMIN_PASSWORD_HASH", "$2b$12$" + _of(rng, ALNUM + "./", 53)),
        ("hash", "HTPASSWD", f"{user}:$apr1${_of(rng, ALNUM, 8)}${_of(rng, ALNUM + './', 22)}"),
        ("hash", "USER_PASSWORD_SHA256", _of(rng, HEX, 64)),
        ("bare-key", "S3_CREDS", _of(rng, B64, 40)),
        ("bare-key", "CREDENTIALS", f"{'AK' + 'IA' + _of(rng, BASE32, 16)}:{_of(rng, B64, 40)}"),
        ("bare-key", "SECRET", _token(rng)),
        ("bare-key", "TOKEN", _token(rng)),
        ("bare-key", "KEY", _of(rng, ALNUM, 40)),
    ]  # fmt: skip


WORDS = "orders billing users payment invoice catalog search events audit report image upload session profile checkout shipping worker ingest export metrics alpha legacy core data".split()  # noqa: SIM905


def _words(rng: random.Random, count: int, joint: str = "-") -> str:
    return joint.join(rng.choices(WORDS, k=count))


def plain(rng: random.Random) -> list[tuple[str, str, str]]:
    """What fills variables and is no secret: (group, name, value)."""
    region = rng.choice(("us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1"))
    account = _of(rng, "123456789", 12)
    stage = rng.choice(("prod", "dev", "staging"))
    six = _of(rng, ALNUM, 6)
    one, two, three = _words(rng, 1), _words(rng, 2), _words(rng, 3)
    uuid = f"{_of(rng, HEX, 8)}-{_of(rng, HEX, 4)}-4{_of(rng, HEX, 3)}-b{_of(rng, HEX, 3)}-{_of(rng, HEX, 12)}"
    cert = _armour("CERTIFICATE", b"\x30\x82" + rng.randbytes(800))
    return [
        ("arn", "DB_SECRET_ARN", f"arn:aws:secretsmanager:{region}:{account}:secret:{stage}/{one}-{six}"),
        ("arn", "DB_PASSWORD_SECRET_ARN", f"arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-{uuid}-{six}"),
        ("arn", "DB_PASSWORD", f"arn:aws:ssm:{region}:{account}:parameter/{stage}/{one}/password"),
        ("arn", "API_KEY", f"arn:aws:secretsmanager:{region}:{account}:secret:{one}-api-key-{six}"),
        ("arn", "KMS_KEY", f"arn:aws:kms:{region}:{account}:key/{uuid}"),
        ("arn", "TOPIC", f"arn:aws:sns:{region}:{account}:{two}"),
        ("arn", "LAYERS", f"arn:aws:lambda:{region}:{account}:layer:{three}:{rng.randrange(1, 90)}"),
        ("reference", "DB_PASSWORD", "{{resolve:secretsmanager:" + f"{stage}/{one}:SecretString:password}}}}"),
        ("reference", "API_TOKEN", "{{resolve:ssm-secure:/" + f"{stage}/{one}/token:1}}}}"),
        ("reference", "DB_PASSWORD", f"buckler:secretsmanager:arn:aws:secretsmanager:{region}:{account}:secret:{one}-{six}"),
        ("reference", "DB_PASSWORD_PARAM", f"/{stage}/{one}/db/password"),
        ("reference", "DB_PASSWORD", f"/{stage}/{one}/db/password"),
        ("reference", "API_KEY_PARAMETER_NAME", f"/{one}/{stage}/api-key"),
        ("reference", "SECRET_NAME", f"{stage}/{one}/{_words(rng, 1)}"),
        ("reference", "DB_SECRET", f"{stage}/{one}/rds"),
        ("reference", "SECRET_ID", f"{two}-credentials"),
        ("reference", "TOKEN_SECRET_NAME", f"{two}-token"),
        ("reference", "STRIPE_SECRET_KEY", f"ssm:/{stage}/stripe/key"),
        ("reference", "GITHUB_TOKEN", f"vault:secret/data/{one}#token"),
        ("url", "API_URL", f"https://{_of(rng, LOWER + DIGITS, 10)}.execute-api.{region}.amazonaws.com/{stage}"),
        ("url", "QUEUE_URL", f"https://sqs.{region}.amazonaws.com/{account}/{two}.fifo"),
        ("url", "AUTH_TOKEN_URL", f"https://{one}.auth.{region}.amazoncognito.com/oauth2/token"),
        ("url", "TOKEN_ENDPOINT", f"https://login.{one}.invalid/realms/{_words(rng, 1)}/protocol/openid-connect/token"),
        ("url", "JWKS_URI", f"https://cognito-idp.{region}.amazonaws.com/{region}_{_of(rng, ALNUM, 9)}/.well-known/jwks.json"),
        ("url", "DATABASE_URL", f"postgres://{one}.internal:5432/{_words(rng, 1)}"),
        ("url", "DATABASE_URL", f"postgresql://app:${{DB_PASSWORD}}@{one}.internal/app"),
        ("url", "REDIS_URL", f"redis://{one}.{_of(rng, LOWER + DIGITS, 6)}.euw1.cache.amazonaws.com:6379/0"),
        ("url", "CDN", f"https://d{_of(rng, LOWER + DIGITS, 13)}.cloudfront.net/assets/{two}.js?v=1.2.3"),
        ("url", "SENTRY_DSN", f"https://{_of(rng, HEX, 32)}@o{_of(rng, DIGITS, 6)}.ingest.sentry.io/{_of(rng, DIGITS, 7)}"),
        ("url", "GIT_URL", "git@github.com:acme/app.git"),
        ("url", "REPO", f"https://github.com/acme/{two}/blob/main/README.md"),
        ("name", "TABLE_NAME", f"{two}-{stage}"),
        ("name", "BUCKET", f"{three}-{account}-{region}"),
        ("name", "TOKENS_TABLE", f"{one}-tokens"),
        ("name", "PasswordResetTable", f"{two}-PasswordReset-{_of(rng, UPPER + DIGITS, 13)}"),
        ("name", "SESSION_TABLE", "Sessions"),
        ("name", "FUNCTION_NAME", f"{two}-Function-{_of(rng, ALNUM, 12)}"),
        ("name", "SECRETS_BUCKET", f"{two}-secrets"),
        ("name", "SECRETS_MANAGER_ENDPOINT", f"https://secretsmanager.{region}.amazonaws.com"),
        ("name", "POWERTOOLS_SERVICE_NAME", two),
        ("id", "VPC_ID", "vpc-0" + _of(rng, HEX, 16)),
        ("id", "SUBNET_IDS", ",".join("subnet-0" + _of(rng, HEX, 16) for _ in range(3))),
        ("id", "USER_POOL_ID", f"{region}_{_of(rng, ALNUM, 9)}"),
        ("id", "IDENTITY_POOL", f"{region}:{uuid}"),
        ("id", "COGNITO_CLIENT_ID", _of(rng, LOWER + DIGITS, 26)),
        ("id", "OAUTH_CLIENT_ID", f"{_of(rng, DIGITS, 12)}-{_of(rng, LOWER + DIGITS, 32)}.apps.googleusercontent.com"),
        ("id", "AUTH0_CLIENT_ID", _of(rng, ALNUM, 32)),
        ("id", "KMS_KEY_ID", uuid),
        ("id", "JWT_KEY_ID", _of(rng, URL64, 27)),
        ("id", "TENANT_ID", uuid),
        ("id", "APP_ID", _of(rng, DIGITS, 6)),
        ("id", "TWILIO_ACCOUNT_SID", "A" + "C" + _of(rng, HEX, 32)),
        ("id", "HOSTED_ZONE_ID", "Z" + _of(rng, UPPER + DIGITS, 20)),
        ("id", "SHEET_ID", _of(rng, URL64, 44)),
        ("id", "CORRELATION", uuid),
        ("id", "ACCOUNT", account),
        ("digest", "GIT_SHA", _of(rng, HEX, 40)),
        ("digest", "BUILD_COMMIT", _of(rng, HEX, 7)),
        ("digest", "RELEASE", _of(rng, HEX, 40)),
        ("digest", "CODE_SHA256", _b64(rng.randbytes(32))),
        ("digest", "ASSET_HASH", _of(rng, HEX, 64)),
        ("digest", "FILE_MD5", _of(rng, HEX, 32)),
        ("digest", "IMAGE", f"{account}.dkr.ecr.{region}.amazonaws.com/{one}@sha256:{_of(rng, HEX, 64)}"),
        ("digest", "SCRIPT_INTEGRITY", "sha384-" + _b64(rng.randbytes(48))),
        ("encoded", "TEMPLATE", _b64(f"Hello {one}, your order has shipped. Thanks for shopping with us!")),
        ("encoded", "OPTIONS_B64", _b64(json.dumps({"region": region, "table": two, "retries": 3}))),
        ("encoded", "LOGO", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
        ("public", "JWT_PUBLIC_KEY", _armour("PUBLIC KEY", b"\x30\x82" + rng.randbytes(290))),
        ("public", "CA_CERT", cert),
        ("public", "TLS_CERTIFICATE", cert.replace("\n", "\\n")),
        ("public", "SSH_PUBLIC_KEY", "ssh-rsa " + _b64(b"\0\0\0\7ssh-rsa" + rng.randbytes(270)) + " deploy@acme"),
        ("public", "DEPLOY_KEY_PUB", "ssh-ed25519 " + _b64(b"\0\0\0\x0bssh-ed25519" + rng.randbytes(36)) + " ci"),
        ("public", "STRIPE_PUBLISHABLE_KEY", "pk_" + "live_" + _of(rng, ALNUM, 24)),
        ("public", "STRIPE_KEY", "pk_" + "test_" + _of(rng, ALNUM, 24)),
        ("public", "VAPID_PUBLIC_KEY", "B" + _of(rng, URL64, 86)),
        ("public", "RECAPTCHA_SITE_KEY", "6L" + _of(rng, URL64, 38)),
        ("public", "SUPABASE_ANON_KEY", _jwt(rng, iss="supabase", role="anon")),
        ("public", "MAPBOX_TOKEN", "pk." + _url64(json.dumps({"u": "acme", "a": _of(rng, LOWER + DIGITS, 25)})) + "." + _of(rng, URL64, 22)),
        ("encrypted", "DB_PASSWORD_ENCRYPTED", "AQICAH" + _b64(rng.randbytes(120))),
        ("encrypted", "DB_PASSWORD", "AQICAH" + _b64(rng.randbytes(150))),
        ("setting", "LOG_LEVEL", rng.choice(("INFO", "DEBUG", "WARN", "error"))),
        ("setting", "TOKEN_TTL", str(rng.randrange(60, 90000))),
        ("setting", "ACCESS_TOKEN_EXPIRY", rng.choice(("3600", "15m", "1h", "PT15M", "2 hours"))),
        ("setting", "PASSWORD_MIN_LENGTH", str(rng.randrange(8, 20))),
        ("setting", "SECRET_ROTATION_DAYS", str(rng.randrange(7, 90))),
        ("setting", "MAX_TOKENS", str(rng.randrange(256, 8192))),
        ("setting", "JWT_ISSUER", f"https://{one}.invalid/"),
        ("setting", "JWT_ALGORITHM", rng.choice(("HS256", "RS256", "ES384"))),
        ("setting", "JWT_AUDIENCE", two),
        ("setting", "TOKEN_TYPE", "Bearer"),
        ("setting", "AUTH_HEADER", "Authorization"),
        ("setting", "API_KEY_HEADER", "x-api-key"),
        ("setting", "API_KEY_REQUIRED", rng.choice(("true", "false"))),
        ("setting", "ENABLE_TOKEN_AUTH", "true"),
        ("setting", "USE_SECRETS_MANAGER", "1"),
        ("setting", "PASSWORD_POLICY", "min8-upper-lower-digit"),
        ("setting", "PASSWORD_REGEX", "^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,}$"),
        ("setting", "COOKIE_NAME", "session"),
        ("setting", "CSRF_COOKIE_NAME", "csrftoken"),
        ("setting", "SECRET_PROVIDER", "aws-secrets-manager"),
        ("setting", "CREDENTIALS_PROVIDER", "com.amazonaws.auth.DefaultAWSCredentialsProviderChain"),
        ("setting", "TOKENIZER", "cl100k_base"),
        ("setting", "TOKEN_BUCKET_CAPACITY", "100"),
        ("setting", "PRIMARY_KEY", rng.choice(("id", "order_id", "pk"))),
        ("setting", "PARTITION_KEY", "customerId"),
        ("setting", "SORT_KEY", "createdAt"),
        ("setting", "CACHE_KEY_PREFIX", f"{one}:"),
        ("setting", "KEY_PREFIX", f"{stage}/{one}/"),
        ("setting", "S3_KEY", f"{one}/{two}/2026/11/25/file-{rng.randrange(1000)}.parquet"),
        ("setting", "ROUTING_KEY", f"{one}.created"),
        ("setting", "KEYBOARD", "qwertz"),
        ("setting", "MONKEY", "see-no-evil"),
        ("setting", "PASSTHROUGH", "true"),
        ("setting", "COMPASS_MODE", "north"),
        ("setting", "BYPASS_CACHE", "no"),
        ("setting", "SECRETARY", "Ms Jones"),
        ("setting", "TURNKEY", "yes"),
        ("setting", "DB_USERNAME", rng.choice(("app_user", "admin", "svc-orders"))),
        ("setting", "DB_HOST", f"{one}.cluster-c{_of(rng, LOWER + DIGITS, 11)}.{region}.rds.amazonaws.com"),
        ("setting", "REGION", region),
        ("setting", "RUNTIME", "python3.12"),
        ("setting", "VERSION", f"v{rng.randrange(9)}.{rng.randrange(20)}.{rng.randrange(40)}-rc.1"),
        ("setting", "HANDLER", f"com.acme.{one}.Handler::handleRequest"),
        ("setting", "AWS_LAMBDA_EXEC_WRAPPER", "/opt/otel-instrument"),
        ("setting", "NODE_OPTIONS", "--enable-source-maps --max-old-space-size=1024"),
        ("setting", "SCHEDULE", rng.choice(("cron(0 12 * * ? *)", "rate(5 minutes)", "*/5 * * * *"))),
        ("setting", "ALLOWED_ORIGINS", f"https://www.{one}.invalid,https://app.{one}.invalid"),
        ("setting", "ADMIN_EMAIL", f"ops+{one}@acme.invalid"),
        ("setting", "GREETING", f"Hello from {one}, welcome to the {_words(rng, 1)} service!"),
        ("setting", "QUERY", f"SELECT id, created_at FROM {one} WHERE state = 'open' ORDER BY id LIMIT 100"),
        ("setting", "CONFIG_JSON", json.dumps({"table": two, "maxTokens": 512, "secretName": f"{stage}/{one}", "retries": 3, "enabled": True})),
        ("setting", "MODEL_ID", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("setting", "TZ", "Europe/Berlin"),
        ("setting", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
        ("setting", "START_DATE", "2026-11-25T00:00:00Z"),
        ("setting", "CIDR", f"10.{rng.randrange(255)}.0.0/16"),
        ("setting", "PATH_PREFIX", f"/var/task/{one}/lib"),
        ("setting", "PRIVATE_KEY_PATH", f"/etc/ssl/private/{one}.pem"),
        ("setting", "PRIVATE_KEY_FILE", f"keys/{one}.pem"),
        ("setting", "CREDENTIALS_FILE", "/var/task/credentials.json"),
        ("setting", "SECRET_KEY", "/run/secrets/app_key"),
        ("placeholder", "API_KEY", rng.choice(("<your-api-key>", "your-api-key-here", "YOUR_API_KEY", "xxxxxxxxxxxxxxxx", "REPLACE_ME", "TODO", "placeholder", "insert-key-here", "dummy"))),
        ("placeholder", "DB_PASSWORD", rng.choice(("<password>", "${DB_PASSWORD}", "********", "REPLACE_ME", "TODO", "your-password", "{{ db_password }}", "$DB_PASSWORD", "%DB_PASSWORD%", "xxxx"))),
        ("placeholder", "AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY"),
        ("placeholder", "AWS_ACCESS_KEY_ID", rng.choice(("AKIA" + "IOSFODNN7EXAMPLE", "AKIA" + "I44QH8DHBEXAMPLE"))),
        ("placeholder", "JWT_SECRET", rng.choice(("example", "<secret>", "__JWT_SECRET__", "#{JWT_SECRET}", "[REDACTED]", "none", ""))),
        ("placeholder", "GITHUB_TOKEN", "ghp_" + "x" * 36),
        ("placeholder", "SLACK_WEBHOOK_URL", "https://hooks." + "slack.com/services/T00000000/B00000000/" + "X" * 24),
        ("placeholder", "DATABASE_URL", rng.choice(("postgres://user:<password>@host:5432/db", "mysql://root:${MYSQL_PW}@db/app", "postgres://app:{{password}}@db/app"))),
    ]  # fmt: skip


def pairs(seed: int = 20261125, rounds: int = 14) -> Iterator[Pair]:
    """Labelled pairs, the same for the same seed. 14 rounds are over 4,000."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, and nothing here protects anything
    for _ in range(rounds):
        for group, name, value in issued(rng):
            yield Pair(group, name, value, is_secret=True)
            if name not in NAMED_ONLY and not name.startswith(("APP_KEY", "FIREBASE")):
                yield Pair(f"{group}, silent name", rng.choice(SILENT), value, is_secret=True)
        for group, name, value in contained(rng):
            yield Pair(group, name, value, is_secret=True)
        for _ in range(6):
            yield Pair("password", rng.choice(PASSWORD_NAMES), _password(rng), is_secret=True)
            yield Pair("password, human", rng.choice(PASSWORD_NAMES), rng.choice(HUMAN), is_secret=True)
            yield Pair("password, weak", rng.choice(PASSWORD_NAMES), rng.choice(WEAK), is_secret=True)
            for _ in range(3):
                yield Pair("named token", rng.choice(CREDENTIAL_NAMES), _token(rng), is_secret=True)
        for group, name, value in plain(rng):
            yield Pair(group, name, value, is_secret=False)


class Score(NamedTuple):
    """What came of the judgement."""

    recall: float
    precision: float
    missed: list[Pair]
    alarmed: list[Pair]
    leaked: list[Pair]
    """Secrets that were not only missed but kept: the worst outcome."""
    kept: float
    """Share of harmless values returned as they are: what is left is hidden for nothing."""


def score(labelled: list[Pair]) -> Score:
    """Judge every pair and count."""
    missed, alarmed, leaked, kept = [], [], [], 0
    for pair in labelled:
        verdict = judge(pair.name, pair.value)
        said = isinstance(verdict, Redacted) and verdict.is_secret
        if pair.is_secret and not said:
            missed.append(pair)
            if isinstance(verdict, str):
                leaked.append(pair)
        if not pair.is_secret:
            kept += isinstance(verdict, str)
            if said:
                alarmed.append(pair)
    secrets = sum(pair.is_secret for pair in labelled)
    found = secrets - len(missed)
    return Score(found / secrets, found / (found + len(alarmed)), missed, alarmed, leaked, kept / (len(labelled) - secrets))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--misses", action="store_true", help="print every wrong judgement (all values are invented)")
    options = parser.parse_args()
    labelled = list(pairs(options.seed))
    secrets = sum(pair.is_secret for pair in labelled)
    result = score(labelled)
    print(f"{len(labelled)} pairs, {secrets} secrets, {len(labelled) - secrets} look-alikes, seed {options.seed}")
    print(
        f"recall {result.recall:.4f}  precision {result.precision:.4f}  missed and kept {len(result.leaked)}  harmless kept {result.kept:.4f}"
    )
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for what, wrong in (("missed", result.missed), ("alarmed", result.alarmed)):
        for pair in wrong:
            groups[f"{pair.group}: {pair.name}"][what] += 1
    for group, counts in sorted(groups.items()):
        print(f"  {group}: {dict(counts)}")
    if options.misses:
        for pair in (*result.missed, *result.alarmed):
            print(f"  {'missed' if pair.is_secret else 'alarmed'} {pair.name}={pair.value[:120]!r}", file=sys.stderr)
    for title, chosen in (
        ("ordinary values", [p for p in labelled if p.group in {"setting", "name", "url", "id"}]),
        ("all values", labelled),
    ):
        start = time.process_time()
        for pair in chosen:
            judge(pair.name, pair.value)
        print(f"{len(chosen) / (time.process_time() - start):,.0f} judgements/s on {title}")


if __name__ == "__main__":
    main()
