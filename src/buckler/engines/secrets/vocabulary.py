"""The words names are made of, sorted by what they say about the value."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PASSWORDS = _words(
    """
    password passwd passphrase pwd pw pswd passwort pass passcode
    """
)
CREDENTIAL_HEADS = _words(
    """
    apikey pepper mnemonic bearer secretkey accesskey authtoken
    """
)
SUSPECTS = _words(
    """
    key keys secret secrets credential credentials creds cred auth jwt pat pin seed salt cookie session authorization signature
    sig otp totp webhook token tokens dsn ciphertext
    """
)
SECRET_WORDS = PASSWORDS | CREDENTIAL_HEADS | _words("secret secrets token tokens credential credentials creds cred keys key")

# A key is what the word before it says it is.
CREDENTIAL_KEYS = _words(
    """
    api access secret private encryption encrypt decryption signing sign auth master service account storage license licence hmac
    aes jwt admin shared subscription function write ingest ingestion integration app application client consumer server live
    webhook crypto cipher insert deploy rest management fernet signature restricted
    """
)
PLAIN_KEYS = _words(
    """
    public pub publishable site partition sort hash range primary foreign s3 object bucket cache index file folder code message
    tag idempotency dedup deduplication grouping group order lookup attribute translation i18n kms cmk map unique composite item
    pk sk gsi lsi column json dict header hot arrow row document image upload state lock anon feature flag redis context
    """
)
# "secret" without an owner is most often the name of an entry in Secrets Manager.
OWNED_SECRETS = _words(
    """
    client app application jwt session webhook signing shared consumer api auth cookie hmac oauth slack stripe github gitlab token
    master twilio access nextauth csrf channel account encryption hash totp refresh login
    """
)
PLAIN_TOKENS = _words(
    """
    next page pagination continuation continue start cancellation design max min sync separator total prompt output input
    completion lexer stop task
    """
)
PLAIN_PASSES = _words(
    """
    boarding by first second low high band multi single two ski lift season
    """
)

IDENTIFIERS = _words(
    """
    id ids uuid guid sid kid sha sha1 sha256 sha512 md5 crc crc32 digest checksum hash etag commit fingerprint thumbprint revision
    rev oid identifier integrity address cid nonce build certificate cert pem crt
    """
)
DESCRIPTIONS = _words(
    """
    arn arns name names url urls uri uris endpoint endpoints path paths file files filename dir directory ttl expiry expires
    expiration expire exp timeout seconds secs sec minutes mins hours days ms millis lifetime duration age length len min max size
    count limit issuer iss audience aud type types algorithm alg algo header headers prefix suffix param params parameter
    parameters ssm table bucket queue topic version versions region format enabled disabled enable disable required require policy
    rotation rotate interval schedule field fields column attribute provider mode scope scopes user username email mail host
    hostname port domain store manager stage location ref reference label alias class handler layer lambda regex pattern service
    source method strategy resource resources template reset page message vault namespace group encoding encrypted index retries
    retry attempts status state validation validator complexity strength delimiter separator set exists present hint question
    description title budget cost window rate bytes bits characters chars charset client server verification check link role
    backend engine management date time at on stack export import rounds iterations workers threshold history tag tags extension
    grant kind config configuration settings flow expired used usage events event function app application sid usd percent quota
    plan
    """
)
# Endings and beginnings that change nothing: which one, where, in which coat.
TRIMMED = _words(
    """
    ro rw base prod production dev development staging stg qa uat test testing sandbox preprod local live demo v v1 v2 v3 primary secondary
    old new current previous prev backup value val string str text plain plaintext base64 b64 raw default override fallback a b x
    us eu main alt encoded blue green internal external
    """
)
QUESTIONS = _words(
    """
    use enable enabled disable has is require requires allow skip should min max num number no with validate check rotate show
    hide mask ignore can
    """
)
OWNERS = _words(
    """
    db database mysql postgres postgresql pg mongo mongodb redis rds aurora mariadb oracle mssql smtp ftp sftp ldap github gitlab
    slack stripe openai anthropic datadog twilio sendgrid mailgun admin root api aws azure gcp jira npm pypi bitbucket docker
    kafka rabbitmq elastic opensearch snowflake salesforce user
    """
)
VENDOR_KEYS = _words(
    """
    stripe openai anthropic sendgrid mailgun datadog dd pagerduty newrelic relic github gitlab slack twilio mailchimp algolia
    segment heroku gemini mistral cohere groq rollbar bugsnag honeycomb sumologic splunk snyk okta auth0 postmark mandrill tavily
    pinecone openweather weather azure huggingface
    """
)

# The first guesses: these protect nothing, whatever they were meant as.
WEAK_PASSWORDS = _words(
    "password passwd pass secret admin root test guest user postgres mysql changeit letmein qwerty welcome master demo token key"
)

# Whoever gets one of these keys is meant to get it.
PUBLISHED = _words("public publishable pub site anon")

# A password's digest is as good as the password to whoever has a dictionary.
DIGESTS = _words("hash sha sha1 sha256 sha512 md5 digest")

# These hold anything: the name says nothing of the value.
CONTAINERS = _words("config configuration settings app application client server user backend service function source extension")

# Under a key's or token's name these only say that the value is still to come.
STAND_IN_WORDS = _words("username password passwd pass secret test demo user guest token key changeit")

# The value may be `user:password`.
LOGINS = _words("auth credentials credential creds cred login basic")
