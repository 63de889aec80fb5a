package modem_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nrf91emu/atcmd"
	"nrf91emu/emulator/modem"
	"nrf91emu/emulator/network"
	"nrf91emu/emulator/profile"
	"nrf91emu/keystore"
	"nrf91emu/keystore/flash"
)

func TestXPMNG(t *testing.T) {
	m, send := start(t, profile.Default, nil)
	const key = "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----"
	digest := fmt.Sprintf("%X", sum([]byte(key)))
	steps{
		"AT%XPMNG=2", "ERROR", "AT+CMEE=1", "OK",
		"AT%XPMNG=2", "+CME ERROR: 513", "AT%XPMNG=2,,9", "+CME ERROR: 513",
		`AT%XPMNG=0,"` + key + `"`, "OK", "AT%XPMNG=2", `%XPMNG: "` + key + `"|OK`, "AT%XPMNG=2,,0", `%XPMNG: "` + key + `"|OK`,
		"AT%CMNG=1,0", `%CMNG: 0,5,"` + digest + `"|OK`, "AT%CMNG=2,0,5", "+CME ERROR: 514",
		`AT%XPMNG=0,"` + key + `"`, "+CME ERROR: 519", `AT%XPMNG=0,"` + key + `",0`, "+CME ERROR: 519",
		`AT%XPMNG=0,"` + key + `",9`, "OK", "AT%XPMNG=2,,9", `%XPMNG: "` + key + `"|OK`,
		"AT%CMNG=3,0,5", "OK", "AT%XPMNG=2", "+CME ERROR: 513", `AT%XPMNG=0,"` + key + `"`, "OK",
		"AT%XPMNG=1", "+CME ERROR: 0", "AT%XPMNG=3", "+CME ERROR: 0", "AT%XPMNG=", "+CME ERROR: 0",
		"AT%XPMNG=0", "+CME ERROR: 0", `AT%XPMNG=0,""`, "+CME ERROR: 0", "AT%XPMNG=0,7", "+CME ERROR: 0",
		`AT%XPMNG=0,"` + key + `",10`, "+CME ERROR: 0", "AT%XPMNG=2,,10", "+CME ERROR: 0", "AT%XPMNG=2,0", "+CME ERROR: 0",
		`AT%XPMNG=0,"` + key + `",1,1`, "+CME ERROR: 0", "AT%XPMNG?", "+CME ERROR: 0", "AT%XPMNG=?", "+CME ERROR: 0", "AT%XPMNG", "+CME ERROR: 0",
		"AT+CFUN=1", "OK", `AT%XPMNG=0,"` + key + `",1`, "+CME ERROR: 518", "AT%XPMNG=2", `%XPMNG: "` + key + `"|OK`,
		"AT+CFUN=4", "OK",
	}.run(t, send)
	m.SetSupply(2800)
	steps{`AT%XPMNG=0,"` + key + `",1`, "+CME ERROR: 528", "AT%XPMNG=2", `%XPMNG: "` + key + `"|OK`}.run(t, send)
}

// signer signs commands for %XSUDO.
type signer struct{ *ecdsa.PrivateKey }

func newSigner(t testing.TB) signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return signer{key}
}

func (s signer) public() string {
	der, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		panic(err)
	}
	return "-----BEGIN PUBLIC KEY-----" + base64.StdEncoding.EncodeToString(der) + "-----END PUBLIC KEY-----"
}

// command returns a %XSUDO for a command, given without its AT; more is what
// follows the signature in the line.
func (s signer) command(command, more string) string {
	digest := sha256.Sum256([]byte(command))
	signature, err := ecdsa.SignASN1(rand.Reader, s.PrivateKey, digest[:])
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`AT%%XSUDO=%d,"%s"%s;%s`, len(command), base64.StdEncoding.EncodeToString(signature), more, command)
}

