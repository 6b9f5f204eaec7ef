"""Places inside artifacts."""

from buckler.model.artifact import Artifact, Inventory
from buckler.model.origin import FileOrigin


def inside(artifact: Artifact, path: str, line: int = 0) -> FileOrigin:
    """Point into an artifact: at the file itself where it lies in a folder, else at its name in what was opened."""
    whole = artifact.origin.file if isinstance(artifact.origin, FileOrigin) else str(artifact.arn)
    is_folder = isinstance(artifact.inventory, Inventory) and artifact.inventory.kind == "folder"
    if is_folder and path and isinstance(artifact.origin, FileOrigin):
        return FileOrigin(file=f"{whole}/{path}", line=line)
    return FileOrigin(file=whole, path=f"{path}:{line}" if line else path)
