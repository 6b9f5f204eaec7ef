"""AWS Signer: profiles, with the states a profile goes through (active, cancelled, revoked), and jobs, which sign objects of a bucket."""

import io
import uuid
import zipfile
from datetime import UTC, datetime
from functools import cache
from typing import Any

from moto.s3.models import s3_backends

from buckler.demo.gaps import store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document
from buckler.demo.shop.signer import Signer

DISPLAY = {"AWSLambda-SHA384-ECDSA": "AWS Lambda"}


@operation("signer", "PutSigningProfile")
def put_signing_profile(call: Call) -> Document:
    """Create a profile; AWS does not let a name be used twice, not even after cancelling."""
    params, name = call.params, str(call.params["profileName"])
    if name in call.home.signing_profiles:
        raise AwsError("ValidationException", f"Signing profile already exists: {name}")
    arn = f"arn:{store.partition(call.region)}:signer:{call.region}:{call.account}:/signing-profiles/{name}"
    version = uuid.uuid4().hex[:10]
    profile: Document = {
        "profileName": name,
        "profileVersion": version,
        "profileVersionArn": f"{arn}/{version}",
        "arn": arn,
        "platformId": params["platformId"],
        "platformDisplayName": DISPLAY.get(str(params["platformId"]), params["platformId"]),
        "signatureValidityPeriod": params.get("signatureValidityPeriod") or {"value": 135, "type": "MONTHS"},
        "status": "Active",
        "tags": params.get("tags") or {},
    }
    profile.update({member: params[member] for member in ("signingMaterial", "signingParameters", "overrides") if member in params})
    call.home.signing_profiles[name] = profile
    return {member: profile[member] for member in ("arn", "profileVersion", "profileVersionArn")}


@operation("signer", "GetSigningProfile")
def get_signing_profile(call: Call) -> Document:
    """One profile, in whatever state."""
    profile = call.home.signing_profiles.get(str(call.params["profileName"]))
    if profile is None:
        raise AwsError("ResourceNotFoundException", f"Signing profile {call.params['profileName']} not found")
    return profile


@operation("signer", "ListSigningProfiles")
def list_signing_profiles(call: Call) -> Document:
    """The region's profiles; cancelled ones only when asked for."""
    params = call.params
    profiles = list(call.home.signing_profiles.values())
    if params.get("statuses"):
        profiles = [profile for profile in profiles if profile["status"] in params["statuses"]]
    elif not params.get("includeCanceled"):
        profiles = [profile for profile in profiles if profile["status"] != "Canceled"]
    if params.get("platformId"):
        profiles = [profile for profile in profiles if profile["platformId"] == params["platformId"]]
    chosen, token = page(profiles, params, default=25, most=25, asked="maxResults")
    return {"profiles": chosen, "nextToken": token}


@operation("signer", "CancelSigningProfile")
def cancel_signing_profile(call: Call) -> None:
    """Use the profile no more; what it signed stays valid."""
    get_signing_profile(call)["status"] = "Canceled"


@operation("signer", "RevokeSigningProfile")
def revoke_signing_profile(call: Call) -> None:
    """Distrust what the profile signed after `effectiveTime`."""
    profile = get_signing_profile(call)
    if profile["profileVersion"] != call.params["profileVersion"]:
        raise AwsError("ResourceNotFoundException", "No such version of the signing profile")
    profile["status"], profile["statusReason"] = "Revoked", call.params["reason"]
    profile["revocationRecord"] = {
        "revocationEffectiveFrom": call.params["effectiveTime"],
        "revokedAt": datetime.now(UTC),
        "revokedBy": f"arn:aws:iam::{call.account}:root",
    }


@operation("signer", "GetRevocationStatus")
def get_revocation_status(call: Call) -> Document:
    """Which of a signature's profile version, job and certificates are void; this store knows no jobs and no authorities."""
    params = call.params
    arn = str(params["profileVersionArn"])
    for profile in call.home.signing_profiles.values():
        record = profile.get("revocationRecord") if profile["profileVersionArn"] == arn else None
        if record and _moment(record["revocationEffectiveFrom"]) <= _moment(params["signatureTimestamp"]):
            return {"revokedEntities": [arn]}
    return {"revokedEntities": []}


def _moment(value: object) -> datetime:
    """Read a time, however its protocol writes it."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = str(value)
    return datetime.fromtimestamp(float(text), UTC) if text.replace(".", "", 1).isdigit() else datetime.fromisoformat(text)


@operation("signer", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> Document:
    """A profile's tags."""
    arn = str(call.params["resourceArn"])
    for profile in call.home.signing_profiles.values():
        if profile["arn"] == arn:
            return {"tags": profile["tags"]}
    raise AwsError("NotFoundException", f"{arn} not found")


@cache
def _signer() -> Signer:
    return Signer()


@operation("signer", "StartSigningJob")
def start_signing_job(call: Call) -> Document:
    """Sign an object of a bucket with the current version of a profile, at once; the bucket has to keep versions."""
    params = call.params
    profile = call.home.signing_profiles.get(str(params["profileName"]))
    if profile is None or profile["status"] != "Active":
        raise AwsError("ResourceNotFoundException", f"Signing profile {params['profileName']} not found")
    source, target = params["source"]["s3"], params["destination"]["s3"]
    buckets: Any = s3_backends[call.account][store.partition(call.region)]
    key: Any = buckets.get_object(source["bucketName"], source["key"], version_id=source["version"])
    if key is None:
        raise AwsError("ValidationException", "Invalid source: the object or its version does not exist")
    number = str(uuid.uuid4())
    arn = f"arn:{store.partition(call.region)}:signer:{call.region}:{call.account}:/signing-jobs/{number}"
    job: Document = {
        "jobId": number,
        "source": {"s3": dict(source)},
        "profileName": profile["profileName"],
        "profileVersion": profile["profileVersion"],
        "platformId": profile["platformId"],
        "status": "Succeeded",
        "createdAt": datetime.now(UTC),
    }
    try:
        with zipfile.ZipFile(io.BytesIO(bytes(key.value))) as archived:
            signed = _signer().sign_archive(archived, profile["profileVersionArn"], arn)
    except zipfile.BadZipFile:
        job |= {"status": "Failed", "statusReason": "The source is not a valid zip archive"}
    else:
        name = f"{target.get('prefix', '')}{number}.zip"
        buckets.put_object(target["bucketName"], name, signed)
        job["signedObject"] = {"s3": {"bucketName": target["bucketName"], "key": name}}
    call.home.signing_jobs[number] = job
    return {"jobId": number, "jobOwner": call.account}


@operation("signer", "DescribeSigningJob")
def describe_signing_job(call: Call) -> Document:
    """One job."""
    job = call.home.signing_jobs.get(str(call.params["jobId"]))
    if job is None:
        raise AwsError("ResourceNotFoundException", f"Signing job {call.params['jobId']} not found")
    return job
