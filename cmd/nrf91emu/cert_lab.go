package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nrf91emu/emulator/cloud/pki"
)

// certLab is nrf91emu cert lab.
type certLab struct {
	Dir   string   `arg:"" help:"The folder; it is made." type:"path"`
	Host  []string `help:"The names of the server. May be repeated." default:"broker.lab,localhost,127.0.0.1" placeholder:"NAME"`
	RSA   bool     `help:"RSA keys of 2048 bits; without it, ECDSA on P-256." name:"rsa"`
	Force bool     `help:"Write over what is there."`
}

// labFile is a file of a lab and what it is.
type labFile struct {
	name, what string
	content    []byte
}

// Run makes a CA and certificates.
func (c *certLab) Run(std stdio) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	var index bytes.Buffer
	fmt.Fprintf(&index, "Made by nrf91emu cert lab for %s. Keys are not protected: for labs only.\n\n", strings.Join(c.Host, ", "))
	for _, f := range files {
		fmt.Fprintf(&index, "%-28s %s\n", f.name, f.what)
	}
	files = append(files, labFile{name: "README.txt", content: index.Bytes()})
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(c.Dir, f.name)
		if _, err := os.Lstat(path); err == nil && !c.Force {
			return fmt.Errorf("%s is there already; give --force to write over it", shortPath(path))
		}
	}
	for _, f := range files {
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(f.name, ".key") {
			mode = 0o600
		}
		path := filepath.Join(c.Dir, f.name)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // a file that is there would keep its mode
		}
		if err := os.WriteFile(path, f.content, mode); err != nil {
			return err
		}
	}
	_, err = std.out.Write(index.Bytes())
	return err
}

// files makes everything.
func (c *certLab) files() ([]labFile, error) {
	var options []pki.Option
	if c.RSA {
		options = append(options, pki.RSA(2048))
	}
	b := &labBuilder{options: options}
	now := time.Now()
	const day = 24 * time.Hour
	hosts := pki.Hosts(c.Host...)
	ca := b.made(pki.NewCA("nrf91emu lab root CA", options...))
	other := b.made(pki.NewCA("Another root CA", options...))
	if b.err != nil {
		return nil, b.err
	}
	b.add("ca.pem", "the root CA that a device is to trust: type 0", ca.PEM())
	b.add("ca.key", "its private key", b.key(ca))
	middle := b.made(ca.IssueCA("nrf91emu lab intermediate CA", options...))
	b.issue(ca, "server", "a server: good", hosts)
	b.issue(middle, "server-chain", "a server with an intermediate CA: good, if the server sends both", hosts)
	b.issue(ca, "server-wrong-host", "a server for another name", pki.Hosts("other.lab"))
	b.issue(ca, "server-expired", "a server whose certificate expired yesterday", hosts, pki.Valid(now.Add(-30*day), now.Add(-day)))
	b.issue(ca, "server-not-yet-valid", "a server whose certificate is valid from tomorrow on", hosts, pki.Valid(now.Add(day), now.Add(365*day)))
	b.issue(ca, "server-common-name", "a server with a common name and no subject alternative name", pki.CommonName(c.Host[0]))
	b.issue(ca, "server-long-chain", "a server whose chain is larger than the 4,096 bytes that the modem takes", hosts, pki.Padded(4000))
	b.issue(nil, "server-self-signed", "a server that signed its own certificate", hosts)
	b.issue(other, "server-unknown-ca", "a server of a CA that the device does not trust", hosts)
	b.add("unknown-ca.pem", "that CA", other.PEM())

	client := b.made(ca.Issue(append([]pki.Option{pki.CommonName("nrf91-lab"), pki.Client}, options...)...))
	stranger := b.made(other.Issue(append([]pki.Option{pki.CommonName("nrf91-lab"), pki.Client}, options...)...))
	if b.err != nil {
		return nil, b.err
	}
	b.add("client.pem", "a device's certificate: type 1", client.PEM())
	b.add("client.key", "its private key: type 2", b.key(client))
	encrypted, err := client.EncryptedKeyPEM("nrf91emu")
	b.err = errors.Join(b.err, err)
	b.add("client-encrypted.key", "the same key, encrypted with the password nrf91emu, the fifth parameter of %CMNG", encrypted)
	b.add("client-unknown-ca.pem", "a device's certificate of the other CA", stranger.PEM())
	b.add("client-unknown-ca.key", "its private key, which does not belong to client.pem", b.key(stranger))

	root := ca.PEM()
	b.add("ca-crlf.pem", "the CA with line ends of Windows", bytes.ReplaceAll(root, []byte("\n"), []byte("\r\n")))
	b.add("ca-no-final-line-feed.pem", "the CA without its last line feed", bytes.TrimSuffix(root, []byte("\n")))
	b.add("ca-one-line.pem", "the CA with blanks for line feeds", bytes.ReplaceAll(bytes.TrimSpace(root), []byte("\n"), []byte(" ")))
	b.add("ca-cut-short.pem", "the CA without its last bytes", root[:len(root)-2])
	b.add("ca.der", "the CA in DER", ca.Certificate.Raw)
	b.add("ca-page.html", "a page that a browser saved in place of the CA", []byte("<!DOCTYPE html>\n<html><head><title>Certificates</title></head><body>Download ca.pem</body></html>\n"))
	bundle := slices.Concat(root, other.PEM())
	if large := b.made(pki.NewCA("A large root CA", append([]pki.Option{pki.Padded(1400)}, options...)...)); large != nil {
		bundle = slices.Concat(bundle, large.PEM())
	}
	b.add("ca-too-large.pem", "three CAs in one file, more than a modem reads back", bundle)
	return b.files, b.err
}

// labBuilder collects files and keeps the first error.
type labBuilder struct {
	options []pki.Option
	files   []labFile
	err     error
}

func (b *labBuilder) add(name, what string, content []byte) {
	b.files = append(b.files, labFile{name, what, content})
}

func (b *labBuilder) made(i *pki.Identity, err error) *pki.Identity {
	b.err = errors.Join(b.err, err)
	return i
}

func (b *labBuilder) key(i *pki.Identity) []byte {
	if i == nil {
		return nil
	}
	text, err := i.KeyPEM()
	b.err = errors.Join(b.err, err)
	return text
}

// issue adds a server's certificate, with what it has to send beside it, and its key. A nil issuer
// is the server itself.
func (b *labBuilder) issue(issuer *pki.Identity, name, what string, options ...pki.Option) {
	options = append(options, b.options...)
	var i *pki.Identity
	if issuer == nil {
		i = b.made(pki.NewSelfSigned(options...))
	} else {
		i = b.made(issuer.Issue(options...))
	}
	if b.err != nil {
		return
	}
	b.add(name+".pem", what, i.ChainPEM())
	b.add(name+".key", "its private key", b.key(i))
}
