package main

import (
	"fmt"
	"time"
)

// integer is what is counted.
type integer interface{ ~int | ~uint32 | ~uint64 }

// counted returns such as "1 start" or "3 starts".
func counted[N integer](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// times returns such as "once" or "3 times".
func times[N integer](n N) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// atLeast refuses a number that is less than what makes sense.
func atLeast(flag string, n, least int) error {
	if n < least {
		return usagef("%s must be at least %d, not %d", flag, least, n)
	}
	return nil
}

// moreThanNothing refuses a number that is not above 0.
func moreThanNothing(flag string, n float64) error {
	if !(n > 0) {
		return usagef("%s must be more than 0, not %v", flag, n)
	}
	return nil
}

// someTime refuses a time that is not above 0.
func someTime(flag string, d time.Duration) error {
	if d <= 0 {
		return usagef("%s must be more than 0, not %v", flag, d)
	}
	return nil
}
