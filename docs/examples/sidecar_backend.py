"""A sidecar with three answers of its own; everything else goes on to the gateway.

IBKR_GATEWAY_URL=https://localhost:5000 uvicorn sidecar_backend:app
"""

import os
from typing import Any

from bezant_api import AsyncClient, models
from bezant_api.sidecar import PassThrough, Refusal, create_app
from fastapi import FastAPI

LARGEST_ORDER = 100


class House(PassThrough):
    """What this house does in its own way."""

    async def portfolio_accounts(self) -> list[models.portfolio.AccountAttributes]:
        """Show paper accounts only."""
        accounts = await self.client.portfolio.accounts()
        return [account for account in accounts if str(account.account_id).startswith("DU")]

    async def orders_submit(self, account_id: str, body: models.orders.OrdersRequest) -> Any:
        """Refuse what is too large, and send on what is not."""
        for ticket in body.orders or ():
            if (ticket.quantity or 0) > LARGEST_ORDER:
                message = f"no more than {LARGEST_ORDER} at a time"
                raise Refusal(403, message, code="order_too_large")
        return await self.client.orders.submit(account_id, body)

    async def orders_cancel(self, account_id: str, order_id: str, **_: Any) -> Any:
        """Nobody cancels by this way."""
        raise Refusal(403, f"order {order_id} of {account_id} cannot be cancelled here")


def make(gateway: str) -> FastAPI:
    """The app in front of a gateway."""
    return create_app(House(AsyncClient(gateway)))


app = make(os.environ.get("IBKR_GATEWAY_URL", "https://localhost:5000"))
