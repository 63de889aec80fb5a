package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// faults is a script that lists what is wrong with what a page shows now: text that is hard
// to read (WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 where it is large), things to press that are
// too small (2.5.8: 24 pixels), names that are there twice, and what is wider than the screen
// or its field.
const faults = `(() => {
	const found = [], say = (what, e) => found.push(what + ": <" + e.tagName.toLowerCase() + (e.id && " id=" + e.id) + (e.className && typeof e.className === "string" ? " class=" + e.className : "") + "> " + (e.innerText || "").slice(0, 50));
	const wide = document.documentElement;
	if (wide.scrollWidth > innerWidth) {
		const e = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility()).pop();
		say("wider than the screen, " + wide.scrollWidth + " of " + innerWidth, e || wide);
	}
	for (const panel of document.querySelectorAll(".panel")) {
		const p = panel.getBoundingClientRect();
		for (const e of panel.children) {
			const r = e.getBoundingClientRect();
			if (r.height && getComputedStyle(e).position === "static" && (r.bottom > p.bottom + 1 || r.right > p.right + 1)) say("runs out of its panel", e);
		}
	}
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }), known = {};
	const rgba = c => known[c] ||= (canvas.clearRect(0, 0, 1, 1), canvas.fillStyle = c, canvas.fillRect(0, 0, 1, 1), [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255));
	const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
	const background = e => {
		const c = rgba(getComputedStyle(e).backgroundColor);
		return c[3] === 1 ? c : over(c, e.parentElement ? background(e.parentElement) : rgba(getComputedStyle(document.documentElement).colorScheme.startsWith("dark") ? "#000" : "#fff"));
	};
	const light = c => { const [r, g, b] = c.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set();
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || seen.has(e) || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.closest(":disabled, .visually-hidden, noscript, script, style, option, .xterm-accessibility, .xterm-helpers")) continue;
		seen.add(e);
		const s = getComputedStyle(e), size = parseFloat(s.fontSize), below = background(e), on = over(rgba(s.color), below);
		const [a, b] = [light(on), light(below)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
		const least = size >= 24 || size >= 18.66 && s.fontWeight >= 700 ? 3 : 4.5;
		if (ratio < least) say("contrast " + ratio.toFixed(2), e);
	}
	for (const e of document.querySelectorAll("button, select, input, textarea, summary, a, [tabindex='0']")) {
		const r = e.getBoundingClientRect();
		if (!e.checkVisibility({ visibilityProperty: true }) || !r.width || e.closest(".xterm")) continue;
		if (e.matches("p a, li a, .step-body a")) continue; // in a sentence
		if (e.matches("input[type=text]") && e.scrollWidth > e.clientWidth + 1) found.push("cut off: " + e.value);
		if (r.width < 24 || r.height < 24) say("only " + Math.round(r.width) + " by " + Math.round(r.height), e);
	}
	for (const e of document.querySelectorAll("*")) { // whoever wants little motion gets none
		const s = getComputedStyle(e);
		if (s.transitionDuration !== "0s" && s.transitionProperty !== "none" || s.animationName !== "none") say("moves", e);
	}
	const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
	for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push("two of the name " + id);
	return JSON.stringify(found);
})()`

// faults lists what is wrong with what the page shows now.
func (b *tab) faults() (list []string) {
	b.t.Helper()
	require.NoError(b.t, json.Unmarshal([]byte(b.text(faults)), &list))
	return list
}

// named are the roles that mean nothing to who cannot see, unless they have a name.
var named = []string{
	"button", "link", "textbox", "combobox", "checkbox", "spinbutton", "tab", "tabpanel", "img", "image", "region", "group", "progressbar", "table",
	"dialog", "navigation", "listbox", "option", "DisclosureTriangle", "StaticText", "heading", "columnheader", "RootWebArea",
}

// nameless lists what has no name in the tree that screen readers get.
func (b *tab) nameless() (list []string) {
	b.t.Helper()
	var tree accessibility.GetFullAXTreeResult
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		tree, err = cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		return err
	}))
	text := func(v *accessibility.Value) (s string) {
		if v != nil {
			json.Unmarshal(v.Value, &s)
		}
		return s
	}
	for _, n := range tree.Nodes {
		role := text(n.Role)
		// Blank rows of the terminal are rows all the same.
		focusable := role != "listitem" && slices.ContainsFunc(n.Properties, func(p *accessibility.Property) bool {
			return p.Name == "focusable" && string(p.Value.Value) == "true"
		})
		if !n.Ignored && text(n.Name) == "" && (slices.Contains(named, role) || focusable) {
			list = append(list, fmt.Sprintf("a %s without a name, node %d", role, n.BackendDOMNodeID))
		}
	}
	return list
}

// media sets what a browser is told of its user's wishes.
func (b *tab) media(scheme string) {
	b.t.Helper()
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		wishes := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: wishes})
		return err
	}))
}

// look looks at what a page shows as people do: on a large screen and on a telephone, light
// and dark, and with a screen reader. Where NRF91EMU_PICTURES names a folder, it keeps
// the views there, light beside dark.
func (b *tab) look(name string) {
	b.t.Helper()
	var shots []image.Image
	keep := os.Getenv("NRF91EMU_PICTURES") != ""
	for _, width := range []int64{1280, 390} {
		b.run(chromedp.EmulateViewport(width, 800))
		for _, scheme := range []string{"light", "dark"} {
			if !keep && (width == 1280) != (scheme == "light") {
				continue // colours do not depend on the width
			}
			b.media(scheme)
			for _, f := range b.last(b.faults) {
				b.t.Errorf("%s, %s, %d wide: %s", name, scheme, width, f)
			}
			if keep {
				img, err := png.Decode(bytes.NewReader(do(b, chromedp.FullScreenshot(100))))
				require.NoError(b.t, err)
				shots = append(shots, img)
			}
		}
		for _, f := range b.last(b.nameless) {
			b.t.Errorf("%s, %d wide: %s", name, width, f)
		}
	}
	b.run(chromedp.EmulateViewport(1280, 800))
	b.media("light")
	if len(shots) > 0 {
		keepPictures(b.t, name+"-wide", shots[:2])
		keepPictures(b.t, name+"-narrow", shots[2:])
	}
}

// drawn waits until the page has drawn what it is to show.
func (b *tab) drawn() {
	b.t.Helper()
	do(b, chromedp.Evaluate[bool](`new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))`, chromedp.EvalAwaitPromise))
}

// last returns what is wrong with a page that does not become right by itself: while it is
// laid out anew, or something happens, much is for a moment.
func (b *tab) last(wrong func() []string) (list []string) {
	b.t.Helper()
	for start := time.Now(); ; {
		b.drawn()
		if list = wrong(); len(list) == 0 || time.Since(start) > 5*time.Second {
			return list
		}
	}
}

// keepPictures writes views side by side into one file.
func keepPictures(t testing.TB, name string, shots []image.Image) {
	const gap = 12
	width, height := 0, 0
	for _, s := range shots {
		width += s.Bounds().Dx() + gap
		height = max(height, s.Bounds().Dy())
	}
	all := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(all, all.Bounds(), image.NewUniform(color.RGBA{128, 0, 128, 255}), image.Point{}, draw.Src)
	x := 0
	for _, s := range shots {
		draw.Draw(all, image.Rect(x, 0, x+s.Bounds().Dx(), s.Bounds().Dy()), s, s.Bounds().Min, draw.Src)
		x += s.Bounds().Dx() + gap
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, all))
	require.NoError(t, os.WriteFile(filepath.Join(os.Getenv("NRF91EMU_PICTURES"), name+".png"), out.Bytes(), 0o644))
}
