package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"nrf91emu/emulator/pkcs8"
	"nrf91emu/emulator/profile"
	"nrf91emu/emulator/socket"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

// certInspect is nrf91emu cert inspect.
type certInspect struct {
	credentialFile
	Profile string `help:"Chip and modem firmware that shall say what it thinks of the file, or all; see nrf91emu profiles." default:"${profile}" placeholder:"NAME"`
	Host    string `help:"Say whether a modem with this host name set would take it as a server's certificate." placeholder:"NAME"`
}

// Run shows a file.
func (c *certInspect) Run(std stdio) error {
	text, typ, err := c.read()
	if err != nil {
		return err
	}
	profiles := profile.All()
	if c.Profile != "all" {
		p, err := profile.Lookup(c.Profile)
		if err != nil {
			return usagef("%w", err)
		}
		profiles = []profile.Profile{p}
	}
	w := std.out
	lf := strings.Count(string(text), "\n")
	fmt.Fprintf(w, "%s: %d bytes, %d line feeds, to be stored as type %d, %s\n", shortPath(c.File), len(text), lf, typ, typ)
	fmt.Fprintf(w, "SHA-256, as the list of credentials shows it: %X\n", sha256.Sum256(text))
	certs := inspectPEM(w, text)
	inspectChain(w, certs)
	if c.Host != "" {
		if len(certs) == 0 {
			return fmt.Errorf("there is no certificate for --host")
		}
		fmt.Fprintf(w, "\nFor the host name %s: %s\n", c.Host, hostVerdict(certs, c.Host))
	}
	fmt.Fprintln(w)
	failed := complain(w, typ, text)
	refused, err := inspectProfiles(w, profiles, typ, text)
	if err != nil {
		return err
	}
	if failed > 0 || refused {
		return exitError{code: exitFailed}
	}
	return nil
}

// inspectPEM prints the blocks of a file and returns its certificates.
func inspectPEM(w io.Writer, text []byte) []*x509.Certificate {
	var certs []*x509.Certificate
	if cert, err := x509.ParseCertificate(text); err == nil {
		fmt.Fprintf(w, "\nBinary DER, which the modem does not read; openssl x509 -inform der makes PEM of it.\n")
		printCertificate(w, cert)
		return []*x509.Certificate{cert}
	}
	n := 0
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		n++
		fmt.Fprintf(w, "\n%d. %s, %d bytes\n", n, block.Type, len(block.Bytes))
		switch {
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				fmt.Fprintf(w, "   does not parse: %v\n", err)
				continue
			}
			certs = append(certs, cert)
			printCertificate(w, cert)
		case block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			fmt.Fprintf(w, "   encrypted: the modem needs its password, the fifth parameter of %%CMNG; openssl pkcs8 -in FILE decrypts it\n")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			fmt.Fprintf(w, "   %s\n", privateKey(block))
		}
	}
	if n == 0 {
		fmt.Fprintf(w, "\nThere is no PEM in it.\n")
	}
	return certs
}

func printCertificate(w io.Writer, cert *x509.Certificate) {
	subject, issuer := shortened(cert.Subject.String()), shortened(cert.Issuer.String())
	if bytes.Equal(cert.RawIssuer, cert.RawSubject) {
		issuer = "itself"
	}
	kind := "a server's or device's certificate"
	switch {
	case cert.IsCA:
		kind = "a CA"
	case len(cert.ExtKeyUsage) == 1 && cert.ExtKeyUsage[0] == x509.ExtKeyUsageClientAuth:
		kind = "a device's certificate"
	case len(cert.ExtKeyUsage) == 1 && cert.ExtKeyUsage[0] == x509.ExtKeyUsageServerAuth:
		kind = "a server's certificate"
	}
	fmt.Fprintf(w, "   subject  %s\n   issuer   %s\n   it is    %s\n", subject, issuer, kind)
	var names []string
	names = append(names, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) > 0 {
		fmt.Fprintf(w, "   names    %s\n", strings.Join(names, ", "))
	} else if !cert.IsCA {
		fmt.Fprintf(w, "   names    none, the common name alone\n")
	}
	fmt.Fprintf(w, "   valid    %s to %s%s\n", cert.NotBefore.UTC().Format(time.DateOnly), cert.NotAfter.UTC().Format(time.DateOnly), validity(cert, time.Now()))
	fmt.Fprintf(w, "   key      %s, signed with %s\n", publicKey(cert.PublicKey), cert.SignatureAlgorithm)
	fmt.Fprintf(w, "   serial   %X\n", cert.SerialNumber)
}

// shortened cuts a name that is longer than people read.
func shortened(name string) string {
	const most = 160
	if len(name) <= most {
		return name
	}
	return fmt.Sprintf("%s... (%d characters)", name[:most], len(name))
}

