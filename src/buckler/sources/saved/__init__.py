"""Answers of AWS that somebody saved as JSON: what users of Cloudsplaining and PMapper already have.

`aws iam get-account-authorization-details`, `aws lambda list-functions`, and files of resource policies and control policies
(docs/guide/saved.md). Files that are read together are one estate: policies of one file guard the functions of another.
"""

from buckler.sources.saved.files import SavedFile, load, looks_like_saved
from buckler.sources.saved.read import read_saved

__all__ = ["SavedFile", "load", "looks_like_saved", "read_saved"]
