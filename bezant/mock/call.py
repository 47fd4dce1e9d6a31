"""One call of an operation, as handlers see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from bezant.mock.http import Reply, Request, error_reply

if TYPE_CHECKING:
    from bezant_api.core.operation import Operation

    from bezant.mock.state import State


class Refused(Exception):
    """A call that is answered with something else than its value; raised where it is found out."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status}")
        self.reply = reply


def refuse(message: str, status: int = 400) -> Refused:
    """Make a refusal in the usual envelope, to be raised."""
    return Refused(error_reply(message, status))


@dataclass(frozen=True, slots=True)
class Call:
    """A request to an operation; `path` has its parameters by their wire names."""

    operation: "Operation[Any]"
    request: Request
    path: Mapping[str, str]
    state: "State"

    @property
    def query(self) -> dict[str, str]:
        """The query by wire names."""
        return self.request.query

    def body(self) -> dict[str, Any]:
        """The body, which has to be a JSON object; raises `Refused` where it is none."""
        try:
            body = self.request.json()
        except msgspec.DecodeError as error:
            message = f"Bad Request: {error}"
            raise refuse(message) from error
        if not isinstance(body, dict):
            message = "Bad Request: the body is no object"
            raise refuse(message)
        return body


Handler: TypeAlias = Callable[[Call], Any]
"""Gives the value of an answer with status 200, or a whole `Reply`; raises `Refused`."""
