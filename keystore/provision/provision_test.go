package provision_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/keystore"
	"nrf91emu/keystore/provision"
)

// A fakeModem knows +CMEE, +CFUN and %CMNG, and no more of them than these tests
// need. Its fields are set before it is used.
type fakeModem struct {
	stored      map[keystore.Key]string
	cmee, mode  int
	old         bool                        // firmware up to mfw 1.2: placeholders, types 1 to 3 not readable
	fail        map[string]error            // the answer to a line that begins so
	alter       func(content string) string // what becomes of a content on its way
	silent      string                      // lines that begin so are not answered
	list        string                      // the answer to every list
	serialModem bool                        // the layout of Serial Modem

	mu   sync.Mutex
	wire []string // what was received
}

func (f *fakeModem) traffic() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.wire)
}

func (f *fakeModem) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wire = nil
}

func (f *fakeModem) credentials(w *atcmd.Response, cmd *atcmd.Command) error {
	op, _ := cmd.Int(0, 0, 3)
	tag, _ := cmd.Uint32(1)
	typ, _ := cmd.Int(2, 0, 255)
	key := keystore.Key{SecTag: keystore.SecTag(tag), Type: keystore.CredentialType(typ)}
	content, exists := f.stored[key]
	if op == 0 || op == 3 {
		if f.mode == 1 || f.mode == 2 || f.mode == 21 {
			return atcmd.CME(518, "active")
		}
	}
	switch op {
	case 0:
		text, _ := cmd.Quoted(3)
		content := string(text)
		if f.alter != nil {
			content = f.alter(content)
		}
		f.stored[key] = content
	case 1:
		if f.list != "" {
			w.Line(f.list)
			return nil
		}
		keys := make([]keystore.Key, 0, len(f.stored))
		for k := range f.stored {
			if (!cmd.Has(1) || k.SecTag == key.SecTag) && (!cmd.Has(2) || k.Type == key.Type) {
				keys = append(keys, k)
			}
		}
		slices.SortFunc(keys, keystore.Key.Compare)
		for _, k := range keys {
			w.Printf("%%CMNG: %s,\"%s\"", k, f.digest(k))
		}
	case 2:
		switch {
		case !exists:
			return atcmd.CME(513, "none")
		case typ == 2 || typ == 3 || f.old && typ == 1:
			return atcmd.CME(514, "secret")
		}
		w.Printf("%%CMNG: %s,\"%s\",\"%s\"", key, f.digest(key), content)
	case 3:
		if !exists {
			return atcmd.CME(513, "none")
		}
		delete(f.stored, key)
	}
	return nil
}

func (f *fakeModem) digest(key keystore.Key) string {
	if f.old {
		return strings.Repeat(fmt.Sprintf("%02X", uint8(key.Type)), 32)
	}
	return keystore.Digest(sha256.Sum256([]byte(f.stored[key]))).String()
}

func mux() *atcmd.Mux[*fakeModem] {
	type forms = atcmd.Forms[*fakeModem]
	m := atcmd.NewMux[*fakeModem]()
	m.Handle("+CMEE", &forms{
		Set: func(f *fakeModem, _ *atcmd.Response, cmd *atcmd.Command) error {
			n, _ := cmd.Int(0, 0, 1)
			f.cmee = int(n)
			return nil
		},
		Read: func(f *fakeModem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("+CMEE: %d", f.cmee)
			return nil
		},
	})
	m.Handle("+CFUN", &forms{
		Set: func(f *fakeModem, _ *atcmd.Response, cmd *atcmd.Command) error {
			n, _ := cmd.Int(0, 0, 44)
			f.mode = int(n)
			return nil
		},
		Read: func(f *fakeModem, w *atcmd.Response, _ *atcmd.Command) error {
			w.Printf("+CFUN: %d", f.mode)
			return nil
		},
	})
	m.Handle("%CMNG", &forms{Set: (*fakeModem).credentials})
	return m
}

