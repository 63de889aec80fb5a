package settle

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"nrf91emu/atcmd"
)

// A Modem is what is asked: an [atcmd.Client].
type Modem interface {
	Do(ctx context.Context, command string) (atcmd.Answer, error)
}

// An Answer is what the modem did.
type Answer struct {
	Name  string // of the fact, such as "cmng/overwrite"
	Value string // empty if it was not settled
	How   string // what was seen, or why it was not settled
}

// Answers are those of a modem.
type Answers struct {
	Modem string // model and firmware; nothing that tells one device from another
	List  []Answer
}

// Codes of +CME ERROR (fact cmng/errors).
const (
	noAccess      = 514
	activeState   = 518
	alreadyExists = 519
)

// NotAsked are questions that a few exchanges cannot settle, with the reason.
var notAsked = []Answer{
	{Name: "cmng/power-warning-reads", How: "it takes a supply below the level of %XPOFWARN"},
	{Name: "wear/same-content", How: "no command reads the wear"},
	{Name: "cmng/largest-content", How: "it takes a longer command than most applications do"},
	{Name: "cmng/oversize-crash", How: "it might crash the modem"},
	{Name: "cmng/store-full", How: "it would fill the store"},
	{Name: "cfun/boot", How: "it takes a start of the modem that nothing has followed"},
	{Name: "cfun/starts-without-sim", How: "it takes a modem without a SIM"},
}

// Ask asks a modem. modem is its model and firmware. told hears of each exchange,
// without contents; it may be nil. After an error in the middle what was written is
// deleted all the same.
func Ask(ctx context.Context, m Modem, modem string, told func(string)) (a *Answers, err error) {
	if told == nil {
		told = func(string) {}
	}
	s := &session{ctx: ctx, modem: m, told: told, Answers: Answers{Modem: modem}}
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer func() {
		s.ctx = context.WithoutCancel(ctx)
		err = errors.Join(err, s.end())
	}()
	for _, ask := range []func() error{s.overwrite, s.clientCertificate, s.generated, s.malformed, s.active} {
		if err := ask(); err != nil {
			return nil, err
		}
	}
	s.List = append(s.List, notAsked...)
	return &s.Answers, nil
}

// session is the state of Ask.
type session struct {
	Answers
	ctx   context.Context
	modem Modem
	told  func(string)
	tag   uint32
	types []int // that were written
	mode  int   // +CFUN to go back to
	cmee  int
}

// reply is the end of a command.
type reply struct {
	ok    bool
	code  int // of +CME ERROR, -1 for ERROR
	lines []string
}

func (r reply) String() string {
	switch {
	case r.ok:
		return "OK"
	case r.code < 0:
		return "ERROR"
	}
	return fmt.Sprintf("+CME ERROR: %d", r.code)
}

// do sends a command; show is what is told of it. Only a port that fails is an error.
func (s *session) do(show, command string) (reply, error) {
	a, err := s.modem.Do(s.ctx, command)
	var at *atcmd.Error
	r := reply{ok: err == nil, code: -1, lines: a.Lines}
	switch {
	case errors.As(err, &at):
		if at.Result.Kind == atcmd.ResultCME {
			r.code = at.Result.Code
		}
	case err != nil:
		return r, fmt.Errorf("%s was not answered: %w", show, err)
	}
	s.told(show + " -> " + r.String())
	return r, nil
}

// must sends a command that has to succeed.
func (s *session) must(show, command string) (reply, error) {
	r, err := s.do(show, command)
	if err == nil && !r.ok {
		err = fmt.Errorf("%s was answered %v, so nothing can be asked", show, r)
	}
	return r, err
}

func (s *session) plain(format string, args ...any) (reply, error) {
	command := fmt.Sprintf(format, args...)
	return s.do(command, command)
}

// write stores a content under the tag.
func (s *session) write(typ int, content string) (reply, error) {
	r, err := s.do(fmt.Sprintf("AT%%CMNG=0,%d,%d,...", s.tag, typ), fmt.Sprintf(`AT%%CMNG=0,%d,%d,"%s"`, s.tag, typ, content))
	if r.ok {
		s.types = append(s.types, typ)
	}
	return r, err
}

