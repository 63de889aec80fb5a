"""Tests a provisioning against an emulated modem, with plain Python.

NRF91EMU_PORT is the modem's port, CONTROL its control socket.
"""

import http.client
import json
import os
import socket
import termios
import tty
import unittest


class Control(http.client.HTTPConnection):
    """The control interface on a unix socket."""

    def __init__(self, path):
        super().__init__("modem")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def call(self, method, path, body=None):
        self.request(method, path, body)
        answer = self.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(json.loads(data)["error"])
        if answer.getheader("Content-Type") == "application/json":
            return json.loads(data)
        return data


class Modem:
    """The AT port, without any serial library."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd, termios.TCSANOW)

    def close(self):
        os.close(self.fd)

    def at(self, command):
        """Sends a command and returns the lines of the answer."""
        os.write(self.fd, command.encode() + b"\r")
        answer = b""
        while True:
            answer += os.read(self.fd, 4096)
            lines = answer.decode().split("\r\n")
            for i, line in enumerate(lines[:-1]):
                if line in ("OK", "ERROR") or line.startswith("+CME ERROR"):
                    return lines[: i + 1]


def provision(modem, sec_tag, identity):
    """What is being tested: asks, compares, writes on a difference only."""
    # After a power-on the first answer has the application's banner before it.
    if any("%CMNG: " in line for line in modem.at(f"AT%CMNG=1,{sec_tag},4")):
        stored = "\r\n".join(modem.at(f"AT%CMNG=2,{sec_tag},4"))
        if f',"{identity}"' in stored:
            return
    answer = modem.at(f'AT%CMNG=0,{sec_tag},4,"{identity}"')
    if answer[-1] != "OK":
        raise RuntimeError(answer[-1])


class TestProvisioning(unittest.TestCase):
    def setUp(self):
        self.control = Control(os.environ["CONTROL"])
        self.addCleanup(self.control.close)
        self.modem = Modem(os.environ["NRF91EMU_PORT"])
        self.addCleanup(self.modem.close)

    def test_one_write_in_three_boots(self):
        for boot in range(3):
            before = self.control.call("GET", "/v1/wear")["programmed"]
            provision(self.modem, 24, "the-identity")
            cost = self.control.call("GET", "/v1/wear")["programmed"] - before
            self.assertEqual(cost > 0, boot == 0, f"boot {boot} cost {cost} bytes")
            state = self.control.call("POST", "/v1/power/cycle")
            self.assertTrue(state["on"])
        self.assertEqual(self.control.call("GET", "/v1/credentials/24/4"), b"the-identity")

    def test_changed_outside(self):
        self.control.call("PUT", "/v1/credentials/25/4", b"another-identity")
        provision(self.modem, 25, "the-identity")
        self.assertEqual(self.control.call("GET", "/v1/credentials/25/4"), b"the-identity")
        self.control.call("DELETE", "/v1/credentials/25/4")
        with self.assertRaisesRegex(RuntimeError, "no such credential"):
            self.control.call("GET", "/v1/credentials/25/4")


if __name__ == "__main__":
    unittest.main()
