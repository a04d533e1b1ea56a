"""Sends with codes, secrets, recipients and names that we know, and looks for them where they must not be.

The gateway takes half of the deliveries and refuses the rest, quoting them; the log says all it can. Then every file of
the server, its log, its metrics, a dump of its database and the lists of its command line are searched.
"""

import concurrent.futures
import itertools
import random
import re
import string
import subprocess
from pathlib import Path

from harness import DIRECT, Key, Report, Server, code_in
from needles import forms, hits
from sdk_python import MAIL
from sink import Sink

SENDS = 2_000
WORKERS = 8
# Ten letters and digits: as good as never met by chance.
LETTERS = {"verify_code_type": 7, "verify_code_len": 10, "verify_code_ttl": 10}
TRACE = {"VERIFYD__LOG__LEVEL": "trace"}


def run(report: Report) -> None:
    for database in ("sqlite", "postgres"):
        canary(report, database)


def canary(report: Report, database: str) -> None:
    refused = itertools.count()
    sink = Sink(refuses=lambda message: next(refused) % 2 == 0)
    with Server(sink, database, environment=TRACE) as server:
        server.start()
        server.command("app", "create", "contract")
        keys = [server.key(), server.key()]
        server.until_known(keys[1])
        server.template(keys[0], "code", verify_code_config=LETTERS)
        server.template(keys[0], "mail", verify_code_config=LETTERS, send_channel_strategy="email", email_config=MAIL)
        secrets = {f"secret of key {place}": key.secret for place, key in enumerate(keys)}
        secrets["secret of the first start"] = first_secret(server)
        with report.case(f"{database}: {SENDS} sends and their verifications are answered"):
            secrets |= traffic(server, sink, keys)
        while_running = {
            "metrics": fetch(server, "/metrics"),
            "readiness": fetch(server, "/readyz"),
            "keys": str(server.command("key", "list", "--app", "contract")).encode(),
            "apps": str(server.command("app", "list")).encode(),
            "database while running": stored(server),
        }
        server.stop()
        after = {"log": server.log.read_bytes(), "database afterwards": stored(server)}
        search(report, database, server.directory, secrets, while_running | after)
    sink.close()


def traffic(server: Server, sink: Sink, keys: list[Key]) -> dict[str, str]:
    """All the sends, each verified where the code is not the caller's. Gives all that is to stay hidden."""
    secrets: dict[str, str] = {}
    noise = random.Random(7)
    plans = []
    for place in range(SENDS):
        name = "".join(noise.choices(string.ascii_letters, k=12))
        mail = place % 4 == 3
        # Thirteen digits: shorter ones stand, now and then, within the ids of which the log is full.
        to = f"{name.lower()[::-1]}@example.com" if mail else f"+49151{noise.randrange(10)}{place:07d}"
        secrets[f"recipient {place}"] = to.removeprefix("+")
        secrets[f"name {place}"] = name
        own = "".join(noise.choices(string.ascii_letters, k=10)) if place % 5 == 0 else None
        plans.append((place, to, name, own))

    def send(plan: tuple[int, str, str, str | None]) -> None:
        place, to, name, own = plan
        key = keys[place % len(keys)]
        body = {"to": to, "template": {"id": "mail" if "@" in to else "code", "params": {"name": name}}}
        path = "/v1/codes" if own else "/v1/messages"
        status, sent = server.call(key, "POST", path, body | ({"code": own} if own else {}))
        assert status == 200, (status, sent)
        code = code_in(sink.message(sent["message_id"])["text"])
        secrets[f"code {place}"] = code
        if own:
            assert code == own
            return
        for guess, verified in ((code[::-1], False), (code, True)):
            status, answer = server.call(
                key, "POST", "/v1/verifications", {"message_id": sent["message_id"], "verify_code": guess}
            )
            assert (status, answer.get("verified")) == (200, verified), (status, answer)

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(send, plans))
    return secrets


def first_secret(server: Server) -> str:
    """The secret of the key that a new installation shows the person at the terminal, and nobody else."""
    return re.search(r"KEY=[^:\s]+:(\S+)", server.greeting.read_text())[1]


def fetch(server: Server, path: str) -> bytes:
    with DIRECT.open(server.url + path) as answer:
        return answer.read()


def stored(server: Server) -> bytes:
    """Every file under the data directory, and the dump where the database is elsewhere."""
    files = b"\0".join(path.read_bytes() for path in sorted(server.data.rglob("*")) if path.is_file())
    if server.postgres:
        files += subprocess.run(["pg_dump", server.postgres.url], check=True, capture_output=True).stdout
    return files


def search(report: Report, database: str, directory: Path, secrets: dict[str, str], places: dict[str, bytes]) -> None:
    with report.case(f"{database}: everything to look for is known"):
        assert len(secrets) >= 3 * SENDS + 3, len(secrets)
    wanted = forms(secrets.values())
    for place, content in places.items():
        with report.case(f"{database}: nothing in {place}"):
            assert len(content) > 4, "there is nothing to search"
            found = hits(directory, wanted, content)
            assert not found, f"{len(found)} hits: {kinds(secrets, found)}"
        with report.case(f"{database}: what is planted in {place} is found"):
            plant = wanted[len(wanted) // 2]
            assert hits(directory, wanted, content[: len(content) // 2] + plant + content[len(content) // 2 :])
    with report.case(f"{database}: each form of each kind of secret is found when planted"):
        for kind in (
            "secret of the first start",
            "secret of key 0",
            "recipient 0",
            "recipient 3",
            "name 0",
            "code 0",
            "code 1",
        ):
            for form in forms([secrets[kind]]):
                assert hits(directory, wanted, b"x" + form + b"y"), (kind, form)


def kinds(secrets: dict[str, str], found: set[bytes]) -> dict[str, int]:
    """What was found, counted by kind, without saying it."""
    counts: dict[str, int] = {}
    for name, secret in secrets.items():
        if found & set(forms([secret])):
            kind = re.sub(r" \d+$", "", name)
            counts[kind] = counts.get(kind, 0) + 1
    return counts
