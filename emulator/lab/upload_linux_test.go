package lab

import (
	"archive/zip"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A student of a class gets the code, changes it, uploads it, and builds it in the
// teacher's sandbox; another one sees nothing of it.
func TestUpload(t *testing.T) {
	l := openClass(t, 2)
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	b := &browser{t: t, base: server.URL + l.seats[0].PagePath()}
	put := func(path string, body []byte) (int, string) {
		r, err := http.NewRequest(http.MethodPut, b.base+path, bytes.NewReader(body))
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		var text bytes.Buffer
		text.ReadFrom(answer.Body)
		return answer.StatusCode, text.String()
	}
	archive := []byte(b.must("GET", "code.zip", nil))
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	require.Equal(t, "mqtt-over-tls-in-c/CMakeLists.txt", z.File[0].Name)
	status, text := put("code.zip", archive)
	require.Equal(t, 204, status, text)
	for _, name := range []string{"prj.conf", "CMakeLists.txt", "src/main.c"} {
		content, err := os.ReadFile("testdata/solution/" + name)
		require.NoError(t, err)
		status, text := put("code/"+path.Base(name), content) // a picked file comes without its folder
		require.Equal(t, 204, status, text)
	}
	status, text = put("code/ca.pem", l.files["ca.pem"])
	require.Equal(t, 204, status, text)
	require.ElementsMatch(t, []string{"CMakeLists.txt", "credentials/README", "credentials/ca.pem", "prj.conf", "src/main.c"}, listCode(l.seats[0].bench.dir(l.seats[0].current())))
	require.Contains(t, b.must("POST", "firmware/flash", nil), `"built":true`)
	p := &player{l.seats[0], func(string) {}}
	for _, check := range []string{"built", "mqtt", "stored 24 0 ca.pem", "connected 8883"} {
		c, err := parseCheck(check)
		require.NoError(t, err)
		require.NoError(t, p.wait(t.Context(), c), check)
	}
	require.NotContains(t, listCode(l.seats[1].bench.dir(l.seats[1].current())), "credentials/ca.pem")

	status, _ = put("code/..%2f..%2fx", nil)
	require.Equal(t, 422, status)
	status, _ = put("code/big.c", make([]byte, maxUpload+1))
	require.Equal(t, 413, status)
	status, text = put("code.zip", []byte("nonsense"))
	require.Equal(t, 422, status)
	require.Contains(t, text, "no ZIP archive")
	b.must("POST", "firmware/original", nil)
	require.NotContains(t, listCode(l.seats[0].bench.dir(l.seats[0].current())), "credentials/ca.pem")
	b.must("POST", "firmware/stop", nil)

	// Where nothing is built no code is taken.
	none, other := openLab(t, Config{NoPorts: true, Students: 2})
	require.NoError(t, none.seats[0].Start("mqtt-over-tls-in-c"))
	b.base = other.URL + none.seats[0].PagePath()
	status, _ = put("code.zip", archive)
	require.Equal(t, 409, status)
	status, text = b.call("POST", "firmware/flash", nil)
	require.Equal(t, 409, status)
	require.Contains(t, text, "builds no code")
}

// Pictures for who looks after the page: a class, dark, on a telephone.
func TestPictures(t *testing.T) {
	if os.Getenv("NRF91EMU_PICTURES") == "" {
		t.Skip("NRF91EMU_PICTURES names no folder")
	}
	chrome := chromium(t)
	l := openClass(t, 2)
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	b := openTab(t, chrome, server.URL+l.seats[0].PagePath())
	b.until(`document.querySelector(".upload")`)
	b.picture("class-light")
	b.press("Build and flash")
	b.until(`document.querySelector(".console .xterm-rows").innerText.includes("Connected")`)
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: dark})
		return err
	}))
	b.picture("class-dark")
	b.show("Flash")
	b.press("Run 1,000 starts")
	b.until(`document.querySelectorAll("#panel canvas").length >= 1`)
	b.picture("flash-dark")
	b.run(chromedp.EmulateViewport(390, 800))
	b.picture("telephone-dark")
}