func TestXSUDO(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	s, other := newSigner(t), newSigner(t)
	write := `%CMNG=0,1,4,"a;b"`
	steps{
		"AT+CMEE=1", "OK",
		s.command("+CGMR", ""), "+CME ERROR: 513",
		`AT%XPMNG=0,"` + s.public() + `"`, "OK",
		s.command("+CGMR", ""), "mfw_nrf9160_1.3.7|OK",
		s.command("+cgmr", ",0"), "mfw_nrf9160_1.3.7|OK",
		s.command("+CGMR", ",7"), "+CME ERROR: 513",
		s.command("+CGMR", "") + ";what else there is", "mfw_nrf9160_1.3.7|OK",
		s.command(write, ""), "OK", "AT%CMNG=2,1,4", `%CMNG: 1,4,"5719AF18823567701F70E9F302F75D96E574215493286286A57B0A4959672283","a;b"|OK`,
		s.command("+CME", ""), "+CME ERROR: 0",
		s.command("+CGSN=9", ""), "+CME ERROR: 0",
		s.command("AT+CGMR", ""), "+CME ERROR: 0", // the command has no AT
		s.command("+CGMR;+CGMR", ""), "+CME ERROR: 0",
		s.command(s.command("+CGMR", "")[2:], ""), "+CME ERROR: 0",
		other.command("+CGMR", ""), "+CME ERROR: 520",
		strings.Replace(s.command("+CGMR", ""), ";+CGMR", ";+CGMI", 1), "+CME ERROR: 520",
		`AT%XSUDO=5,"c2lnbmF0dXJl";+CGMR`, "+CME ERROR: 520", // the guide's own signature
		`AT%XSUDO=5,"*";+CGMR`, "+CME ERROR: 520",
		strings.Replace(s.command("+CGMR", ""), "=5,", "=6,", 1), "+CME ERROR: 0",
		`AT%XSUDO=0,"AA";+CGMR`, "+CME ERROR: 0", `AT%XSUDO=5,AA;+CGMR`, "+CME ERROR: 520", `AT%XSUDO=5,"AA",10;+CGMR`, "+CME ERROR: 0",
		`AT%XSUDO=5,"AA",0,0;+CGMR`, "+CME ERROR: 0", `AT%XSUDO=5,"AA"`, "+CME ERROR: 0", "AT%XSUDO;+CGMR", "+CME ERROR: 0",
		"AT%XSUDO?", "+CME ERROR: 0", "AT%XSUDO=?", "+CME ERROR: 0", "AT+CMEE=1;+CGMR", "+CME ERROR: 0",
		`AT%XPMNG=0,"no key",3`, "OK", s.command("+CGMR", ",3"), "+CME ERROR: 514",
		`AT%XPMNG=0,"-----BEGIN PUBLIC KEY-----*-----END PUBLIC KEY-----",4`, "OK", s.command("+CGMR", ",4"), "+CME ERROR: 514",
		`AT%XPMNG=0,"-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----",5`, "OK", s.command("+CGMR", ",5"), "+CME ERROR: 514",
		"AT+CFUN=1", "OK", s.command(`%CMNG=3,1,4`, ""), "+CME ERROR: 518",
	}.run(t, send)
}

// A key in lines, as openssl writes it, is as good as one in one line.
func TestXSUDOKeyInLines(t *testing.T) {
	_, send := start(t, "nrf9160-1.3.7", nil)
	s := newSigner(t)
	der, err := x509.MarshalPKIXPublicKey(s.Public())
	require.NoError(t, err)
	require.Equal(t, "OK", send(`AT%XPMNG=0,"`+pemText("PUBLIC KEY", der)+`"`))
	require.Equal(t, "OK", send(s.command("+CEREG=1", "")))
	require.Equal(t, "+CEREG: 1,4|OK", send("AT+CEREG?"))
}

// No line whatever runs a command that was not signed.
func FuzzXSUDO(f *testing.F) {
	s := newSigner(f)
	f.Add(s.command("+CMEE=1", ""))
	f.Add(s.command("+CMEE=1", ",0") + ";x")
	f.Add(`AT%XSUDO=7,"c2lnbmF0dXJl";+CMEE=1`)
	f.Add(`AT%XSUDO=7,"";+CMEE=1`)
	f.Add(`AT%XSUDO=99999999999999999,"AA";`)
	f.Add(`AT%XSUDO;%XSUDO;`)
	p, err := profile.Lookup("nrf9160-1.3.7")
	require.NoError(f, err)
	public := s.public()
	f.Fuzz(func(t *testing.T, line string) {
		fl, err := flash.New(flash.Options{Pages: 4})
		require.NoError(t, err)
		store, err := keystore.Open(fl, p.Store, nil)
		require.NoError(t, err)
		require.NoError(t, store.PutPublicKey(0, []byte(public)))
		m := modem.New(modem.Config{
			Profile: &p, Identity: new(profile.NewIdentity(&p, 0)), Network: new(network.Default()), Store: store,
			Run: func(fn func()) { fn() },
		})
		m.PowerOn()
		defer m.PowerOff()
		var w atcmd.Response
		if !strings.HasPrefix(line, "AT%XSUDO") {
			return
		}
		err = m.Execute(&w, []byte(line), 1)
		if err == nil {
			require.Contains(t, line, ";")
			_, rest, _ := strings.Cut(line, ";")
			require.True(t, strings.HasPrefix(rest, "+CMEE=1"), "%q was run", line)
		}
	})
}

