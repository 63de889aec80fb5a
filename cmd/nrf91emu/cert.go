package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nrf91emu/emulator/audit"
	"nrf91emu/emulator/devicefile"
	"nrf91emu/emulator/event"
	"nrf91emu/keystore"
)

// certCmd is nrf91emu cert: certificates and keys before they get into a modem.
type certCmd struct {
	Header  certHeader  `cmd:"" help:"Turn a certificate file into a C header with a macro, as the firmware carries it."`
	Inspect certInspect `cmd:"" help:"Show what is in a file, what is wrong with it, and what a modem will say to it."`
	Lab     certLab     `cmd:"" help:"Make a CA and certificates to try things with, good and bad."`
}

// credentialFile is the argument and flag of commands that look at a file.
type credentialFile struct {
	File string `arg:"" help:"The file." type:"path"`
	Type string `help:"What it is meant to be: ca, cert, key, psk or identity; without it, a private key if it has one, else ca." placeholder:"TYPE"`
}

// maxCredentialFile is far more than any modem takes.
const maxCredentialFile = 1 << 20

// read returns the content of the file and the type of credential it is for.
func (c *credentialFile) read() ([]byte, keystore.CredentialType, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, 0, usagef("the file cannot be read: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxCredentialFile+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(text) > maxCredentialFile:
		return nil, 0, fmt.Errorf("%s has more than 1 MB: it is no credential", shortPath(c.File))
	case len(text) == 0:
		return nil, 0, fmt.Errorf("%s is empty", shortPath(c.File))
	}
	if c.Type == "" {
		if bytes.Contains(text, []byte("PRIVATE KEY-----")) && !bytes.Contains(text, []byte("BEGIN CERTIFICATE")) {
			return text, keystore.PrivateKey, nil
		}
		return text, keystore.RootCA, nil
	}
	typ, ok := devicefile.TypeNames[c.Type]
	if !ok {
		return nil, 0, usagef("--type %s is none of ca, cert, key, psk and identity", c.Type)
	}
	return text, typ, nil
}

// complain prints what is wrong with a content, and returns how many of it are errors.
func complain(w io.Writer, typ keystore.CredentialType, text []byte) (errors int) {
	for _, f := range audit.CheckContent(audit.Key{SecTag: 1, Type: event.CredentialType(typ)}, text, time.Now()) {
		fmt.Fprintf(w, "%s: %s (%s %s) %s\n", f.Level, f.What, f.Rule, f.Name, f.Fix)
		if f.Level == audit.Error {
			errors++
		}
	}
	return errors
}

// certHeader is nrf91emu cert header.
type certHeader struct {
	credentialFile
	Macro string `help:"The name of the macro." default:"CA_CERTIFICATE" placeholder:"NAME"`
	Out   string `help:"The header to write; without it, standard output." short:"o" placeholder:"FILE" type:"path"`
	Force bool   `help:"Write it although something is wrong with the file."`
}

// Help is the long help of nrf91emu cert header.
func (*certHeader) Help() string {
	return `The macro is a C string with the bytes of the file, line ends included, to be given to modem_key_mgmt_write() with its strlen(). What is wrong with the file is said, and an error ends it.

Example:

  nrf91emu cert header server_certificate.crt -o src/certificate.h`
}

// Run writes the header.
func (c *certHeader) Run(std stdio) error {
	if !isMacro(c.Macro) {
		return usagef("--macro %s is no name in C", c.Macro)
	}
	text, typ, err := c.read()
	if err != nil {
		return err
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fmt.Errorf("%s has a NUL at byte %d, where a C string ends: it is not text; convert it with: openssl x509 -inform der -in FILE", shortPath(c.File), i)
	}
	if n := complain(std.err, typ, text); n > 0 && !c.Force {
		return fmt.Errorf("%s is not turned into a header; mend it, or give --force", shortPath(c.File))
	}
	header := cHeader(c.Macro, text)
	if c.Out == "" {
		_, err = std.out.Write(header)
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.Out), 0o777); err != nil {
		return err
	}
	return os.WriteFile(c.Out, header, 0o666)
}

func isMacro(name string) bool {
	for i, r := range name {
		if r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// cHeader returns a macro that is a string with these bytes, a line of source for
// each line of them.
func cHeader(macro string, text []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "#define %s", macro)
	for line := range bytes.Lines(text) {
		b.WriteString(" \\\n\"")
		for _, c := range line {
			switch {
			case c == '\n':
				b.WriteString(`\n`)
			case c == '\r':
				b.WriteString(`\r`)
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c == '?':
				b.WriteString(`\?`) // else two of them may begin a trigraph
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03o`, c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('"')
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// indentLines puts blanks before each line.
func indentLines(text, blanks string) string {
	return blanks + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+blanks)
}
