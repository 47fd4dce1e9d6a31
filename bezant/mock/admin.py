"""The mock's own endpoints under `/mock/`, by which programs in any language steer it.

They are beside the gateway: neither its rules nor its faults concern them, and they are not among what arrived.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar

import msgspec
from bezant_api import OPERATIONS

from bezant.mock import scenarios
from bezant.mock.faults import Arrived, Fault
from bezant.mock.http import Ending, Reply, Request, json_reply

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

ROOT: Final = "/mock/"
_LONGEST_SECONDS: Final = 10 * 366 * 86_400.0
_SECRET: Final = ("authorization", "cookie")

Body = TypeVar("Body", bound=msgspec.Struct)


class _Named(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class _Passed(msgspec.Struct, forbid_unknown_fields=True):
    advance: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_SECONDS)]


class _Wrong(msgspec.Struct, forbid_unknown_fields=True):
    """A fault, as far as JSON can say it; with `body` its call is answered so in place of an error."""

    operation: str = ""
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    message: str = "service unavailable"
    body: Any = msgspec.UNSET
    content_type: str = "application/json; charset=utf-8"
    delay: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    ending: Ending = Ending.WHOLE
    is_before: bool = False
    times: Annotated[int, msgspec.Meta(ge=0)] = 0

    def fault(self) -> Fault:
        """The fault that is meant."""
        return Fault(
            operation=self.operation,
            status=self.status or 0,
            message=self.message,
            reply=self._reply(),
            delay=self.delay,
            ending=self.ending,
            is_before=self.is_before,
            times=self.times,
        )

    def _reply(self) -> Reply | None:
        if self.body is msgspec.UNSET:
            return None
        is_json = "json" in self.content_type
        data = self.body if isinstance(self.body, str) and not is_json else json.dumps(self.body)
        return Reply(self.status or 200, str(data).encode(), self.content_type)


class Admin:
    """Answers what is under `/mock/`."""

    def __init__(self, gateway: "MockGateway") -> None:
        self._gateway = gateway

    def answer(self, request: Request) -> Reply | None:
        """Answer a request; None for one that is not under `/mock/`."""
        if not request.path.startswith(ROOT):
            return None
        found = _ENDPOINTS.get(request.path.removeprefix(ROOT))
        if found is None:
            return _error(f"no such endpoint; there are {', '.join(_ENDPOINTS)}", 404)
        if request.method not in found:
            allowed = ", ".join(found)
            return _error(f"the method has to be one of {allowed}", 405).having(("Allow", allowed))
        try:
            return json_reply(found[request.method](self._gateway, request))
        except (ValueError, msgspec.DecodeError) as error:
            return _error(str(error), 400)


def _error(message: str, status: int) -> Reply:
    return json_reply({"error": message}, status)


def _read(request: Request, kind: type[Body]) -> Body:
    return msgspec.json.decode(request.body or b"{}", type=kind)


def _scenarios(gateway: "MockGateway", _: Request) -> Any:
    known = [{"name": item.name, "summary": item.summary} for item in scenarios.ALL]
    return {"scenarios": known, "started": gateway.started}


def _start(gateway: "MockGateway", request: Request) -> Any:
    gateway.start(_read(request, _Named).name)
    return {"started": gateway.started}


def _time(gateway: "MockGateway", _: Request) -> Any:
    return {"now": gateway.clock.now()}


def _advance(gateway: "MockGateway", request: Request) -> Any:
    """Streams hear at once of what has become due; else they would at the next look."""
    gateway.clock.advance(_read(request, _Passed).advance)
    gateway.session.settle()
    gateway.book.advance()
    gateway.topics.tick()
    return _time(gateway, request)


def _faults(gateway: "MockGateway", _: Request) -> Any:
    return {"faults": [_told(fault) for fault in gateway.faults.active]}


def _told(fault: Fault) -> Mapping[str, Any]:
    return {
        "operation": fault.operation,
        "status": fault.status or None,
        "delay": fault.delay,
        "ending": fault.ending,
        "times": fault.times,
        "spoilt": fault.spoilt,
    }


def _add_fault(gateway: "MockGateway", request: Request) -> Any:
    wrong = _read(request, _Wrong)
    if wrong.operation and wrong.operation not in OPERATIONS:
        message = scenarios.unknown("operation", wrong.operation, OPERATIONS)
        raise ValueError(message)
    gateway.faults.add(wrong.fault())
    return _faults(gateway, request)


def _clear_faults(gateway: "MockGateway", request: Request) -> Any:
    gateway.faults.clear()
    return _faults(gateway, request)


def _arrived(gateway: "MockGateway", _: Request) -> Any:
    return {"arrived": [_seen(row) for row in gateway.arrived]}


def _seen(row: Arrived) -> Mapping[str, Any]:
    """A request, without what a client keeps to itself."""
    headers = row.request.headers
    return {
        "method": row.request.method,
        "target": row.request.target,
        "headers": {name: value for name, value in headers.items() if name not in _SECRET},
        "body": row.request.body.decode(errors="replace"),
        "operation": row.operation,
        "status": row.status,
    }


_Endpoint: TypeAlias = Callable[["MockGateway", Request], Any]

_ENDPOINTS: Final[Mapping[str, Mapping[str, _Endpoint]]] = {
    "scenarios": {"GET": _scenarios, "POST": _start},
    "clock": {"GET": _time, "POST": _advance},
    "faults": {"GET": _faults, "POST": _add_fault, "DELETE": _clear_faults},
    "arrived": {"GET": _arrived},
}
