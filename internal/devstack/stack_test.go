package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func home() string { return filepath.Join("..", "..", ".waymeet") }

func startPostgres(t *testing.T, cfg PostgresConfig) *Postgres {
	t.Helper()
	cfg.Home = home()
	pg, err := StartPostgres(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Stop(); err != nil {
			t.Error(err)
		}
	})
	return pg
}

func TestPostgresLeavesNothing(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresConfig{})
	if err := probePostgres(t.Context(), pg.port); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(pg.SuperURL("things"))
	if err != nil || u.Path != "/things" || u.Hostname() != "127.0.0.1" {
		t.Errorf("SuperURL = %s, %v", u.Redacted(), err)
	}
	info, err := os.Stat(filepath.Join(pg.Dir(), "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v, %v", info, err)
	}
	sockets, _ := filepath.Glob(filepath.Join(pg.sockets, ".s.PGSQL.*"))
	if len(sockets) == 0 {
		t.Errorf("no socket in %s", pg.sockets)
	}
	dir, pid := pg.Dir(), pg.child.pid()
	if err := pg.Stop(); err != nil {
		t.Fatal(err)
	}
	if left := runningIn(dir); len(left) != 0 || worksIn(pid, dir) {
		t.Errorf("processes %v are left", left)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the throwaway directory is left: %v", err)
	}
}

// The second run must find its data, whether the first one ended well, was
// killed, or its number was given to another process.
func TestPostgresKeepsNamedDirectory(t *testing.T) {
	t.Parallel()
	dir := named(t)
	first := startPostgres(t, PostgresConfig{Dir: dir})
	password, where := first.password, first.Dir()
	if _, err := StartPostgres(t.Context(), PostgresConfig{Dir: dir, Home: home()}); err == nil || !errors.Is(err, ErrHeld) {
		t.Errorf("a second server in the same directory: %v", err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}

	begun := time.Now()
	second := startPostgres(t, PostgresConfig{Dir: dir})
	if second.password != password {
		t.Error("the password changed: the data was not kept")
	}
	t.Logf("second start took %v", time.Since(begun))

	// Our death, as the next run sees it: the server is alive, nobody holds the lock.
	second.place.lock.Close()
	third := startPostgres(t, PostgresConfig{Dir: dir})
	<-second.child.done // the third start ended it
	second.place = nil
	if third.password != password {
		t.Error("the data was not kept")
	}
	if err := third.Stop(); err != nil {
		t.Fatal(err)
	}

	// The pid of a server that is gone belongs to a stranger: this test.
	stale := filepath.Join(where, "data", "postmaster.pid")
	line := fmt.Sprintf("%d\n%s\n1700000000\n5432\n\n127.0.0.1\n  0 0\nready\n", os.Getpid(), filepath.Join(where, "data"))
	if err := os.WriteFile(stale, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, PostgresConfig{Dir: dir})
}

func TestPostgresRestartKeepsPort(t *testing.T) {
	t.Parallel()
	pg := startPostgres(t, PostgresConfig{})
	before := pg.SuperURL("postgres")
	if err := pg.Kill(); err != nil {
		t.Fatal(err)
	}
	if probePostgres(t.Context(), pg.port) == nil {
		t.Error("a killed server answers")
	}
	if err := pg.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pg.SuperURL("postgres") != before {
		t.Error("the URL changed")
	}
}

func TestPostgresSaysWhyItFails(t *testing.T) {
	t.Parallel()
	_, err := StartPostgres(t.Context(), PostgresConfig{Home: home(), Settings: []string{"no_such_setting=1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the log's last words are missing: %v", err)
	}
	_, err = StartPostgres(t.Context(), PostgresConfig{BinDir: t.TempDir()})
	if !errors.Is(err, ErrNoPostgres) {
		t.Errorf("no binaries: %v", err)
	}
}

// A directory whose parent is closed to the server's account, and whose path is
// too long for a socket.
func TestPostgresUnreachableDirectory(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "postgres")
	pg := startPostgres(t, PostgresConfig{Dir: deep})
	t.Cleanup(func() {
		if where := pg.sockets; where != "" {
			if _, err := os.Stat(where); where != pg.sockets && err == nil {
				t.Errorf("%s is left", where)
			}
		}
	})
	if os.Geteuid() == 0 {
		where := pg.Dir()
		if !strings.HasPrefix(where, farRoot) {
			t.Fatalf("served from %s, which the account cannot reach", where)
		}
		t.Cleanup(func() { os.RemoveAll(where) })
		followsNamed(t, pg, deep)
		return
	}
	if pg.sockets == pg.Dir() {
		t.Error("the socket's path does not fit into an address, and no other was chosen")
	}
}

// followsNamed: what is kept elsewhere stays as long as the directory that was
// asked for, and no longer.
func followsNamed(t *testing.T, pg *Postgres, dir string) {
	t.Helper()
	passwords := []string{pg.password}
	for _, remove := range []bool{false, true} {
		if err := pg.Stop(); err != nil {
			t.Fatal(err)
		}
		if remove {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		pg = startPostgres(t, PostgresConfig{Dir: dir})
		passwords = append(passwords, pg.password)
	}
	if passwords[0] != passwords[1] || passwords[1] == passwords[2] {
		t.Error("files kept elsewhere do not follow the directory that was asked for")
	}
}

// named is a directory for a server that its account can reach; t.TempDir is
// closed to others.
func named(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/tmp", "devstack-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	return filepath.Join(parent, "server")
}

func TestRedisRestartsEmpty(t *testing.T) {
	t.Parallel()
	rd, err := StartRedis(t.Context(), RedisConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rd.Stop(); err != nil {
			t.Error(err)
		}
	})
	redisKeepsURLAndForgets(t, rd)
	dir := rd.place.dir
	if err := rd.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the throwaway directory is left: %v", err)
	}
}

