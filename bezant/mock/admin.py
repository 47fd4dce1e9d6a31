"""The mock's own endpoints under `/mock/`, by which programs in any language steer it.

They are beside the gateway: neither its rules nor its faults concern them, and they are not among what arrived.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, TypeVar

import msgspec
from bezant_api import OPERATIONS

from bezant.mock import scenarios
from bezant.mock.faults import Arrived, Fault
from bezant.mock.http import Ending, Reply, Request, error_reply, json_reply
from bezant.mock.topics import Topics

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

ROOT: Final = "/mock/"
_LONGEST_SECONDS: Final = 10 * 366 * 86_400.0
_SECRET: Final = ("authorization", "cookie")

Body = TypeVar("Body", bound=msgspec.Struct)
_Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]+$")]
_Value: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[!-~]([ -~]*[!-~])?$")]
"""Of a header: without line breaks, and without spaces around it."""


class _Named(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class _Perhaps(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""


class _Late(msgspec.Struct, forbid_unknown_fields=True):
    seconds: Annotated[float, msgspec.Meta(ge=0)]


class _Passed(msgspec.Struct, forbid_unknown_fields=True):
    advance: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_SECONDS)]


class _Wrong(msgspec.Struct, forbid_unknown_fields=True):
    """A fault, as far as JSON can say it; with `body` its call is answered so in place of an error."""

    operation: str = ""
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    message: str = "service unavailable"
    body: Any = msgspec.UNSET
    content_type: str = "application/json; charset=utf-8"
    headers: dict[_Name, _Value] = {}
    """Of what is answered in place of the call, such as `Retry-After`."""
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
            reply = error_reply(self.message, self.status) if self.status else None
        else:
            is_json = "json" in self.content_type
            is_ready = isinstance(self.body, str) and not is_json
            data = str(self.body) if is_ready else json.dumps(self.body)
            reply = Reply(self.status or 200, data.encode(), self.content_type)
        if reply is None and self.headers:
            message = "headers are those of an answer; give a status or a body"
            raise ValueError(message)
        return reply.having(*self.headers.items()) if reply else None


class _Streamed(msgspec.Struct, forbid_unknown_fields=True):
    """What happens to the connections there are: exactly one of these."""

    frame: dict[str, Any] | None = None
    """Is sent as JSON; as all that is sent, to connections that were greeted."""
    frames: list[dict[str, Any]] | None = None
    """Are sent one after another, with nothing between them."""
    text: str | None = None
    """Is sent as it is, JSON or not."""
    binary: bytes | None = None
    """Base64 of what a binary frame is sent with."""
    beat: Literal[True] | None = None
    greet: Literal[True] | None = None
    """Greets those that wait for a session, and all that come."""
    freeze: Literal[True] | None = None
    """Leaves them half-open."""
    close: Annotated[int, msgspec.Meta(ge=1000, le=4999)] | None = None
    """Closes them with this code, as it should be done."""
    drop: Literal[True] | None = None
    """Ends them without a word."""


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


def _stop(gateway: "MockGateway", request: Request) -> Any:
    """Stop one scenario, or all that are going on, the latest first."""
    name = _read(request, _Perhaps).name
    for one in [name] if name else reversed(gateway.started):
        gateway.stop(one)
    return {"started": gateway.started}


def _latency(gateway: "MockGateway", _: Request) -> Any:
    return {"seconds": gateway.latency}


def _delay(gateway: "MockGateway", request: Request) -> Any:
    gateway.latency = _read(request, _Late).seconds
    return _latency(gateway, request)


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


def _forget(gateway: "MockGateway", request: Request) -> Any:
    gateway.arrived.clear()
    return _arrived(gateway, request)


def _streams(gateway: "MockGateway", _: Request) -> Any:
    topics = gateway.topics
    written = {"received": topics.received, "lost": topics.lost}
    return {"connections": topics.connections, **written}


def _act(gateway: "MockGateway", request: Request) -> Any:
    given = msgspec.structs.asdict(_read(request, _Streamed))
    acts = [(name, value) for name, value in given.items() if value is not None]
    if len(acts) != 1:
        message = f"give one of {', '.join(_ACTS)}; there are {len(acts)}"
        raise ValueError(message)
    ((name, value),) = acts
    _ACTS[name](gateway.topics, value)
    return _streams(gateway, request)


def _forget_streamed(gateway: "MockGateway", request: Request) -> Any:
    gateway.topics.received.clear()
    gateway.topics.lost.clear()
    return _streams(gateway, request)


def _send_each(topics: Topics, frames: list[dict[str, Any]]) -> None:
    for frame in frames:
        topics.send(frame)


_ACTS: Final[Mapping[str, Callable[[Topics, Any], None]]] = {
    "frame": Topics.send,
    "frames": _send_each,
    "text": Topics.send,
    "binary": Topics.send,
    "beat": lambda topics, _: topics.beat(),
    "greet": lambda topics, _: topics.greet(),
    "freeze": lambda topics, _: topics.freeze(),
    "close": Topics.close,
    "drop": lambda topics, _: topics.drop(),
}


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
    "scenarios": {"GET": _scenarios, "POST": _start, "DELETE": _stop},
    "clock": {"GET": _time, "POST": _advance},
    "faults": {"GET": _faults, "POST": _add_fault, "DELETE": _clear_faults},
    "latency": {"GET": _latency, "POST": _delay},
    "arrived": {"GET": _arrived, "DELETE": _forget},
    "streams": {"GET": _streams, "POST": _act, "DELETE": _forget_streamed},
}
