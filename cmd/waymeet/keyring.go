package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/internal/seal"
)

// kmsKey names the installation's secret among those that wrap credentials' keys.
const kmsKey = "secret"

const credentialKeys = "WAYMEET_CREDENTIAL_KEYS"

var keyName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// keyring is the keys that wrap the keys of gateways' credentials: NAME=KEY, comma separated, the current one first, and after them the
// installation's secret, which is the current one where there is no other. What is wrong is said without what it holds.
func keyring(box *seal.Box, keys string) (*envelope.Environment, error) {
	boxes, current := map[string]*seal.Box{kmsKey: box}, kmsKey
	for i, pair := range strings.Split(keys, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, key, _ := strings.Cut(pair, "=")
		b, err := seal.Parse(key)
		switch {
		case !keyName.MatchString(name) || err != nil:
			return nil, fmt.Errorf("%s: number %d must be NAME=KEY, the name of small letters, digits and dashes, the key 32 bytes in base64", credentialKeys, i+1)
		case boxes[name] != nil:
			return nil, errors.New(credentialKeys + " has a name twice, or the name " + kmsKey + ", which is WAYMEET_SECRET's")
		}
		if boxes[name] = b; current == kmsKey {
			current = name
		}
	}
	return envelope.NewEnvironment(current, boxes)
}
