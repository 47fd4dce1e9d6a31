"""The accounts of a login with what they may do, as `/iserver/accounts` and the stream tell them."""

from typing import Any, Final

from bezant.mock.state import State

_PROPERTIES: Final = {
    "hasChildAccounts": False,
    "supportsCashQty": True,
    "liteUnderPro": False,
    "noFXConv": False,
    "isProp": False,
    "supportsFractions": True,
    "allowCustomerTime": False,
    "autoFx": False,
}
_FEATURES: Final = {
    "showGFIS": True,
    "showEUCostReport": False,
    "allowEventContract": True,
    "allowFXConv": True,
    "allowFinancialLens": False,
    "allowMTA": True,
    "allowTypeAhead": True,
    "allowEventTrading": True,
    "snapshotRefreshTimeout": 30,
    "liteUser": False,
    "showWebNews": True,
    "research": True,
    "debugPnl": True,
    "showTaxOpt": True,
    "showImpactDashboard": True,
    "allowDynAccount": False,
    "allowCrypto": True,
    "allowFA": False,
    "allowLiteUnderPro": False,
    "allowedAssetTypes": "STK,CFD,OPT,FOP,WAR,FUT,BAG,PDC,CASH,IND,BOND,BILL,FUND,SLB,News,CMDTY,"
    "IOPT,ICU,ICS,PHYSS,CRYPTO",
    "restrictTradeSubscription": False,
    "showUkUserLabels": False,
    "sideBySide": True,
}
_ALL_PERIODS: Final = ("STK", "CFD", "WAR", "IOPT", "FUT", "CASH", "IND", "BOND", "FUND", "CMDTY")
_OPTION_PERIODS: Final = ("2h", "1d", "2d", "1w", "1m")
SERVER: Final = {
    "serverName": "MockServer01",
    "serverVersion": "Build 10.44.1d, Mar 3, 2026 1:55:32 PM",
}


def listed(state: State) -> dict[str, Any]:
    """The content of `/iserver/accounts`. To read it here is not to have asked for it."""
    names = [account.id for account in state.world.accounts]
    periods = {name: ["*"] for name in (*_ALL_PERIODS, "PHYSS", "CRYPTO")}
    return {
        "accounts": names,
        "acctProps": dict.fromkeys(names, _PROPERTIES),
        "aliases": {name: name for name in names},
        "allowFeatures": _FEATURES,
        "chartPeriods": {**periods, "OPT": _OPTION_PERIODS, "FOP": _OPTION_PERIODS},
        "groups": [],
        "profiles": [],
        "selectedAccount": state.world.selected,
        "serverInfo": SERVER,
        "sessionId": "65ee8a41.0000001e",
        "isFT": False,
        "isPaper": state.session.paper,
    }
