package devstack

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary starts itself as the process that will be killed; this says as what.
const roleVar = "DEVSTACK_TEST_ROLE"

func TestMain(m *testing.M) {
	role, arg, _ := strings.Cut(os.Getenv(roleVar), " ")
	switch role {
	case "parent":
		beParent()
	case "watcher":
		pid, _ := strconv.Atoi(arg)
		if _, err := watch(pid, syscall.SIGKILL); err != nil {
			panic(err)
		}
		fmt.Println("watching")
		select {}
	case "tying":
		cmd := exec.Command(os.Args[0])
		cmd.Env, cmd.Stdout = append(cmd.Environ(), roleVar+"=tied"), os.Stdout
		panic(cmd.Run())
	case "tied":
		if err := TieToParent(); err != nil {
			panic(err)
		}
		fmt.Println(os.Getpid())
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// beParent starts both servers, says where, and waits to be killed.
func beParent() {
	ctx := context.Background()
	pg, err := StartPostgres(ctx, PostgresConfig{Home: home(), Fsync: true})
	if err != nil {
		panic(err)
	}
	rd, err := StartRedis(ctx, RedisConfig{})
	if err != nil {
		panic(err)
	}
	fmt.Println(pg.child.pid(), pg.Dir())
	fmt.Println(rd.child.pid(), rd.place.dir)
	select {}
}

func parentProcess(t *testing.T) (*bufio.Reader, *exec.Cmd) {
	return role(t, "parent")
}

func watcherProcess(t *testing.T, pid int) *exec.Cmd {
	out, cmd := role(t, "watcher "+strconv.Itoa(pid))
	if line, err := out.ReadString('\n'); err != nil || line != "watching\n" {
		t.Fatalf("the helper says %q, %v", line, err)
	}
	return cmd
}

func role(t *testing.T, as string) (*bufio.Reader, *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(cmd.Environ(), roleVar+"="+as)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // most tests have killed it
	return bufio.NewReader(pipe), cmd
}

// alive tells a running process from one that only waits to be reaped.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

// ask sends one inline command and returns the answer's line.
func ask(t *testing.T, rd *Redis, line string) string {
	t.Helper()
	conn, err := net.Dial("tcp", rd.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprint(conn, command("AUTH", rd.password)+command(strings.Fields(line)...))
	in := bufio.NewReader(conn)
	if got, err := in.ReadString('\n'); err != nil || got != "+OK\r\n" {
		t.Fatalf("AUTH: %q, %v", got, err)
	}
	got, err := in.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(got)
}
