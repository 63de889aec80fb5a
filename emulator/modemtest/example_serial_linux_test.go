package modemtest_test

import (
	"bufio"
	"fmt"
	"testing"

	"go.bug.st/serial"

	"nrf91emu/emulator/modemtest"
)

// Code that opens a serial port by its path, here with go.bug.st/serial.
func ExampleModem_Path() {
	test(func(t testing.TB) {
		m := modemtest.New(t)
		port, err := serial.Open(m.Path(), &serial.Mode{BaudRate: 115200})
		if err != nil {
			t.Fatal(err)
		}
		defer port.Close()
		if _, err := port.Write([]byte("AT+CGMM\r")); err != nil {
			t.Fatal(err)
		}
		answer := ""
		for lines := bufio.NewScanner(port); lines.Scan() && lines.Text() != "OK"; {
			answer = lines.Text() // the last line before OK: banners come first
		}
		fmt.Println(answer)
	})
	// Output: nRF9151-LACA
}