func validity(cert *x509.Certificate, now time.Time) string {
	switch {
	case now.Before(cert.NotBefore):
		return ", not yet"
	case now.After(cert.NotAfter):
		return ", expired"
	}
	return ""
}

func publicKey(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519, which the modem does not know"
	}
	return "of a kind that is not known"
}

func privateKey(block *pem.Block) string {
	key, err := pkcs8.ParseKey(block, nil)
	if err != nil {
		return "does not parse: " + err.Error()
	}
	if k, ok := key.(crypto.Signer); ok {
		return publicKey(k.Public())
	}
	return "of a kind that is not known"
}

// inspectChain says how certificates hang together and how large they are.
func inspectChain(w io.Writer, certs []*x509.Certificate) {
	if len(certs) < 2 {
		return
	}
	size := 0
	for i, cert := range certs {
		size += len(cert.Raw)
		if i+1 == len(certs) {
			break
		}
		if err := cert.CheckSignatureFrom(certs[i+1]); err != nil {
			fmt.Fprintf(w, "\n%d is not signed by %d (%v): it is no chain in order.\n", i+1, i+2, err)
			return
		}
	}
	limit := socket.DefaultPolicy().ChainLimit
	fmt.Fprintf(w, "\nA chain in order, %d bytes in DER", size)
	if size > limit {
		fmt.Fprintf(w, "; a server must not send it: the modem takes %d", limit)
	}
	fmt.Fprintln(w, ".")
}

// hostVerdict says whether a server's certificate is for a host name.
func hostVerdict(certs []*x509.Certificate, host string) string {
	leaf := certs[0]
	noNames := len(leaf.DNSNames)+len(leaf.IPAddresses) == 0
	err := leaf.VerifyHostname(host)
	switch {
	case leaf.IsCA:
		return "it is a CA, not the certificate of a server."
	case err == nil:
		return "it fits."
	case noNames && strings.EqualFold(leaf.Subject.CommonName, host) && socket.DefaultPolicy().AcceptCommonName:
		return "it has the common name alone; the modem takes that (inferred), Go and browsers do not."
	}
	return "it does not fit: the handshake would fail with -111 (ECONNREFUSED)."
}

// inspectProfiles prints what each modem answers to the write and to reading back.
func inspectProfiles(w io.Writer, profiles []profile.Profile, typ keystore.CredentialType, text []byte) (refused bool, err error) {
	answers := make(map[string][]string)
	var order []string
	for _, p := range profiles {
		answer, ok, err := tryStore(p, typ, text)
		if err != nil {
			return false, err
		}
		refused = refused || !ok
		if answers[answer] == nil {
			order = append(order, answer)
		}
		answers[answer] = append(answers[answer], p.Name)
	}
	for _, a := range order {
		fmt.Fprintf(w, "%s:\n%s\n", strings.Join(answers[a], ", "), indentLines(a, "  "))
	}
	return refused, nil
}

// tryStore writes a content into a fresh store with a firmware's rules, and reads it back.
func tryStore(p profile.Profile, typ keystore.CredentialType, text []byte) (answer string, ok bool, err error) {
	f, err := flash.New(flash.Options{})
	if err != nil {
		return "", false, err
	}
	store, err := keystore.Open(f, p.Store, nil)
	if err != nil {
		return "", false, err
	}
	k := keystore.Key{SecTag: 1, Type: typ}
	switch err := store.Write(k, text); {
	case errors.Is(err, keystore.ErrInvalidContent):
		return fmt.Sprintf("AT%%CMNG=0 answers +CME ERROR: 527: %v", reason(err, typ)), false, nil
	case err != nil:
		return fmt.Sprintf("AT%%CMNG=0 fails: %v", reason(err, typ)), false, nil
	}
	answer = "AT%CMNG=0 answers OK."
	switch _, _, err := store.Read(k); {
	case errors.Is(err, keystore.ErrReadCrash):
		return answer + fmt.Sprintf("\nReading it back crashes the modem: %v", reason(err, typ)), false, nil
	case err != nil:
		answer += "\nIt cannot be read back; compare digests."
	}
	if !p.Store.CheckCertificates && typ <= keystore.PrivateKey {
		answer += "\nThis firmware does not look at the content."
	}
	if p.Store.PlaceholderDigest {
		answer += "\nIts list shows no real digest."
	}
	return answer, true, nil
}

// reason is an error without the name of the credential that was tried.
func reason(err error, typ keystore.CredentialType) string {
	text := err.Error()
	if _, rest, ok := strings.Cut(text, "tag 1, "+typ.String()+": "); ok {
		return rest
	}
	return text
}