// start connects a Manager with the modem until the end of the test.
func (f *fakeModem) start(t *testing.T) *provision.Manager {
	t.Helper()
	if f.stored == nil {
		f.stored = map[keystore.Key]string{}
	}
	host, dev := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.serve(dev)
	}()
	client := atcmd.NewClient(host, atcmd.ClientOptions{})
	t.Cleanup(func() {
		require.NoError(t, client.Close())
		<-done
	})
	return provision.New(client)
}

func (f *fakeModem) serve(port net.Conn) {
	var (
		framer = atcmd.NewFramer(atcmd.Framing{})
		m      = mux()
		cmd    atcmd.Command
		w      atcmd.Response
		buf    = make([]byte, 512)
	)
	for {
		n, err := port.Read(buf)
		if err != nil {
			return
		}
		for in := buf[:n]; len(in) > 0; {
			used, line, _ := framer.Next(in)
			in = in[used:]
			if len(line) == 0 {
				continue
			}
			f.mu.Lock()
			f.wire = append(f.wire, string(line))
			f.mu.Unlock()
			if f.silent != "" && strings.HasPrefix(string(line), f.silent) {
				continue
			}
			w.Reset(nil)
			err := cmd.Parse(line)
			if err == nil {
				err = m.ServeAT(f, &w, &cmd)
			}
			for begin, failure := range f.fail {
				if strings.HasPrefix(string(line), begin) {
					err = failure
				}
			}
			if _, err := port.Write(f.layout(&w, atcmd.ResultOf(err))); err != nil {
				return
			}
		}
	}
}

func (f *fakeModem) layout(w *atcmd.Response, result atcmd.Result) (out []byte) {
	gap := ""
	if f.serialModem {
		gap = "\r\n"
	}
	if result.Kind == atcmd.ResultCME && f.cmee == 0 {
		result = atcmd.Result{Kind: atcmd.ResultError}
	}
	if result.OK() {
		for text := range w.Parts() {
			out = fmt.Appendf(out, "%s%s\r\n", gap, text)
		}
	}
	return fmt.Appendf(out, "%s%s\r\n", gap, result)
}

const (
	ca      = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n"
	otherCA = "-----BEGIN CERTIFICATE-----\nMIICCTCCAY6gAwIBAgIN\n-----END CERTIFICATE-----\n"
	secret  = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"
)

var (
	caKey      = keystore.Key{SecTag: 24, Type: keystore.RootCA}
	certKey    = keystore.Key{SecTag: 24, Type: keystore.ClientCertificate}
	privateKey = keystore.Key{SecTag: 24, Type: keystore.PrivateKey}
	pskKey     = keystore.Key{SecTag: 24, Type: keystore.PSK}
)

func digestOf(text string) keystore.Digest { return sha256.Sum256([]byte(text)) }

// wrapped is the traffic of one operation on a modem with +CMEE 0.
func wrapped(lines ...string) []string {
	return slices.Concat([]string{"AT+CMEE?", "AT+CMEE=1"}, lines, []string{"AT+CMEE=0"})
}

func requireWire(t *testing.T, f *fakeModem, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, f.traffic()); diff != "" {
		t.Fatalf("on the wire (-want +got):\n%s", diff)
	}
	f.forget()
}

