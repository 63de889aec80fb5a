"""A fake nRF91 modem as a pytest fixture.

    def test_provisioning(modem):
        provision(modem.port)           # the code under test opens the port
        modem.power_cycle()
        provision(modem.port)
        assert modem.store[24, "ca"] == ca

When the test has passed, the judge of nrf91emu looks at all that happened, and the
test fails with its findings if the provisioning is not sound.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import urllib.parse

import pytest

TYPES = {"ca": 0, "cert": 1, "key": 2, "psk": 3, "identity": 4}
STARTUP = 30  # seconds that the program may take until the modem is there


class ModemError(Exception):
    """The modem, or the program that emulates it, has refused something."""


class Unsound(AssertionError):
    """The judge has findings. Its text is the report."""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("modem", timeout=STARTUP)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Store:
    """The modem's credentials as a mapping from (sec_tag, type) to bytes, behind the
    firmware's back. A type is ca, cert, key, psk, identity or a number. Contents of
    private keys and pre-shared keys cannot be read."""

    def __init__(self, modem):
        self._modem = modem

    @staticmethod
    def _path(key):
        tag, kind = key
        if isinstance(kind, str) and kind not in TYPES:
            raise KeyError(f"there is no credential type {kind!r}; use one of {', '.join(TYPES)} or a number")
        return f"/v1/credentials/{int(tag)}/{TYPES.get(kind, kind)}"

    def __iter__(self):
        return iter([(c["sec_tag"], c["type"]) for c in self.list()])

    def __len__(self):
        return len(self.list())

    def __contains__(self, key):
        tag, kind = key
        return (int(tag), TYPES.get(kind, kind)) in set(self)

    def __getitem__(self, key):
        if key not in self:
            raise KeyError(key)
        return self._modem.call("GET", self._path(key))

    def __setitem__(self, key, content):
        if isinstance(content, str):
            content = content.encode()
        self._modem.call("PUT", self._path(key), content)

    def __delitem__(self, key):
        if key not in self:
            raise KeyError(key)
        self._modem.call("DELETE", self._path(key))

    def list(self):
        """What is stored, with digests, as the control interface lists it."""
        return self._modem.call("GET", "/v1/credentials")


class Modem:
    """A running modem. port is the path that firmware and tests open."""

    def __init__(self, program, directory, *, profile=None, app=None, faults=(), state=None, link=None, args=(), rules=(), cwd=None):
        self._program, self._cwd, self._rules = program, cwd, list(rules)
        self._serials = []
        state = os.fspath(state if state is not None else os.path.join(os.fspath(directory), "flash.img"))
        command = [program, "run", "--json", "--state", state]
        for flag, value in (("--profile", profile), ("--app", app), ("--link", link and os.fspath(link))):
            if value:
                command += [flag, value]
        for fault in faults:
            command += ["--fault", fault]
        command += [os.fspath(a) for a in args]
        self._trace = None  # the control interface keeps the last events only; the judge is to see all
        if not any(str(a).split("=")[0] == "--trace" for a in args):
            self._trace = os.path.join(os.fspath(directory), "trace.jsonl")
            command += ["--trace", self._trace]
        self._log = open(os.path.join(os.fspath(directory), "nrf91emu.log"), "w+b")
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log)
        except OSError as err:
            self._log.close()
            raise ModemError(f"{program} cannot be run: {err}") from None
        try:
            self.info = self._started()
            self.port = self.info["ports"][0].split(" ")[-1]
            self._control = self.info["control"][0]
            self.call("GET", "/v1/events")  # they are kept from the first request on
        except BaseException:
            self.close()
            raise

    def _started(self):
        timer = threading.Timer(STARTUP, self._process.kill)
        timer.start()
        try:
            text = b""
            for line in self._process.stdout:
                text += line
                if line.rstrip() == b"]":
                    return json.loads(text)[0]
            self._process.wait()
            raise ModemError("the modem did not start: " + self.log().strip())
        finally:
            timer.cancel()

    def log(self):
        """What the program has written to standard error."""
        self._log.flush()
        with open(self._log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    def call(self, method, path, body=None):
        """Sends a request to the control interface (nrf91emu help control) and returns
        what is in the answer: the value of JSON, otherwise bytes."""
        if self._control.startswith("http://"):
            connection = http.client.HTTPConnection(self._control[len("http://"):], timeout=STARTUP)
        else:
            connection = _UnixConnection(self._control)
        with contextlib.closing(connection):
            try:
                headers = {"Content-Type": "application/json"} if body is not None else {}
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
            except OSError as err:
                raise ModemError(f"the modem is gone: {err}; {self.log().strip()}") from None
        if answer.status >= 300:
            raise ModemError(json.loads(data)["error"])
        if answer.getheader("Content-Type", "").split(";")[0] == "application/json":
            return json.loads(data) if data else None
        return data

    @property
    def store(self):
        """The credentials, see Store."""
        return Store(self)

    def state(self):
        """What the device is and what it is doing."""
        return self.call("GET", "/v1/state")

    def wear(self):
        """What the flash has been through: programmed, erases, pages ..."""
        return self.call("GET", "/v1/wear")

    def power_on(self):
        """Gives the device power. What is on stays on, here and below."""
        return self.call("POST", "/v1/power/on")

    def power_off(self):
        """Switches the device off in good order: settings are stored."""
        return self.call("POST", "/v1/power/off")

    def power_cut(self):
        """Takes the power away at once."""
        return self.call("POST", "/v1/power/cut")

    def power_cycle(self):
        """Takes the power away and gives it back: the next boot."""
        return self.call("POST", "/v1/power/cycle")

    def plan_power_cut(self, after=0, **plan):
        """Lets the power fail in a flash step: the next one, or that many later."""
        self.call("PUT", "/v1/planned-cut", json.dumps({"after": after, **plan}).encode())

    def fault(self, spec):
        """Lets something go wrong from now on, such as "late-ok:after=3,delay=2s"; see
        nrf91emu faults."""
        return self.call("POST", "/v1/faults", json.dumps({"spec": spec}).encode())

    def events(self, kind=None, since=0):
        """What happened after event number since, oldest first, as dictionaries; with a
        kind, such as "command", "credential" or "flash", only those that have it."""
        lines = self.call("GET", f"/v1/events?since={int(since)}").splitlines()
        return [e for e in map(json.loads, lines) if kind is None or kind in e]

    def serial(self, **options):
        """Opens the port with pyserial and returns the serial.Serial, which is closed
        with the modem."""
        import serial

        options.setdefault("timeout", 5)
        url = self.port
        if ":" in url and not os.path.exists(url):
            url = "socket://" + urllib.parse.urlsplit("//" + url.removeprefix("tcp:")).netloc
        port = serial.serial_for_url(url, 115200, **options)
        self._serials.append(port)
        return port

    def report(self):
        """What the judge says to all that happened up to now, as nrf91emu audit --json
        prints it: sound, findings, ..."""
        code, out, err = self._audit("--json")
        if code not in (0, 3):
            raise ModemError(f"the judge failed: {err}")
        return json.loads(out)

    def findings(self):
        """The judge's findings, as a list of dictionaries."""
        return self.report().get("findings") or []

    def require_sound(self, allow_idle=False):
        """Fails with the judge's report unless the provisioning is sound. A record in
        which no command was sent is not, unless that is allowed."""
        code, _, err = self._audit(*(["--allow-idle"] if allow_idle else []))
        if code == 3:
            raise Unsound("nrf91emu: the provisioning is not sound\n" + err)
        if code != 0:
            raise ModemError(f"the judge failed: {err}")

    def _audit(self, *flags):
        record = self.call("GET", "/v1/events")  # also settles what is in the trace
        if self._trace is not None:
            with open(self._trace, "rb") as f:
                record = f.read()
        command = [self._program, "audit", *flags]
        for rule in self._rules:
            command += ["--rule", rule]
        env = {k: v for k, v in os.environ.items() if k != "GITHUB_ACTIONS"}
        done = subprocess.run(command + ["-"], input=record, capture_output=True, cwd=self._cwd, env=env, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def close(self):
        """Ends the modem."""
        for port in self._serials:
            port.close()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        self._log.close()


def pytest_addoption(parser):
    group = parser.getgroup("nrf91emu", "a fake nRF91 modem")
    for name, default, text in (
        ("program", None, "the program nrf91emu (default: $NRF91EMU, or nrf91emu in PATH)"),
        ("profile", None, "chip and modem firmware, see nrf91emu profiles"),
        ("app", None, "the application in front of the modem, see nrf91emu profiles"),
    ):
        group.addoption(f"--nrf91emu-{name}", default=default, help=text)
        parser.addini(f"nrf91emu_{name}", text)
    for name, text in (
        ("fault", "let something go wrong, see nrf91emu faults; may be repeated"),
        ("rule", "change the level of a rule of the judge, such as P16=off; may be repeated"),
    ):
        group.addoption(f"--nrf91emu-{name}", action="append", default=[], metavar="SPEC", help=text)
        parser.addini(f"nrf91emu_{name}", text, type="linelist")


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "nrf91emu(profile, app, faults, state, link, args, rules, judge): the modem of this test; "
        "judge=False leaves it unjudged, judge='idle' lets a test pass that sends no command",
    )


