"""Code of functions and layers: archives kept by digest, images by what the registry says of their name."""

import base64
import hashlib
import io
import zipfile
from importlib import import_module
from typing import Any

from moto.s3.models import s3_backends

from buckler.demo.gaps import ecr, store
from buckler.demo.gaps.operations import AwsError, Call
from buckler.demo.gaps.store import Document

# asn1crypto has no types of its own.
_cms: Any = import_module("asn1crypto.cms")
_pem: Any = import_module("asn1crypto.pem")
ZIP_LIMIT = 50 * 1024 * 1024


def take(call: Call, config: Document, code: Document) -> Document:
    """Keep the code and note its digest and size in *config*; returns the `FunctionCodeLocation`."""
    if code.get("ImageUri"):
        image = str(code["ImageUri"])
        digest = image.partition("@sha256:")[2] or ecr.digest_of(call.world, image) or hashlib.sha256(image.encode()).hexdigest()
        repository = (
            image.partition("@")[0].rpartition(":")[0] if "@" not in image and ":" in image.rpartition("/")[2] else image.partition("@")[0]
        )
        config["CodeSha256"], config["CodeSize"] = digest, 0
        return {"RepositoryType": "ECR", "ImageUri": image, "ResolvedImageUri": f"{repository}@sha256:{digest}"}
    body = archive(call, code)
    location, config["CodeSha256"] = keep(call, body)
    config["CodeSize"] = len(body)
    for member in SIGNED:
        config.pop(member, None)
    config.update(signed_by(body))
    answer: Document = {"RepositoryType": "S3", "Location": location}
    if code.get("SourceKMSKeyArn"):
        answer["SourceKMSKeyArn"] = code["SourceKMSKeyArn"]
    return answer


def keep(call: Call, body: bytes) -> tuple[str, str]:
    """Keep an archive: where it can be fetched from, as from AWS's presigned URL, and its `CodeSha256`."""
    digest = hashlib.sha256(body)
    call.world.archives[digest.hexdigest()] = body
    return f"{call.world.endpoint}/_archives/{digest.hexdigest()}", base64.b64encode(digest.digest()).decode()


SIGNED = ("SigningProfileVersionArn", "SigningJobArn")


def signed_by(body: bytes) -> Document:
    """What AWS notes of a signed archive: the profile version and the job that its signature names."""
    with zipfile.ZipFile(io.BytesIO(body)) as archived:
        if "META_INF/aws_signer_signature_v1.0.SF" not in archived.namelist():
            return {}
        signature = archived.read("META_INF/aws_signer_signature_v1.0.SF")
    content = _cms.ContentInfo.load(_pem.unarmor(signature)[2])["content"]
    told: Document = {}
    for attribute in content["signer_infos"][0]["signed_attrs"]:
        member = _NAMES.get(attribute["type"].dotted)
        if member:
            told[member] = attribute["values"][0].parse().native
    return told


_NAMES = {"1.3.187.137.1.2": "SigningJobArn", "1.3.187.137.1.4": "SigningProfileVersionArn"}


def archive(call: Call, content: Document) -> bytes:
    """The bytes of an uploaded archive: inline (`ZipFile`), or from a bucket."""
    if "ZipFile" in content:
        inline: bytes | str = content["ZipFile"]
        body = inline if isinstance(inline, bytes) else base64.b64decode(inline)
        if len(body) > ZIP_LIMIT:
            raise AwsError("RequestTooLargeException", "Request must be smaller than 70167211 bytes for the operation")
        return body
    if "S3Bucket" in content:
        buckets: Any = s3_backends[call.account][store.partition(call.region)]
        key: Any = buckets.get_object(content["S3Bucket"], content["S3Key"], version_id=content.get("S3ObjectVersion"))
        if key is None:
            raise AwsError("InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: NoSuchKey.")
        return bytes(key.value)
    raise AwsError("InvalidParameterValueException", "Please provide a source for function code.")
