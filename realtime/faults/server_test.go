package faults

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// server is one node: a `waymeet serve` that keeps its address when it is started again, behind links of its own.
type server struct {
	name      string
	addr      string
	environ   []string
	redis, pg *link
	earlier   []*said
	*process
}

const startWait = 30 * time.Second

func (w *world) server(t *testing.T, i int) *server {
	t.Helper()
	s := &server{name: fmt.Sprintf("n%d", i), addr: "127.0.0.1:0"}
	s.pg = newLink(t, hostOf(w.AppURL()), 0)
	s.redis = newLink(t, hostOf(w.redis.URL()), 8<<10)
	s.environ = []string{"WAYMEET_DATABASE_URL=" + by(s.pg, w.AppURL()), "WAYMEET_SYSTEM_DATABASE_URL=" + by(s.pg, w.SystemURL()),
		"WAYMEET_REDIS_URL=" + by(s.redis, w.redis.URL()), "WAYMEET_SECRET=" + secret, "WAYMEET_NODE=" + s.name, "WAYMEET_PUBLIC_URL=http://127.0.0.1",
		"WAYMEET_LOG_LEVEL=warn"}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		for i, life := range append(s.earlier, s.said) {
			life.tell(t, fmt.Sprintf("%s in its life %d", s.name, i+1))
		}
	})
	return s
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err) // made by this test
	}
	return u.Host
}

// by is a server's URL by way of a link.
func by(l *link, raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err)
	}
	u.Host = l.addr()
	return u.String()
}

// start starts it where it was before, if it was.
func (s *server) start() error {
	if s.addr == "127.0.0.1:0" {
		addr, err := freeAddress()
		if err != nil {
			return err
		}
		s.addr = addr
	}
	cmd := exec.Command(*program, "serve")
	cmd.Env = append(cmd.Environ(), append(s.environ, "WAYMEET_LISTEN="+s.addr)...)
	p, err := run(cmd)
	if err != nil {
		return err
	}
	if s.process != nil { // what it said in an earlier life is not forgotten
		s.earlier = append(s.earlier, s.said)
	}
	s.process = p
	return nil
}

// alive says whether it runs, where nobody has ended it.
func (s *server) alive() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// serves waits until it takes connections. Whether it is ready is another matter: PostgreSQL may be away.
func (s *server) serves() error { return s.answers("/healthz", http.StatusOK) }

func (s *server) answers(path string, status int) error {
	asker := http.Client{Timeout: time.Second}
	for late := time.Now().Add(startWait); ; time.Sleep(10 * time.Millisecond) { // nobody tells a load balancer either
		res, err := asker.Get("http://" + s.addr + path)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == status {
				return nil
			}
		}
		select {
		case <-s.ended:
			return fmt.Errorf("%s ended: %s", s.name, s.said)
		default:
		}
		if time.Now().After(late) {
			return fmt.Errorf("%s does not answer %s with %d: %v %w", s.name, path, status, res, err)
		}
	}
}

// leave is what an orchestrator does to a node: SIGTERM, and wait.
func (s *server) leave() error {
	s.signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(startWait):
		return fmt.Errorf("%s does not end", s.name)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d: %s", s.name, code, s.said)
	}
	return nil
}
