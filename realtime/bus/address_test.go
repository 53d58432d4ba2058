package bus

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestURLs(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]struct {
		kind               kind
		hosts              []string
		user, pass, master string
		db                 int
		tls                bool
	}{
		"redis://h":                                      {oneServer, []string{"h:6379"}, "", "", "", 0, false},
		"redis://:p@127.0.0.1:7/3":                       {oneServer, []string{"127.0.0.1:7"}, "", "p", "", 3, false},
		"rediss://u:p%40%2F@h:7?read_timeout=9s":         {oneServer, []string{"h:7"}, "u", "p@/", "", 0, true},
		"redis://[::1]:7":                                {oneServer, []string{"[::1]:7"}, "", "", "", 0, false},
		"redis+cluster://u:p@a:1,b:2,c":                  {clusterOfServers, []string{"a:1", "b:2", "c:6379"}, "u", "p", "", 0, false},
		"rediss+cluster://[::1]:1,b:2/0?skip_verify=1":   {clusterOfServers, []string{"[::1]:1", "b:2"}, "", "", "", 0, true},
		"redis+sentinel://:p@a,b:2/m%20m":                {behindSentinels, []string{"a:26379", "b:2"}, "", "p", "m m", 0, false},
		"rediss+sentinel://u:p@a:1/m/4?read_timeout=9s":  {behindSentinels, []string{"a:1"}, "u", "p", "m", 4, true},
		"redis+sentinel://a:1/m?sentinel_password=p%26q": {behindSentinels, []string{"a:1"}, "", "", "m", 0, false},
	} {
		a, err := parse(location)
		if err != nil {
			t.Errorf("%s: %v", location, err)
			continue
		}
		if a.kind != want.kind || !slices.Equal(a.hosts, want.hosts) || a.master != want.master || a.server.Username != want.user ||
			a.server.Password != want.pass || a.server.DB != want.db || (a.server.TLSConfig != nil) != want.tls {
			t.Errorf("%s: %+v, %+v", location, a, a.server)
		}
		if strings.Contains(location, "9s") && a.server.ReadTimeout != 9*time.Second {
			t.Errorf("%s: its option was not heard", location)
		}
		if strings.Contains(location, "sentinel_password") && a.sentinelPassphrase != "p&q" {
			t.Errorf("%s: the sentinels' password is %q", location, a.sentinelPassphrase)
		}
		if want.tls && want.kind != oneServer && a.server.TLSConfig.ServerName != "" {
			t.Errorf("%s: every server would have to be called %s", location, a.server.TLSConfig.ServerName)
		}
	}
}

func TestBadURLsShowNothing(t *testing.T) {
	t.Parallel()
	const secret = "hunter2canary"
	for location, says := range map[string]string{
		"":                                     "must begin",
		secret:                                 "must begin",
		"http://:" + secret + "@h":             "must begin",
		"redis+clusters://:" + secret + "@h":   "must begin",
		"redis://":                             "host:port",
		"redis://:" + secret + "/x@h:1":        "%XX",
		"redis://:" + secret + "?x@h:1":        "%XX",
		"redis://u:a%" + secret + "@h:1":       "%XX",
		"redis://h:" + secret:                  "host:port",
		"redis://" + secret + "@x@h:1%zz":      "host:port",
		"redis://a:1,b:2":                      "several servers",
		"redis://h/" + secret:                  "number of a database",
		"redis://h/-1":                         "number of a database",
		"redis://h/1/2":                        "number of a database",
		"redis+cluster://a:1,:2":               "host:port",
		"redis+cluster://a:1,,b:2":             "host:port",
		"redis+cluster://a:1/3":                "only database 0",
		"redis+cluster://a:1?db=3":             "only database 0",
		"redis+sentinel://:" + secret + "@a:1": "name the master",
		"redis+sentinel://a:1/":                "name the master",
		"redis+sentinel://a:1/m/" + secret:     "number of a database",
		"redis://h?dial_timeoutt=" + secret:    "option dial_timeoutt",
		"redis://h?pool_size=" + secret:        "option pool_size",
		"redis://h?password=" + secret:         "option password",
		"redis://h?" + secret + "=1":           "host:port",
		"redis://h?db=" + secret:               "option db",
		"redis://h?%zz" + secret:               "options",
	} {
		err := CheckURL(location)
		switch {
		case err == nil:
			t.Errorf("%s is taken", location)
		case strings.Contains(err.Error(), secret):
			t.Errorf("%s: what it holds is shown: %v", location, err)
		case !strings.Contains(err.Error(), says):
			t.Errorf("%s: says %q, not %q", location, err, says)
		}
		if _, err := Open(Config{URL: location}); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("Open of %s: %v", location, err)
		}
	}
}