// The exact traffic of each function, as modem_key_mgmt has it.
func TestFunctions(t *testing.T) {
	for _, serialModem := range []bool{false, true} {
		f := &fakeModem{serialModem: serialModem, stored: map[keystore.Key]string{
			privateKey: secret, {SecTag: 240, Type: keystore.RootCA}: otherCA,
			{SecTag: keystore.NordicRootTag, Type: keystore.NordicIdentityRootCA}: "x",
		}}
		m, ctx := f.start(t), t.Context()

		exists, err := m.Exists(ctx, caKey)
		require.NoError(t, err)
		require.False(t, exists)
		requireWire(t, f, wrapped("AT%CMNG=1,24,0"))

		_, err = m.Digest(ctx, caKey)
		require.ErrorIs(t, err, provision.ENOENT)
		f.forget()

		require.NoError(t, m.Write(ctx, caKey, []byte(ca)))
		requireWire(t, f, wrapped(`AT%CMNG=0,24,0,"`+ca+`"`))
		require.Equal(t, ca, f.stored[caKey])

		exists, err = m.Exists(ctx, caKey)
		require.NoError(t, err)
		require.True(t, exists)
		f.forget()

		digest, err := m.Digest(ctx, caKey)
		require.NoError(t, err)
		require.Equal(t, digestOf(ca), digest)
		requireWire(t, f, wrapped("AT%CMNG=1,24,0"))

		content, err := m.Read(ctx, caKey)
		require.NoError(t, err)
		require.Equal(t, ca, string(content))
		requireWire(t, f, wrapped("AT%CMNG=2,24,0"))

		for want, state := range map[string]provision.State{
			ca: provision.Present, strings.TrimSuffix(ca, "\n"): provision.SameButLinefeed,
			ca + "\n": provision.Different, otherCA: provision.Different,
		} {
			got, err := m.Compare(ctx, caKey, []byte(want))
			require.NoError(t, err)
			require.Equal(t, state, got, "%q", want)
			requireWire(t, f, wrapped("AT%CMNG=2,24,0"))
		}

		entries, err := m.List(ctx)
		require.NoError(t, err)
		require.Equal(t, []provision.Entry{
			{Key: caKey, Digest: digestOf(ca)},
			{Key: privateKey, Digest: digestOf(secret)},
			{Key: keystore.Key{SecTag: 240}, Digest: digestOf(otherCA)},
		}, entries)
		requireWire(t, f, wrapped("AT%CMNG=1"))

		require.NoError(t, m.Delete(ctx, keystore.Key{SecTag: 240}))
		requireWire(t, f, wrapped("AT%CMNG=3,240,0"))

		deleted, err := m.Clear(ctx, 24)
		require.NoError(t, err)
		require.Equal(t, 2, deleted)
		requireWire(t, f, wrapped("AT%CMNG=1, 24", "AT%CMNG=3,24,0", "AT%CMNG=3,24,2"))
		require.Len(t, f.stored, 1)
		require.Zero(t, f.cmee)

		// A level that is on is left on.
		f.cmee = 1
		require.ErrorIs(t, m.Delete(ctx, caKey), provision.ENOENT)
		requireWire(t, f, []string{"AT+CMEE?", "AT%CMNG=3,24,0"})
		require.Equal(t, 1, f.cmee)
	}
}

func TestErrors(t *testing.T) {
	for code, errno := range map[int]provision.Errno{
		0: provision.EIO, 23: provision.E2BIG, 50: provision.EINVAL, 60: provision.ENOEXEC, 513: provision.ENOENT,
		514: provision.EACCES, 515: provision.ENOMEM, 518: provision.EPERM, 519: provision.EALREADY,
		527: provision.EINVAL, 528: provision.ECANCELED, 599: "",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			f := &fakeModem{fail: map[string]error{"AT%CMNG": atcmd.CME(code, "scripted")}}
			err := f.start(t).Write(t.Context(), caKey, []byte(ca))
			var e *provision.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, code, e.Code)
			require.Equal(t, errno, e.Errno)
			require.Equal(t, "write", e.Op)
			require.Equal(t, caKey, e.Key)
			require.ErrorContains(t, err, fmt.Sprintf("+CME ERROR: %d", code))
			require.ErrorContains(t, err, "cannot write credential 24,0 (root CA certificate): ")
			require.NotContains(t, err.Error(), "MIIB")
			if errno != "" {
				require.ErrorIs(t, err, errno)
				require.ErrorContains(t, err, "-"+string(errno))
			}
			var cause *atcmd.Error
			require.ErrorAs(t, err, &cause)
			requireWire(t, f, wrapped(`AT%CMNG=0,24,0,"`+ca+`"`))
		})
	}
	t.Run("plain ERROR", func(t *testing.T) {
		f := &fakeModem{fail: map[string]error{"AT%CMNG": atcmd.Errorf("scripted")}}
		_, err := f.start(t).Read(t.Context(), caKey)
		require.ErrorIs(t, err, provision.EIO)
		require.ErrorContains(t, err, "gives no reason")
	})
	t.Run("a device without +CMEE", func(t *testing.T) {
		f := &fakeModem{fail: map[string]error{"AT+CMEE": atcmd.Errorf("scripted")}}
		require.NoError(t, f.start(t).Write(t.Context(), caKey, []byte(ca)))
		requireWire(t, f, []string{"AT+CMEE?", "AT+CMEE=1", `AT%CMNG=0,24,0,"` + ca + `"`})
	})
	t.Run("+CMEE cannot be restored", func(t *testing.T) {
		f := &fakeModem{fail: map[string]error{"AT+CMEE=0": atcmd.Errorf("scripted")}}
		require.ErrorContains(t, f.start(t).Write(t.Context(), caKey, []byte(ca)), "AT+CMEE=0 was to follow")
	})
}

