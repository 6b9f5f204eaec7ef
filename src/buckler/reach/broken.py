"""What goes wrong when a step of the graph cannot be proved: apart from the graph, so that who only handles it need not load all of it."""

from buckler.model.unknown import Unknown, UnknownKind


class BrokenProofError(AssertionError):
    """The two twins of the IAM engine disagree: a step that was counted as certain cannot be proved. A bug of ours."""

    @property
    def unknown(self) -> Unknown:
        """Tell it as a question that was not answered, so that the rest of the answers can be given."""
        return Unknown(
            kind=UnknownKind.FAILED, why=f"a step that was counted on could not be proved, our bug: {self}", need="a report of it"
        )
