package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving is what a node of these tests is told beside the stack.
var serving = []string{"WAYMEET_LISTEN=127.0.0.1:0", "WAYMEET_PUBLIC_URL=http://127.0.0.1", "WAYMEET_NODE=n1"}

func throwaway(t *testing.T) *stack {
	t.Helper()
	s, err := startStack(t.Context(), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// served is a `waymeet serve` whose log is read line by line.
type served struct {
	*exec.Cmd
	pipe  io.Reader
	lines *bufio.Scanner
	log   bytes.Buffer
}

// await reads the log up to a message and returns its line.
func (p *served) await(t *testing.T, message string) map[string]any {
	t.Helper()
	for p.lines.Scan() {
		p.log.WriteString(p.lines.Text() + "\n")
		var line map[string]any
		if err := json.Unmarshal(p.lines.Bytes(), &line); err != nil {
			t.Fatalf("not a line of JSON: %s", p.lines.Text())
		}
		if line["msg"] == message {
			return line
		}
	}
	t.Fatalf("the log ended before %q: %s", message, &p.log)
	return nil
}

func startServe(t *testing.T, s *stack, more ...string) *served {
	t.Helper()
	return startServing(t, slices.Concat(s.environ(), serving, more))
}

func startServing(t *testing.T, environ []string) *served {
	t.Helper()
	p := &served{Cmd: exec.Command(os.Args[0], "serve")}
	p.Env = slices.Concat(p.Environ(), []string{asWaymeet + "=1"}, environ)
	pipe, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.pipe, p.lines = pipe, bufio.NewScanner(pipe)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() }) // most have ended
	return p
}

// awaitOK asks until the answer is yes: a node serves before it has heard from Redis and
// read the outbox, and says so.
func awaitOK(t *testing.T, url string) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(url)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("%s: %v %v", url, res, err)
		}
	}
}

// A node that is asked to end answers what it has begun, takes nothing new, and
// says nothing secret on the way.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	s := throwaway(t)
	p := startServe(t, s)
	addr, _ := p.await(t, "serving")["addr"].(string)
	awaitOK(t, "http://"+addr+"/readyz")

	body := `{"tenant":"nobody","email":"canary@example.com","password":"hunter2canary"}`
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the request was not begun: %q, %v", line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.await(t, "draining")
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("what had begun was not answered: %v", err)
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d %s %v", res.StatusCode, answer, err)
	}
	p.await(t, "ended")
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, &p.log)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Error("a node that has ended takes connections")
	}
	for _, secret := range []string{s.passwords.App, s.passwords.System, s.secret.reveal(), "canary"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log shows a secret: %s", &p.log)
		}
	}
	if !strings.Contains(p.log.String(), `"request":`) {
		t.Errorf("no request in the log: %s", &p.log)
	}
}

// Metrics given an address of their own are not on the public one.
func TestMetricsStandAlone(t *testing.T) {
	t.Parallel()
	s := throwaway(t)
	for _, alone := range []bool{true, false} {
		var p *served
		var inside string
		if alone {
			p = startServe(t, s, "WAYMEET_METRICS_LISTEN=127.0.0.1:0")
			inside, _ = p.await(t, "metrics")["addr"].(string)
		} else {
			p = startServe(t, s)
		}
		public, _ := p.await(t, "serving")["addr"].(string)
		go func() { _, _ = io.Copy(io.Discard, p.pipe) }()
		awaitOK(t, "http://"+public+"/readyz")
		wanted := http.StatusOK
		if alone {
			awaitOK(t, "http://"+inside+"/metrics")
			wanted = http.StatusNotFound
		}
		res, err := http.Get("http://" + public + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != wanted {
			t.Errorf("alone %v: the public address answers /metrics with %d", alone, res.StatusCode)
		}
	}
}

// A node without Redis goes on and says so; one without PostgreSQL asks for no
// traffic; both come back by themselves.
func TestReadySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := throwaway(t)
	p := startServe(t, s)
	addr, _ := p.await(t, "serving")["addr"].(string)
	go func() { _, _ = io.Copy(io.Discard, p.pipe) }() // a full pipe would hold the node up
	says := func(status int, text string) {
		t.Helper()
		var code int
		var body []byte
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // nobody tells a load balancer either
			res, err := http.Get("http://" + addr + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			code = res.StatusCode
			body, err = io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil && code == status && strings.Contains(string(body), text) {
				return
			}
		}
		t.Errorf("want %d with %q, the last answer was %d %s", status, text, code, body)
	}
	healthy := "{\"status\":\"ready\"}\n"
	says(http.StatusOK, healthy)
	if err := s.rd.Kill(); err != nil {
		t.Fatal(err)
	}
	says(http.StatusOK, "redis: away")
	if err := s.rd.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(http.StatusOK, healthy)
	if err := s.pg.Kill(); err != nil {
		t.Fatal(err)
	}
	says(http.StatusServiceUnavailable, "postgresql: no answer")
	ok(t, "http://"+addr+"/healthz") // or the orchestrator would restart every node
	if err := s.pg.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(http.StatusOK, healthy)
}

// A database that was never migrated is told by doctor, and put right by migrate.
func TestDoctorAndMigrate(t *testing.T) {
	t.Parallel()
	s := throwaway(t)
	env := map[string]string{"WAYMEET_SUPERUSER_DATABASE_URL": s.pg.SuperURL("postgres")}
	for _, pair := range slices.Concat(s.environ(), serving) {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = strings.Replace(value, "/"+devDatabase+"?", "/fresh?", 1)
	}
	env["WAYMEET_LISTEN"] = "127.0.0.1:1"
	var out bytes.Buffer
	term := &terminal{out: &out, err: &out, environment: func(name string) string { return env[name] }}
	for range 2 { // safe to repeat
		out.Reset()
		if code := run(t.Context(), term, []string{"bootstrap"}); code != 0 || !strings.Contains(out.String(), "database fresh") {
			t.Fatalf("code %d: %s", code, &out)
		}
	}
	out.Reset()
	if code := run(t.Context(), term, []string{"doctor"}); code != 1 || !strings.Contains(out.String(), "fix: waymeet migrate") {
		t.Errorf("code %d: %s", code, &out)
	}
	for range 2 { // safe to repeat
		out.Reset()
		if code := run(t.Context(), term, []string{"migrate"}); code != 0 || !strings.Contains(out.String(), "schema is at version") {
			t.Fatalf("code %d: %s", code, &out)
		}
	}
	out.Reset()
	if code := run(t.Context(), term, []string{"doctor"}); code != 0 || !strings.Contains(out.String(), "neither role bypasses") {
		t.Errorf("code %d: %s", code, &out)
	}
	env["WAYMEET_DATABASE_URL"] = s.pg.SuperURL("fresh")
	out.Reset()
	if code := run(t.Context(), term, []string{"bootstrap"}); code != 1 || !strings.Contains(out.String(), "must name the role waymeet_app") {
		t.Errorf("code %d: %s", code, &out)
	}
	out.Reset()
	if code := run(t.Context(), term, []string{"doctor"}); code != 1 || !strings.Contains(out.String(), "row level security") {
		t.Errorf("a superuser is taken: code %d: %s", code, &out)
	}
	for _, secret := range []string{s.passwords.App, s.passwords.Migrator} {
		if strings.Contains(out.String(), secret) {
			t.Error("doctor shows a password")
		}
	}
}
