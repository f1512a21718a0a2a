"""Accounts: who may log in, as what, and with which password."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bureau.access.hashing import Hashing
from bureau.access.principal import Role
from bureau.access.tokens import digest
from canaux import security_log
from competences.plan.plan import Plan
from routeur.errors import Invalid, NotFound
from routeur.record.engine import Record
from routeur.record.tables import AccessToken, Account

DEMO_PASSWORD = "demo"  # noqa: S105 - it opens only a demonstration on the machine itself
MINIMUM_PASSWORD_CHARACTERS = 12


class Accounts:
    """Checks passwords.

    In demo mode an account without a password of its own opens with `demo`; otherwise it never opens.
    Every failure (unknown login, no password yet, wrong password) takes the same time and looks the same.
    """

    def __init__(self, record: Record, hashing: Hashing, *, demo: bool) -> None:
        self._record = record
        self._hashing = hashing
        self._unset = hashing.hash(DEMO_PASSWORD)
        self._demo = demo

    def authenticate(self, login: str, password: str) -> Role | None:
        """The role of the account that this password opens, or None. Raises TooManyPasswords."""
        query = select(Account.role, Account.password_hash).where(Account.login == login)
        with self._record.read() as connection:
            account = connection.execute(query).one_or_none()
        own = account.password_hash if account is not None else None
        matches = self._hashing.matches(own or self._unset, password)
        opens = account is not None and (own is not None or self._demo)
        return Role(account.role) if account is not None and matches and opens else None

    def change_password(self, login: str, password: str, *, kept_token: str) -> None:
        """Give an account another password, and end every log-in but that of the token. Raises TooManyPasswords."""
        values = {"password_hash": self._hashing.hash(password)}
        others = delete(AccessToken).where(AccessToken.login == login, AccessToken.digest != digest(kept_token))
        with self._record.write() as connection:
            connection.execute(update(Account).where(Account.login == login).values(**values))
            connection.execute(others)

    def known(self, login: str) -> str | None:
        """The log-in, if somebody has it."""
        with self._record.read() as connection:
            return connection.scalar(select(Account.login).where(Account.login == login))


def sync_accounts(record: Record, plan: Plan) -> None:
    """Give each agent of the plan an account with their role, and take away the accounts of those who left it.

    Passwords of those who stay are kept. Any number of processes may do this at once, any number of times.
    """
    with record.write() as connection:
        present = {row.login: row.role for row in connection.execute(select(Account.login, Account.role))}
        roles = {login: Role(agent.role).value for login, agent in plan.agents.items()}
        changed = {login: role for login, role in roles.items() if present.get(login, role) != role}
        removed = present.keys() - roles.keys()
        for login in roles.keys() - present.keys():
            _create(connection, login, roles[login])
        for login, role in changed.items():
            connection.execute(update(Account).where(Account.login == login).values(role=role))
        for login in removed:
            connection.execute(delete(AccessToken).where(AccessToken.login == login))
            connection.execute(delete(Account).where(Account.login == login))
    for login, role in changed.items():
        security_log.record("role_changed", account=login, role=role)
    for login in removed:
        security_log.record("account_removed", account=login)


def _create(connection: Connection, login: str, role: str) -> None:
    try:
        with connection.begin_nested():
            connection.execute(insert(Account).values(login=login, role=role, password_hash=None))
    except IntegrityError:  # another process has just created it
        connection.execute(update(Account).where(Account.login == login).values(role=role))


def is_varied(password: str) -> bool:
    """Whether it is more than blanks and than one character again and again."""
    return len(set(password.strip())) > 1


def set_password(connection: Connection, login: str, password: str, hashing: Hashing) -> None:
    """Give an account a password of its own and end every log-in made with the former one.

    Raises NotFound when there is no such account, Invalid when the password is too short or one character only.
    """
    if len(password) < MINIMUM_PASSWORD_CHARACTERS:
        raise Invalid(f"a password has at least {MINIMUM_PASSWORD_CHARACTERS} characters")
    if not is_varied(password):
        raise Invalid("a password is not one character only, repeated")
    values = {"password_hash": hashing.hash(password)}
    changed = connection.execute(update(Account).where(Account.login == login).values(**values))
    if changed.rowcount == 0:
        raise NotFound(f"no account has the login {login!r}")
    connection.execute(delete(AccessToken).where(AccessToken.login == login))