func (s *session) note(name, value, format string, args ...any) {
	s.List = append(s.List, Answer{name, value, fmt.Sprintf(format, args...)})
}

// conclude notes what the reply to the command that settles a question says: ok if that
// was done, and refused if it was answered +CME ERROR with code. Another answer settles
// nothing. what names the command in words.
func (s *session) conclude(name, what string, r reply, ok string, code int, refused string) {
	value := ""
	switch {
	case r.ok:
		value = ok
	case r.code == code:
		value = refused
	}
	s.note(name, value, "%s was answered %v", what, r)
}

// number reads the last number of an answer such as "+CFUN: 4".
func number(r reply) int {
	n := 0
	if len(r.lines) > 0 {
		_, text, _ := strings.Cut(r.lines[0], ": ")
		_, _ = fmt.Sscanf(text, "%d", &n)
	}
	return n
}

// maxTries is how many tags are looked at for one that holds nothing.
const maxTries = 10

// begin goes offline and finds a tag that holds nothing.
func (s *session) begin() error {
	r, err := s.must("AT+CMEE?", "AT+CMEE?")
	if err != nil {
		return err
	}
	s.cmee = number(r)
	if _, err := s.must("AT+CMEE=1", "AT+CMEE=1"); err != nil {
		return err
	}
	if r, err = s.must("AT+CFUN?", "AT+CFUN?"); err != nil {
		return err
	}
	s.mode = number(r)
	if _, err := s.must("AT+CFUN=4", "AT+CFUN=4"); err != nil {
		return err
	}
	for range maxTries {
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000))
		if err != nil {
			return err
		}
		s.tag = uint32(n.Int64()) + 1_000_000_000
		list := fmt.Sprintf("AT%%CMNG=1,%d", s.tag)
		r, err := s.must(list, list)
		if err != nil {
			return err
		}
		if len(r.lines) == 0 {
			return nil
		}
	}
	return fmt.Errorf("none of %d security tags is free", maxTries)
}

// end deletes what was written, and goes back to where the modem was.
func (s *session) end() error {
	var errs []error
	_, err := s.plain("AT+CFUN=4")
	errs = append(errs, err)
	done := map[int]bool{}
	for _, typ := range s.types {
		if done[typ] {
			continue
		}
		done[typ] = true
		r, err := s.plain("AT%%CMNG=3,%d,%d", s.tag, typ)
		if errs = append(errs, err); err == nil && !r.ok && r.code != 513 {
			errs = append(errs, fmt.Errorf("type %d under tag %d could not be deleted: %v", typ, s.tag, r))
		}
	}
	if s.mode == 1 {
		_, err = s.plain("AT+CFUN=1")
		errs = append(errs, err)
	}
	_, err = s.plain("AT+CMEE=%d", s.cmee)
	return errors.Join(append(errs, err)...)
}

// random returns a text that nobody has had before.
func random() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// identityType and so on are credential types (fact cmng/types).
const (
	certificateType = 1
	keyType         = 2
	identityType    = 4
)

// overwrite asks for fact cmng/overwrite.
func (s *session) overwrite() error {
	const name = "cmng/overwrite"
	second := random()
	if r, err := s.write(identityType, random()); err != nil {
		return err
	} else if !r.ok {
		return fmt.Errorf("a PSK identity cannot be written (%v), so nothing can be asked", r)
	}
	r, err := s.write(identityType, second)
	if err != nil {
		return err
	}
	if !r.ok {
		s.conclude(name, "a second PSK identity under one tag", r, "", alreadyExists, "519")
		return nil
	}
	read, err := s.plain("AT%%CMNG=2,%d,%d", s.tag, identityType)
	if err != nil {
		return err
	}
	if !strings.Contains(strings.Join(read.lines, "\n"), second) {
		s.note(name, "", "a second PSK identity was answered OK, and reading gave something else")
		return nil
	}
	s.note(name, "replace", "a second PSK identity was answered OK, and it was read back")
	return nil
}

