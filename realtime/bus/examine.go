package bus

import (
	"context"
	"fmt"
)

// Examine asks the Redis of a URL for what a bus needs of it, and says what it found.
// Neither holds anything of the URL's secrets.
func Examine(ctx context.Context, location string) (string, error) {
	at, err := parse(location)
	if err != nil {
		return "", fmt.Errorf("its URL %w", err)
	}
	quiet()
	b := &Bus{at: at, fleet: open(at)}
	held, err := b.fleet.locate(ctx)
	if err != nil {
		return "", err
	}
	servers := map[string]bool{}
	for _, addr := range held {
		servers[addr] = true
	}
	how := "sharded"
	for addr := range servers {
		mode, err := b.probe(ctx, addr)
		if err != nil {
			return "", err
		}
		if mode == plain {
			how = "not sharded (older than 7)"
		}
	}
	return fmt.Sprintf("%s, pub/sub is %s", [...]string{
		oneServer: "one server", clusterOfServers: fmt.Sprintf("a cluster of %d masters", len(servers)), behindSentinels: "a master behind sentinels",
	}[at.kind], how), nil
}
