// Command testenv runs a command with a PostgreSQL and a Redis of its own, named
// in its environment as package devtest expects, and stops them when it ends:
//
//	testenv -- go test ./...
//
// It ends with the command's exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/waymeet/waymeet/internal/devstack"
	"github.com/waymeet/waymeet/internal/devstack/devtest"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: testenv -- COMMAND ...")
		os.Exit(2)
	}
	if err := devstack.TieToParent(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	// A terminal's Ctrl-C reaches the command too: it ends first, then the servers.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)

	ctx := context.Background()
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresConfig{Home: devtest.Home()})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	rd, err := devstack.StartRedis(ctx, devstack.RedisConfig{})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, rd.Stop()) }()

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(cmd.Environ(), devtest.PostgresVar+"="+pg.SuperURL("postgres"), devtest.RedisVar+"="+rd.URL())
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if s == syscall.SIGTERM {
				_ = cmd.Process.Signal(s) // it may have ended
			}
		case err := <-ended:
			if exit, failed := errors.AsType[*exec.ExitError](err); failed {
				return max(exit.ExitCode(), 1), nil
			}
			return 0, err
		}
	}
}
