"""What a call is about: the account, contract or number that its path, query or body names."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock.call import Call, refuse
from bezant.mock.world import Account, Asked, Contract

COMPLETE: Final = 3
"""The call about a contract from which on answers have all that was asked for."""


def account(call: Call) -> Account:
    """The account of the path; one that the user does not have is a bad request."""
    return known_account(call, call.path["accountId"], 400)


def known_account(call: Call, name: object, status: int) -> Account:
    """The account with this id, refused with a status where there is none."""
    found = call.state.world.account(str(name))
    if found is None:
        message = f"Bad Request: unknown account {name}"
        raise refuse(message, status)
    return found


def accounts(call: Call, names: object) -> list[Account]:
    """The accounts of a list in a body, which has to have some."""
    insist(isinstance(names, list) and names != [], "acctIds are required")
    found = names if isinstance(names, list) else []
    return [known_account(call, name, 400) for name in dict.fromkeys(map(str, found))]


def contract(call: Call, conid: object, status: int = 400) -> Contract:
    """The contract with this id, refused with a status where there is none."""
    found = call.state.world.contracts.get(integer(conid, "conid"))
    if found is None:
        message = f"Bad Request: unknown contract {conid}"
        raise refuse(message, status)
    return found


def integer(value: object, name: str) -> int:
    """A whole number that may have come as text."""
    try:
        return int(str(value))
    except ValueError as error:
        message = f"Bad Request: {name} is no number: {value}"
        raise refuse(message) from error


def needed(values: Mapping[str, Any], name: str) -> Any:
    """A value that has to be there and not empty."""
    value = values.get(name)
    if value in (None, ""):
        message = f"Bad Request: {name} is required"
        raise refuse(message)
    return value


def insist(is_fine: bool, problem: str) -> None:
    """Refuse a call as a bad request where something is wrong with it."""
    if not is_fine:
        message = f"Bad Request: {problem}"
        raise refuse(message)


def listed(text: str, separator: str = ",") -> list[str]:
    """The parts of a list in the query."""
    return [part.strip() for part in text.split(separator) if part.strip()]


def is_true(text: str | None) -> bool:
    """A switch of the query."""
    return text in ("true", "1")


def times(call: Call, what: str, conid: int) -> int:
    """Which call about a contract this is in its brokerage session; without warm-ups never an early one."""
    count = before(call).again(what, conid)
    return count if call.state.rules.warm_ups else max(count, COMPLETE)


def before(call: Call) -> Asked:
    """What this brokerage session has asked for before."""
    return call.state.world.in_session(call.state.session.sessions_opened)
