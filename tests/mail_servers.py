"""Debian's own mail servers, each with a configuration, folders and ports of its own: Dovecot and Postfix.

They are found on PATH, never installed: `apt-get install -y postfix dovecot-imapd`. They change users, so need root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.waiting import eventually
from tests.imap_server import PostOffice, wait_for
from tests.servers import START_SECONDS, free_port

NOBODY = "nobody"
NO_IDLE = "IMAP4rev1 LITERAL+ UIDPLUS MOVE"
DOVECOT_2_3 = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail
imap_capability = {capability}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""

DOVECOT_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols {{
  imap = yes
}}
listen = 127.0.0.1
ssl = no
auth_allow_cleartext = yes
auth_mechanisms = plain
mail_driver = maildir
mail_path = {folder}/mail
imap_capability {{
  {capability}
}}
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/mail
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.mairie.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
relay_domains = mairie.example
smtpd_relay_restrictions = permit_mynetworks, reject
transport_maps = inline:{{ mairie.example=guichet: }}
guichet_destination_recipient_limit = 1
message_size_limit = {largest}
mailbox_size_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
default_transport = error:5.1.1 nobody else writes here
"""

POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
guichet unix - n n - 4 pipe
  flags=DR user={user}
  argv={command}
"""


def on_path(program: str) -> str:
    """The program, where Debian or the PATH has it; the test is skipped where there is none, or it could not run."""
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if found is None:
        pytest.skip(f"no {program} here: apt-get install -y postfix dovecot-imapd")
    if os.getuid() != 0:
        pytest.skip(f"{program} changes users, which takes root")
    return found


@contextmanager
def dovecot(*, idle: bool = True) -> Iterator[PostOffice]:
    """Run a Dovecot with one empty mailbox until the end of the block."""
    binary, nobody = on_path("dovecot"), pwd.getpwnam(NOBODY)
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    with open_folder("dovecot-") as folder:
        office = PostOffice(free_port())
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
        (folder / "users").write_text(f"{office.user}:{{PLAIN}}{office.password}::::::\n", "utf-8")
        template, without_idle = (DOVECOT_2_4, "IDLE = no") if version.startswith("2.4") else (DOVECOT_2_3, NO_IDLE)
        (folder / "dovecot.conf").write_text(
            template.format(
                folder=folder,
                port=office.port,
                user=nobody.pw_uid,
                group=nobody.pw_gid,
                capability="" if idle else without_idle,
            )
        )
        process = subprocess.Popen([binary, "-F", "-c", str(folder / "dovecot.conf")])
        try:
            wait_for(office, process)
            yield office
        finally:
            process.terminate()
            process.wait(START_SECONDS)


@contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """A folder that other users can look into."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Postfix:
    """A mail server whose every letter goes to a pipe."""

    port: int
    log: Path

    def greets(self) -> bool:
        """Whether it takes letters."""
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", self.port, timeout=1):
            return True
        return False

    def send(self, letter: bytes, *recipients: str) -> None:
        """Another mail server brings a letter."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=START_SECONDS) as client:
            client.sendmail("lea@example.org", recipients or ("accueil@mairie.example",), letter)

    def says(self, *words: str) -> bool:
        """Whether one line of its log has all these words."""
        return any(all(word in line for word in words) for line in self.log.read_text("utf-8").splitlines())


@contextmanager
def postfix(command: Sequence[str], largest_bytes: int) -> Iterator[Postfix]:
    """Run a Postfix that pipes mairie.example's letters into this command, as `nobody`, until the end of the block."""
    binary = on_path("postfix")
    with open_folder("postfix-") as folder:
        server = Postfix(free_port(), folder / "log")
        configuration = folder / "etc"
        for path in (configuration, folder / "queue", folder / "data"):
            path.mkdir(mode=0o755)
        shutil.chown(folder / "data", "postfix")
        server.log.touch()
        (configuration / "main.cf").write_text(POSTFIX_MAIN.format(folder=folder, largest=largest_bytes))
        (configuration / "master.cf").write_text(
            POSTFIX_MASTER.format(port=server.port, user=NOBODY, command=" ".join(command))
        )
        process = subprocess.Popen([binary, "-c", str(configuration), "start-fg"], start_new_session=True)
        try:
            eventually(lambda: server.greets(), f"Postfix greets; see {server.log}")
            yield server
        finally:
            subprocess.run([binary, "-c", str(configuration), "abort"], capture_output=True)
            process.wait(START_SECONDS)
