package firmware_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// Libraries without an emulator, with the sanitizers of addresses and undefined behaviour:
// those that need a modem have one in their test.
func TestLibraries(t *testing.T) {
	for _, tt := range []struct {
		name    string
		sources string // of sdk/src
		define  string
		boots   int
	}{
		{"bus_test", "zbus.c smf.c", "", 1},
		{"kept_test", "settings.c nvs.c kept.c", "", 2},
		{"coap_test", "coap.c", "", 1},
		{"codes_test", "base64.c crc.c", "", 1},
		{"json_test", "json.c", "", 1},
		{"cjson_test", "cjson.c", "", 1},
		{"mqtt_test", "mqtt.c", "", 1},
		{"zsock_test", "socket.c nrf_socket.c", "", 1},
		{"dk_test", "dk_buttons_and_leds.c board.c", "", 1},
		{"date_time_test", "date_time.c at_monitor.c nrf_modem_at.c", "", 1},
		{"hw_id_test", "hw_id.c nrf_modem_at.c", "", 1},
		{"hw_id_test", "hw_id.c nrf_modem_at.c", "-DCONFIG_HW_ID_LIBRARY_SOURCE_IMEI=1", 1},
		{"hw_id_test", "hw_id.c nrf_modem_at.c", "-DCONFIG_HW_ID_LIBRARY_SOURCE_DEVICE_ID=1", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sources []string
			for _, name := range strings.Fields(tt.sources) {
				sources = append(sources, filepath.Join("sdk/src", name))
			}
			program := ctest(t, tt.name, sources, append(strings.Fields(tt.define), sanitizers["addresses"]...)...)
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
