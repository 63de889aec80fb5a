package lab

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// registered is true in a page whose modem is.
const registered = `[...document.querySelectorAll("header .light")].some(e => e.innerText === "registered")`

var panels = []string{"Modem", "Store", "Flash", "TLS", "Broker", "Judge", "Power", "Events"}

// Every panel can be read and used by everybody, whether it is empty, something is under way,
// has failed, or is done.
func TestBrowserLooks(t *testing.T) {
	t.Parallel()
	onlyPage(t)
	browser := chromium(t)
	_, server := openLab(t, Config{})
	b := openTab(t, browser, server.URL+"/")
	panel := `document.querySelector("#panel").innerText`
	for _, p := range panels {
		b.show(p)
		b.look("empty-" + p)
	}
	// A student who does all wrong.
	b.begin("wrong-ca")
	b.press("Give me a hint")
	b.command("AT+CMEE=1", "OK")
	b.command(`AT%CMNG=0,24,0,"nonsense"`, "+CME ERROR")
	b.command("AT+CFUN=1", "OK")
	b.command(`AT#XMQTTCFG="nrf-1",60,1`, "OK")
	b.until(registered)
	b.command(`AT#XMQTTCON=1,"","","broker.lab",8883,24`, "ERROR")
	b.command(`AT%CMNG=0,24,0,"x"`, "518")
	b.show("Broker")
	b.press("Connect")
	b.until(panel + `.includes("unknown authority")`)
	b.look("failed-Broker")
	for _, p := range panels {
		if p != "Broker" {
			b.show(p)
			b.look("failed-" + p)
		}
	}
	// Power goes inside a write, with a quote open at the modem.
	b.show("Power")
	b.press("Plan the cut")
	b.until(panel + `.includes("will not end well")`)
	b.write(`AT#XMQTTCFG="`)
	b.until(`document.querySelector(".terminal .tools").innerText.includes("a quote is open")`)
	b.look("planned-cut")
	b.press("Pull the plug")
	b.until(`document.querySelector("header").innerText.includes("power off")`)
	b.until(`document.querySelector(".terminal .tools").innerText.includes("no open quote")`)
	b.look("power-off")
	b.show("Modem")
	b.look("power-off-Modem")
	// One who does all right.
	b.text("(window.confirm = () => true, 0)") // that he means to begin anew
	b.begin("wrong-host")
	b.command("AT+CMEE=1", "OK")
	b.command("AT+CFUN=1", "OK")
	b.command(`AT#XMQTTCFG="nrf-1",60,1`, "OK")
	b.until(registered)
	b.command(`AT#XMQTTCON=1,"","","broker.lab",8901,24`, "ERROR")
	b.command(`AT#XMQTTCON=1,"","","broker.lab",8883,24`, "#XMQTTEVT: 0,0")
	b.command(`AT#XMQTTSUB="devacademy/subscribe/topic",1`, "#XMQTTEVT: 7,0")
	b.until(`document.querySelector(".finished")`)
	b.show("Broker")
	b.choose(`[...document.querySelectorAll("#panel select")].pop()`, "ca.pem")
	b.press("Connect")
	b.until(panel + `.includes("Connected to mqtt-tls")`)
	b.press("Subscribe")
	b.press("Publish")
	b.command(`AT#XMQTTPUB="devacademy/publish/topic","Hello",1,0`, "#XMQTTEVT: 3,0")
	b.until(panel + `.includes("devacademy/publish/topic: Hello")`)
	b.look("done-Broker")
	b.show("Flash")
	b.press("Run 1,000 starts")
	b.until(`document.querySelectorAll("#panel canvas").length >= 2`)
	b.look("done-Flash")
	for _, p := range []string{"Store", "TLS", "Events"} {
		b.show(p)
		b.look("done-" + p)
	}
}

// Everything can be reached and left by the keyboard alone, and one sees where one is.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	onlyPage(t)
	browser := chromium(t)
	_, server := openLab(t, Config{NoPorts: true})
	b := openTab(t, browser, server.URL+"/")
	at := `(() => {
		const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		if (e === document.body) return "end";
		const seen = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) && r.width > 0 && r.left >= -1 && r.right <= innerWidth + 1;
		return (seen ? "" : "NOT SEEN ") + (e.id || e.getAttribute("aria-label") || e.innerText || e.tagName).trim();
	})()`
	key := func(k string) string {
		b.run(chromedp.KeyEvent(k))
		return b.text(at)
	}
	var stops []string
	for range 80 {
		stop := key(kb.Tab)
		if stop == "end" || slices.Contains(stops, stop) {
			break
		}
		require.NotContains(t, stop, "NOT SEEN")
		stops = append(stops, stop)
	}
	for _, want := range []string{"To the terminal", "Report", "exercise", "Start over", "Give me a hint", "What was sent and answered", "command", "Send", "tab-Modem", "panel"} {
		require.Contains(t, stops, want)
	}
	require.Less(t, slices.Index(stops, "exercise"), slices.Index(stops, "command"))

	// The short way to the terminal, a command, back to the hint, a panel by arrows.
	b.text(`document.activeElement.blur()`)
	b.openSeat(server.URL + "/s/1/")
	require.Equal(t, "To the terminal", key(kb.Tab))
	key(kb.Enter)
	b.until(`document.activeElement.id === "command"`)
	b.run(chromedp.KeyEvent("AT+CGMR\r"))
	b.until(screen + `.includes("mfw_nrf91x1")`)
	b.text(`document.querySelector("#tab-Modem").focus()`)
	require.Equal(t, "tab-Store", key(kb.ArrowRight))
	require.Equal(t, "tab-Events", key(kb.End))
	require.Equal(t, "tab-Modem", key(kb.ArrowRight))
	require.Equal(t, "tab-Power", func() string { key(kb.ArrowLeft); return key(kb.ArrowLeft) }())
	for range 3 { // the panel itself, then its first button
		key(kb.Tab)
	}
	b.until(button("Pull the plug") + `.focus() === undefined`)
	key(kb.Enter)
	b.until(`document.querySelector("header").innerText.includes("power off")`)
}
