package firmware_test

import (
	"slices"
	"testing"
)

// Libraries that need no modem, with the sanitizers of addresses and undefined behaviour.
func TestLibraries(t *testing.T) {
	for _, tt := range []struct {
		name    string
		sources []string
		boots   int
	}{
		{"bus_test", []string{"sdk/src/zbus.c", "sdk/src/smf.c"}, 1},
		{"kept_test", []string{"sdk/src/settings.c", "sdk/src/nvs.c", "sdk/src/kept.c"}, 2},
		{"coap_test", []string{"sdk/src/coap.c"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			program := ctest(t, tt.name, slices.Concat(noModem, tt.sources), sanitizers["addresses"]...)
			data := "NRF91EMU_DATA=" + t.TempDir()
			for boot := range tt.boots {
				env := []string{data}
				if boot > 0 {
					env = append(env, "AGAIN=1")
				}
				if out, err := runC(t, program, env...); err != nil {
					t.Errorf("boot %d: %v\n%s%s", boot+1, err, out.console, out.stderr)
				}
			}
		})
	}
}