def _setting(config, name):
    return config.getoption(f"nrf91emu_{name}") or config.getini(f"nrf91emu_{name}")


def _program(config):
    name = _setting(config, "program") or os.environ.get("NRF91EMU") or "nrf91emu"
    path = shutil.which(name)
    if path is None:
        raise ModemError(f"there is no program {name}: install nrf91emu, or name it with --nrf91emu-program or $NRF91EMU")
    return os.path.abspath(path)


@pytest.fixture
def modem_factory(request, tmp_path_factory):
    """Makes modems: modem_factory(profile=..., app=..., faults=[...], state=FILE, link=PATH,
    args=[...], rules=[...], judge=True). All are judged when the test has passed."""
    config = request.config
    modems = request.node.stash.setdefault(_modems, [])

    def make(judge=True, **options):
        for name in ("profile", "app"):
            options.setdefault(name, _setting(config, name))
        options["faults"] = [*_setting(config, "fault"), *options.get("faults", ())]
        options["rules"] = [*_setting(config, "rule"), *options.get("rules", ())]
        made = Modem(_program(config), tmp_path_factory.mktemp("nrf91emu"), cwd=config.rootpath, **options)
        modems.append((made, judge))
        return made

    yield make
    for made, _ in modems:
        made.close()


@pytest.fixture
def modem(request, modem_factory):
    """A modem, switched on, with a flash of its own. The mark nrf91emu says what it is."""
    mark = request.node.get_closest_marker("nrf91emu")
    return modem_factory(**(mark.kwargs if mark else {}))


_modems = pytest.StashKey()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when != "call" or _modems not in item.stash:
        return
    report = outcome.get_result()
    for modem, judge in item.stash[_modems]:
        if report.passed and judge and not hasattr(report, "wasxfail"):
            try:
                modem.require_sound(allow_idle=judge == "idle")
            except Unsound as err:
                report.outcome, report.longrepr = "failed", str(err)
            except Exception as err:  # the plugin's own failure must not end the session
                report.outcome, report.longrepr = "failed", f"nrf91emu could not judge the test: {err!r}"
        if report.failed and modem.log().strip():
            report.sections.append(("nrf91emu", modem.log()))
