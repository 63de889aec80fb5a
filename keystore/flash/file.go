package flash

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Open opens the flash in the image file at path, for this process alone, and
// makes the file, factory-fresh, when there is none or it is empty. Contents
// and counters are in the file after each step, whatever happens to the
// process; Close also brings them to the disk.
//
// Errors are ErrNotImage, ErrDamaged, ErrNewerFormat and ErrInUse, those of
// the file system, or say what is wrong with the options. No file is changed
// that is not an image.
func Open(path string, opts Options) (*Flash, error) {
	f, err := open(path, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func open(path string, opts Options) (*Flash, error) {
	mode, lock := os.O_RDWR|os.O_CREATE, syscall.LOCK_EX
	if opts.ReadOnly {
		mode, lock = os.O_RDONLY, syscall.LOCK_SH
	}
	// O_NONBLOCK: opening a named pipe by mistake must not wait for a writer.
	file, err := os.OpenFile(path, mode|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, errors.Unwrap(err) // without the path, which Open adds
	}
	f, err := openFile(file, lock, opts)
	if err != nil || f.file == nil {
		file.Close()
	}
	return f, err
}

func openFile(file *os.File, lock int, opts Options) (*Flash, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is not a regular file", ErrNotImage)
	}
	switch err := syscall.Flock(int(file.Fd()), lock|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, fmt.Errorf("%w by another nrf91emu; stop it or name another file", ErrInUse)
	case err != nil:
		return nil, fmt.Errorf("locking it failed: %w", err)
	}
	if info, err = file.Stat(); err != nil { // its size, now that nobody else can change it
		return nil, err
	}
	if opts.ReadOnly {
		return readOnly(file, info.Size(), opts)
	}
	size, err := prepare(file, info.Size(), opts)
	if err != nil {
		return nil, err
	}
	image, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping it into memory failed: %w", err)
	}
	f, err := FromImage(image, opts)
	if err != nil {
		syscall.Munmap(image)
		return nil, err
	}
	f.file = file
	return f, nil
}

// prepare brings the file to its full length, with a header if it has none,
// and returns the length. A kill in between leaves a header alone, which the
// next call recognises.
func prepare(file *os.File, size int64, opts Options) (int, error) {
	f, err := New(opts)
	if err != nil {
		return 0, err
	}
	if size == 0 {
		f.starts = 0
		if _, err := file.WriteAt(f.header(), 0); err != nil {
			return 0, err
		}
		size = HeaderSize
	} else {
		head := make([]byte, min(size, HeaderSize))
		if _, err := file.ReadAt(head, 0); err != nil {
			return 0, err
		}
		if err := f.parseHeader(head); err != nil {
			return 0, err
		}
	}
	full := imageSize(f.count)
	if size != int64(full) && size != HeaderSize {
		return 0, fmt.Errorf("%w: it is %d bytes long, %d pages take %d; delete it to start factory-fresh", ErrDamaged, size, f.count, full)
	}
	// Reserve the room now: writing into the map of a full disk would be a
	// fatal signal instead of an error.
	err = syscall.Fallocate(int(file.Fd()), 0, 0, int64(full))
	if errors.Is(err, syscall.EOPNOTSUPP) {
		err = file.Truncate(int64(full))
	}
	if err != nil {
		return 0, fmt.Errorf("reserving %d bytes failed: %w", full, err)
	}
	return full, nil
}

// readOnly loads the file into memory.
func readOnly(file *os.File, size int64, opts Options) (*Flash, error) {
	if size > int64(imageSize(MaxPages)) {
		size = int64(imageSize(MaxPages)) + 1 // too long for any image: no need to read it all
	}
	image := make([]byte, size)
	if _, err := io.ReadFull(file, image); err != nil {
		return nil, err
	}
	var head Flash
	if size == HeaderSize && head.parseHeader(image) == nil {
		// Whoever made it was killed before the blocks: they are all fresh.
		image = append(image, make([]byte, imageSize(head.count)-HeaderSize)...)
	}
	f, err := FromImage(image, opts)
	if err != nil {
		return nil, err
	}
	f.starts-- // looking at it is no start
	return f, nil
}

// Close writes an image file to the disk and gives it free for others. A flash
// in memory needs no Close. The flash has no power afterwards and stays so;
// its erase and program counters can still be read.
func (f *Flash) Close() error {
	f.off, f.closed = true, true
	if f.file == nil {
		return nil
	}
	for i := range f.pages {
		f.pages[i].mem = nil
	}
	err := errors.Join(syscall.Munmap(f.image), f.file.Sync(), f.file.Close())
	f.image, f.file = nil, nil
	return err
}
