package lab

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A tab is a page in a real browser.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // what the page must not do
}

// shared is the one browser of all tests.
var shared struct {
	start sync.Once
	ctx   context.Context
	close []func()
	err   error
}

// onlyPage skips a test of how the page looks with -short, as for the race detector, which sees
// nothing of it.
func onlyPage(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it looks at the page alone, not at Go: run it without -short")
	}
}

// chromium starts the browser, unless it runs, or skips the test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed, so the page is not tried in a browser: apt-get install chromium")
	}
	shared.start.Do(func() {
		dir, err := os.MkdirTemp("", "nrf91emu-chromium")
		if err != nil {
			shared.err = err
			return
		}
		opts := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir), chromedp.Env("TMPDIR="+dir),
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
			chromedp.WSURLReadTimeout(2*time.Minute), chromedp.WindowSize(1400, 1000))
		allocator, end := chromedp.NewExecAllocator(context.Background(), opts...)
		ctx, cancel := chromedp.NewContext(allocator)
		shared.ctx, shared.err = ctx, chromedp.Do(ctx)
		shared.close = []func(){cancel, end, func() { os.RemoveAll(dir) }}
	})
	require.NoError(t, shared.err)
	return shared.ctx
}

// closeChromium ends the browser when all tests are done.
func closeChromium() {
	for _, fn := range shared.close {
		fn()
	}
}

// openTab opens an address and watches what the page does.
func openTab(t *testing.T, browser context.Context, address string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	b := &tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		require.Empty(t, b.seen())
	})
	u, err := url.Parse(address)
	require.NoError(t, err)
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			if to, err := url.Parse(ev.Request.URL); err == nil && to.Host != u.Host && to.Scheme != "data" {
				b.problems = append(b.problems, "asked another host: "+ev.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, "an exception: "+ev.ExceptionDetails.Text)
		case *cdppage.EventJavascriptDialogOpening:
			b.problems = append(b.problems, "a dialog: "+ev.Message)
		}
	}))
	b.openSeat(address)
	return b
}

// seen lists what the page must not do and has done.
func (b *tab) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.problems)
}

// open goes to an address.
func (b *tab) open(address string) {
	b.t.Helper()
	b.run(chromedp.Navigate(address))
}

// openSeat goes to a student's page and waits until it has heard from its lab.
func (b *tab) openSeat(address string) {
	b.t.Helper()
	b.open(address)
	b.until(`document.querySelector(".terminal .xterm-rows") && document.querySelector(".steplist .done, .steplist .step-body")`)
}

// limit is how long anything may take in a page, on a machine that has much else to do.
const limit = time.Minute

// do has the page do something, or ends the test.
func do[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.fail(err.Error())
	}
	return v
}

// fail ends the test with what the page shows.
func (b *tab) fail(why string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	page, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		page = err.Error()
	}
	b.t.Fatalf("%s; problems: %q; the page:\n%s", why, b.seen(), page)
}

// run does what a person would.
func (b *tab) run(action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	do(b, action)
}

// text evaluates an expression whose value is a text.
func (b *tab) text(expression string) string {
	b.t.Helper()
	return do(b, chromedp.Evaluate[string]("String("+expression+")"))
}

// until waits until an expression is true in the page. What it asks for may not be there
// yet, or be gone for a moment: an expression that throws is not true.
func (b *tab) until(expression string) {
	b.t.Helper()
	script := "(() => { try { return Boolean(" + expression + ") } catch { return false } })()"
	ctx, cancel := context.WithTimeout(b.ctx, 2*limit)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](script, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(limit)))
	if err != nil {
		b.fail(expression + ": " + err.Error())
	}
}

// choose chooses an option of a list as soon as it is there.
func (b *tab) choose(list, option string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const s = %s;
		if (![...s.options].some(o => o.value === %q)) return false;
		s.value = %[2]q;
		s.dispatchEvent(new Event("change"));
		return true;
	})()`, list, option))
}

// called waits until what an action has the page ask of the lab is answered.
func (b *tab) called(path string, action func()) {
	b.t.Helper()
	calls := fmt.Sprintf(`performance.getEntriesByName(new URL(%q, location.href).href).length`, path)
	before := b.text(calls)
	action()
	b.until(calls + " > " + before)
}

// begin begins an exercise.
func (b *tab) begin(exercise string) {
	b.t.Helper()
	b.called("exercise/"+exercise, func() { b.choose(`document.querySelector("#exercise")`, exercise) })
	b.until(fmt.Sprintf(`document.querySelector("#exercise").value === %q`, exercise))
}

// screen is what the terminal shows.
const screen = `document.querySelector(".terminal .xterm-rows").innerText.replaceAll("\u00a0", " ")`

// write types a line and presses Enter, and waits until it is sent.
func (b *tab) write(line string) {
	b.t.Helper()
	before := b.text(screen)
	b.run(chromedp.SendKeys(chromedp.CSS("#command"), line+"\r"))
	b.until(`document.querySelector("#command").value === ""`)
	b.until(fmt.Sprintf("%s !== %q", screen, before))
}

// command writes a line and waits for words behind it.
func (b *tab) command(line, want string) {
	b.t.Helper()
	b.write(line)
	// A line that is longer than the screen goes on in the next row.
	b.until(fmt.Sprintf(`%s.replaceAll("\n", "").split(%q).pop().includes(%q)`, screen, "> "+line, want))
}

func (b *tab) done(n int) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelectorAll(".steplist > li")[%d].classList.contains("done")`, n-1))
}

func (b *tab) undone(n int) {
	b.t.Helper()
	b.until(fmt.Sprintf(`!document.querySelectorAll(".steplist > li")[%d].classList.contains("done")`, n-1))
}

// click clicks an element as soon as a hand could: it is seen, not disabled and not covered.
// That is looked at and done at once, since what a page shows moves while events come.
func (b *tab) click(element string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(() => {
		const e = %s;
		if (!e || e.disabled || !e.checkVisibility({ visibilityProperty: true })) return false;
		e.scrollIntoView({ block: "nearest", behavior: "instant" });
		const r = e.getBoundingClientRect(), at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
		if (!e.contains(at)) return false;
		e.click();
		return true;
	})()`, element))
}

// button is the button with this text, among those that are seen.
func button(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button")].find(b => b.innerText.trim() === %q && b.checkVisibility())`, text)
}

// press clicks the button with this text.
func (b *tab) press(text string) {
	b.t.Helper()
	b.click(button(text))
}

// tryNow presses the button of the page that has lost its lab, unless the page has found it
// by itself in this moment and the button is gone.
func (b *tab) tryNow() {
	b.t.Helper()
	b.text(button("Try now") + "?.click()")
}

func (b *tab) show(panel string) {
	b.t.Helper()
	b.click(fmt.Sprintf(`document.querySelector("#tab-%s")`, panel))
}

// picture keeps a screenshot for the README in the folder that NRF91EMU_PICTURES names.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("NRF91EMU_PICTURES")
	if dir == "" {
		return
	}
	b.text("document.activeElement.blur()")
	b.drawn()
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, name+".png"), do(b, chromedp.FullScreenshot(100)), 0o644))
}
