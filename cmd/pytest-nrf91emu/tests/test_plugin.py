"""The plugin in pytest runs of its own. They need the program nrf91emu, in $NRF91EMU or
in PATH, and are skipped without it unless $NRF91EMU is set."""

import importlib.metadata
import os
import pathlib
import shutil

import pytest

PLUGIN = pathlib.Path(__file__).parent.parent
PROGRAM = os.environ.get("NRF91EMU") or shutil.which("nrf91emu")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no program nrf91emu: go build ./cmd/nrf91emu")

FIRMWARE = '''
import hashlib
import re
CA = """\
-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUKNkNUj+gWhQicgJi31jyZSsL/RYwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjMxMzI1MjlaGA8yMTI2MTAzMDEz
MjUyOVowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABDS+AzUcZB755yDQy7H2EGmWtoaa83YcF1zdaFBHqa8ksgBRy1fH1PaR5WIu
o4zdlDFD5PPs6BUMCZO64wBB+cmjUzBRMB0GA1UdDgQWBBR6FS4YHuYlTLnoyWsE
zSWCmq5TITAfBgNVHSMEGDAWgBR6FS4YHuYlTLnoyWsEzSWCmq5TITAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIA4F/NYHE7quThlAlk0WEij0mltu
+cbw9Q9h5GbqgRrPAiEApbmjwtWcLj/QXLM+JHAy8t8N/UrG5xuYEWBbQRi5I04=
-----END CERTIFICATE-----
"""

class Firmware:
    """Provisions a root certificate over a port, well or badly."""
    def __init__(self, port):
        self.port = port
    def at(self, command):
        self.port.write(command.encode() + b"\\r")
        lines = []
        while True:
            raw = self.port.readline()
            assert raw, "no answer to " + command
            line = raw.decode().strip()
            if line: lines.append(line)
            if re.match(r"OK|ERROR|\\+CM[ES] ERROR", line): return lines
    def same(self):
        digest = hashlib.sha256(CA.encode()).hexdigest().upper()
        return any(digest in l for l in self.at("AT%CMNG=1,24,0"))
    def write(self):
        assert self.at('AT%%CMNG=0,24,0,"%s"' % CA)[-1] == "OK"
    def good(self):
        self.at("AT")
        if not self.same():
            self.write()
    def bad(self):
        self.at("AT")
        self.write()
'''


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs tests with the plugin, in a process of their own."""
    monkeypatch.setenv("NRF91EMU", str(pathlib.Path(PROGRAM).resolve()))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    plugin = []
    if not importlib.metadata.entry_points(group="pytest11", name="nrf91emu"):  # not installed
        plugin = ["-p", "pytest_nrf91emu"]
        folder = pytester.mkdir("plugin")
        shutil.copy(PLUGIN / "pytest_nrf91emu.py", folder)
        monkeypatch.setenv("PYTHONPATH", str(folder))
    pytester.makepyfile(firmware=FIRMWARE)

    def run(tests, *args):
        pytester.makepyfile(test_it="import pytest\nfrom firmware import *\n" + tests)
        return pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *args, timeout=120)

    return run


def test_long_tests_are_judged_from_their_beginning(run):
    result = run(
        """
def test_provisioning(modem):
    firmware = Firmware(modem.serial())
    firmware.bad()
    firmware.bad()
    for _ in range(500):
        firmware.port.write(b"AT\\r" * 20)
        for _ in range(20):
            while firmware.port.readline() != b"OK\\r\\n": pass
    assert modem.events()[0]["seq"] > 1
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*P04 written-unchanged*"])


def test_sound_firmware_passes(run):
    result = run(
        """
def test(modem):
    fw = Firmware(modem.serial())
    for boot in range(3):
        fw.good()
        modem.power_cycle()
    assert modem.store[24, "ca"] == CA.encode()
    assert modem.state()["boot"] == 4
    assert [c["sec_tag"] for c in modem.store.list() if c["sec_tag"] == 24] == [24]
    assert modem.wear()["programmed"] > 0
    texts = [e["command"]["text"] for e in modem.events("command")]
    assert texts.count("AT%CMNG=1,24,0") == 3
    assert len([t for t in texts if t.startswith("AT%CMNG=0")]) == 1
    last = modem.events()[-1]["seq"]
    assert modem.events(since=last) == []
    modem.require_sound()
    assert modem.report()["sound"]
"""
    )
    result.assert_outcomes(passed=1)