func TestContentThatCannotBeSent(t *testing.T) {
	f := &fakeModem{}
	m := f.start(t)
	for _, test := range []struct {
		content string
		errno   provision.Errno
		reason  string
	}{
		{"", provision.EINVAL, "there is no content"},
		{"a\"b", provision.EINVAL, "quotation mark at byte 1"},
		{"ab\x00", provision.EINVAL, "NUL at byte 2"},
		{"a\bb", provision.EINVAL, "control character 0x08"},
		{"a\x7fb", provision.EINVAL, "control character 0x7f"},
		{strings.Repeat("x", 4095-len(`AT%CMNG=0,24,0,""`)+1), provision.E2BIG, "the command would have 4096 bytes and the port takes lines of 4095"},
	} {
		for name, err := range map[string]error{
			"write":  m.Write(t.Context(), caKey, []byte(test.content)),
			"ensure": func() error { _, err := m.Ensure(t.Context(), caKey, []byte(test.content)); return err }(),
		} {
			require.ErrorIs(t, err, test.errno, name)
			require.ErrorContains(t, err, test.reason, name)
		}
	}
	_, err := m.Compare(t.Context(), caKey, nil)
	require.ErrorIs(t, err, provision.EINVAL)
	require.Empty(t, f.traffic())

	require.NoError(t, m.Write(t.Context(), caKey, []byte(strings.Repeat("x", 4095-len(`AT%CMNG=0,24,0,""`)))))
	m.MaxLine = 30
	require.ErrorIs(t, m.Write(t.Context(), caKey, []byte(ca)), provision.E2BIG)
}

