package flash

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Open opens the flash in the image file at path, for this process alone, and
// makes the file, factory-fresh, when there is none or it is empty. Contents
// and counters are in the file when Program or Erase return, whatever happens
// to the process; Close also brings them to the disk.
//
// Errors are ErrNotImage, ErrDamaged, ErrNewerFormat and ErrInUse, those of
// the file system, or say what is wrong with the options. No contents
// are changed that are not an image's.
func Open(path string, opts Options) (*Flash, error) {
	f, err := open(path, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

func open(path string, opts Options) (*Flash, error) {
	file, err := openLocked(path, opts.ReadOnly)
	if err != nil {
		if bare := errors.Unwrap(err); bare != nil && errors.As(err, new(*os.PathError)) {
			return nil, bare // without the path, which Open adds
		}
		return nil, err
	}
	f, err := openFile(file, path, opts)
	if err != nil || f.file == nil {
		file.Close()
	}
	return f, err
}

func openFile(file *os.File, path string, opts Options) (*Flash, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !opts.ReadOnly {
		if info.Mode().Perm()&0o077 != 0 {
			// It holds keys, or will.
			if err := file.Chmod(0o600); err != nil {
				return nil, fmt.Errorf("others can read it, and that cannot be changed: %w; set its mode to 0600", err)
			}
		}
		if err := prepare(file, info.Size(), opts); err != nil {
			return nil, err
		}
	}
	image, err := read(file)
	if err != nil {
		return nil, err
	}
	f, err := fromImage(image, opts)
	if err != nil || opts.ReadOnly {
		return f, err
	}
	if f.file, err = newImageFile(file, path, len(image)); err != nil {
		return nil, err
	}
	if f.countStart(); f.broken != nil {
		return nil, f.broken
	}
	return f, nil
}

// prepare brings the file to its full length, with a header if it has none. A
// kill in between leaves a header alone, which the next call recognises.
func prepare(file *os.File, size int64, opts Options) error {
	f, err := New(opts)
	if err != nil {
		return err
	}
	if size == 0 {
		f.starts = 0
		if _, err := file.WriteAt(f.header(), 0); err != nil {
			return err
		}
		size = HeaderSize
	} else {
		head := make([]byte, min(size, HeaderSize))
		if _, err := file.ReadAt(head, 0); err != nil {
			return err
		}
		if err := f.parseHeader(head); err != nil {
			return err
		}
	}
	full := int64(imageSize(f.count))
	if size != full && size != HeaderSize {
		return lengthError(size, f.count)
	}
	// With the room reserved, a disk that fills up later does no harm.
	if err := reserve(file, full); err != nil {
		return fmt.Errorf("reserving %d bytes failed: %w", full, err)
	}
	return nil
}

// openRegular opens a file that is to hold an image.
func openRegular(path string, mode int) (*os.File, error) {
	file, err := os.OpenFile(path, mode, 0o600)
	if err != nil {
		return nil, err
	}
	return regular(file)
}

// regular closes a file again that is a directory, a pipe or a device.
func regular(file *os.File) (*os.File, error) {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is not a regular file", ErrNotImage)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

var errInUse = fmt.Errorf("%w by another nrf91emu; stop it or name another file", ErrInUse)

// read returns the bytes of an image in a file.
func read(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	// Too long for any image: no need to read it all.
	image := make([]byte, min(info.Size(), int64(imageSize(MaxPages))+1))
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, int64(len(image))), image); err != nil {
		return nil, err
	}
	var head Flash
	if len(image) == HeaderSize && head.parseHeader(image) == nil {
		// Whoever made it was killed before the blocks: they are all fresh.
		image = append(image, make([]byte, imageSize(head.count)-HeaderSize)...)
	}
	return image, nil
}

// imageFile is the file that a flash lives in. What is in memory is the truth;
// the file follows, by positioned writes of whole words.
type imageFile struct {
	file *os.File
	path string // absolute, as given to Open
	info os.FileInfo
	size int

	writeAt func([]byte, int64) (int, error) // of file, but for tests
}

func newImageFile(file *os.File, path string, size int) (*imageFile, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &imageFile{file: file, path: abs, info: info, size: size, writeAt: file.WriteAt}, nil
}

// check finds out whether the file is still what it was.
func (m *imageFile) check() error {
	info, err := os.Stat(m.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: %s was deleted or moved; what is done from now on would be lost, start again", ErrChanged, m.path)
	case err != nil:
		return err
	case !os.SameFile(info, m.info):
		return fmt.Errorf("%w: %s is another file now; what is done from now on would be lost, start again", ErrChanged, m.path)
	case info.Size() != int64(m.size):
		return fmt.Errorf("%w: %s has %d bytes instead of %d", ErrChanged, m.path, info.Size(), m.size)
	}
	return nil
}

// write writes bytes at an offset of the file.
func (m *imageFile) write(off int, b []byte) error {
	if _, err := m.writeAt(b, int64(off)); err != nil {
		return fmt.Errorf("the flash image cannot be written: %w", err)
	}
	return nil
}

// The functions that follow bring a change in memory into the file, if there is
// one. After an error the flash is out of use.

// checkFile comes before each change.
func (f *Flash) checkFile() error {
	if f.file == nil {
		return nil
	}
	if err := f.file.check(); err != nil {
		f.breakDown(err)
	}
	return f.broken
}

// saveWords saves words that have been programmed, first how often: what a kill
// leaves in between are words that have been counted and have not changed a bit.
func (f *Flash) saveWords(page, off, words int) error {
	if words == 0 {
		return nil
	}
	end := off + words*WordSize
	if err := f.save(page, writesOffset+off/16, writesOffset+(end+15)/16); err != nil {
		return err
	}
	return f.save(page, off, end)
}

// saveContents saves all words of a page and how often they were programmed.
func (f *Flash) saveContents(page int) error { return f.save(page, 0, memSize) }

// save saves bytes of a block, which are in the memory of the page.
func (f *Flash) save(page, from, to int) error {
	b := blankPage[from:to]
	if mem := f.pages[page].mem; mem != nil {
		b = mem[from:to]
	}
	return f.saveBytes(blockOffset(page)+from, b)
}

var blankPage [memSize]byte

// saveMark saves the counters and the state of a page.
func (f *Flash) saveMark(page int) error {
	mark := f.pages[page].mark()
	return f.saveBytes(blockOffset(page)+markOffset, mark[:])
}

func (f *Flash) saveBytes(off int, b []byte) error {
	if f.file == nil {
		return nil
	}
	if f.broken == nil {
		if err := f.file.write(off, b); err != nil {
			f.breakDown(err)
		}
	}
	return f.broken
}

// down says why the flash is off.
func (f *Flash) down() error {
	if f.broken != nil {
		return f.broken
	}
	return ErrPowerCut
}

// breakDown notes that the file does not hold any more what is in memory. A
// file that others have cut or lengthened is made whole again: nobody else can
// have written a step to it.
func (f *Flash) breakDown(err error) {
	f.off, f.broken = true, err
	if info, e := f.file.file.Stat(); e == nil && info.Size() != int64(f.file.size) {
		if e = f.restore(); e == nil {
			f.broken = fmt.Errorf("%w; it has been written anew from memory, start again", err)
		} else {
			f.broken = fmt.Errorf("%w; writing it anew from memory failed: %w", err, e)
		}
	}
}

// restore writes all of the image.
func (f *Flash) restore() error {
	if err := f.file.file.Truncate(int64(f.file.size)); err != nil {
		return err
	}
	return f.file.write(0, f.Image())
}

// Close writes an image file to the disk and gives it free for others. The
// error is that of the file system, or ErrChanged when somebody else has
// changed the file meanwhile. A flash in memory needs no Close. The flash has
// no power afterwards and stays so; its erase and program counters can still
// be read.
func (f *Flash) Close() error {
	f.off, f.closed = true, true
	if f.file == nil {
		return nil
	}
	if f.broken == nil {
		if err := f.file.check(); err != nil {
			f.breakDown(err)
		}
	}
	for i := range f.pages {
		f.pages[i].mem = nil
	}
	err := errors.Join(f.broken, f.file.file.Sync(), f.file.file.Close())
	f.file = nil
	return err
}
