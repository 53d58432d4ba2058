package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary runs itself as waymeet: this says so.
const asWaymeet = "WAYMEET_TEST_BE_WAYMEET"

func TestMain(m *testing.M) {
	if os.Getenv(asWaymeet) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a waymeet that a test started.
type process struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], args...), err: &bytes.Buffer{}}
	p.Env = append(p.Environ(), asWaymeet+"=1")
	p.Cmd.Stderr = p.err
	var err error
	if p.in, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() }) // most have ended
	return p
}

// line reads one line of JSON.
func (p *process) line(t *testing.T, into any) {
	t.Helper()
	if !p.out.Scan() {
		_ = p.Wait()
		t.Fatalf("no line; on standard error: %s", p.err)
	}
	if err := json.Unmarshal(p.out.Bytes(), into); err != nil {
		t.Fatalf("%s: %v", p.out.Text(), err)
	}
}

type ready struct {
	Nodes  []string
	Logins []login
}

// open is a directory that the servers' unprivileged account can enter.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "waymeet-dev-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, ".waymeet")
}

// workingIn lists the processes whose working directory is below dir: the servers'.
func workingIn(dir string) (pids []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && strings.HasPrefix(cwd, dir+"/") {
			pids = append(pids, link)
		}
	}
	return pids
}

func gone(t *testing.T, dir string) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for len(workingIn(dir)) > 0 {
		if time.Now().After(end) {
			t.Fatalf("left behind: %v", workingIn(dir))
		}
		time.Sleep(10 * time.Millisecond) // they are not our children: nobody tells us
	}
}

func ok(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s %v", url, res.StatusCode, body, err)
	}
}

// dev: two nodes, killed, started again on the same data, ended by a signal, ended
// by its input; nothing is ever left running.
func TestDevLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := open(t)
	args := []string{"dev", "--dir", dir, "--listen", "127.0.0.1:0", "--nodes", "2", "--json", "--empty"}
	ends := []func(*process){
		func(p *process) { _ = p.Process.Kill() },
		func(p *process) { _ = p.Process.Signal(syscall.SIGTERM) },
		func(p *process) { _ = p.Process.Signal(os.Interrupt) },
		func(p *process) { _ = p.in.Close() },
	}
	var first string
	for i, end := range ends {
		begun := time.Now()
		p := start(t, args...)
		var r ready
		p.line(t, &r)
		t.Logf("start %d: ready after %v", i+1, time.Since(begun))
		if len(r.Nodes) != 2 || r.Nodes[0] == r.Nodes[1] {
			t.Fatalf("nodes: %v", r.Nodes)
		}
		for _, n := range r.Nodes {
			ok(t, n+"/healthz")
			ok(t, n+"/readyz")
		}
		if len(workingIn(dir)) < 2 {
			t.Fatalf("PostgreSQL and Redis do not run in %s", dir)
		}
		secret, err := os.ReadFile(filepath.Join(dir, "secret"))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(secret)
		}
		if string(secret) != first {
			t.Error("the secret changed: the data of the first start cannot be read")
		}
		end(p)
		err = p.Wait()
		if i > 0 && err != nil {
			t.Errorf("end %d: %v: %s", i+1, err, p.err)
		}
		gone(t, dir)
	}
}

// The demo is there, and its logins work, on every node.
func TestDevSeedsTheDemo(t *testing.T) {
	t.Parallel()
	dir := open(t)
	p := start(t, "dev", "--dir", dir, "--listen", "127.0.0.1:0", "--nodes", "2", "--json", "--quiet")
	var r ready
	p.line(t, &r)
	if len(r.Logins) < 8 {
		t.Fatalf("logins: %+v", r.Logins)
	}
	for i, l := range r.Logins {
		body, err := json.Marshal(map[string]string{"tenant": l.Tenant, "email": l.Email, "password": l.Password})
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Post(r.Nodes[i%2]+"/v1/auth/sign-in", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s of %s: %d %s %v", l.Role, l.Tenant, res.StatusCode, answer, err)
		}
		res.Body.Close()
	}
	env := filepath.Join(dir, "env")
	if info, err := os.Stat(env); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what other commands are told: %v %v", info, err)
	}
	// It is what they need: another process on the same stack sees the demo's operators.
	shell := exec.Command("sh", "-c", ". "+env+` && exec "$0" tenant list`, os.Args[0])
	shell.Env = append(shell.Environ(), asWaymeet+"=1")
	if out, err := shell.CombinedOutput(); err != nil || !strings.Contains(string(out), "atlas") {
		t.Errorf("tenant list: %v %s", err, out)
	}
	_ = p.in.Close()
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, p.err)
	}
	if _, err := os.Stat(env); err == nil {
		t.Error("the environment of a stack that has ended is still there")
	}
	gone(t, dir)
}