func TestEnsure(t *testing.T) {
	list := "AT%CMNG=1,24,0"
	write := `AT%CMNG=0,24,0,"` + ca + `"`
	for _, test := range []struct {
		name    string
		modem   *fakeModem
		key     keystore.Key
		content string
		offline bool
		want    provision.Outcome
		wire    []string
		err     error
		reason  string // of an error, where err does not say it
		text    string
	}{
		{
			name: "absent", key: caKey, content: ca,
			want: provision.Outcome{Found: provision.Absent, Wrote: true, Verify: provision.ByDigest, After: digestOf(ca)},
			wire: wrapped(list, write, list),
			text: "credential 24,0 (root CA certificate) was absent; it was written and verified by digest",
		},
		{
			name: "present", key: caKey, content: ca,
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: ca}},
			want:  provision.Outcome{Found: provision.Present, How: provision.ByDigest, Before: digestOf(ca)},
			wire:  wrapped(list),
			text:  "credential 24,0 (root CA certificate) was present (compared by digest); nothing was written",
		},
		{
			name: "present and active", key: caKey, content: ca,
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: ca}, mode: 1},
			want:  provision.Outcome{Found: provision.Present, How: provision.ByDigest, Before: digestOf(ca)},
			wire:  wrapped(list),
		},
		{
			name: "different", key: caKey, content: ca,
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: otherCA}},
			want:  provision.Outcome{Found: provision.Different, How: provision.ByDigest, Before: digestOf(otherCA), Wrote: true, Verify: provision.ByDigest, After: digestOf(ca)},
			wire:  wrapped(list, write, list),
		},
		{
			name: "a line feed less", key: caKey, content: ca,
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: strings.TrimSuffix(ca, "\n")}},
			want:  provision.Outcome{Found: provision.SameButLinefeed, How: provision.ByDigest, Before: digestOf(strings.TrimSuffix(ca, "\n"))},
			wire:  wrapped(list),
		},
		{
			name: "a line feed more", key: caKey, content: strings.TrimSuffix(ca, "\n"),
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: ca}},
			want:  provision.Outcome{Found: provision.SameButLinefeed, How: provision.ByDigest, Before: digestOf(ca)},
			wire:  wrapped(list),
		},
		{
			name: "two line feeds are not one", key: caKey, content: ca,
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: ca + "\n"}},
			want:  provision.Outcome{Found: provision.Different, How: provision.ByDigest, Before: digestOf(ca + "\n"), Wrote: true, Verify: provision.ByDigest, After: digestOf(ca)},
			wire:  wrapped(list, write, list),
		},
		{
			name: "one line feed is not two", key: caKey, content: ca + "\n",
			modem: &fakeModem{stored: map[keystore.Key]string{caKey: ca}},
			want:  provision.Outcome{Found: provision.Different, How: provision.ByDigest, Before: digestOf(ca), Wrote: true, Verify: provision.ByDigest, After: digestOf(ca + "\n")},
			wire:  wrapped(list, `AT%CMNG=0,24,0,"`+ca+"\n\"", list),
		},
		{
			name: "a line feed in a PSK is a difference", key: pskKey, content: "0123456789abcdef",
			modem: &fakeModem{stored: map[keystore.Key]string{pskKey: "0123456789abcdef\n"}},
			want:  provision.Outcome{Found: provision.SameButLinefeed, How: provision.ByDigest, Before: digestOf("0123456789abcdef\n"), Wrote: true, Verify: provision.ByDigest, After: digestOf("0123456789abcdef")},
			wire:  wrapped("AT%CMNG=1,24,3", `AT%CMNG=0,24,3,"0123456789abcdef"`, "AT%CMNG=1,24,3"),
		},
		{
			name: "a private key is compared by digest", key: privateKey, content: secret,
			modem: &fakeModem{stored: map[keystore.Key]string{privateKey: secret}},
			want:  provision.Outcome{Found: provision.Present, How: provision.ByDigest, Before: digestOf(secret)},
			wire:  wrapped("AT%CMNG=1,24,2"),
		},
		{
			name: "active", key: caKey, content: ca,
			modem: &fakeModem{mode: 21},
			want:  provision.Outcome{Found: provision.Absent},
			wire:  wrapped(list, write), err: provision.EPERM,
		},
		{
			name: "active, and allowed to go offline", key: caKey, content: ca, offline: true,
			modem: &fakeModem{mode: 1, stored: map[keystore.Key]string{caKey: otherCA}},
			want:  provision.Outcome{Found: provision.Different, How: provision.ByDigest, Before: digestOf(otherCA), Wrote: true, Verify: provision.ByDigest, After: digestOf(ca), TookOffline: 1},
			wire:  wrapped(list, "AT+CFUN?", "AT+CFUN=4", write, list, "AT+CFUN=1"),
		},
		{
			name: "mode not known", key: caKey, content: ca, offline: true,
			modem: &fakeModem{fail: map[string]error{"AT+CFUN?": atcmd.Errorf("scripted")}},
			want:  provision.Outcome{Found: provision.Absent},
			wire:  wrapped(list, "AT+CFUN?"), text: "credential 24,0 (root CA certificate) was absent; nothing was written",
			reason: "cannot learn whether the modem is active",
		},
		{
			name: "does not go offline", key: caKey, content: ca, offline: true,
			modem: &fakeModem{mode: 1, fail: map[string]error{"AT+CFUN=4": atcmd.Errorf("scripted")}},
			want:  provision.Outcome{Found: provision.Absent},
			wire:  wrapped(list, "AT+CFUN?", "AT+CFUN=4"), reason: "did not go offline",
		},
		{
			name: "does not go online again", key: caKey, content: ca, offline: true,
			modem: &fakeModem{mode: 2, fail: map[string]error{"AT+CFUN=2": atcmd.Errorf("scripted")}},
			want:  provision.Outcome{Found: provision.Absent, Wrote: true, Verify: provision.ByDigest, After: digestOf(ca), TookOffline: 2},
			wire:  wrapped(list, "AT+CFUN?", "AT+CFUN=4", write, list, "AT+CFUN=2"), reason: "did not go back to functional mode 2",
		},
		{
			name: "offline already", key: caKey, content: ca, offline: true,
			modem: &fakeModem{mode: 4},
			want:  provision.Outcome{Found: provision.Absent, Wrote: true, Verify: provision.ByDigest, After: digestOf(ca)},
			wire:  wrapped(list, "AT+CFUN?", write, list),
		},
		{
			name: "a failed write leaves the modem offline", key: caKey, content: ca, offline: true,
			modem: &fakeModem{mode: 1, fail: map[string]error{"AT%CMNG=0": atcmd.CME(515, "full")}},
			want:  provision.Outcome{Found: provision.Absent, TookOffline: 1},
			wire:  wrapped(list, "AT+CFUN?", "AT+CFUN=4", write), err: provision.ENOMEM,
		},
		{
			name: "the port changes line ends", key: caKey, content: ca,
			modem: &fakeModem{alter: func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
			want:  provision.Outcome{Found: provision.Absent, Wrote: true, After: digestOf(strings.ReplaceAll(ca, "\n", "\r\n"))},
			wire:  wrapped(list, write, list), err: provision.ErrNotVerified,
		},
		{
			name: "old firmware, present", key: caKey, content: ca,
			modem: &fakeModem{old: true, stored: map[keystore.Key]string{caKey: ca}},
			want:  provision.Outcome{Found: provision.Present, How: provision.ByReading},
			wire:  wrapped(list, "AT%CMNG=2,24,0"),
		},
		{
			name: "old firmware, different", key: caKey, content: ca,
			modem: &fakeModem{old: true, stored: map[keystore.Key]string{caKey: otherCA}},
			want:  provision.Outcome{Found: provision.Different, How: provision.ByReading, Wrote: true, Verify: provision.ByReading},
			wire:  wrapped(list, "AT%CMNG=2,24,0", write, list, "AT%CMNG=2,24,0"),
		},
		{
			name: "old firmware, private key absent", key: privateKey, content: secret,
			modem: &fakeModem{old: true},
			want:  provision.Outcome{Found: provision.Absent, Wrote: true},
			wire:  wrapped("AT%CMNG=1,24,2", `AT%CMNG=0,24,2,"`+secret+`"`, "AT%CMNG=1,24,2", "AT%CMNG=2,24,2"),
			text:  "credential 24,2 (client private key) was absent; it was written and could not be verified",
		},
		{
			name: "old firmware, certificate that cannot be read", key: certKey, content: ca,
			modem: &fakeModem{old: true, stored: map[keystore.Key]string{certKey: ca}},
			want:  provision.Outcome{Found: provision.Unknown},
			wire:  wrapped("AT%CMNG=1,24,1", "AT%CMNG=2,24,1"), err: provision.ErrIncomparable,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.modem
			if f == nil {
				f = new(fakeModem)
			}
			m := f.start(t)
			m.Offline = test.offline
			mode := f.mode
			got, err := m.Ensure(t.Context(), test.key, []byte(test.content))
			if test.reason != "" {
				require.ErrorContains(t, err, test.reason)
			} else if test.err == nil {
				require.NoError(t, err)
				require.Equal(t, mode, f.mode, "the functional mode")
			} else {
				require.ErrorIs(t, err, test.err)
			}
			test.want.Key, test.want.Wanted = test.key, digestOf(test.content)
			require.Equal(t, test.want, got)
			requireWire(t, f, test.wire)
			require.Zero(t, f.cmee)
			if test.text != "" {
				require.Equal(t, test.text, got.String())
			}
			if err == nil { // the second start writes nothing
				again, err := m.Ensure(t.Context(), test.key, []byte(test.content))
				if f.old && test.key != caKey {
					require.ErrorIs(t, err, provision.ErrIncomparable)
				} else {
					require.NoError(t, err)
				}
				require.False(t, again.Wrote)
			}
		})
	}
}

