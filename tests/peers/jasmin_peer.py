"""Jasmin, an SMS gateway with SMPP on both sides, for the provider tests: `jasmin_peer.py DIR CENTRE_PORT`.

In front, "otp" and "slow" may bind with "secret", the latter for one message in a quarter of an hour. Behind, it binds
to the message centre at CENTRE_PORT as "otp". Prints "port N" when it serves. Obeys lines on standard input and prints
"done" after each: "kill" and "start" mean the gateway, others are for its console, several with "; " between. Ends when
standard input does. DIR must be new; the broker and the store that Jasmin needs keep their files in it, too.
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import txamqp.spec

# As Jasmin's own script does it, without its lock in /tmp: there may be several.
DAEMON = """
import sys
from twisted.internet import reactor
from jasmin.bin.jasmind import JasminDaemon, Options

options = Options()
options.parseOptions(sys.argv[1:])
reactor.callWhenRunning(JasminDaemon(options).start)
reactor.run()
"""
HERE = "127.0.0.1"


def free_ports(names):
    """A free port of loopback for each of `names`, which are separated by blanks.

    None of those that connections get by themselves: a gateway that was killed must find its own free again.
    """
    ports = {}
    candidates = iter(random.sample(range(20_000, 32_000), 1_000))
    for name in names.split():
        ports[name] = next(port for port in candidates if is_free(port))
    return ports


def is_free(port):
    with contextlib.suppress(OSError), socket.create_server((HERE, port)):
        return True
    return False


class Process:
    """A child with a log file. Ended with `end`."""

    def __init__(self, log, command, **environment):
        self.log = log
        with log.open("wb") as out:
            environment = {**os.environ, **environment}
            self.child = subprocess.Popen(
                command,
                env=environment,
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # RabbitMQ is begun by a script, and ends with it only as its group
            )

    def wait_for(self, words):
        """Returns when the log has `words`; ends this program when the child ends or gives up before."""
        while words not in (said := self.log.read_text(errors="replace")):
            if self.child.poll() is not None or "Cannot start" in said:
                sys.exit(f"{self.child.args[0]}:\n{said}")
            time.sleep(0.05)

    def end(self):
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()


def start_redis(folder, port):
    options = f"--bind {HERE} --port {port} --save  --appendonly no --dir ."
    return Process(folder / "redis.log", ["redis-server", *options.split(" ")])


def start_epmd(folder, port):
    """The name server of Erlang: without one of ours, RabbitMQ would leave one behind."""
    process = Process(folder / "epmd.log", ["epmd", "-port", str(port), "-address", HERE])
    while socket.socket().connect_ex((HERE, port)):
        time.sleep(0.05)
    return process


def start_rabbitmq(folder, ports):
    (folder / "none.conf").touch()
    return Process(
        folder / "rabbitmq.log",
        ["/usr/lib/rabbitmq/bin/rabbitmq-server"],  # that in the path insists on its own user
        HOME=str(folder),  # of the cookie
        ERL_EPMD_ADDRESS=HERE,
        ERL_EPMD_PORT=str(ports["epmd"]),
        RABBITMQ_CONFIG_FILE=str(folder / "none"),
        RABBITMQ_CONF_ENV_FILE=str(folder / "none.conf"),
        RABBITMQ_DIST_PORT=str(ports["dist"]),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"),
        RABBITMQ_LOGS="-",
        RABBITMQ_LOG_BASE=str(folder),
        RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
        RABBITMQ_NODENAME=f"jasmin{os.getpid()}@localhost",
        RABBITMQ_NODE_IP_ADDRESS=HERE,
        RABBITMQ_NODE_PORT=str(ports["amqp"]),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +S 1:1",
    )


class Gateway:
    """Jasmin itself."""

    def __init__(self, folder, ports):
        self.folder, self.ports, self.process = folder, ports, None
        (folder / "store").mkdir()
        sections = {
            "smpp-server": {"bind": HERE, "port": ports["smpp"]},
            "smpp-server-pb": {"bind": HERE, "port": ports["server"]},
            "router": {"bind": HERE, "port": ports["router"]},
            "client-management": {"bind": HERE, "port": ports["client"]},
            "jcli": {"bind": HERE, "port": ports["console"], "authentication": False},
            "amqp-broker": {"port": ports["amqp"], "spec": txamqp.spec.DEFAULT_SPEC},
            "redis-client": {"port": ports["redis"]},
            # A receipt may overtake the note that says whose message it is about; then it is looked up again.
            "dlr": {"dlr_lookup_retry_delay": 1},
            # And one that comes while nobody is bound in front is kept, and offered again.
            "dlr-thrower": {"retry_delay": 1, "max_retries": 60},
        }
        lines = []
        for section, values in sections.items():
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in values.items())]
        (folder / "jasmin.cfg").write_text("\n".join(lines))

    def start(self):
        services = ["--disable-http-api", "--enable-dlr-thrower", "--enable-dlr-lookup"]
        command = [sys.executable, "-c", DAEMON, "--config", str(self.folder / "jasmin.cfg"), *services]
        paths = {"CONFIG_PATH": str(self.folder), "LOG_PATH": str(self.folder)}
        self.process = Process(self.folder / "jasmind.log", command, **paths)
        self.process.wait_for("jCli Started.")

    def console(self, *lines):
        """What the console says to the last of `lines`."""
        with socket.create_connection((HERE, self.ports["console"]), timeout=20) as connection:
            for line in lines:
                connection.sendall(f"{line}\r\n".encode())
                said = hear(connection)
        return said

    def configure(self, centre):
        """Ends this program when the gateway does not want what it is told."""
        slow = "mt_messaging_cred quota smpps_throughput 0.001"
        behind = f"cid centre; host {HERE}; port {centre}; username otp; password secret; systype jasmin"
        patience = "submit_throughput 0; con_loss_delay 1; con_fail_delay 1"
        for order in [
            "group -a; gid all; ok",
            "user -a; uid otp; gid all; username otp; password secret; ok",
            f"user -a; uid slow; gid all; username slow; password secret; {slow}; ok",
            f"smppccm -a; {behind}; {patience}; ok",
            "mtrouter -a; type DefaultRoute; connector smppc(centre); rate 0; ok",
            "smppccm -1 centre",
            "persist",
        ]:
            said = self.console(*order.split("; "))
            if "Successfully" not in said and "persisted" not in said:
                sys.exit(f"{order}: {said}")


def hear(connection):
    """All up to the next prompt, with the codes of a terminal in between."""
    said = b""
    while not said.endswith((b"jcli : ", b"> ")):
        more = connection.recv(4096)
        if not more:
            sys.exit(f"the console went away: {said}")
        said += more
    return said.decode(errors="replace")


def main():
    folder, centre = Path(sys.argv[1]).absolute(), sys.argv[2]
    folder.mkdir()
    ports = free_ports("smpp server router client console amqp dist epmd redis")
    gateway, others = Gateway(folder, ports), []
    try:
        others += [start_redis(folder, ports["redis"]), start_epmd(folder, ports["epmd"])]
        others.append(start_rabbitmq(folder, ports))
        others[0].wait_for("Ready to accept connections")
        others[2].wait_for("Server startup complete")
        gateway.start()
        gateway.configure(centre)
        print("port", ports["smpp"], flush=True)
        for order in map(str.strip, sys.stdin):
            if order == "kill":
                gateway.process.end()
            elif order == "start":
                gateway.start()
            else:
                gateway.console(*order.split("; "))
            print("done", flush=True)
    finally:
        for process in [gateway.process, *others]:
            if process:
                process.end()


if __name__ == "__main__":
    main()
