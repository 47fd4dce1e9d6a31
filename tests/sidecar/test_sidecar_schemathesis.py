"""schemathesis on the sidecar: what fits the document gets an answer that does, and nothing is an error of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from bezant_api import OPERATIONS, AsyncClient, example
from bezant_api.sidecar import PassThrough, create_app
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from bezant.mock import MockGateway, Rules
from tests.sidecar.serving import served
from tests.sidecar.test_sidecar_routes import Recording, target

EXAMPLES = 8
CONFORMS = (status_code_conformance, content_type_conformance, response_schema_conformance)
OWN_FAILURES = ("internal_error", "upstream_unreachable", "upstream_timeout", "overloaded")


@contextmanager
def stub() -> Iterator[str]:
    answers = {target(operation): example(name).body for name, operation in OPERATIONS.items()}
    with served(create_app(Recording().backend(answers))) as url:
        yield url


@contextmanager
def through() -> Iterator[tuple[str, MockGateway]]:
    with MockGateway(rules=Rules(preflights=False)) as gateway:
        with served(create_app(PassThrough(AsyncClient(gateway.url)))) as url:
            yield url, gateway
        assert gateway.errors == []


def run(url: str, check: Any, before: Callable[[], object] = lambda: None) -> int:
    """Call every operation with some arguments; gives how many calls there were."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    calls = 0

    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Any) -> None:
            nonlocal calls
            calls += 1
            before()
            check(case, case.call(base_url=url))

        call()
    return calls


@pytest.mark.slow
def test_a_stub() -> None:
    def check(case: Any, response: Any) -> None:
        case.validate_response(response, checks=(not_a_server_error, *CONFORMS))

    with stub() as url:
        assert run(url, check) >= len(OPERATIONS)


@pytest.mark.slow
def test_pass_through() -> None:
    """Errors of the gateway come back as they are, and are declared; the sidecar itself has to have none."""

    def check(case: Any, response: Any) -> None:
        case.validate_response(response, checks=CONFORMS)
        if response.status_code >= 400 and "json" in response.headers.get("content-type", [""])[0]:
            assert response.json().get("code") not in OWN_FAILURES

    with through() as (url, gateway):
        # Else nothing would be answered any more after the operation that logs out.
        assert run(url, check, before=gateway.session.login) >= len(OPERATIONS)
