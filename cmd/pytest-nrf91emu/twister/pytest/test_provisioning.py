"""Three boots of the application against one modem; nrf91emu judges them."""

import pytest


@pytest.mark.nrf91emu(link="/tmp/nrf91emu-twister")  # boards/native_sim.overlay
def test_three_boots(modem, unlaunched_dut):
    for _ in range(3):
        unlaunched_dut.launch()
        unlaunched_dut.readlines_until(regex="provisioned", timeout=20)
        unlaunched_dut.close()
        modem.power_cycle()
    assert b"BEGIN CERTIFICATE" in modem.store[24, "ca"]
