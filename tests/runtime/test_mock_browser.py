"""The login page of the mock gateway in Chromium: one click logs in."""

from pathlib import Path

import pytest
from bezant_api import Client, errors

from bezant.mock import MockGateway
from tests.runtime.chromium import chromium
from tests.typescript.browser import browser


def test_one_click_logs_in(tmp_path: Path) -> None:
    program = browser()
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with MockGateway(scenarios=["redirected-to-login"]) as gateway, Client(gateway.url) as client:
        with pytest.raises(errors.NotAuthenticated):
            client.portfolio.accounts()
        with chromium(program, tmp_path) as page:
            page.open(f"{gateway.url}/v1/api/portfolio/accounts")
            assert page.value("location.pathname") == "/sso/Login"
            page.click("button")
            page.wait_for("location.pathname === '/sso/Dispatcher'")
            page.wait_for("document.body.innerText.includes('Client login succeeds')")
            page.open(f"{gateway.url}/v1/api/portfolio/accounts")
            assert "DU1234567" in page.value("document.body.innerText")
        assert len(client.portfolio.accounts()) == 2
        assert gateway.errors == []
