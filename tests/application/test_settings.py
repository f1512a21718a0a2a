"""A missing setting falls back to the demonstration's value, or stops the start with one clear line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.settings import PRODUCTION_NEEDS, SettingsError, load_settings

PRODUCTION = {
    "SECRET_KEY": "0123456789abcdef",
    "PUBLIC_URL": "https://guichet.example.org/",
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "secret-of-twilio",
    "SMTP_URL": "smtp://user:secret-of-smtp@localhost",
    "EMAIL_FROM": "mairie@example.org",
    "EMAIL_WEBHOOK_TOKEN": "secret-of-those-who-deliver-email",
}


@pytest.fixture
def production(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("folder")
class TestDemonstration:
    def test_nothing_set_is_a_demonstration_on_this_machine_alone(self, folder: Path) -> None:
        settings = load_settings()
        assert settings.demo
        assert settings.host == "127.0.0.1"
        assert settings.base_url == "http://127.0.0.1:8000"
        assert settings.record_url == f"sqlite:///{folder}/var/routeur.db"
        assert settings.redis_address.startswith("unix://")

    def test_its_secrets_are_made_up_once_for_all_processes(self, folder: Path) -> None:
        first, second = load_settings(), load_settings()
        assert first.signing_key == second.signing_key
        assert len({first.signing_key, first.twilio_token, first.email_token}) == 3
        assert (folder / "var" / "demo-secrets.json").stat().st_mode & 0o077 == 0

    def test_an_empty_value_is_a_missing_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_KEY", "")
        assert load_settings().demo

    def test_it_may_not_be_opened_to_the_world(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PUBLIC_URL", "https://guichet.example.org")
        with pytest.raises(SettingsError, match="SECRET_KEY"):
            load_settings()

    def test_codes_are_texted_from_a_number_of_ours_to_some_countries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert load_settings().text_calling_codes == frozenset()
        monkeypatch.setenv("TWILIO_PHONE_NUMBER", "01 99 00 35 00")
        assert load_settings().twilio_phone_number == "+33199003500"
        assert {33, 590} <= load_settings().text_calling_codes
        monkeypatch.setenv("SMS_COUNTRIES", "FR BE")
        assert load_settings().text_calling_codes == {33, 32}

    @pytest.mark.parametrize(("name", "value"), [("TWILIO_PHONE_NUMBER", "12"), ("SMS_COUNTRIES", "FR,BE")])
    def test_what_cannot_be_texted_from_or_to_is_said(
        self, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=name):
            load_settings()

    @pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1"])
    def test_it_may_not_listen_to_the_world(self, bind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BIND", bind)
        with pytest.raises(SettingsError, match="BIND"):
            load_settings()


@pytest.mark.usefixtures("production")
class TestProduction:
    def test_listens_to_this_machine_s_proxy_and_trusts_the_proxy_that_ends_https(self) -> None:
        settings = load_settings()
        assert not settings.demo
        assert settings.listen_on == "127.0.0.1:8000"
        assert settings.base_url == "https://guichet.example.org"
        assert settings.behind_proxy

    @pytest.mark.parametrize("name", [name.upper() for name in PRODUCTION_NEEDS])
    def test_nothing_that_it_needs_may_be_missing(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(name)
        with pytest.raises(SettingsError, match=name):
            load_settings()

    @pytest.mark.parametrize("name", ["SECRET_KEY", "API_TOKEN", "EMAIL_WEBHOOK_TOKEN"])
    def test_a_short_secret_is_refused(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, "fifteen-letters")
        with pytest.raises(SettingsError, match=name):
            load_settings()

    @pytest.mark.parametrize(
        ("bind", "listens"), [("0.0.0.0", "0.0.0.0:8000"), ("::", "[::]:8000"), ("10.0.0.5", "10.0.0.5:8000")]
    )
    def test_listens_where_it_is_told_to(self, bind: str, listens: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BIND", bind)
        assert load_settings().listen_on == listens

    @pytest.mark.parametrize("url", ["smtp://user:key@mail.example.org", "smtp://user:key@mail.example.org?starttls=0"])
    def test_a_password_is_not_sent_in_the_clear(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMTP_URL", url)
        with pytest.raises(SettingsError, match=r"SMTP_URL: .*smtps://"):
            load_settings()

    @pytest.mark.parametrize(
        "url",
        [
            "smtps://user:key@mail.example.org",
            "smtp://user:key@mail.example.org:587?starttls=1",
            "smtp://mail.example.org",
            "smtp://user:key@127.0.0.1:2525",
        ],
    )
    def test_a_private_way_to_the_mail_server_is_fine(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMTP_URL", url)
        assert load_settings().smtp_url is not None

    @pytest.mark.parametrize("url", ["imap://user:key@mail.example.org", "imap://user:key@mail.example.org?starttls=0"])
    def test_nor_to_a_mailbox(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IMAP_URL", url)
        with pytest.raises(SettingsError, match=r"IMAP_URL: .*imaps://"):
            load_settings()

    @pytest.mark.parametrize(
        "url",
        [
            "imaps://mairie%40example.org:key@mail.example.org/INBOX",
            "imap://mairie@example.org:key@mail.example.org/Courrier%20de%20la%20mairie?starttls=1",
            "imap://user:key@127.0.0.1:1143",
        ],
    )
    def test_a_private_way_to_the_mailbox_is_fine(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IMAP_URL", url)
        assert load_settings().imap_url is not None

    @pytest.mark.parametrize(
        ("bind", "address"),
        [
            ("127.0.0.1", "http://127.0.0.1:8000"),
            ("0.0.0.0", "http://127.0.0.1:8000"),
            ("::", "http://[::1]:8000"),
            ("10.0.0.5", "http://10.0.0.5:8000"),
        ],
    )
    def test_its_own_processes_find_its_web_server(
        self, bind: str, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BIND", bind)
        assert load_settings().local_url == address

    def test_secrets_show_in_no_description(self) -> None:
        described = repr(load_settings()) + str(load_settings())
        assert not [value for name, value in PRODUCTION.items() if "secret" in value and value in described]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("BIND", "everywhere"),
        ("DATABASE_URL", "mysql://user:pass-word@host/base"),
        ("DATABASE_URL", "pass-word"),
        ("REDIS_URL", "pass-word"),
        ("PUBLIC_URL", "pass-word"),
        ("CLOCK_START", "pass-word"),
        ("WEB_CONCURRENCY", "0"),
        ("SMTP_URL", "pass-word"),
        ("SMTP_URL", "smtp://host:pass-word"),
        ("IMAP_URL", "pass-word"),
        ("IMAP_URL", "imaps://user@host/pass-word"),
        ("IMAP_URL", "imaps://:pass-word@host"),
        ("IMAP_URL", "imaps://user:pass-word@host:many"),
        ("EMAIL_FROM", "pass-word"),
        ("SENDGRID_PUBLIC_KEY", "pass-word"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting_and_not_the_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    line = str(refused.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert "pass-word" not in line


@pytest.mark.usefixtures("folder")
class TestClock:
    def test_runs_from_the_given_instant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLOCK_START", "2026-03-02T09:00:00+01:00")
        now = load_settings().clock()()
        assert timedelta() <= now - datetime(2026, 3, 2, 8, tzinfo=UTC) < timedelta(minutes=1)

    def test_without_an_offset_it_is_local_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLOCK_START", "2026-07-01T09:00")
        now = load_settings().clock()()
        assert timedelta() <= now - datetime(2026, 7, 1, 7, tzinfo=UTC) < timedelta(minutes=1)

    def test_the_offset_of_the_run_goes_before_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLOCK_START", "2026-07-01T09:00")
        monkeypatch.setenv("CLOCK_OFFSET_SECONDS", "-3600")
        assert load_settings().clock_offset == timedelta(hours=-1)
