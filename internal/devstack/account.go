package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is the unprivileged user that servers run as when we are root.
type account struct {
	name     string
	uid, gid int
}

// unprivileged names the account for servers; nil when we are not root and
// servers simply run as ourselves.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 != nil || err2 != nil || uid == 0 {
			continue
		}
		return &account{name, uid, gid}, nil
	}
	return nil, errors.New("devstack: running as root, and none of the users postgres, _postgres, nobody exists to run PostgreSQL as")
}

func (u *account) credential() *syscall.Credential {
	return &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}
}

// own gives path to the account; nothing to do when servers run as ourselves.
func (u *account) own(path string) error {
	if u == nil {
		return nil
	}
	return os.Chown(path, u.uid, u.gid)
}

// reaches says whether the account can enter dir. It is tried, not computed:
// access lists and mounts have a say that mode bits do not show.
func (u *account) reaches(dir string) bool {
	if u == nil {
		return true
	}
	c := exec.Command("/bin/sh", "-c", `cd "$1"`, "reach", dir)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	return c.Run() == nil
}

func (u *account) String() string {
	if u == nil {
		return "the current user"
	}
	return fmt.Sprintf("user %s", u.name)
}
