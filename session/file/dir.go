package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// Largest is most that a file may have.
const Largest = 25 << 20

const aside = "incoming"

// File is what is kept of one.
type File struct {
	Hash string // SHA-256, in hex: its name here
	Size int64
	Kind string // as its bytes say: image/png
}

// Store keeps files.
type Store interface {
	Put(ctx context.Context, t tenant.ID, from io.Reader) (File, error)
	Open(ctx context.Context, t tenant.ID, hash string) (io.ReadSeekCloser, error)
}

// Dir is a Store in a directory.
type Dir struct{ root string }

var _ Store = (*Dir)(nil)

var hashed = regexp.MustCompile(`^[0-9a-f]{64}$`)

// OpenDir makes the directory, if it is not there.
func OpenDir(root string) (*Dir, error) {
	if err := os.MkdirAll(filepath.Join(root, aside), 0o700); err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	return &Dir{root}, nil
}

func (d *Dir) path(t tenant.ID, hash string) string {
	return filepath.Join(d.root, t.String(), hash[:2], hash[2:])
}

// Put keeps a file, and says what it is. It reads no more than may be kept.
func (d *Dir) Put(ctx context.Context, t tenant.ID, from io.Reader) (f File, err error) {
	temp, err := os.CreateTemp(filepath.Join(d.root, aside), "put-*")
	if err != nil {
		return File{}, fmt.Errorf("file: put: %w", err)
	}
	defer func() {
		_ = temp.Close()           // closed already, if it is kept
		_ = os.Remove(temp.Name()) // moved away, if it is kept
	}()
	sum := sha256.New()
	var head beginning
	n, err := io.Copy(io.MultiWriter(temp, sum, &head), &reader{ctx, io.LimitReader(from, Largest+1)})
	switch {
	case err != nil:
		return File{}, fmt.Errorf("file: put: %w", err)
	case n > Largest:
		return File{}, fault.New("file_too_large")
	case n == 0:
		return File{}, fault.New("file_empty")
	}
	f = File{hex.EncodeToString(sum.Sum(nil)), n, head.kind()}
	if !Kinds[f.Kind] {
		return File{}, fault.New("file_kind_refused")
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return File{}, fmt.Errorf("file: put: %w", err)
	}
	to := d.path(t, f.Hash)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return File{}, fmt.Errorf("file: put: %w", err)
	}
	if err := os.Rename(temp.Name(), to); err != nil { // over the same bytes, if it is there
		return File{}, fmt.Errorf("file: put: %w", err)
	}
	return f, nil
}

// Open is a file's bytes.
func (d *Dir) Open(_ context.Context, t tenant.ID, hash string) (io.ReadSeekCloser, error) {
	if !hashed.MatchString(hash) {
		return nil, fault.New("not_found")
	}
	f, err := os.Open(d.path(t, hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New("not_found")
	}
	if err != nil {
		return nil, fmt.Errorf("file: open: %w", err)
	}
	return f, nil
}

// Sweep removes what was cut off before a time.
func (d *Dir) Sweep(before time.Time) (removed int, err error) {
	entries, err := os.ReadDir(filepath.Join(d.root, aside))
	if err != nil {
		return 0, fmt.Errorf("file: sweep: %w", err)
	}
	var failed error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or at work
		}
		if err := os.Remove(filepath.Join(d.root, aside, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
			continue
		}
		removed++
	}
	return removed, failed
}

// reader ends with its context.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
