"""The dialogue for exercising an option: what is asked, what may be answered, and the order that comes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bezant.mock.stream_message import Declined, Frame
from bezant.mock.stream_quotes import contract_of
from bezant.mock.world import Holding, World

TOPIC: Final = "shs+exercise"
_QUESTIONS: Final = (
    ("Exercise", "Exercise {quantity:g} {name}?", (("exercise", "Exercise"), ("cancel", "Cancel"))),
    ("Confirm", "This cannot be undone. Go on?", (("yes", "Yes"), ("cancel", "No"))),
)
_CANCEL: Final = "cancel"


@dataclass(slots=True)
class Exercise:
    """One dialogue: two questions, each of which may end it."""

    account: str
    holding: Holding
    _asked: int = field(default=0, init=False)
    _messages: int = field(default=0, init=False)
    over: bool = field(default=False, init=False)
    """Whether there is nothing more to answer."""
    accepted: bool = field(default=False, init=False)
    """Whether it has come to an order."""

    def begin(self) -> Iterator[Frame]:
        """The confirmation, what is to be exercised, and the first question."""
        contract = self.holding.contract
        yield {"topic": TOPIC}
        about = {"conid": contract.conid, "symbol": contract.symbol, "right": contract.right}
        terms = {"strike": contract.strike, "expiry": contract.expiry}
        yield self._frame("content", {**about, **terms, "position": self.holding.quantity})
        yield self._question()

    def answer(self, arguments: Mapping[str, Any]) -> Frame:
        """Take an answer: the next question, or how it ended; raises `Declined` for one that is none."""
        action = self._action(arguments)
        self._asked += 1
        self.accepted = action != _CANCEL and self._asked == len(_QUESTIONS)
        self.over = action == _CANCEL or self.accepted
        if not self.over:
            return self._question()
        text = "Request was submitted" if self.accepted else "Cancelled"
        return self._frame("content", {"text": text})

    def order(self, order_id: int) -> dict[str, Any]:
        """The order of a dialogue that was gone through."""
        contract = self.holding.contract
        return {
            "acct": self.account,
            "account": self.account,
            "conidex": str(contract.conid),
            "conid": contract.conid,
            "orderId": order_id,
            "cashCcy": contract.currency,
            "orderDesc": f"Exercise {self.holding.quantity:g}",
            "description1": contract.symbol,
            "ticker": contract.symbol,
            "secType": contract.kind,
            "totalSize": self.holding.quantity,
            "remainingQuantity": self.holding.quantity,
            "filledQuantity": 0.0,
            "status": "PreSubmitted",
            "side": "EXER",
        }

    def _action(self, arguments: Mapping[str, Any]) -> str:
        """The answer by its id, which has to be one of those that were offered."""
        data = arguments.get("data")
        action = str(data.get("id")) if isinstance(data, dict) else ""
        if arguments.get("action") != "user_input" or action not in dict(
            _QUESTIONS[self._asked][2]
        ):
            message = "Bad request: no answer to the question"
            raise Declined(message)
        return action

    def _question(self) -> Frame:
        title, text, actions = _QUESTIONS[self._asked]
        contract = self.holding.contract
        name = f"{contract.symbol} {contract.expiry} {contract.strike:g} {contract.right}"
        question = {
            "id": str(self._asked + 1),
            "title": title,
            "text": text.format(quantity=self.holding.quantity, name=name),
            "user_actions": [{"id": key, "text": label} for key, label in actions],
        }
        return self._frame("prompt", question)

    def _frame(self, action: str, data: Mapping[str, Any]) -> Frame:
        self._messages += 1
        return {"data": data, "action": action, "MID": str(self._messages), "topic": TOPIC}


def exercise_of(world: World, conid: str) -> Exercise:
    """The dialogue for an option that an account holds; raises `Declined` for anything else."""
    contract = contract_of(world, conid)
    for account, held in world.holdings.items():
        holding = held.get(contract.conid)
        if contract.kind == "OPT" and holding is not None and holding.quantity > 0:
            return Exercise(account, holding)
    message = f"Nothing to exercise: {conid}"
    raise Declined(message)
