"""Sign the package that a function runs, or a layer, and put the unsigned one back: the same files, and a signature beside them.

AWS Signer takes a package from a bucket and leaves the signed one there. Between these two anybody who may write to the bucket could put
other code in its place, so what comes back is held against what was sent before it is deployed, and deployed by the version that was
looked at. Both objects stay: the first is what undoing deploys.
Sources: AWS Signer API Reference, StartSigningJob (`source.s3.version` is required, so the bucket has versions; the current version of the
profile signs), DescribeSigningJob; AWS Lambda API Reference, UpdateFunctionCode (`RevisionId`, `S3ObjectVersion`, `SourceKMSKeyArn`;
"The default value is x86_64" of `Architectures`); read 2026-11-27.
"""

import io
import mmap
import os
from typing import IO, Any, TypeVar

from buckler.engines.artifact.names import SIGNATURE
from buckler.engines.artifact.zip import ZipError, read_zip
from buckler.fixes._refused import RefusedError
from buckler.fixes._work import FIRST_S, LONGEST_S, LOOKS, Stand, Work
from buckler.model.artifact import EntryKind, Fault
from buckler.model.fix import SignEdit, SignLayerEdit
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer, each, inner

S = TypeVar("S", SignEdit, SignLayerEdit)


class _Signer(Work[S]):
    """Signs an archive in a bucket."""

    @property
    def _bucket(self) -> dict[str, Any]:
        return {"Bucket": self._edit.bucket, "ExpectedBucketOwner": self._edit.account}

    def _insist_on_versions(self) -> None:
        if (self._ask("s3", "GetBucketVersioning", **self._bucket) or {}).get("Status") != "Enabled":
            raise RefusedError(f"the bucket `{self._edit.bucket}` keeps no versions, which AWS Signer asks for: switch them on")

    def _signed(self, package: IO[bytes]) -> dict[str, Any]:
        """Copy, sign, compare; give key and version of what is signed."""
        edit = self._edit
        copied = self._do("s3", "PutObject", **self._bucket, Key=edit.key, Body=package.read()) or {}
        self._hook("copied")
        source = {"bucketName": edit.bucket, "key": edit.key, "version": copied.get("VersionId")}
        folder = f"{edit.key.removesuffix('.zip')}/"
        started = self._do(
            "signer",
            "StartSigningJob",
            source={"s3": source},
            destination={"s3": {"bucketName": edit.bucket, "prefix": folder}},
            profileName=edit.profile.split("/")[-2],
        )
        self._hook("started")
        signed = inner(self._finished(str((started or {}).get("jobId"))), "signedObject", "s3").get("key")
        got = self._ask("s3", "GetObject", **self._bucket, Key=signed)
        if got is None:
            raise RefusedError("what AWS Signer signed is not in the bucket any more")
        self._compare(package, got["Body"])
        return {"S3Key": signed, "S3ObjectVersion": got.get("VersionId")}

    def _finished(self, job: str) -> Answer:
        pause = FIRST_S
        for _ in range(LOOKS):
            answer = self._ask("signer", "DescribeSigningJob", jobId=job)
            if answer is None:
                raise RefusedError("AWS Signer does not know the job that it was asked for")
            if answer.get("status") == "Succeeded":
                return answer
            if answer.get("status") == "Failed":
                raise RefusedError(f"AWS Signer does not sign it: {answer.get('statusReason') or 'it does not say why'}")
            self._world.wait(min(pause, self._world.patience.longest_s))
            pause = min(pause * 2, LONGEST_S)
        raise RefusedError("AWS Signer does not come to an end")

    def _compare(self, package: IO[bytes], signed: bytes) -> None:
        """Refuse what holds anything but the files that were sent, and a signature of them."""
        package.seek(0)
        before, after = _entries(package, "the package"), _entries(io.BytesIO(signed), "what AWS Signer signed")
        strange = sorted(name for name in after if name not in before and name != SIGNATURE)
        strange += sorted(name for name, one in before.items() if after.get(name) != one)
        if strange:
            raise RefusedError(f"what came back from the bucket is not what was sent: `{strange[0]}` differs; nothing was deployed")
        if SIGNATURE not in after:
            raise RefusedError("what came back from the bucket is not signed; nothing was deployed")


