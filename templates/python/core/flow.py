"""A call as a conversation: a generator that yields effects and is sent their results.

Everything that a call does is written so, once, and the synchronous and the asynchronous client only
carry out the effects: send a `Request`, or `Wait`. Middleware is a function around the rest:

    def stamp(request: Request, proceed: Proceed) -> Flow[RawResponse]:
        response = yield from proceed(request.with_headers({"X-Stamp": "1"}))
        return response
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from .transport import RawResponse, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable

Result = TypeVar("Result")


class Wait(NamedTuple):
    """The effect of letting time pass."""

    seconds: float


Effect: TypeAlias = Request | Wait
Flow: TypeAlias = Generator[Effect, Any, Result]
Proceed: TypeAlias = Callable[[Request], Flow[RawResponse]]
Middleware: TypeAlias = Callable[[Request, Proceed], Flow[RawResponse]]


def send(request: Request) -> Flow[RawResponse]:
    """The innermost step: the request goes out."""
    response: RawResponse = yield request
    return response


def chain(middleware: Iterable[Middleware]) -> Proceed:
    """One step out of many: the first middleware is the outermost."""
    proceed: Proceed = send
    for layer in reversed(tuple(middleware)):
        proceed = _around(layer, proceed)
    return proceed


def _around(layer: Middleware, proceed: Proceed) -> Proceed:
    return lambda request: layer(request, proceed)


def run(flow: Flow[Result], perform: Callable[[Effect], Any]) -> Result:
    """Drive a flow to its end; an error of an effect is raised where the flow waits for it."""
    try:
        effect = next(flow)
        while True:
            try:
                outcome = perform(effect)
            except BaseException as error:  # the flow decides, also on cancellation
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as stop:
        result: Result = stop.value
        return result


async def run_async(flow: Flow[Result], perform: Callable[[Effect], Awaitable[Any]]) -> Result:
    """The asynchronous twin of `run`."""
    try:
        effect = next(flow)
        while True:
            try:
                outcome = await perform(effect)
            except BaseException as error:  # the flow decides, also on cancellation
                effect = flow.throw(error)
            else:
                effect = flow.send(outcome)
    except StopIteration as stop:
        result: Result = stop.value
        return result
