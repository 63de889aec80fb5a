// Package pkcs8 encrypts and decrypts private keys: EncryptedPrivateKeyInfo of
// PKCS #8 (RFC 5958) with the scheme PBES2 of PKCS #5 (RFC 8018). What it decrypts may
// be anything that a host has written: its work is bounded, and it never panics.
package pkcs8
