package keys

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits on the attributes of %KEYGEN, in bytes. Chosen: none is documented.
const (
	maxAttributes = 512
	maxValue      = 256
)

// An attribute of a distinguished name: how it is called in the text, and as
// which string type it is encoded (X.520; UTF8String is seen for CN).
type attribute struct {
	names []string
	oid   asn1.ObjectIdentifier
	tag   int
}

// attributes are those that a name may have. CN, O, L and C stand in the
// guide's examples; the others are the usual ones (fact keys/attributes).
var attributes = []attribute{
	{[]string{"CN", "commonName"}, asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.TagUTF8String},
	{[]string{"C", "countryName"}, asn1.ObjectIdentifier{2, 5, 4, 6}, asn1.TagPrintableString},
	{[]string{"L", "localityName"}, asn1.ObjectIdentifier{2, 5, 4, 7}, asn1.TagUTF8String},
	{[]string{"ST", "stateOrProvinceName"}, asn1.ObjectIdentifier{2, 5, 4, 8}, asn1.TagUTF8String},
	{[]string{"O", "organizationName"}, asn1.ObjectIdentifier{2, 5, 4, 10}, asn1.TagUTF8String},
	{[]string{"OU", "organizationalUnitName"}, asn1.ObjectIdentifier{2, 5, 4, 11}, asn1.TagUTF8String},
	{[]string{"serialNumber"}, asn1.ObjectIdentifier{2, 5, 4, 5}, asn1.TagPrintableString},
	{[]string{"title"}, asn1.ObjectIdentifier{2, 5, 4, 12}, asn1.TagUTF8String},
	{[]string{"dnQualifier"}, asn1.ObjectIdentifier{2, 5, 4, 46}, asn1.TagPrintableString},
	{[]string{"DC", "domainComponent"}, asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, asn1.TagIA5String},
	{[]string{"emailAddress"}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, asn1.TagIA5String},
}

// ParseName reads a distinguished name such as "O=Nordic Semiconductor,L=PDX" and
// returns it in DER, one attribute to each RDN, in the order written. A comma in
// a value is written with a backslash in front, any byte as a backslash and two
// hexadecimal digits (RFC 4514; that the modem follows it is inferred). Names of
// attributes are read in either case.
func ParseName(text string) ([]byte, error) {
	if len(text) > maxAttributes {
		return nil, fmt.Errorf("the attributes have %d bytes, at most %d are taken", len(text), maxAttributes)
	}
	var name pkix.RDNSequence
	for rest, more := text, true; more; {
		key, after, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, fmt.Errorf("the attribute %q has no value; write it as CN=device", rest)
		}
		a := findAttribute(strings.TrimSpace(key))
		if a == nil {
			return nil, fmt.Errorf("%q is no attribute; use CN, C, L, ST, O, OU, serialNumber, title, dnQualifier, DC or emailAddress", key)
		}
		value, n, err := cutValue(after)
		if err == nil {
			err = a.check(value)
		}
		if err != nil {
			return nil, fmt.Errorf("the value of %s %w", a.names[0], err)
		}
		if more = n < len(after); more {
			rest = after[n+1:]
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{{
			Type: a.oid, Value: asn1.RawValue{Tag: a.tag, Bytes: []byte(value)},
		}})
	}
	return asn1.Marshal(name)
}

func findAttribute(name string) *attribute {
	for i := range attributes {
		for _, n := range attributes[i].names {
			if strings.EqualFold(n, name) {
				return &attributes[i]
			}
		}
	}
	return nil
}

// cutValue returns the value at the beginning of text, without its escapes, and
// where it ends: at a comma or at the end of the text.
func cutValue(text string) (value string, n int, err error) {
	var b []byte
	for n < len(text) && text[n] != ',' {
		c := text[n]
		n++
		if c != '\\' {
			b = append(b, c)
			continue
		}
		switch {
		case n < len(text) && strings.IndexByte(` "#+,;<=>\`, text[n]) >= 0:
			b = append(b, text[n])
			n++
		case n+2 <= len(text):
			hexByte, err := hex.DecodeString(text[n : n+2])
			if err != nil {
				return "", 0, fmt.Errorf("holds \\%s; a backslash is followed by a character to be taken as it is, or by two hexadecimal digits", text[n:n+2])
			}
			b = append(b, hexByte...)
			n += 2
		default:
			return "", 0, errors.New("ends with a backslash")
		}
	}
	return string(b), n, nil
}

// check returns what is wrong with a value.
func (a *attribute) check(value string) error {
	switch {
	case value == "":
		return errors.New("is empty")
	case len(value) > maxValue:
		return fmt.Errorf("has %d bytes, at most %d are taken", len(value), maxValue)
	}
	switch a.tag {
	case asn1.TagUTF8String:
		if !utf8.ValidString(value) {
			return errors.New("is not UTF-8")
		}
	case asn1.TagIA5String:
		if strings.ContainsFunc(value, func(r rune) bool { return r > 0x7f }) {
			return errors.New("holds a character that is not ASCII")
		}
	default:
		if strings.ContainsFunc(value, func(r rune) bool { return !isPrintable(r) }) {
			return errors.New("holds a character other than letters, digits, blanks and '()+,-./:=?")
		}
	}
	return nil
}

// isPrintable reports whether a PrintableString may hold r (X.680 41.4).
func isPrintable(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(" '()+,-./:=?", r)
}

// commonName returns the name that a certificate signing request has by default:
// CN=text (fact keys/csr).
func commonName(text string) []byte {
	der, err := asn1.Marshal(pkix.RDNSequence{{{
		Type: attributes[0].oid, Value: asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(text)},
	}}})
	if err != nil {
		panic("keys: a name cannot be encoded: " + err.Error())
	}
	return der
}
