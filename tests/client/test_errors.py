"""One class a meaning; every error says what happened and what to do, and nothing secret."""

import pickle
import re
from typing import Any

import pytest
from bezant_api import ApiError, BezantError, errors, models
from bezant_api.core.recognition import QUESTIONS, message_of, refusal

from tests.client.scripted import answer, scripted

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


def raised(status: int, body: Any, **headers: str) -> ApiError:
    client, _ = scripted([answer(body, status, **headers)])
    with pytest.raises(ApiError) as caught:
        client.orders.submit("U1", orders=[])
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "Bad Request: no bridge", "statusCode": 400}, errors.NoBrokerageSession),
        (200, {"error": "no bridge"}, errors.NoBrokerageSession),
        (401, {"error": "not authenticated", "statusCode": 401}, errors.NoBrokerageSession),
        (401, None, errors.NotAuthenticated),
        (401, {"error": "id: 7, error: invalid consumer"}, errors.ConsumerNotActive),
        (401, {"error": "insufficient funds"}, errors.NotAuthenticated),
        (400, {"error": "Please query /accounts first"}, errors.AccountsNotQueried),
        (400, {"error": "reply id not found: 'a-b'"}, errors.ReplyNotFound),
        (200, {"error": "OrderID 12 doesn't exist"}, errors.OrderNotFound),
        (400, {"error": "OrderID 12 doesn't exist"}, errors.OrderNotFound),
        (200, {"error": "Local order ID=a is already registered."}, errors.DuplicateOrderId),
        (200, [{"error": "Order rejected: insufficient funds"}], errors.InsufficientFunds),
        (200, {"error": "No trading permissions."}, errors.NoTradingPermission),
        (200, {"error": "The market is closed"}, errors.MarketClosed),
        (200, {"error": "Limit price too far outside of NBBO"}, errors.PriceOutOfRange),
        (200, {"error": "No symbol found"}, errors.ContractNotFound),
        (200, {"error": "no sec defs returned for conid"}, errors.ContractNotFound),
        (200, {"error": "something new"}, errors.Rejected),
        (200, {"success": False, "message": "not today"}, errors.Rejected),
        (200, {"success": False}, errors.Rejected),
        (400, {"error": "something new"}, errors.BadRequest),
        (410, None, errors.Gone),
        (411, None, errors.LengthRequired),
        (429, {"error": "competing"}, errors.RateLimited),
        (500, {"error": "competing session"}, errors.CompetingSession),
        (503, {"error": "Scheduled Maintenance"}, errors.Maintenance),
        (503, {"error": "Service Unavailable"}, errors.ServiceUnavailable),
        (502, None, errors.ServerError),
        (418, None, ApiError),
    ],
)
def test_what_an_answer_means(status: int, body: Any, kind: type[ApiError]) -> None:
    error = raised(status, body)
    assert type(error) is kind
    assert error.status == status
    assert error.operation == "post_iserver_account_orders"
    assert "POST /v1/api/iserver/account/U1/orders" in str(error)
    assert error.response is not None


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("/sso/Login?forwardTo=22", errors.NotAuthenticated),
        ("https://localhost:5000/sso/Dispatcher", errors.NotAuthenticated),
        ("https://elsewhere.example/x", errors.UnexpectedRedirect),
        ("", errors.UnexpectedRedirect),
    ],
)
def test_redirects_are_answers_and_never_followed(location: str, kind: type[ApiError]) -> None:
    client, script = scripted([answer(None, 302, Location=location)])
    with pytest.raises(kind):
        client.session.tickle()
    assert len(script.sent) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "a", "statusCode": 400}, "a"),
        ({"error": {"message": "a"}}, "a"),
        ({"error": "invalid_client", "error_description": "a"}, "a"),
        ({"title": "t", "detail": "a", "status": 400}, "a"),
        ({"title": "a", "status": 400}, "a"),
        ({"message": "a", "code": 1}, "a"),
        ({"errorMessage": "a"}, "a"),
        ({"errors": [{"message": "a"}]}, "a"),
        ({"success": False, "failure_list": "a"}, "a"),
        ([{"error": "a"}], "a"),
        ("a", "a"),
        ("<html><head><title>A\n page</title></head></html>", "A page"),
        ("<h1>Resource not found</h1>", "Resource not found"),
        ({}, ""),
        ([], ""),
        (7, ""),
        (None, ""),
    ],
)
def test_every_shape_of_envelope_has_its_message(body: Any, message: str) -> None:
    assert message_of(body) == message


