"""What the operations answer that give tokens, and those that try tokens out.

A live session token and the token of a trading session are logins, and log in anew.
"""

from collections.abc import Mapping
from typing import Any

from bezant.mock.call import Call, Handler
from bezant.mock.oauth1 import OAuth1
from bezant.mock.oauth2 import OAuth2


def handlers(oauth1: OAuth1, oauth2: OAuth2) -> Mapping[str, Handler]:
    """Handlers of both kinds of OAuth, by operation id."""
    return {**_oauth1(oauth1), **_oauth2(oauth2)}


def _oauth1(oauth: OAuth1) -> Mapping[str, Handler]:
    def request_token(call: Call) -> Any:
        return {"oauth_token": oauth.request_token(call.request)}

    def access_token(call: Call) -> Any:
        consumer = oauth.access_token(call.request)
        return {
            "is_paper": consumer.is_paper,
            "oauth_token": consumer.access_token,
            "oauth_token_secret": consumer.encrypted_secret,
        }

    def live_session_token(call: Call) -> Any:
        consumer, answer = oauth.live_session_token(call.request)
        call.state.session.login(consumer.is_paper)
        return answer

    return {
        "post_oauth_request_token": request_token,
        "post_oauth_access_token": access_token,
        "post_oauth_live_session_token": live_session_token,
    }


def _oauth2(oauth: OAuth2) -> Mapping[str, Handler]:
    def token(call: Call) -> Any:
        return oauth.token(call.request)

    def session(call: Call) -> Any:
        _, answer = oauth.session(call.request)
        call.state.session.login()
        return answer

    def https(call: Call) -> Any:
        oauth.access(call.request)
        return _echo(call, "HTTPS")

    def signed_jwt(call: Call) -> Any:
        oauth.claims(call.request)
        return _echo(call, "SIGNED_JWT")

    return {
        "post_token": token,
        "post_sso_sessions": session,
        "get_echo_https": https,
        "post_echo_signed_jwt": signed_jwt,
    }


def _echo(call: Call, policy: str) -> dict[str, Any]:
    return {
        "requestMethod": call.request.method,
        "securityPolicy": policy,
        "queryParameters": call.query,
    }