func TestDevObeysItsInput(t *testing.T) {
	t.Parallel()
	dir := open(t)
	p := start(t, "dev", "--dir", dir, "--listen", "127.0.0.1:0", "--json", "--empty")
	var r ready
	p.line(t, &r)
	for _, order := range []string{"redis stop", "redis start", "redis restart", "nonsense"} {
		if _, err := io.WriteString(p.in, order+"\n"); err != nil {
			t.Fatal(err)
		}
		var answer struct{ Done, Error string }
		p.line(t, &answer)
		if answer.Done != order || (answer.Error != "") != (order == "nonsense") {
			t.Errorf("%s: %+v", order, answer)
		}
	}
	_ = p.in.Close()
	_ = p.Wait()
	gone(t, dir)
}

// A Redis that dies is brought back; a second dev on the same directory is told how to have its own, and harms nothing.
func TestDevKeepsItsRedisAndItsDirectory(t *testing.T) {
	t.Parallel()
	dir := open(t)
	p := start(t, "dev", "--dir", dir, "--listen", "127.0.0.1:0", "--json", "--empty")
	var r ready
	p.line(t, &r)
	answers := func(path string) string {
		res, err := http.Get(r.Nodes[0] + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return string(body)
	}
	whole := answers("/readyz")
	noticed := regexp.MustCompile(`(?m)^waymeet_bus_reconnects_total [1-9]`)
	if noticed.MatchString(answers("/metrics")) {
		t.Fatal("it was lost before")
	}
	redis := workingIn(filepath.Join(dir, "redis"))
	for _, link := range append(redis, workingIn(dir)...) {
		if cwd, err := os.Readlink(link); err == nil && filepath.Base(cwd) == "redis" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			redis = nil
		}
	}
	if redis != nil {
		t.Fatal("no Redis was found to kill")
	}
	// It may be back before anybody has asked whether it is away: that it was is counted.
	for late := time.Now().Add(20 * time.Second); !noticed.MatchString(answers("/metrics")) || answers("/readyz") != whole; time.Sleep(20 * time.Millisecond) { // nobody tells a load balancer either
		if time.Now().After(late) {
			t.Fatalf("it does not come back: %s", answers("/readyz"))
		}
	}

	log := filepath.Join(dir, "log", "dev.log")
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code := run(t.Context(), &terminal{out: io.Discard, err: &out, environment: os.Getenv}, []string{"dev", "--dir", dir, "--listen", "127.0.0.1:0"})
	if code != 1 || !strings.Contains(out.String(), "--dir") {
		t.Errorf("a second one: %d %s", code, &out)
	}
	if after, err := os.Stat(log); err != nil || after.Size() < before.Size() {
		t.Errorf("the log of the first was cut: %v, %v", after, err)
	}
	_ = p.in.Close()
	_ = p.Wait()
	gone(t, dir)
}

func TestDevNamesATakenPort(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "127.0.0.1:0", "-")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var out bytes.Buffer
	dir := open(t)
	code := run(t.Context(), &terminal{out: io.Discard, err: &out, environment: os.Getenv}, []string{"dev", "--dir", dir, "--listen", l.Addr().String()})
	for _, want := range []string{l.Addr().String(), "address already in use", "--listen"} {
		if code != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("code %d, no %q in: %s", code, want, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
		t.Error("something was started before the port was known to be free")
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct {
		code int
		says string
	}{
		"":                 {0, "usage: waymeet COMMAND"},
		"help":             {0, "migrate"},
		"no-such":          {2, `there is no command "no-such"`},
		"serve --help":     {0, "WAYMEET_SECRET"},
		"serve --port 1":   {2, "flag provided but not defined"},
		"serve":            {1, "WAYMEET_DATABASE_URL is not set"},
		"migrate extra":    {2, "usage: waymeet migrate"},
		"migrate":          {1, "WAYMEET_MIGRATE_DATABASE_URL is not set"},
		"dev --nodes 0":    {1, "--nodes must be 1 to 9"},
		"version":          {0, "waymeet "},
		"doctor --nothing": {2, "flag provided but not defined"},
	} {
		var out bytes.Buffer
		code := run(context.Background(), &terminal{out: &out, err: &out, environment: func(string) string { return "" }}, strings.Fields(line))
		if code != want.code || !strings.Contains(out.String(), want.says) {
			t.Errorf("waymeet %s: code %d: %s", line, code, &out)
		}
	}
}
