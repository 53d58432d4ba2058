package gtfs

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync/atomic"
)

// OpenZip returns the files of a zipped feed. It refuses archives that try to be more than that: paths
// that lead out of the archive, links, encrypted or duplicate entries, and sizes no timetable has. What an
// entry's header claims is only ever a reason to refuse; the true size is counted while reading.
func OpenZip(r io.ReaderAt, size int64) (fs.FS, error) {
	if size > MaxArchiveBytes {
		return nil, fmt.Errorf("gtfs: the archive has %d MiB; at most %d are read", size>>20, MaxArchiveBytes>>20)
	}
	budget := &budgetReader{in: r}
	budget.left.Store(maxDirectoryBytes + 128<<10) // the search for the directory's end reads some
	archive, err := zip.NewReader(budget, size)
	if errors.Is(err, errBudget) || (err == nil && len(archive.File) > maxEntries) {
		return nil, fmt.Errorf("gtfs: the archive has more than %d files; a feed has about twenty", maxEntries)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // our own check below names the path
		return nil, fmt.Errorf("gtfs: this is no readable zip file: %w", err)
	}
	budget.unlimited.Store(true)
	seen := map[string]bool{}
	for _, f := range archive.File {
		if err := checkEntry(f); err != nil {
			return nil, err
		}
		if seen[f.Name] {
			return nil, fmt.Errorf("gtfs: %q is in the archive twice", clip(f.Name))
		}
		seen[f.Name] = true
	}
	return archive, nil
}

func checkEntry(f *zip.File) error {
	name := clip(f.Name)
	trimmed := strings.TrimSuffix(f.Name, "/")
	switch {
	case !fs.ValidPath(trimmed), strings.ContainsAny(f.Name, "\\:\x00"):
		return fmt.Errorf("gtfs: %q is a path that leads out of the archive", name)
	case f.FileInfo().IsDir():
		return nil
	case !f.Mode().IsRegular():
		return fmt.Errorf("gtfs: %q is a link or device, not a file", name)
	case f.Flags&1 != 0:
		return fmt.Errorf("gtfs: %q is encrypted", name)
	case f.UncompressedSize64 > maxFileBytes:
		return fmt.Errorf("gtfs: %q says it has %d MiB; at most %d are read", name, f.UncompressedSize64>>20, maxFileBytes>>20)
	case f.UncompressedSize64 > ratioFreeBytes && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return fmt.Errorf("gtfs: %q inflates more than %d times; that is no timetable", name, maxRatio)
	}
	return nil
}

// budgetReader bounds what opening an archive may read: the directory's entry count is a claim, and
// archive/zip reads on for as long as it finds entries.
type budgetReader struct {
	in        io.ReaderAt
	left      atomic.Int64
	unlimited atomic.Bool
}

var errBudget = errors.New("gtfs: the archive's directory is too large")

func (b *budgetReader) ReadAt(p []byte, off int64) (int, error) {
	if !b.unlimited.Load() && b.left.Add(-int64(len(p))) < 0 {
		return 0, errBudget
	}
	return b.in.ReadAt(p, off)
}

// boundedReader counts what is read of one file and of the whole feed.
type boundedReader struct {
	in       io.Reader
	file     int64
	feedLeft *int64
}

var errTooLarge = errors.New("the file is larger than any timetable: a feed may hold 3 GiB, one file 2 GiB")

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	b.file += int64(n)
	*b.feedLeft -= int64(n)
	if b.file > maxFileBytes || *b.feedLeft < 0 {
		return 0, errTooLarge
	}
	return n, err
}
