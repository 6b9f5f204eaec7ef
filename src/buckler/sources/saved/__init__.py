"""Answers of AWS that somebody saved as JSON: what users of Cloudsplaining and PMapper already have.

`aws iam get-account-authorization-details`, `aws lambda list-functions`, and files of resource policies and control policies
(docs/guide/saved.md). Files that are read together are one estate: policies of one file guard the functions of another.
Importing this is cheap; botocore, whose answers they are, loads when one is read.
"""

from collections.abc import Sequence

from buckler.errors import SourceError
from buckler.model.estate import Estate
from buckler.model.secret import Judge
from buckler.sources.saved.files import SavedFile, load, looks_like_saved


def read_saved(files: Sequence[SavedFile], *, judge: Judge) -> tuple[Estate, tuple[SourceError, ...]]:
    """Join saved answers to one estate; a file whose content is not what its kind says becomes an error, and the others go on."""
    from buckler.sources.saved import read

    return read.read_saved(files, judge=judge)


__all__ = ["SavedFile", "load", "looks_like_saved", "read_saved"]