func TestActiveSaysWhatToDo(t *testing.T) {
	f := &fakeModem{mode: 1}
	_, err := f.start(t).Ensure(t.Context(), caKey, []byte(ca))
	require.EqualError(t, err, "cannot write credential 24,0 (root CA certificate): the modem is active, and its credentials cannot be changed; send AT+CFUN=4 first (+CME ERROR: 518, -EPERM)")
}

func TestDigestPlaceholder(t *testing.T) {
	f := &fakeModem{old: true, stored: map[keystore.Key]string{caKey: ca}}
	_, err := f.start(t).Digest(t.Context(), caKey)
	require.ErrorIs(t, err, provision.ErrPlaceholder)
}

// What a modem lists may be wrong, or not a list at all.
func TestUnexpectedAnswers(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		err          string
	}{
		{name: "blanks after commas", answer: `%CMNG: 24, 0, "` + digestOf(ca).String() + `"`},
		{name: "lower case", answer: `%CMNG: 24,0,"` + strings.ToLower(digestOf(ca).String()) + `"`},
		{name: "no digest", answer: "%CMNG: 24,0", err: "placeholder"},
		{name: "short digest", answer: `%CMNG: 24,0,"2C43"`, err: "not of 64 hexadecimal digits"},
		{name: "no hexadecimal digest", answer: `%CMNG: 24,0,"` + strings.Repeat("x", 64) + `"`, err: "not of 64 hexadecimal digits"},
		{name: "another credential", answer: `%CMNG: 240,0,"` + digestOf(ca).String() + `"`, err: "ENOENT"},
		{name: "no type", answer: "%CMNG: 24", err: "without tag and type"},
		{name: "bad tag", answer: "%CMNG: -1,0", err: "bad tag"},
		{name: "bad type", answer: "%CMNG: 24,x", err: "bad type"},
		{name: "no list", answer: "hello", err: "ENOENT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := (&fakeModem{list: test.answer}).start(t)
			digest, err := m.Digest(t.Context(), caKey)
			if test.err == "" {
				require.NoError(t, err)
				require.Equal(t, digestOf(ca), digest)
			} else {
				require.ErrorContains(t, err, test.err)
			}
		})
	}
	m := (&fakeModem{list: "%CMNG: 24", mode: 1}).start(t)
	_, err := m.List(t.Context())
	require.ErrorContains(t, err, "without tag and type")
	_, err = m.Clear(t.Context(), 24)
	require.ErrorContains(t, err, "without tag and type")
	_, err = m.Ensure(t.Context(), caKey, []byte(ca))
	require.ErrorContains(t, err, "without tag and type")
}