func TestKeyInject(t *testing.T) {
	m, send := start(t, profile.Default, nil)
	steps{
		`AT%KEYINJECT="AA.AA"`, "ERROR", "AT+CMEE=1", "OK",
		`AT%KEYINJECT="AA.AA"`, "+CME ERROR: 513", `AT%KEYINJECT="AA"`, "+CME ERROR: 50", `AT%KEYINJECT="AA."`, "+CME ERROR: 50",
		`AT%KEYINJECT=".AA"`, "+CME ERROR: 50", `AT%KEYINJECT="AA.A+"`, "+CME ERROR: 50", `AT%KEYINJECT=AA.AA`, "+CME ERROR: 513",
		`AT%KEYINJECT="AA.AA",1`, "+CME ERROR: 50", `AT%KEYINJECT=`, "+CME ERROR: 50", "AT%KEYINJECT?", "+CME ERROR: 0", "AT%KEYINJECT", "+CME ERROR: 0",
		"AT+CFUN=1", "OK", `AT%KEYINJECT="AA.AA"`, "+CME ERROR: 518", "AT+CFUN=4", "OK",
	}.run(t, send)
	m.SetSupply(2800)
	require.Equal(t, "+CME ERROR: 528", send(`AT%KEYINJECT="AA.AA"`))
}

func TestCertExpiry(t *testing.T) {
	m, send := start(t, profile.Default, nil)
	for tag, serial := range map[int]string{1: "00AEF87681FA968B61", 2: "7F", 3: "0100"} {
		key := newSigner(t)
		n, ok := new(big.Int).SetString(serial, 16)
		require.True(t, ok)
		template := &x509.Certificate{SerialNumber: n,
			NotBefore: time.Date(2017, 8, 23, 8, 47, 37, 0, time.UTC), NotAfter: time.Date(2018, 8, 23, 8, 47, 37, 0, time.UTC)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key.PrivateKey)
		require.NoError(t, err)
		cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		require.Equal(t, "OK", send(fmt.Sprintf(`AT%%CMNG=0,%d,%d,"%s"`, tag, tag%2, cert)))
		require.Equal(t, "%CERTEXPIRY: "+serial+",20170823084737Z,20180823084737Z|OK", send(fmt.Sprintf("AT%%CERTEXPIRY=%d,%d", tag, tag%2)))
	}
	// What an older firmware, which checks nothing, has left in the flash.
	require.NoError(t, m.Store().PutGenerated(keystore.Key{SecTag: 9, Type: keystore.RootCA}, []byte("HONKHONK")))
	steps{
		"AT%CERTEXPIRY=9,0", "ERROR", "AT+CMEE=1", "OK", "AT%CERTEXPIRY=9,0", "+CME ERROR: 527",
		"AT%CERTEXPIRY=8,0", "+CME ERROR: 513", "AT%CERTEXPIRY=1,0", "+CME ERROR: 513", "AT%CERTEXPIRY=1,10", "+CME ERROR: 513",
		"AT%CERTEXPIRY=0,0", "+CME ERROR: 0", "AT%CERTEXPIRY=4294967293,10", "+CME ERROR: 0", "AT%CERTEXPIRY=1,2", "+CME ERROR: 0",
		"AT%CERTEXPIRY=1", "+CME ERROR: 0", "AT%CERTEXPIRY=1,0,", "+CME ERROR: 0", "AT%CERTEXPIRY=1,99", "+CME ERROR: 0",
		"AT%CERTEXPIRY?", "+CME ERROR: 0", "AT%CERTEXPIRY", "+CME ERROR: 0",
		"AT+CFUN=1", "OK", "AT%CERTEXPIRY=9,0", "+CME ERROR: 527",
	}.run(t, send)
}
