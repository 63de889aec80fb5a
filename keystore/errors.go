package keystore

import (
	"errors"
	"fmt"
)

// Errors of the store. They come wrapped in a sentence that says why; test
// them with errors.Is. A cut of the power shows as flash.ErrPowerCut.
var (
	// ErrNotFound: there is no such credential (AT error 513).
	ErrNotFound = errors.New("no such credential")
	// ErrNoAccess: the rules forbid it (AT error 514).
	ErrNoAccess = errors.New("access to the credential is not allowed")
	// ErrFull: there is no room left (AT error 515).
	ErrFull = errors.New("the credential store is full")
	// ErrExists: there is one, and it may not be replaced (AT error 519).
	ErrExists = errors.New("the credential exists already")
	// ErrInvalidContent: not a certificate, or too large for one (AT error 527).
	ErrInvalidContent = errors.New("invalid credential content")
	// ErrEmpty: there is no content. Which AT error follows is not documented.
	ErrEmpty = errors.New("a credential needs content")
	// ErrTooLarge: longer than MaxContent, or too many settings.
	ErrTooLarge = errors.New("too large for the store")
	// ErrReadCrash: too long to be read back; the modem crashes when it tries.
	ErrReadCrash = errors.New("the credential is too long to be read back")
	// ErrDamaged: what the flash holds was not written by a store.
	ErrDamaged = errors.New("the credential store in the flash is damaged")
	// ErrReopen: an operation was cut off; the store has to be opened again.
	ErrReopen = errors.New("the store was interrupted and has to be opened again")
)

// refuse puts the name of a credential and a reason behind an error.
func refuse(err error, k Key, reason string, args ...any) error {
	return fmt.Errorf("%w: tag %d, %v: %s", err, k.SecTag, k.Type, fmt.Sprintf(reason, args...))
}

func notFound(k Key) error {
	return fmt.Errorf("%w: tag %d, %v", ErrNotFound, k.SecTag, k.Type)
}
