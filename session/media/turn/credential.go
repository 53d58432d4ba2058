package turn

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Credential lets a user relay until a time: user name and password, as browsers and other TURN servers with the same secret take
// them (draft-uberti-behave-turn-rest).
func Credential(secret []byte, user string, until time.Time) (name, password string) {
	name = strconv.FormatInt(until.Unix(), 10) + ":" + user
	return name, passwordOf(secret, name)
}

// passwordOf is HMAC-SHA1, as the draft has it: SHA-1's collisions do not help against an HMAC.
func passwordOf(secret []byte, name string) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write([]byte(name))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// readName takes a user name apart. There must be a user: relays are counted by it.
func readName(name string) (user string, until time.Time, ok bool) {
	seconds, user, found := strings.Cut(name, ":")
	n, err := strconv.ParseInt(seconds, 10, 64)
	if !found || user == "" || len(name) > 200 || err != nil || n <= 0 {
		return "", time.Time{}, false
	}
	return user, time.Unix(n, 0), true
}
