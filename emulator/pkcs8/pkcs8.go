package pkcs8

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// PEMType is the label of an encrypted private key in PEM (RFC 7468 11).
const PEMType = "ENCRYPTED PRIVATE KEY"

// ErrNoPassword is returned by [Decrypt] when there is no password at all.
var ErrNoPassword = errors.New("it is encrypted, and no password was stored with it")

// ErrPassword is returned by [Decrypt] for a wrong password.
var ErrPassword = errors.New("it is encrypted, and the password stored with it is wrong")

// MaxIterations is the greatest number of rounds of the key derivation that
// [Decrypt] does, some tenths of a second; openssl writes 2048.
const MaxIterations = 1 << 20

// writtenIterations is what [Encrypt] writes. Few: the keys are for labs.
const writtenIterations = 2048

// Object identifiers of PKCS #5 (RFC 8018) and AES (RFC 3565).
var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// hashes are the pseudo-random functions by their identifiers.
var hashes = map[string]func() hash.Hash{
	"1.2.840.113549.2.7":   sha1.New,
	oidHMACSHA256.String(): sha256.New,
}

// A scheme is a block cipher in CBC mode.
type scheme struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
}

var schemes = map[string]scheme{
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	oidAES256CBC.String():     {32, aes.NewCipher},
}

// The structures of RFC 5958 3 and RFC 8018 A.
type (
	encryptedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2Params struct{ KDF, Encryption pkix.AlgorithmIdentifier }

	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

// Decrypt returns the PrivateKeyInfo in DER that an EncryptedPrivateKeyInfo holds:
// PBES2 with PBKDF2 over HMAC of SHA-1 or SHA-256, and AES or three-key triple DES in
// CBC mode. Errors: ErrNoPassword; ErrPassword, which an altered content may give as well, or what
// is not supported or not well-formed.
func Decrypt(der, password []byte) ([]byte, error) {
	if len(password) == 0 {
		return nil, ErrNoPassword
	}
	var e encryptedKey
	if err := unmarshal(der, &e); err != nil {
		return nil, fmt.Errorf("it is no encrypted PKCS #8: %w", err)
	}
	if !e.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("it is encrypted with the scheme %s, and only PBES2 is supported", e.Algorithm.Algorithm)
	}
	var p pbes2Params
	if err := unmarshal(e.Algorithm.Parameters.FullBytes, &p); err != nil {
		return nil, fmt.Errorf("the parameters of PBES2 are broken: %w", err)
	}
	scheme, ok := schemes[p.Encryption.Algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("it is encrypted with the cipher %s, and only AES and 3DES in CBC mode are supported", p.Encryption.Algorithm)
	}
	key, err := derive(p.KDF, password, scheme.keySize)
	if err != nil {
		return nil, err
	}
	block, err := scheme.block(key)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if err := unmarshal(p.Encryption.Parameters.FullBytes, &iv); err != nil || len(iv) != block.BlockSize() {
		return nil, errors.New("the initialization vector of its cipher is broken")
	}
	if len(e.Data) == 0 || len(e.Data)%block.BlockSize() != 0 {
		return nil, errors.New("the encrypted key is cut short")
	}
	plain := make([]byte, len(e.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, e.Data)
	return unpad(plain, block.BlockSize())
}

// derive is PBKDF2.
func derive(kdf pkix.AlgorithmIdentifier, password []byte, size int) ([]byte, error) {
	if !kdf.Algorithm.Equal(oidPBKDF2) {
		return nil, fmt.Errorf("its key derivation is %s, and only PBKDF2 is supported", kdf.Algorithm)
	}
	var p pbkdf2Params
	if err := unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
		return nil, fmt.Errorf("the parameters of PBKDF2 are broken: %w", err)
	}
	hash := sha1.New // the default, RFC 8018 A.2
	if len(p.PRF.Algorithm) > 0 {
		var ok bool
		if hash, ok = hashes[p.PRF.Algorithm.String()]; !ok {
			return nil, fmt.Errorf("its key derivation uses %s, and only HMAC with SHA-1 and SHA-256 is supported", p.PRF.Algorithm)
		}
	}
	switch {
	case p.Iterations < 1 || p.Iterations > MaxIterations:
		return nil, fmt.Errorf("its key derivation has %d iterations; 1 to %d are supported", p.Iterations, MaxIterations)
	case p.KeyLength != 0 && p.KeyLength != size:
		return nil, fmt.Errorf("its key derivation makes %d bytes, and the cipher takes %d", p.KeyLength, size)
	}
	return pbkdf2.Key(hash, string(password), p.Salt, p.Iterations, size)
}

// unpad takes off the padding, which with the outermost sequence is all that tells
// a wrong password.
func unpad(plain []byte, size int) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n < 1 || n > size {
		return nil, ErrPassword
	}
	end := len(plain) - n
	for _, b := range plain[end:] {
		if int(b) != n {
			return nil, ErrPassword
		}
	}
	var sequence asn1.RawValue
	if err := unmarshal(plain[:end], &sequence); err != nil || sequence.Tag != asn1.TagSequence {
		return nil, ErrPassword
	}
	return plain[:end], nil
}

// unmarshal parses DER with nothing behind it.
func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("there is something behind it")
	}
	return err
}

// Encrypt returns an EncryptedPrivateKeyInfo in DER of a PrivateKeyInfo in DER, made
// with AES-256 and HMAC-SHA-256 as openssl pkcs8 -topk8 does.
func Encrypt(der, password []byte) ([]byte, error) {
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	rand.Read(salt) // never fails
	rand.Read(iv)
	key, err := pbkdf2.Key(sha256.New, string(password), salt, writtenIterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(der)%aes.BlockSize
	data := append([]byte(nil), der...)
	for range pad {
		data = append(data, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	kdf, err := asn1.Marshal(pbkdf2Params{Salt: salt, Iterations: writtenIterations,
		PRF: pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256, Parameters: asn1.NullRawValue}})
	if err != nil {
		return nil, err
	}
	octets, err := asn1.Marshal(iv)
	if err != nil {
		return nil, err
	}
	params, err := asn1.Marshal(pbes2Params{
		KDF:        pkix.AlgorithmIdentifier{Algorithm: oidPBKDF2, Parameters: asn1.RawValue{FullBytes: kdf}},
		Encryption: pkix.AlgorithmIdentifier{Algorithm: oidAES256CBC, Parameters: asn1.RawValue{FullBytes: octets}},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedKey{pkix.AlgorithmIdentifier{Algorithm: oidPBES2, Parameters: asn1.RawValue{FullBytes: params}}, data})
}
