package testvectors

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestUpdated(t *testing.T) {
	for _, tt := range []struct {
		name, script, want string
		m                  map[string]string
	}{
		{"nothing", "# c\n\n>  C\n< OK\n", "# c\n\n>  C\n< OK\n", map[string]string{" C": "OK\r\n"}},
		{"one line", "# c\nseen x\n> C\n< +C: 1\n# between\n< {any}\n< OK\n# end\n",
			"# c\nseen x\n> C\n< +C: 2\n# between\n< {any}\n< OK\n# end\n",
			map[string]string{"C": "+C: 2\r\nxyz\r\nOK\r\n"}},
		{"line more", "> C\n< OK\n\n> D\n< OK\n", "> C\n< +C: 2\n< OK\n\n> D\n< OK\n",
			map[string]string{"C": "+C: 2\r\nOK\r\n", "D": "OK\r\n"}},
		{"lines less", "> C\n< a\n< b\n< OK\n", "> C\n< ERROR\n", nil},
		{"no answer yet", "> C\n> D\n", "> C\n> D\n< OK\n", map[string]string{"D": "OK\r\n"}},
		{"notification", "> C\n< OK\n", "> C\n< OK\nurc +U: {{1}\n", map[string]string{"C": "OK\r\n+U: {1}\r\n"}},
		{"raw", "> C\n< OK\n", "> C\n<< \"\\x00\\n\"\n", map[string]string{"C": "\x00\n"}},
		{"silent", "> C\n< OK\n", "> C\n", map[string]string{"C": ""}},
		{"condition", "[nrf*] > C\n[nrf*] < 1\n[slm] < 2\n", "[nrf*] > C\n[nrf*] < ERROR\n[slm] < 2\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no answer yet" {
				tt.m["C"] = ""
			}
			r := play(t, ATClient, tt.script, tt.m)
			got, err := mustParse(t, tt.script).Updated(r)
			require.NoError(t, err)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			r = play(t, ATClient, got, tt.m)
			require.True(t, r.OK(), "the updated vector does not hold: %v", r)
		})
	}
}

// One file holds for all layouts: each gives the same new text.
func TestUpdatedAgrees(t *testing.T) {
	const script = "> C\n< 1\n"
	s := mustParse(t, script)
	a := play(t, ATClient, script, map[string]string{"C": "+C: 2\r\nOK\r\n+U: 1\r\n"})
	b := play(t, SerialModem, script, map[string]string{"C": "\r\n+C: 2\r\n\r\nOK\r\n\r\n+U: 1\r\n"})
	got, err := s.Updated(a, b)
	require.NoError(t, err)
	require.Equal(t, "> C\n< +C: 2\n< OK\nurc +U: 1\n", got)

	other := play(t, SerialModem, script, map[string]string{"C": "\r\n1\r\n"})
	for _, results := range [][]*Result{{a, other}, {other, a}} {
		_, err = s.Updated(results...)
		require.ErrorContains(t, err, "answer differently")
	}
}

const pem = "-----BEGIN X-----\r\nsecret\n-----END X-----\n"

// What was recorded parses, and plays against the same device.
func TestRecorderRoundTrip(t *testing.T) {
	for _, l := range []Layout{ATClient, SerialModem, SLM} {
		synctest.Test(t, func(t *testing.T) {
			r := NewRecorder(RecordMeta{
				Title: "A session.", Source: "my desk", Profile: "nrf9160-1.3.7", Layout: l, KeepSecrets: true,
				CommandSecrets: func([]byte) []Secret { return nil },
			})
			device := map[string]string{
				"AT":                                 l.Lead + "OK\r\n",
				"AT%CMNG=0,24,2,\"" + pem + "\"":     l.Lead + "OK\r\n",
				"AT%CMNG=0,24,0,\"" + pem + "+\"":    l.Lead + "OK\r\n",
				"AT%CMNG=2,24,0":                     l.Lead + "%CMNG: 24,0,\"AB\",\"" + pem + "+\"\r\n" + l.Lead + "OK\r\n" + l.Lead + "+U: 1\r\n",
				"AT+{":                               l.Lead + "\x00\r\n",
				"AT%CMNG=0,24,2,\"" + pem + "\",\"p": "",
			}
			for _, cmd := range []string{"AT", "AT%CMNG=0,24,2,\"" + pem + "\"", "AT%CMNG=0,24,0,\"" + pem + "+\"", "AT%CMNG=2,24,0", "AT+{"} {
				for _, c := range []byte(cmd + l.Terminator) { // typed by hand
					r.Sent([]byte{c})
				}
				a := device[cmd]
				r.Received([]byte(a[:1]))
				r.Received([]byte(a[1:]))
			}
			var b bytes.Buffer
			n, err := r.WriteTo(&b)
			require.NoError(t, err)
			require.EqualValues(t, b.Len(), n)
			require.Contains(t, b.String(), "> AT%CMNG=2,24,0\n< %CMNG: 24,0,\"AB\",\"{file 24-0.pem}\"\n< OK\nurc +U: 1\n")

			fsys := fstest.MapFS{"x.txt": {Data: b.Bytes()}}
			for name, data := range r.Files() {
				fsys[name] = &fstest.MapFile{Data: data}
			}
			s, err := ParseFS(fsys, "x.txt")
			require.NoError(t, err, b.String())
			res, err := Play(t.Context(), s, newFake(t, l, answers(l, device)))
			require.NoError(t, err)
			require.True(t, res.OK(), "%v\n%s", res, b.String())
		})
	}
}

// Without a judge nothing that was sent is shown, and whoever plays the vector
// supplies it.
func TestRecorderKeepsSecretsOut(t *testing.T) {
	r := NewRecorder(RecordMeta{Title: "A session.", Layout: SerialModem})
	cmd := "at%cmng= 0, 24,2,\"" + pem + "\",\"secret word\"\r"
	r.Sent([]byte(cmd[:40]))
	r.Sent([]byte(cmd[40:]))
	r.Received([]byte(cmd + "\r\nOK\r\n"))
	r.Sent([]byte("AT+X=secret\r"))
	r.Received([]byte("AT+X=secret\r\r\nOK\r\n"))
	var b bytes.Buffer
	_, err := r.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, 4, strings.Count(b.String(), "{file secret"))
	require.NotContains(t, strings.ReplaceAll(b.String(), "{file secret", ""), "secret")
	require.Empty(t, r.Files())
	_, err = Parse("x.txt", b.Bytes())
	require.NoError(t, err)
}