class PackageSigner(_Signer[SignEdit]):
    """Signs one package and takes it back."""

    def stands(self) -> Stand:
        """Say what runs: the package of the plan, that package signed by buckler, or something else."""
        edit = self._edit
        configuration = self._configuration()
        is_old = configuration.get("CodeSha256") == edit.code_sha256
        if not is_old and (configuration.get("SigningProfileVersionArn") != edit.profile or self._source(configuration) is None):
            return "changed"
        if edit.under and self._held_to() is None:
            return "partial"
        return "before" if is_old else "after"

    def _held_to(self) -> str | None:
        """Give the configuration that the function is under."""
        arn = (self._ask("lambda", "GetFunctionCodeSigningConfig", FunctionName=self._edit.arn) or {}).get("CodeSigningConfigArn")
        if arn is not None and arn != self._edit.under:
            raise RefusedError("it was put under another code-signing configuration since the plan was made")
        return arn

    def make(self) -> None:
        """Copy, sign, compare, deploy. Begun again from the copy when it was cut off: nothing but the last step changes the function."""
        edit = self._edit
        self._insist_on_versions()
        configuration, package, key = self._package()
        with package:
            signed = self._signed(package)
        self._deploy(configuration, signed, key)
        self._hook("deployed")
        self._await("after")
        self.told = (f"a copy of the package, and what was signed, stay in `s3://{edit.bucket}/{edit.key.rpartition('/')[0]}/`",)

    def take_back(self) -> None:
        """Deploy the copy again, which is the package that ran; what would refuse it is taken off before, and put on again."""
        edit, configuration = self._edit, self._settled()
        if edit.under and self._held_to() is not None:
            self._do("lambda", "DeleteFunctionCodeSigningConfig", FunctionName=edit.arn)
            self._hook("released")
        if configuration.get("CodeSha256") != edit.code_sha256:
            source = self._source(configuration)
            if source is None:
                raise RefusedError("the signing job that buckler started is not to be found")
            answer = self._ask("lambda", "GetFunction", FunctionName=edit.arn)
            key = inner(answer or {}, "Code").get("SourceKMSKeyArn")
            self._deploy(self._settled(), {"S3Key": source["key"], "S3ObjectVersion": source["version"]}, key)
            self._hook("restored")
        if edit.under:
            self._do("lambda", "PutFunctionCodeSigningConfig", FunctionName=edit.arn, CodeSigningConfigArn=edit.under)
            self._hook("held")
        self._await("before")

    def _package(self) -> tuple[Answer, IO[bytes], str | None]:
        """Fetch what runs, if it is still that of the plan; with it, how it is configured, and the key it is encrypted with."""
        edit, configuration = self._edit, self._settled()
        answer = self._ask("lambda", "GetFunction", FunctionName=edit.arn)
        got = self._world.package(edit.account, edit.region, edit.arn)
        if isinstance(got, Unknown | Fault):
            raise RefusedError(f"the package cannot be fetched: {got.why if isinstance(got, Unknown) else got.detail}")
        # What was fetched was held against the digest that AWS gave with it; if that is not the plan's, somebody deployed meanwhile.
        if self._configuration().get("RevisionId") != configuration.get("RevisionId") or configuration["CodeSha256"] != edit.code_sha256:
            got.file.close()
            raise RefusedError("other code was deployed since the plan was made")
        return configuration, got.file, inner(answer or {}, "Code").get("SourceKMSKeyArn")

    def _deploy(self, read: Answer, where: dict[str, Any], key: str | None) -> None:
        """Deploy an object, if nobody changed the function since it was *read*. What is not named would be reset."""
        self._do(
            "lambda",
            "UpdateFunctionCode",
            FunctionName=self._edit.arn,
            RevisionId=read["RevisionId"],
            S3Bucket=self._edit.bucket,
            **where,
            **({"Architectures": read["Architectures"]} if read.get("Architectures") else {}),
            **({"SourceKMSKeyArn": key} if key else {}),
        )
        self._settled()

    def _source(self, configuration: Answer) -> Answer | None:
        """Give the object that was signed, when the job that signed what runs was about buckler's copy."""
        job = str(configuration.get("SigningJobArn") or "").rpartition("/")[2]
        answer = self._ask("signer", "DescribeSigningJob", jobId=job) if job else None
        source: Answer = inner(answer or {}, "source", "s3")
        return source if (source.get("bucketName"), source.get("key")) == (self._edit.bucket, self._edit.key) else None


class LayerSigner(_Signer[SignLayerEdit]):
    """Publishes a signed copy of a layer version, and deletes it again."""

    def stands(self) -> Stand:
        """Say whether it is published: it is known by its description."""
        version = self._version()
        if version is None:
            return "before"
        content = inner(self._ask("lambda", "GetLayerVersionByArn", Arn=version["LayerVersionArn"]) or {}, "Content")
        return "after" if content.get("SigningProfileVersionArn") == self._edit.profile else "changed"

    def make(self) -> None:
        """Copy, sign, compare, publish. Begun again from the copy when it was cut off."""
        edit = self._edit
        self._insist_on_versions()
        got = self._world.layer(edit.account, edit.region, edit.arn, edit.code_sha256)
        if isinstance(got, Unknown | Fault):
            raise RefusedError(f"the layer cannot be fetched: {got.why if isinstance(got, Unknown) else got.detail}")
        with got.file as package:
            signed = self._signed(package)
        self._do(
            "lambda",
            "PublishLayerVersion",
            LayerName=edit.name,
            Description=edit.mark,
            Content={"S3Bucket": edit.bucket, **signed},
            **({"CompatibleRuntimes": list(edit.runtimes)} if edit.runtimes else {}),
        )
        self._hook("published")
        self._await("after")
        self.told = (f"a copy of the layer, and what was signed, stay in `s3://{edit.bucket}/{edit.key.rpartition('/')[0]}/`",)

    def take_back(self) -> None:
        """Delete the signed version; functions that were given it since keep what they run, as AWS does with deleted versions."""
        version = self._version()
        if version is not None:
            self._do("lambda", "DeleteLayerVersion", LayerName=self._edit.name, VersionNumber=version["Version"])
            self._hook("deleted")
        self._await("before")

    def _version(self) -> Answer | None:
        answer = self._ask("lambda", "ListLayerVersions", LayerName=self._edit.name) or {}
        return next((one for one in each(answer, "LayerVersions") if one.get("Description") == self._edit.mark), None)


def _entries(file: IO[bytes], what: str) -> dict[str, tuple[EntryKind, bool, str, str]]:
    """Give of each entry of an archive what counts of it, as two readers see it. Raises `RefusedError`."""
    content = file.getbuffer() if isinstance(file, io.BytesIO) else memoryview(_mapped(file))
    try:
        tree = read_zip(content)
        fatal = next((fault.detail for fault in tree.faults if fault.is_fatal), None)
        if fatal is None:
            found = (one for one in tree if one.kind != "directory")
            return {one.path: (one.kind, bool(one.mode & 0o111), one.sha256, one.target) for one in found}
    except ZipError as bad:
        fatal = str(bad)
    raise RefusedError(f"{what} cannot be read: {fatal}")


def _mapped(file: IO[bytes]) -> bytes | mmap.mmap:
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if os.fstat(file.fileno()).st_size else b""
