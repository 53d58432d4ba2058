package stripespec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Strict closes a specification and says how many objects of requests it has closed.
func Strict(spec []byte) (strict []byte, closed int, err error) {
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(spec))
	d.UseNumber() // numbers stay as they are written
	if err := d.Decode(&doc); err != nil {
		return nil, 0, fmt.Errorf("stripespec: read the specification: %w", err)
	}
	for _, path := range member(doc, "paths") {
		operations, _ := path.(map[string]any)
		for _, o := range operations {
			operation, ok := o.(map[string]any)
			if !ok {
				continue
			}
			for _, content := range member(member(operation, "requestBody"), "content") {
				body, _ := content.(map[string]any)
				closed += shut(body["schema"])
			}
			parameters, _ := operation["parameters"].([]any)
			for _, p := range parameters {
				parameter, _ := p.(map[string]any)
				closed += shut(parameter["schema"])
			}
		}
	}
	if closed == 0 {
		return nil, 0, errors.New("stripespec: there was nothing to close: is this Stripe's specification?")
	}
	strict, err = json.Marshal(doc)
	return strict, closed, err
}

// shut closes an object and what is inside.
func shut(schema any) (closed int) {
	s, ok := schema.(map[string]any)
	if !ok {
		return 0
	}
	properties := member(s, "properties")
	if _, said := s["additionalProperties"]; s["type"] == "object" && len(properties) > 0 && !said {
		s["additionalProperties"] = false
		closed++
	}
	for _, p := range properties {
		closed += shut(p)
	}
	closed += shut(s["items"])
	for _, word := range []string{"anyOf", "oneOf", "allOf"} {
		some, _ := s[word].([]any)
		for _, one := range some {
			closed += shut(one)
		}
	}
	return closed
}

func member(o map[string]any, name string) map[string]any {
	m, _ := o[name].(map[string]any)
	return m
}
