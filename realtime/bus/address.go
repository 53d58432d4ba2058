package bus

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// address is what a URL says. Its parts open things: nothing of a URL but its scheme
// and the names of its options is ever put into an error.
type address struct {
	kind   kind
	hosts  []string // host:port of the servers, or of the sentinels
	server *redis.Options

	// Of sentinels.
	master             string
	sentinelUser       string
	sentinelPassphrase string
}

type kind int

const (
	oneServer kind = iota
	clusterOfServers
	behindSentinels
)

var schemes = map[string]struct {
	kind kind
	tls  bool
	port string
}{
	"redis": {oneServer, false, "6379"}, "rediss": {oneServer, true, "6379"},
	"redis+cluster": {clusterOfServers, false, "6379"}, "rediss+cluster": {clusterOfServers, true, "6379"},
	"redis+sentinel": {behindSentinels, false, "26379"}, "rediss+sentinel": {behindSentinels, true, "26379"},
}

// CheckURL says what is wrong with a URL, without a word of what is in it.
func CheckURL(location string) error {
	_, err := parse(location)
	return err
}

var (
	errScheme   = errors.New("must begin with redis://, rediss://, redis+cluster:// or redis+sentinel://")
	errHosts    = errors.New("must name its servers as host:port, several of a cluster or of sentinels with commas between (write what is special in a password as %XX)")
	errOne      = errors.New("names several servers: that is redis+cluster:// or redis+sentinel://")
	errPath     = errors.New("must end in the number of a database, or in nothing")
	errNoDB     = errors.New("names a database, and a Redis Cluster has only database 0")
	errNoMaster = errors.New("must name the master after the sentinels: redis+sentinel://host:26379,host:26379/NAME")
)

// parse reads a URL by hand where several hosts stand in it: net/url takes one.
func parse(location string) (address, error) {
	scheme, rest, _ := strings.Cut(location, "://")
	form, known := schemes[scheme]
	if !known {
		return address{}, errScheme
	}
	a := address{kind: form.kind}
	rest, query, _ := strings.Cut(rest, "?")
	rest, path, _ := strings.Cut(rest, "/")
	user, hosts := "", rest
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user, hosts = rest[:i+1], rest[i+1:]
	}
	for h := range strings.SplitSeq(hosts, ",") {
		at, err := hostPort(h, form.port)
		if err != nil {
			return address{}, err
		}
		a.hosts = append(a.hosts, at)
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return address{}, errors.New("has options that cannot be read")
	}
	switch a.kind {
	case oneServer:
		if len(a.hosts) > 1 {
			return address{}, errOne
		}
	case clusterOfServers:
		if path = strings.Trim(path, "/"); path != "" && path != "0" || options.Get("db") != "" {
			return address{}, errNoDB
		}
	case behindSentinels:
		a.master, path, _ = strings.Cut(path, "/")
		if a.master, err = url.PathUnescape(a.master); err != nil || a.master == "" {
			return address{}, errNoMaster
		}
		a.sentinelUser, a.sentinelPassphrase = options.Get("sentinel_username"), options.Get("sentinel_password")
		options.Del("sentinel_username")
		options.Del("sentinel_password")
	}
	if _, err := strconv.ParseUint(strings.Trim(path, "/"), 10, 31); err != nil && strings.Trim(path, "/") != "" {
		return address{}, errPath
	}
	one := "redis"
	if form.tls {
		one = "rediss"
	}
	a.server, err = redis.ParseURL(one + "://" + user + a.hosts[0] + "/" + path + "?" + options.Encode())
	if err != nil {
		return address{}, blame(options)
	}
	if a.kind != oneServer && a.server.TLSConfig != nil {
		a.server.TLSConfig.ServerName = "" // each server shows a certificate for its own name
	}
	tune(a.server)
	return a, nil
}

func hostPort(h, port string) (string, error) {
	host, p, err := net.SplitHostPort(h)
	if err != nil {
		host, p = strings.Trim(h, "[]"), port
	}
	if _, err := strconv.ParseUint(p, 10, 16); err != nil || host == "" || strings.ContainsAny(host, "@[]% ") || (strings.Contains(host, ":") && net.ParseIP(host) == nil) {
		return "", errHosts
	}
	return net.JoinHostPort(host, p), nil
}

var optionName = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// blame finds the option that go-redis does not take. go-redis' own words quote values.
func blame(options url.Values) error {
	for name, values := range options {
		if _, err := redis.ParseURL("rediss://h?" + url.Values{name: values}.Encode()); err != nil && optionName.MatchString(name) {
			return fmt.Errorf("has an option %s that is unknown, or a value of it that cannot be", name)
		}
	}
	return errHosts
}

// tune sets what the bus relies on, and what a URL left open.
func tune(o *redis.Options) {
	o.Protocol = 2
	o.ContextTimeoutEnabled = true // otherwise contexts bound nothing
	o.MaxRetries = -1
	o.DialerRetries = 1 // the bus tries again, and says so
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	for d, otherwise := range map[*time.Duration]time.Duration{
		&o.DialTimeout: time.Second, &o.ReadTimeout: 2 * time.Second, &o.WriteTimeout: 2 * time.Second,
	} {
		if *d == 0 {
			*d = otherwise
		}
	}
	if o.PoolSize == 0 {
		o.PoolSize = 4
	}
}

// at is how to speak to the server at an address. go-redis writes into what it is given, so each client has its own.
func (a address) at(addr string) *redis.Options {
	o := *a.server
	o.Addr = addr
	return &o
}

// brief is at for a client of few words.
func (a address) brief(addr string) *redis.Options {
	o := a.at(addr)
	o.PoolSize, o.PipelinePoolSize, o.MinIdleConns = 1, -1, 0
	return o
}
