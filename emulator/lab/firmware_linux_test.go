package lab

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A student does the exercise in C in his own editor and with the page.
func TestBrowserFirmware(t *testing.T) {
	t.Parallel()
	compiler(t)
	browser := chromium(t)
	l, server := openLab(t, Config{})
	b := openTab(t, browser, server.URL+"/")
	b.begin("mqtt-over-tls-in-c")
	b.until(`document.querySelector(".firmware .path")`)
	dir := b.text(`document.querySelector(".firmware .path").innerText`)
	require.Equal(t, filepath.Join(l.code, "mqtt-over-tls-in-c"), dir)
	b.look("firmware-empty")

	status := `document.querySelector(".firmware [role=status]").innerText`
	console := `document.querySelector(".console .xterm-rows").innerText.replaceAll("\u00a0", " ")`
	flash := func(want string) {
		t.Helper()
		b.called("firmware/flash", func() { b.press("Build and flash") })
		b.until(status + `.includes(` + "`" + want + "`" + `)`)
	}
	flash("runs")
	b.until(console + `.includes("Connected to broker.lab, port 1883")`)
	b.done(1)

	// An error of the compiler is shown with file and line, and the step opens again.
	main, err := os.ReadFile(filepath.Join(dir, "src/main.c"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "src/main.c"), append(main, "int wrong = nothing;\n"...), 0o644))
	flash("does not build")
	b.until(`document.querySelector(".said").innerText.includes("src/main.c") && document.querySelector(".said").innerText.includes("nothing")`)
	b.undone(1)
	b.look("firmware-failed")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "src/main.c"), main, 0o644))
	solve(t, dir, "prj.conf")
	flash("runs")
	b.done(1)
	b.done(2) // the handshake fails, as there is no certificate
	b.undone(5)

	solve(t, dir, "CMakeLists.txt")
	solve(t, dir, "src/main.c")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "credentials/ca.pem"), l.files["ca.pem"], 0o644))
	flash("runs")
	for n := 1; n <= 5; n++ {
		b.done(n)
	}
	b.until(console + `.includes("Subscribed, packet 1234: 0")`)
	b.press("1")
	b.done(6)
	b.show("Broker")
	b.press("Connect")
	b.until(`document.querySelector("#panel").innerText.includes("unknown authority")`)
	b.choose(`[...document.querySelectorAll("#panel select")].pop()`, "ca.pem")
	b.press("Connect")
	b.until(`document.querySelector("#panel").innerText.includes("Connected to mqtt-tls")`)
	b.press("Publish")
	b.until(`document.querySelector(".led").classList.contains("on")`)
	b.look("firmware-led")
	b.text(`(() => { const i = [...document.querySelectorAll("#panel input")].pop(); i.value = "LED1OFF"; i.dispatchEvent(new Event("input", {bubbles: true})); return "" })()`)
	b.press("Publish")
	b.until(`!document.querySelector(".led").classList.contains("on")`)
	b.done(7)
	b.press("Reset")
	for n := 1; n <= 9; n++ {
		b.done(n)
	}
	b.until(`document.querySelector(".finished")`)
	b.until(console + `.includes("The certificate is there")`)
	b.look("firmware-done")

	// Stopped firmware opens the first step again; a crash is told.
	b.press("Stop")
	b.undone(1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "src/main.c"), []byte("int main(void)\n{\n\t*(volatile int *)8 = 1;\n\treturn 0;\n}\n"), 0o644))
	flash("has crashed")
	b.until(console + `.includes("it has crashed: segmentation fault")`)
	b.look("firmware-crashed")
}
