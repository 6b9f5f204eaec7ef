"""What takes several calls to make and to take back: each of its parts is told by reading it again, so it can be cut off anywhere."""

from collections.abc import Callable
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from buckler.fixes._refused import RefusedError
from buckler.model.fix import Ask, WorkEdit
from buckler.model.unknown import Unknown
from buckler.sources.live.answers import Answer
from buckler.sources.live.world import World

Stand: TypeAlias = Literal["before", "after", "partial", "changed"]
E = TypeVar("E", bound=WorkEdit)

LOOKS: Final = 60
FIRST_S: Final = 0.1
LONGEST_S: Final = 5.0


class Work(Generic[E]):
    """Makes one such edit and takes it back. *hook* is told of each part that was done."""

    def __init__(self, world: World, edit: E, hook: Callable[[str], None]) -> None:
        self._world = world
        self._edit = edit
        self._hook = hook
        self.told: tuple[str, ...] = ()
        """What was seen on the way."""

    def stands(self) -> Stand:
        """Say how far it has come. Raises `RefusedError` when nobody can tell."""
        raise NotImplementedError

    def make(self) -> None:
        """Make it, or go on where it was cut off. Raises `RefusedError`."""
        raise NotImplementedError

    def take_back(self) -> None:
        """Put back what was. Raises `RefusedError`."""
        raise NotImplementedError

    # --- the function -----------------------------------------------------------------------------------------------------

    def _configuration(self) -> Answer:
        answer = self._ask("lambda", "GetFunctionConfiguration", FunctionName=self._edit.arn)
        if answer is None:
            raise RefusedError("the function is gone")
        return answer

    def _settled(self) -> Answer:
        pause = FIRST_S
        for _ in range(LOOKS):
            configuration = self._configuration()
            if configuration.get("LastUpdateStatus") != "InProgress":
                return configuration
            self._world.wait(min(pause, self._world.patience.longest_s))
            pause = min(pause * 2, LONGEST_S)
        raise RefusedError("an update of the function does not come to an end")

    # --- asking -----------------------------------------------------------------------------------------------------------

    @property
    def _place(self) -> tuple[str, str]:
        return self._edit.account, self._edit.region

    def _ask(self, service: str, operation: str, **parameters: Any) -> Answer | None:  # noqa: ANN401 - parameters are AWS's
        answer = self._world.read(*self._place, Ask(service=service, operation=operation, parameters=parameters))
        if isinstance(answer, Unknown):
            raise RefusedError(f"{service}:{operation} is not answered: {answer.why}")
        return answer

    def _do(self, service: str, operation: str, **parameters: Any) -> Answer | None:  # noqa: ANN401 - parameters are AWS's
        answer = self._world.write(*self._place, Ask(service=service, operation=operation, parameters=parameters))
        if isinstance(answer, Unknown):
            # What was sent may hold a secret: only what AWS names the error is told.
            raise RefusedError(f"AWS does not do {service}:{operation}: {answer.why}")
        return answer

    def _awaited(self, look: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is looked for
        """Look until there is something: AWS shows some changes only after a while."""
        pause = FIRST_S
        for _ in range(12):
            found = look()
            if found is not None:
                return found
            self._world.wait(min(pause, self._world.patience.longest_s))
            pause = min(pause * 2, LONGEST_S)
        return None

    def _await(self, wanted: Stand) -> None:
        if self._awaited(lambda: self.stands() == wanted or None) is None:
            raise RefusedError(f"AWS took the change of {self._edit.what}, but does not show it")
