package modemtest

import (
	"fmt"
	"os"

	"nrf91emu/emulator/control"
	"nrf91emu/emulator/fault"
)

// LibraryVariable is the environment variable in which firmware in C finds the modem.
const LibraryVariable = control.LibraryVariable

// Library returns where firmware in C, such as a program that nrf91emu firmware build has made,
// reaches the modem in place of a UART: its environment needs LibraryVariable=Library(). The
// interface is there from the first call on, the same at each. When the modem loses its power the
// program begins again, and waits for the next PowerOn. One program runs at a time. It does not
// work inside a bubble of testing/synctest.
func (m *Modem) Library() string {
	m.t.Helper()
	m.started()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.library != "" {
		return m.library
	}
	number, _ := m.number()
	l, err := control.ListenLibrary(fmt.Sprintf("modemtest-%d-%s", os.Getpid(), number))
	if err != nil {
		m.t.Fatalf("modemtest: the library interface: %v", err)
	}
	m.library = control.LibraryPlace(l)
	m.run("the library interface", nil, func() error { return m.device.ServeLibrary(fault.WrapLibrary(l, m.faults)) })
	return m.library
}
