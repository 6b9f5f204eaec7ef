"""The code of functions and layers: asked for where it lies now, and fetched at once, since a location lives ten minutes."""

import os
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from buckler.model.artifact import Fault, Signature
from buckler.model.progress import Progress
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import accounts
from buckler.sources.live.answers import Answer, inner
from buckler.sources.live.api import Account, Api, Reader
from buckler.sources.live.download import Fetched, fetch
from buckler.sources.live.images import Images
from buckler.sources.live.layers import GET as GET_LAYER
from buckler.sources.live.options import LiveOptions, Patience
from buckler.sources.live.revocation import ask_revocation
from buckler.sources.live.settings import GET_IMAGE as GET_FUNCTION
from buckler.sources.registry import Pulled


class CodeSource:
    """Packages by what AWS calls them. Used by many threads; a context manager, whose end stops whatever still waits."""

    def __init__(self, options: LiveOptions, progress: Progress, patience: Patience | None = None) -> None:
        self._stop = threading.Event()
        self._patience = patience or Patience()
        self._api = Api(stop=self._stop, progress=progress, patience=self._patience, connections=options.max_workers)
        # Blobs are for the run alone: what was found in an image is kept, and ten of them may be 100 GB.
        self._images_folder: tempfile.TemporaryDirectory[str] | None = None
        self._images: Images | None = None
        self._making = threading.Lock()
        self._accounts: dict[str, Account] = {one.id: one for one in accounts.reach(self._api, options).accounts}

    def __enter__(self) -> Self:
        """Nothing to do: credentials were tried when it was made."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop, and drop images that were fetched."""
        self._stop.set()
        if self._images_folder is not None:
            self._images_folder.cleanup()

    @property
    def calls(self) -> tuple[tuple[str, int], ...]:
        """How often each IAM action was asked for."""
        return self._api.counts

    def stop(self) -> None:
        """Let nothing more be asked or fetched: what waits raises `Stopped`."""
        self._stop.set()

    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        """Fetch the package of a function (or of one of its versions: *arn* is then qualified), and compare it with its digest."""
        reader = self._reader(account, region)
        if isinstance(reader, Unknown):
            return reader
        return self._fetched(account, reader.find(GET_FUNCTION, FunctionName=arn), "Code", code_sha256)

    def layer(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        """Fetch a layer version, as an account sees it that may use it."""
        reader = self._reader(account, region)
        if isinstance(reader, Unknown):
            return reader
        return self._fetched(account, reader.find(GET_LAYER, Arn=arn), "Content", code_sha256)

    def image(self, account: str, region: str, uri: str, architecture: str) -> Pulled | Unknown:
        """Fetch the image of a function, as its account may; it lasts as long as this source."""
        reader = self._reader(account, region)
        if isinstance(reader, Unknown):
            return reader
        with self._making:
            if self._images is None:
                try:
                    self._images_folder = tempfile.TemporaryDirectory(prefix="buckler-images-", dir=_cache())
                except OSError as bad:
                    why = f"there is no room for images: {bad.strerror or type(bad).__name__}"
                    return Unknown(kind=UnknownKind.FAILED, why=why, need="a cache folder that can be written (XDG_CACHE_HOME)")
                self._images = Images(Path(self._images_folder.name), self._stop)
        return self._images.fetch(reader, uri, architecture)

    def revocation(self, account: str, signature: Signature) -> Signature:
        """Ask whether what an artifact was signed with was revoked, in the region of its profile."""
        pieces = signature.signer.split(":")
        reader = self._reader(account, pieces[3] if len(pieces) > 3 else "")
        return signature if isinstance(reader, Unknown) else ask_revocation(reader, signature)

    def _reader(self, account: str, region: str) -> Reader | Unknown:
        known = self._accounts.get(account)
        if known is None:
            return Unknown(kind=UnknownKind.FAILED, why=f"the account {account} cannot be entered", need="its role")
        return Reader(self._api, known, region or known.home)

    def _fetched(self, account: str, answer: Answer | Unknown | None, member: str, code_sha256: str) -> Fetched | Fault | Unknown:
        if isinstance(answer, Unknown):
            return answer
        location = inner(answer or {}, member).get("Location")
        if not isinstance(location, str):
            return Unknown(kind=UnknownKind.FAILED, why="AWS tells of no location of the code", need="a version that is still there")
        bundle: str | None = self._accounts[account].session.get_config_variable("ca_bundle")
        return fetch(location, code_sha256, stop=self._stop, patience=self._patience, ca_bundle=bundle)


def _cache() -> Path:
    """Give the folder for what can be fetched again: images are too large for a temporary folder in memory."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "buckler"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
