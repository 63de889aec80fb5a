package flash

// WearOut uses up the erase cycles that a page has left: what is in the page
// stays, words may still be programmed, but the next erase fails with
// ErrWornOut. Then, not before, the page is out of use and counts as worn. The
// cycles count as used in all statistics; no step is taken, the observer hears
// nothing, and it works without power. A page without cycles left stays as it
// is. Errors: ErrRange, ErrEndless.
func (f *Flash) WearOut(page int) error {
	switch {
	case page < 0 || page >= f.count:
		return pageError(ErrRange, page)
	case f.endurance == 0:
		return pageError(ErrEndless, page)
	case f.Spent(page):
		return nil
	}
	f.touch(page).erases = f.endurance
	return f.saveMark(page)
}

// Spent reports whether a page has no erase cycle left, so that its next erase
// fails, or has failed already. It works without power.
func (f *Flash) Spent(page int) bool {
	return f.WornOut(page) || f.endurance != 0 && f.Erases(page) >= f.endurance
}
