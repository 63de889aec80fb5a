// Nrf91emu is a fake nRF91 modem on a virtual serial port: it answers AT
// commands, keeps credentials in an emulated flash that counts its wear, and says
// what provisioning them has cost.
package main