// +CMEE is restored even when the command itself was given up, in good time for the
// next one.
func TestCancelledOperationRestores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeModem{silent: "AT%CMNG=2"}
		m := f.start(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := m.Read(ctx, caKey)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "cannot read credential 24,0")
		require.Equal(t, time.Second, time.Since(begin), "it returns with its context")
		time.Sleep(10 * time.Second)
		requireWire(t, f, wrapped("AT%CMNG=2,24,0", "AT+CMEE?")) // the second question brings the client in step
		exists, err := m.Exists(t.Context(), caKey)
		require.NoError(t, err)
		require.False(t, exists)
	})
}

// One user's commands never fall between another's AT+CMEE=1 and AT+CMEE=0.
func TestOperationsTakeTurns(t *testing.T) {
	f := &fakeModem{}
	m := f.start(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			key := keystore.Key{SecTag: keystore.SecTag(i)}
			if _, err := m.Ensure(t.Context(), key, []byte(ca)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	wire := f.traffic()
	require.Len(t, wire, 8*6)
	for i := 0; i < len(wire); i += 6 {
		require.Equal(t, []string{"AT+CMEE?", "AT+CMEE=1"}, wire[i:i+2])
		require.Equal(t, "AT+CMEE=0", wire[i+5])
		require.Equal(t, wire[i+2], wire[i+4])
	}
	m.Offline = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Ensure(ctx, caKey, []byte(ca))
	require.ErrorIs(t, err, context.Canceled)
}
