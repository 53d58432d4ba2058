package devstack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Ask sends one command and returns the answer as text, the parts of a list a line
// each. It is for building and breaking what tests run on: only realtime/bus speaks go-redis.
func (r *Redis) Ask(ctx context.Context, words ...string) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second)) // a TCP connection takes deadlines
	if _, err := io.WriteString(conn, command("AUTH", r.password)+command(words...)); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	if _, err := answer(in); err != nil {
		return "", err
	}
	said, err := answer(in)
	if err != nil {
		return "", fmt.Errorf("devstack: redis on %s, %s: %w", words[0], r.addr, err)
	}
	return said, nil
}

func answer(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, text := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '+', ':':
		return text, nil
	case '-':
		return "", errors.New(text)
	}
	n, err := strconv.Atoi(text)
	if err != nil || (kind != '$' && kind != '*') {
		return "", fmt.Errorf("an answer that begins with %q", line)
	}
	if kind == '$' {
		if n < 0 {
			return "", nil
		}
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		return string(b[:n]), err
	}
	var parts []string
	for range n {
		part, err := answer(in)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "\n"), nil
}