// clientCertificate asks for fact cmng/read-client-certificate.
func (s *session) clientCertificate() error {
	const name = "cmng/read-client-certificate"
	cert, _, err := newPair()
	if err != nil {
		return err
	}
	r, err := s.write(certificateType, cert)
	if err != nil {
		return err
	}
	if !r.ok {
		s.note(name, "", "writing a client certificate was answered %v", r)
		return nil
	}
	if r, err = s.plain("AT%%CMNG=2,%d,%d", s.tag, certificateType); err != nil {
		return err
	}
	s.conclude(name, "reading a client certificate", r, "readable", noAccess, "514")
	return nil
}

// generated asks for fact cmng/generated-protected.
func (s *session) generated() error {
	const name = "cmng/generated-protected"
	r, err := s.plain("AT%%KEYGEN=%d,%d,0", s.tag, keyType)
	if err != nil {
		return err
	}
	if !r.ok {
		s.note(name, "", "%%KEYGEN was answered %v", r)
		return nil
	}
	s.types = append(s.types, keyType)
	_, key, err := newPair()
	if err != nil {
		return err
	}
	if r, err = s.write(keyType, key); err != nil {
		return err
	}
	s.conclude(name, "a private key onto one that the modem had made", r, "replace", alreadyExists, "519")
	return nil
}

// malformed asks for fact cmng/malformed-code.
func (s *session) malformed() error {
	const name = "cmng/malformed-code"
	r, err := s.plain("AT%%CMNG=9")
	if err != nil {
		return err
	}
	value := ""
	if r.code == 50 || r.code == 0 {
		value = fmt.Sprint(r.code)
	}
	s.note(name, value, "AT%%CMNG=9 was answered %v", r)
	return nil
}

// active asks for facts cmng/active-is-state and cfun/read-derived. It goes online for
// a moment, and sends nothing.
func (s *session) active() error {
	const state, read = "cmng/active-is-state", "cfun/read-derived"
	r, err := s.plain("AT+CFUN=1")
	if err != nil {
		return err
	}
	if !r.ok {
		s.note(state, "", "AT+CFUN=1 was answered %v", r)
		s.note(read, "", "AT+CFUN=1 was answered %v", r)
		return nil
	}
	if r, err = s.plain("AT+CFUN=30"); err != nil { // GNSS off; LTE stays on
		return err
	}
	if !r.ok {
		s.note(state, "", "AT+CFUN=30 was answered %v", r)
		s.note(read, "", "AT+CFUN=30 was answered %v", r)
		return nil
	}
	if r, err = s.plain("AT+CFUN?"); err != nil {
		return err
	}
	switch number(r) {
	case 1:
		s.note(read, "derived", "after AT+CFUN=1 and AT+CFUN=30, AT+CFUN? read 1")
	case 30:
		s.note(read, "number", "after AT+CFUN=1 and AT+CFUN=30, AT+CFUN? read 30")
	default:
		s.note(read, "", "after AT+CFUN=1 and AT+CFUN=30, AT+CFUN? read %d", number(r))
	}
	if r, err = s.plain("AT%%CMNG=3,%d,%d", s.tag, identityType); err != nil {
		return err
	}
	s.conclude(state, "a delete after AT+CFUN=1 and AT+CFUN=30", r, "number", activeState, "state")
	return nil
}

// newPair makes a certificate, signed by itself, and its key, both as PEM.
func newPair() (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "settle"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), nil
}

// Write writes the answers as a file that --assume reads.
func (a *Answers) Write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# What a modem has answered to what no source settles, for nrf91emu --assume.\n")
	fmt.Fprintf(&b, "# %s\n", a.Modem)
	for _, x := range a.List {
		if x.Value == "" {
			fmt.Fprintf(&b, "# %s is not settled: %s\n", x.Name, x.How)
		} else {
			fmt.Fprintf(&b, "%s=%s # %s\n", x.Name, x.Value, x.How)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Settled is how many questions have an answer.
func (a *Answers) Settled() int {
	n := 0
	for _, x := range a.List {
		if x.Value != "" {
			n++
		}
	}
	return n
}