def test_bad_firmware_fails_with_the_findings(run):
    result = run(
        """
def test(modem):
    fw = Firmware(modem.serial())
    for boot in range(3):
        fw.bad()
        modem.power_cycle()
    assert modem.findings()[0]["rule"]

@pytest.mark.nrf91emu(judge=False)
def test_unjudged(modem):
    fw = Firmware(modem.serial())
    fw.bad()
    fw.bad()
    with pytest.raises(AssertionError, match="written-unchanged"):
        modem.require_sound()
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the provisioning is not sound*", "*error P0*sec_tag 24*", "*cost: * bytes programmed*", "*fix: *"])


def test_its_own_failure_counts_more(run):
    result = run(
        """
def test(modem):
    Firmware(modem.serial()).bad()
    assert 1 == 2
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*"])
    result.stdout.no_fnmatch_line("*is not sound*")


def test_no_command_is_no_success(run):
    result = run(
        """
def test(modem): pass

@pytest.mark.nrf91emu(judge="idle")
def test_idle(modem): pass
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*nothing seen*"])


def test_options_and_marks(run, pytester):
    pytester.makeini("[pytest]\nnrf91emu_app = serial-modem\nnrf91emu_rule =\n    P30=off\n")
    result = run(
        """
def test_options(modem):
    assert modem.info["profile"] == "nrf9160-1.3.7" or modem.info["profile"].startswith("nrf9160-1.3")
    assert modem.info["application"] == "serial-modem"
    Firmware(modem.serial()).good()

@pytest.mark.nrf91emu(profile="nrf9151-2.0.4", app="at-client", faults=["late-ok:delay=10ms"])
def test_marks(modem):
    assert modem.info["profile"] == "nrf9151-2.0.4" and modem.info["application"] == "at-client"
    Firmware(modem.serial()).good()
    assert modem.call("GET", "/v1/faults")
""",
        "--nrf91emu-profile",
        os.environ.get("NRF91EMU_TEST_PROFILE", "nrf9160-1.3.7"),
    )
    result.assert_outcomes(passed=2)


def test_the_store_behind_the_firmware(run):
    result = run(
        """
def test(modem):
    modem.store[25, "psk"] = b"00ff"
    modem.store[25, 4] = "another"
    assert (25, "psk") in modem.store and (26, "ca") not in modem.store
    with pytest.raises(Exception, match="."):
        modem.store[25, "psk"]                       # a secret
    with pytest.raises(KeyError):
        modem.store[26, "ca"]
    with pytest.raises(KeyError):
        modem.store[24, "certificate"]
    Firmware(modem.serial()).good()
    assert modem.store[24, "ca"] == CA.encode()
    del modem.store[25, "psk"]
    del modem.store[25, "identity"]
    assert (25, 3) not in modem.store

def test_power(modem):
    modem.plan_power_cut(after=1)
    with pytest.raises(Exception, match="power"):
        modem.store[24, "ca"] = CA
    assert not modem.state()["on"]
    modem.power_on()
    assert modem.state()["on"]
    modem.power_off()
    modem.power_on()
    Firmware(modem.serial()).good()

def test_two(modem, modem_factory, tmp_path):
    other = modem_factory(state=tmp_path / "f.img", link=tmp_path / "port", judge="idle")
    assert other.port == str(tmp_path / "port")
    assert other.info["imei"] == modem.info["imei"]
    Firmware(modem.serial()).good()
"""
    )
    result.assert_outcomes(passed=3)


def test_what_cannot_start_says_why(run):
    result = run("def test(modem): pass", "--nrf91emu-profile", "nrf52")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*there is no profile "nrf52"*'])
    result = run("def test(modem): pass", "--nrf91emu-program", "no-such-program")
    result.stdout.fnmatch_lines(["*there is no program no-such-program: install nrf91emu*"])


def test_the_twister_sample(run, pytester):
    """The test of the sample, with a program in Python in place of the application."""
    sample = PLUGIN / "twister"
    text = (sample / "pytest" / "test_provisioning.py").read_text()
    pytester.makeconftest(
        f"""
import pytest, subprocess, sys, types
@pytest.fixture
def unlaunched_dut():
    class Dut:
        def launch(self):
            self.process = subprocess.Popen([sys.executable, "standin.py"])
            self.process.wait()
        def close(self): pass
        def readlines_until(self, regex, timeout=None):
            return ["provisioned"]
    return Dut()
"""
    )
    pytester.makepyfile(
        standin="""
import serial
from firmware import Firmware
Firmware(serial.Serial("/tmp/nrf91emu-twister", 115200, timeout=5)).good()
"""
    )
    result = run(text)
    result.assert_outcomes(passed=1)