@pytest.mark.parametrize(
    "body",
    [
        {"error": None, "orderTypes": []},
        {"error": ""},
        {"error": False},
        {"error": "None", "success": True},
        {"session": "a", "hmds": {"error": "no bridge"}},
        {"success": True},
        {"success": "Account already set"},
        {"rules": {"error": "x"}},
        [],
        [{"conid": 1}, {"error": "x"}],
        "error",
        None,
    ],
)
def test_what_is_no_error_is_none(body: Any) -> None:
    assert refusal(body) == ""


def test_the_error_inside_a_tickle_is_data() -> None:
    client, _ = scripted([answer({"session": "s", "hmds": {"error": "no bridge"}})])
    tickle = client.session.tickle()
    assert isinstance(tickle, models.session.SuccessfulTickleResponse)
    assert tickle.hmds is not None
    assert tickle.hmds.error == "no bridge"


def test_a_page_in_place_of_data_is_an_error_with_its_bytes() -> None:
    page = b"<!DOCTYPE html><html><head><title>Login</title></head></html>"
    for content_type in ("text/html", "application/json", ""):
        client, _ = scripted([answer()._replace(headers={"content-type": content_type}, body=page)])
        with pytest.raises(errors.HtmlPage, match="Login") as caught:
            client.session.tickle()
        assert caught.value.body == page


def _all(kind: type[BezantError] = BezantError) -> list[type[BezantError]]:
    return [kind, *(inner for below in kind.__subclasses__() for inner in _all(below))]


def test_the_docstring_draws_the_tree() -> None:
    def lines(kind: type[BezantError], depth: int) -> list[tuple[int, str]]:
        below = [line for inner in kind.__subclasses__() for line in lines(inner, depth + 1)]
        return [(depth, kind.__name__), *below]

    drawn = re.findall(r"^((?:\|   |    )*(?:[|`]-- )?)([A-Z]\w+)", errors.__doc__ or "", re.M)
    tree = [(len(indent) // 4, name) for indent, name in drawn if name not in ("All", "A")]
    assert sorted(tree) == sorted(lines(BezantError, 0))


@pytest.mark.parametrize(
    "kind", [k for k in _all() if issubclass(k, ApiError) and k is not ApiError]
)
def test_every_answer_that_says_no_has_advice_or_says_its_status(kind: type[ApiError]) -> None:
    assert kind.__doc__
    assert kind.hint or kind in (errors.SessionError, errors.Conflict)


def test_an_error_says_what_happened_whether_to_retry_and_what_next() -> None:
    text = str(raised(400, {"error": "no bridge"}))
    assert text == (
        "post_iserver_account_orders (POST /v1/api/iserver/account/U1/orders): 400 no bridge. The"
        " same call may succeed later. Open the brokerage session first (POST"
        " /iserver/auth/ssodh/init)."
    )


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        f"Bearer {TOKEN}",
        "signature=abc%2F1",
        "oauth_token=5c0ffee5",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_no_error_shows_a_secret(secret: str) -> None:
    told = raised(401, {"error": f"bad {secret}, sorry"}, Set_Cookie=f"a={secret}")
    naked = secret.removeprefix("Bearer ").partition("=")[2] or secret.removeprefix("Bearer ")
    for text in (str(told), repr(told), told.message, repr(told.response)):
        assert naked not in text
    transport = errors.TransportError(operation="o", method="GET", path="/", reason=secret)
    decode = errors.DecodeError(operation="o", body=secret.encode(), reason=secret)
    assert not any(naked in text for e in (transport, decode) for text in (str(e), repr(e)))


def test_errors_travel_between_processes() -> None:
    sent = raised(400, {"error": "no bridge"})
    sent.response = None
    came = pickle.loads(pickle.dumps(sent))
    assert type(came) is type(sent)
    assert (str(came), came.status, came.body) == (str(sent), 400, sent.body)


def test_a_timeout_is_the_builtin_too() -> None:
    client, _ = scripted([errors.RequestTimeout])
    with pytest.raises(TimeoutError) as caught:
        client.session.tickle()
    assert isinstance(caught.value, errors.TransportError)
    assert caught.value.may_have_arrived
    assert not errors.ConnectError.may_have_arrived


def test_known_questions_say_whether_they_guard() -> None:
    assert QUESTIONS["o163"].guards
    assert not QUESTIONS["o354"].guards
    assert all(question.meaning for question in QUESTIONS.values())
