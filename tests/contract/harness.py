"""A server of our own on a temporary directory, its command line, and the count of what passed."""

import base64
import contextlib
import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sink import Sink

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
BINARY = Path(os.environ.get("VERIFYD", TARGET / "debug" / "verifyd"))
RUNS = TARGET / "contract" / "runs"  # what servers leave behind, until the next run
OPENAPI = ROOT / "openapi" / "engagelab.json"
START_SECONDS = 30
STOP_SECONDS = 30


class Report:
    """Counts cases and says which failed."""

    def __init__(self, suite: str):
        self.suite, self.passed, self.failed = suite, 0, 0

    def add(self, name: str, error: str | None = None) -> None:
        if error is None:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAIL {self.suite}: {name}: {error}", flush=True)

    @contextlib.contextmanager
    def case(self, name: str) -> Iterator[None]:
        """The block is one case; whatever it raises is its failure."""
        try:
            yield
        except Exception as error:
            self.add(name, f"{type(error).__name__}: {error}")
        else:
            self.add(name)

    def command(self, name: str, *command: object, **options) -> str:
        """A tool whose exit code is the verdict; its output is shown only when it fails."""
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
        )
        self.add(name, None if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    def children(self, output: str) -> None:
        """Takes over the `PASS name` and `FAIL name: why` lines of a child process."""
        for line in output.splitlines():
            verdict, _, rest = line.partition(" ")
            if verdict == "PASS":
                self.add(rest)
            elif verdict == "FAIL":
                self.add(*rest.split(": ", 1))

    def summary(self) -> str:
        return f"{self.suite}: {self.passed} passed, {self.failed} failed"


class Key:
    """What `key create` gives."""

    def __init__(self, made: dict):
        self.key, self.secret = made["dev_key"], made["dev_secret"]
        self.api_key = made.get("api_key")  # key and secret as one text, for APIs that want it so

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()


class Server:
    """A `verifyd serve` of our own. `database` is `sqlite` or `postgres`; `extra` is more configuration (TOML)."""

    def __init__(self, sink: Sink, database: str = "sqlite", extra: str = "", environment: dict | None = None):
        RUNS.mkdir(parents=True, exist_ok=True)
        self.directory = Path(tempfile.mkdtemp(dir=RUNS))
        self.config = self.directory / "verifyd.toml"
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.greeting = self.directory / "greeting"  # for the person at the terminal; the first start's secret is in it
        self.postgres = Database() if database == "postgres" else None
        self.environment = os.environ | (environment or {})
        self.process: subprocess.Popen | None = None
        self.url = ""
        url = self.postgres.url if self.postgres else f"sqlite://{self.data / 'verifyd.db'}"
        self.config.write_text(CONFIGURATION.format(data=self.data, url=url, sink=sink.url, extra=extra))

    def command(self, *words: str) -> dict | list:
        """A command of the binary with `--json`, as parsed JSON."""
        line = [BINARY, *words, "--json", "--config", self.config]
        done = subprocess.run(line, capture_output=True, text=True, env=self.environment)
        if done.returncode:
            raise RuntimeError(f"verifyd {' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def key(self, *options: str, app: str = "contract", permissions: str = "send,verify") -> Key:
        """A new key; `options` go to `key create`."""
        return Key(self.command("key", "create", "--app", app, "--permissions", permissions, *options))

    def start(self) -> "Server":
        """Starts it and waits for the line that names its address."""
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", self.config],
            stdout=self.greeting.open("wb"),
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.directory,
        )
        listening = threading.Event()
        threading.Thread(target=self._copy_log, args=(listening,), daemon=True).start()
        if not listening.wait(START_SECONDS) or not self.url:
            self.stop()
            raise RuntimeError(f"verifyd did not start:\n{self.log.read_text()}")
        return self

    def _copy_log(self, listening: threading.Event) -> None:
        with self.log.open("wb") as log:
            for line in self.process.stderr:
                log.write(line)
                log.flush()
                found = re.search(rb"listening on (https?)://[^:/\s]+:(\d+)", line)
                if found and not self.url:
                    self.url = f"{found[1].decode()}://127.0.0.1:{found[2].decode()}"
                    listening.set()
        listening.set()  # it ended: nobody need wait longer

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        """Asks it to end, and makes it end."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        if self.postgres:
            self.postgres.drop()

    def call(self, key: Key | None, method: str, path: str, body: dict | None = None) -> tuple[int, object]:
        """One request: status and parsed body."""
        request = urllib.request.Request(self.url + path, method=method)
        if key:
            request.add_header("Authorization", key.authorization)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with DIRECT.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def sql(self, statement: str) -> None:
        """Changes the database of a server that does not run."""
        if self.postgres:
            subprocess.run(["psql", self.postgres.url, "-qc", statement], check=True, stdout=subprocess.DEVNULL)
            return
        with contextlib.closing(sqlite3.connect(self.data / "verifyd.db")) as database, database:
            database.execute(statement)

    def template(self, key: Key, template_id: str, **changes: object) -> None:
        """Creates a template: six digits by SMS for ten minutes, unless `changes` say otherwise."""
        status, answer = self.call(
            key, "POST", "/v1/template-configs", TEMPLATE | {"template_id": template_id} | changes
        )
        if (status, answer) != (200, {"code": 0, "message": "success"}):
            raise RuntimeError(f"template {template_id}: {status} {answer}")

    def until_known(self, key: Key) -> None:
        """Waits until the running server has heard of a key that the command line made."""
        deadline = time.monotonic() + 10
        while self.call(key, "GET", "/v1/template-configs")[0] == 401:
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not learn of a new key")
            threading.Event().wait(0.05)


class Database:
    """A database of our own on the server that TEST_POSTGRES_URL names."""

    def __init__(self):
        self.server = os.environ["TEST_POSTGRES_URL"]
        self.name = f"contract_{uuid.uuid4().hex[:12]}"
        self.sql(f"CREATE DATABASE {self.name}")
        self.url = urlunsplit(urlsplit(self.server)._replace(path=f"/{self.name}"))

    def sql(self, statement: str) -> None:
        """Runs a statement beside the database, not in it."""
        subprocess.run(["psql", self.server, "-qc", statement], check=True, stdout=subprocess.DEVNULL)

    def drop(self) -> None:
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)")


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

CONFIGURATION = """\
data_dir = "{data}"

[http]
listen = "127.0.0.1:0"

[database]
url = "{url}"

[[provider]]
name = "sink"
kind = "http"
channels = ["sms", "whatsapp", "email"]
url = "{sink}/deliver"

{extra}
"""

TEMPLATE = {
    "send_channel_strategy": "sms",
    "brand_name": "Contract",
    "verify_code_config": {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": 10},
    "sms_config": {
        "template_type": 2,
        "template_custom_config": {"custom_sub_type": "authentication", "custom_content": "Hi {{name}}: <{{code}}>"},
    },
}

_numbers = itertools.count(1)


def phone(block: int = 0) -> str:
    """A number nobody had before in this process; `block` (0-8) keeps processes apart."""
    return f"+659{block}{next(_numbers):06d}"


def code_in(text: str) -> str:
    """The code in a text of `TEMPLATE`."""
    return re.search(r"<([^>]+)>", text)[1]
