package file_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/file"
)

func someone(t *testing.T) tenant.ID {
	t.Helper()
	id, err := tenant.Parse(uuid.NewString())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func open(t *testing.T) (*file.Dir, string) {
	t.Helper()
	root := t.TempDir()
	d, err := file.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	return d, root
}

var png = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{7}, 5000)...)

func left(t *testing.T, root string) (n int) {
	t.Helper()
	err := filepath.WalkDir(root, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKeptOnceAndForItsTenant(t *testing.T) {
	t.Parallel()
	d, root := open(t)
	a, b := someone(t), someone(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f, err := d.Put(t.Context(), a, bytes.NewReader(png))
			if err != nil || f.Kind != "image/png" || f.Size != int64(len(png)) {
				t.Error(f, err)
			}
		})
	}
	all.Wait()
	f, err := d.Put(t.Context(), a, bytes.NewReader(png))
	if err != nil || left(t, root) != 1 {
		t.Fatal(err, left(t, root), "files")
	}
	r, err := d.Open(t.Context(), a, f.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, png) {
		t.Fatal("other bytes", err)
	}
	if _, err := d.Open(t.Context(), b, f.Hash); !fault.Is(err, "not_found") {
		t.Fatal("another tenant's:", err)
	}
	for _, hash := range []string{"", "../../etc/passwd", strings.Repeat("a", 64), f.Hash + "/", strings.ToUpper(f.Hash), f.Hash[:63], "ab/../" + f.Hash} {
		if _, err := d.Open(t.Context(), a, hash); !fault.Is(err, "not_found") {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// endless is a sender who does not stop.
type endless struct{ sent int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.sent += len(p)
	return len(p), nil
}

type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = errors.New("cut off")
	}
	return n, err
}

func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	d, root := open(t)
	who := someone(t)
	flood := &endless{}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		from io.Reader
		code string
	}{
		"26 MiB":            {io.LimitReader(&endless{}, 26<<20), "file_too_large"},
		"a byte too many":   {io.MultiReader(bytes.NewReader(png), io.LimitReader(&endless{}, file.Largest+1-int64(len(png)))), "file_too_large"},
		"without an end":    {flood, "file_too_large"},
		"nothing":           {strings.NewReader(""), "file_empty"},
		"a page":            {strings.NewReader("<!DOCTYPE html><script>alert(1)</script>"), "file_kind_refused"},
		"a page, indented":  {strings.NewReader("\n\n   <html><body>"), "file_kind_refused"},
		"a vector picture":  {strings.NewReader(`<?xml version="1.0"?><svg onload="alert(1)"/>`), "file_kind_refused"},
		"a program":         {strings.NewReader("\x7fELF\x02\x01\x01\x00\x00\x00"), "file_kind_refused"},
		"a Windows program": {strings.NewReader("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), "file_kind_refused"},
		"bytes":             {bytes.NewReader([]byte{0, 1, 2, 3}), "file_kind_refused"},
	} {
		if f, err := d.Put(t.Context(), who, c.from); !fault.Is(err, c.code) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if flood.sent > file.Largest+1<<20 {
		t.Error("read", flood.sent, "bytes of somebody who does not stop")
	}
	if f, err := d.Put(t.Context(), who, broken{bytes.NewReader(png)}); err == nil {
		t.Error("half a file is kept:", f)
	}
	if f, err := d.Put(gone, who, bytes.NewReader(png)); err == nil {
		t.Error("kept for somebody who has gone:", f)
	}
	if n := left(t, root); n != 0 {
		t.Error(n, "files are left")
	}
	whole := io.MultiReader(bytes.NewReader(png), io.LimitReader(&endless{}, file.Largest-int64(len(png))))
	if f, err := d.Put(t.Context(), who, whole); err != nil || f.Size != file.Largest {
		t.Error("25 MiB are taken:", f, err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	d, root := open(t)
	if err := os.WriteFile(filepath.Join(root, "incoming", "put-1"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Sweep(time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Fatal("what is at work is removed", n, err)
	}
	if n, err := d.Sweep(time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	key, now := []byte("a key of thirty-two bytes, or so"), time.Unix(1_800_000_000, 0)
	l := file.Link{Tenant: someone(t), Hash: strings.Repeat("ab", 32), Kind: "image/png", Name: "عقد.png", Until: now.Add(time.Minute)}
	token := l.Token(key)
	if got, err := file.Follow(key, token, now); err != nil || got != l {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, at := range []time.Duration{time.Minute, time.Hour} {
		if _, err := file.Follow(key, token, now.Add(at)); !fault.Is(err, "file_link_over") {
			t.Errorf("%s later: %v", at, err)
		}
	}
	longer := l
	longer.Until = now.Add(time.Hour)
	body, _, _ := strings.Cut(longer.Token([]byte("another key")), ".")
	_, mark, _ := strings.Cut(token, ".")
	for name, bad := range map[string]string{
		"another key's": l.Token([]byte("another key")), "a longer life": body + "." + mark, "no mark": body, "nothing": "", "a dot": ".", "more behind it": token + "A", "cut short": token[:len(token)-2],
	} {
		if got, err := file.Follow(key, bad, now); !fault.Is(err, "not_found") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
