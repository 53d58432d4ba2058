package gateway

import (
	"fmt"
	"strings"
)

// Key is the idempotency key of one attempt at one operation on one payment (refund, transfer …). It is derived, never
// drawn: whoever takes the work over makes the same one.
func Key(payment, op string, n int) string { return fmt.Sprintf("%s:%s:%d", payment, op, n) }

// Attempts is what the keys of all attempts at one operation begin with: a Lookup by it finds whichever happened.
func Attempts(payment, op string) string { return payment + ":" + op + ":" }

const longestKey = 200 // Stripe's is 255, and a value of its metadata 500

// CheckKey refuses what an acquirer would not keep apart.
func CheckKey(key string) error {
	if key == "" || len(key) > longestKey || strings.TrimSpace(key) != key {
		return &Refused{Code: "key_invalid", Param: "key", Text: "a key is 1 to 200 bytes without blanks around it"}
	}
	return nil
}
