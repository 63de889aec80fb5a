package flash

import (
	"errors"
	"fmt"
)

// Errors of the flash as a chip. They come wrapped in a sentence with the page
// and the offset; test them with errors.Is.
var (
	// ErrPowerCut: the power is off, or failed during this operation.
	ErrPowerCut = errors.New("the flash has no power")
	// ErrNotErased: a bit that is 0 was to become 1.
	ErrNotErased = errors.New("programming cannot turn a 0 bit into 1; erase the page first")
	// ErrProgramLimit: the word has been programmed MaxWrites times since the
	// last erase.
	ErrProgramLimit = errors.New("the word may not be programmed again before an erase")
	// ErrHalfErased: the last erase of the page was cut.
	ErrHalfErased = errors.New("the page's last erase was interrupted; erase it again before programming")
	// ErrWornOut: the page has used up its erase cycles.
	ErrWornOut = errors.New("the page is worn out")
	// ErrEndless: a page was to wear out, but none of this flash ever does.
	ErrEndless = errors.New("the pages of this flash never wear out; give it an endurance")
	// ErrRange: no such page, or beyond the end of the page.
	ErrRange = errors.New("outside the page or the flash")
	// ErrAlignment: offset or length is not a multiple of WordSize.
	ErrAlignment = errors.New("offset and length must be multiples of the word size")
)

// Errors of an image.
var (
	// ErrNotImage: the file is something else.
	ErrNotImage = errors.New("not a flash image of nrf91emu")
	// ErrDamaged: the file is an image, but its contents contradict themselves.
	ErrDamaged = errors.New("damaged flash image")
	// ErrNewerFormat: a later version of the program wrote the image.
	ErrNewerFormat = errors.New("flash image of a newer format")
	// ErrChanged: somebody else has deleted, replaced or cut the file while it
	// was in use.
	ErrChanged = errors.New("the flash image was changed by somebody else while it was in use")
	// ErrInUse: another process, or this one, has the image open.
	ErrInUse = errors.New("flash image in use")
)

func wordError(err error, page, off int) error {
	return fmt.Errorf("flash page %d, offset %d: %w", page, off, err)
}

func pageError(err error, page int) error {
	return fmt.Errorf("flash page %d: %w", page, err)
}
