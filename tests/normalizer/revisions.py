"""A revision of the pin in the style of 2.39, made from what is known of it."""

from typing import Any

from normalizer.change import METHODS
from normalizer.document import Json, clone
from normalizer.structure import TRADING_BASE

NEW_OPERATIONS = (
    ("post", "/gw/api/v2/external-asset-transfers", "createExternalAssetTransfers_2"),
    ("post", "/gw/api/v2/external-asset-transfers:bulk", "bulkExternalAssetTransfers_2"),
    ("get", "/gw/api/v1/requests/{requestId}/status", "getRequestsStatus"),
    ("get", "/gw/api/v1/restrictions/account", "getAccountRestrictions"),
    ("get", "/gw/api/v1/restrictions/ids", "getMasterRestrictionIds"),
    ("get", "/gw/api/v1/restrictions/list", "getListDetails"),
    ("get", "/gw/api/v1/restrictions/lists/ids", "getMasterListIds"),
    ("get", "/gw/api/v1/restrictions/restriction", "getRestrictionDetails"),
    ("get", "/gw/api/v1/restrictions/restriction-scope", "getRestrictionScope"),
    ("get", "/gw/api/v1/restrictions/user", "getUserRestrictions"),
    ("post", "/gw/api/v1/tax-vouchers", "createTaxVoucherRequests"),
    ("get", "/gw/api/v1/tax-vouchers/active-countries", "getActiveCountryList"),
    ("get", "/gw/api/v1/tax-vouchers/dividends", "fetchDividends_1"),
    ("get", "/gw/api/v1/tax-vouchers/years", "getYears"),
    ("get", "/gw/api/v1/tax-vouchers/{requestId}/download", "downloadFile"),
    ("get", "/gw/api/v1/tax-vouchers/{requestId}/state", "getCurrentState_1"),
    ("post", "/v1/api/pa/allocation", "createAllocation"),
)
RENAMED_PATHS = {
    "/fyi/notifications/{notificationID}": ("notificationID", "notificationId"),
    "/portfolio/{accountid}/position/{conid}": ("accountid", "accountId"),
}
MODEL_TAG = "Trading FA Model Portfolios"
BEARER = {"type": "http", "scheme": "bearer"}


def synthetic(pin: Json) -> Any:
    """The pin with the base path in its keys, ids, split tags, new schemes and new operations."""
    root = clone(pin)
    root["info"]["version"] = "2.39.0"
    root["paths"] = dict(_moved(path, item) for path, item in root["paths"].items())
    for method, path, name in NEW_OPERATIONS:
        root["paths"].setdefault(path, {})[method] = _operation(path, name)
    root["components"]["securitySchemes"] = {"ssoBearer": BEARER, "oauth2Bearer": BEARER}
    root["tags"].append({"name": MODEL_TAG})
    return root


def _moved(path: str, item: Any) -> tuple[str, Any]:
    is_management = path.startswith(("/gw/", "/oauth2/"))
    for method in [name for name in item if name in METHODS]:
        if is_management:
            item[method].setdefault("operationId", _camel(method, path))
        if path.startswith("/fa/model/") or path.startswith("/fa/fa-preset/"):
            item[method]["tags"] = [MODEL_TAG]
    if path in RENAMED_PATHS:
        path = path.replace(*RENAMED_PATHS[path])
    return path if is_management else f"{TRADING_BASE}{path}", item


def _camel(method: str, path: str) -> str:
    words = [word for word in path.replace(":", "/").split("/")[4:] if "{" not in word]
    return method + "".join(part.title() for word in words for part in word.split("-"))


def _operation(path: str, name: str) -> dict[str, Json]:
    operation: dict[str, Json] = {
        "operationId": name,
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }
    if "{requestId}" in path:
        schema = {"type": "integer", "format": "int32"}
        parameter = {"name": "requestId", "in": "path", "required": True, "schema": schema}
        operation["parameters"] = [parameter]
    return operation
