package lab

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"testing"
	"time"

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

// A class as its students and its teacher see it.
func TestBrowserClassLooks(t *testing.T) {
	onlyPage(t)
	chrome := chromium(t)
	l := openClass(t, 4)
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	b := openTab(t, chrome, server.URL+l.seats[0].PagePath())
	b.until(`document.querySelector(".upload")`)
	b.look("class-student")
	require.NoError(t, l.seats[1].Start("wrong-ca"))
	b.begin("mqtt-over-tls")
	b.command("AT+CMEE=1", "OK")
	b.command("AT", "OK")
	b.done(1)
	l.seats[2].mu.Lock()
	l.seats[2].stuck = time.Now().Add(-7 * time.Minute)
	l.seats[2].mu.Unlock()
	require.NoError(t, l.seats[3].Start("crlf"))
	two := &player{l.seats[3], func(string) {}}
	script, err := parseScript("AT%CMNG=1,24,0\nAT%CMNG=0,24,0,\"{ca.pem}\"\npower cycle\nAT%CMNG=1,24,0\nAT+CFUN=1\n")
	require.NoError(t, err)
	require.NoError(t, two.play(t.Context(), script))
	b.open(server.URL + l.TeacherPath())
	b.until(`document.body.innerText.includes("stuck") && document.body.innerText.includes("all done")`)
	b.look("teacher")
	for n, name := range map[int]string{0: "report", 3: "report-done"} {
		var page bytes.Buffer
		require.NoError(t, reportPage().Execute(&page, l.seats[n].Report()))
		b.open("data:text/html;charset=utf-8;base64," + base64.StdEncoding.EncodeToString(page.Bytes()))
		b.look(name)
	}
}
