//go:build !unix

package link

import (
	"os"
	"sync"
)

// A waiter does nothing here: a Read of a console cannot be interrupted.
type waiter struct{}

func newWaiter(*os.File) (waiter, error) { return waiter{}, nil }

func (waiter) input() error { return nil }

func (waiter) close(sync.Locker) {}
