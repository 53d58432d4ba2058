package devstack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// farRoot holds what root's unprivileged account could not reach in place.
const farRoot = "/var/lib/waymeet"

const throwawayPrefix = "waymeet-"

// place is a directory that this process holds for one server.
type place struct {
	dir       string // where the server's files are
	named     string // what the caller asked for
	throwaway bool   // release removes it
	lock      *os.File
}

// takePlace makes dir, or a throwaway directory when dir is empty, ready for a
// server that runs as u, and locks it. A throwaway one is made in the first of
// parents that will do, if any does.
func takePlace(dir, what string, u *account, log *slog.Logger, parents ...string) (*place, error) {
	if dir == "" {
		return takeThrowaway(what, u, parents)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("devstack: directory %s: %w", dir, err)
	}
	// Parents must be enterable by the account; the directory itself is private.
	if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
		return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
	}
	if err := os.Mkdir(abs, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
	}
	p := &place{dir: abs, named: abs}
	if err := u.own(abs); err != nil {
		return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
	}
	if u.reaches(abs) {
		return p, p.hold()
	}
	p.dir = filepath.Join(farRoot, what+"-"+digest(abs))
	if err := os.MkdirAll(p.dir, 0o755); err != nil { // parents must be enterable by the account
		return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
	}
	if err := errors.Join(u.own(p.dir), os.Chmod(p.dir, 0o700)); err != nil {
		return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
	}
	log.Warn("the directory cannot be entered by the account that the server runs as; its files are kept elsewhere",
		"server", what, "account", u.String(), "asked", abs, "kept", p.dir)
	if err := p.hold(); err != nil {
		return nil, err
	}
	return p, p.followNamed()
}

// followNamed lets files that are kept elsewhere share the fate of the directory
// that was asked for: where that was removed and made anew, they are removed too.
func (p *place) followNamed() error {
	note := filepath.Join(p.named, "kept-elsewhere")
	if _, err := os.Stat(note); err == nil {
		return nil
	}
	entries, err := os.ReadDir(p.dir)
	for _, e := range entries {
		if e.Name() != "lock" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(p.dir, e.Name())))
		}
	}
	if err = errors.Join(err, os.WriteFile(note, []byte(p.dir+"\n"), 0o644)); err != nil {
		return fmt.Errorf("devstack: start afresh in %s: %w", p.dir, err)
	}
	return nil
}

func takeThrowaway(what string, u *account, parents []string) (*place, error) {
	var last error
	for _, parent := range append(parents, os.TempDir(), "/tmp", farRoot) {
		if parent == farRoot {
			_ = os.MkdirAll(parent, 0o755)
		}
		if !u.reaches(parent) {
			continue
		}
		sweep(parent)
		dir, err := os.MkdirTemp(parent, throwawayPrefix+what+"-")
		if err != nil {
			last = err
			continue
		}
		p := &place{dir: dir, named: dir, throwaway: true}
		if err := errors.Join(u.own(dir), p.hold()); err != nil {
			return nil, fmt.Errorf("devstack: directory for %s: %w", what, err)
		}
		return p, nil
	}
	return nil, fmt.Errorf("devstack: no temporary directory that %s can use: %w", u, last)
}

// ErrHeld says that another process has the directory.
var ErrHeld = errors.New("another process has it")

// Hold takes a directory for this process alone, until release is called or the process ends. It makes the directory.
func Hold(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("devstack: directory %s: %w", dir, err)
	}
	p := &place{dir: dir, named: dir}
	if err := p.hold(); err != nil {
		return nil, err
	}
	return p.release, nil
}

// hold takes the directory's lock, which ends with this process.
func (p *place) hold() error {
	f, err := os.OpenFile(filepath.Join(p.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("devstack: lock %s: %w", p.dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("devstack: %s: %w; stop that one first", p.named, ErrHeld)
		}
		return fmt.Errorf("devstack: lock %s: %w", p.dir, err)
	}
	p.lock = f
	return nil
}

// release gives the directory back; a throwaway one is removed.
func (p *place) release() error {
	var err error
	if p.throwaway {
		err = os.RemoveAll(p.dir)
	}
	return errors.Join(err, p.lock.Close())
}

// sweep removes throwaway directories whose holders were killed. Young ones are
// left: their maker may be between making and locking.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, throwawayPrefix+"*-*"))
	for _, dir := range dirs {
		f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		info, err := f.Stat()
		old := err == nil && time.Since(info.ModTime()) > time.Minute
		if old && syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil && len(runningIn(dir)) == 0 {
			_ = os.RemoveAll(dir) // another sweeper may be faster
		}
		f.Close()
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