func TestMiniRedisRestartsEmptyAndExpires(t *testing.T) {
	t.Parallel()
	m, err := startMini("secret")
	if err != nil {
		t.Fatal(err)
	}
	rd := &Redis{mini: m, addr: m.addr(), password: "secret"}
	t.Cleanup(func() { _ = rd.Stop() })
	redisKeepsURLAndForgets(t, rd)

	if got := ask(t, rd, "SET short 1 PX 100"); got != "+OK" {
		t.Fatal(got)
	}
	if !until(5*time.Second, func() bool { return ask(t, rd, "EXISTS short") == ":0" }) {
		t.Error("a key with a TTL of 100 ms never expires: the clock stands still")
	}
}

func redisKeepsURLAndForgets(t *testing.T, rd *Redis) {
	t.Helper()
	before := rd.URL()
	if got := ask(t, rd, "SET kept 1"); got != "+OK" {
		t.Fatalf("SET: %s", got)
	}
	if err := rd.Kill(); err != nil {
		t.Fatal(err)
	}
	if probeRedis(t.Context(), rd.addr, rd.password) == nil {
		t.Error("a killed server answers")
	}
	if err := rd.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rd.URL() != before {
		t.Error("the URL changed")
	}
	if got := ask(t, rd, "EXISTS kept"); got != ":0" {
		t.Errorf("EXISTS after a restart: %s", got)
	}
	if probeRedis(t.Context(), rd.addr, "wrong") == nil {
		t.Error("the password is not asked for")
	}
}

// Everything must be gone after kill -9 of the process that started it.
func TestKillLeavesNothing(t *testing.T) {
	t.Parallel()
	out, cmd := parentProcess(t)
	var dirs []string
	var pids []int
	for range 2 {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		pid, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatalf("the helper says %q", line)
		}
		pids, dirs = append(pids, n), append(dirs, dir)
		t.Cleanup(func() { os.RemoveAll(dir) })
		if !worksIn(n, dir) && len(runningIn(dir)) == 0 {
			t.Fatalf("process %d does not run in %s", n, dir)
		}
	}
	begun := time.Now()
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for i, dir := range dirs {
		if !until(5*time.Second, func() bool { return len(runningIn(dir)) == 0 && !alive(pids[i]) }) {
			t.Errorf("%s: processes %v are left", dir, runningIn(dir))
		}
	}
	t.Logf("all gone after %v", time.Since(begun))

	// The next run sweeps what could not be removed.
	for _, dir := range dirs {
		old := time.Now().Add(-2 * time.Minute)
		if err := os.Chtimes(filepath.Join(dir, "lock"), old, old); err != nil {
			t.Fatal(err)
		}
		sweep(filepath.Dir(dir))
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is not swept", dir)
		}
	}
}

func TestWatcherSignalsWhenWeEnd(t *testing.T) {
	t.Parallel()
	sleeper, err := startChild(exec.Command("sleep", "600"), nil, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.stop() })
	helper := watcherProcess(t, sleeper.pid())
	if err := helper.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait() // it was killed
	select {
	case <-sleeper.done:
	case <-time.After(5 * time.Second):
		t.Error("the watcher did not signal")
	}
}

func TestWatcherUntied(t *testing.T) {
	t.Parallel()
	sleeper, err := startChild(exec.Command("sleep", "600"), nil, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.stop() })
	untie, err := watch(sleeper.pid(), syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	untie() // returns when the watcher has ended
	if err := sleeper.stop(); err != nil {
		t.Fatal(err)
	}
	// A process ends by the first signal that it got, however late it is seen to end.
	if by := sleeper.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(); by != syscall.SIGKILL {
		t.Error("untying signalled the process")
	}
}

func TestContextEndsStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := StartPostgres(ctx, PostgresConfig{Home: home()}); err == nil {
		t.Error("started under a cancelled context")
	}
	if _, err := StartRedis(ctx, RedisConfig{}); err == nil {
		t.Error("started under a cancelled context")
	}
}
