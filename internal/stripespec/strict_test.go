package stripespec

import (
	"encoding/json"
	"testing"
)

func TestClosesWhatListsItsProperties(t *testing.T) {
	spec := `{"paths":{"/v1/x":{"post":{
	  "requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","additionalProperties":false,"properties":{
	    "amount":{"type":"integer","maximum":99999999999999999999},
	    "metadata":{"type":"object","additionalProperties":{"type":"string"}},
	    "free":{"type":"object"},
	    "transfer_data":{"type":"object","properties":{"destination":{"type":"string"}}},
	    "list":{"type":"array","items":{"anyOf":[{"type":"object","properties":{"deep":{"type":"string"}}},{"type":"string"}]}}}}}}},
	  "parameters":[{"schema":{"type":"object","properties":{"gte":{"type":"integer"}}}}]}}}}`
	strict, closed, err := Strict([]byte(spec))
	if err != nil || closed != 3 {
		t.Fatal(closed, err)
	}
	var got, want any
	if err := json.Unmarshal(strict, &got); err != nil {
		t.Fatal(err)
	}
	again, n, err := Strict(append([]byte(nil), strict...))
	if n != 0 || err == nil || again != nil {
		t.Fatalf("closed again: %d %v", n, err)
	}
	if err := json.Unmarshal([]byte(spec), &want); err != nil {
		t.Fatal(err)
	}
}

func TestRefusesWhatIsNoSpecification(t *testing.T) {
	for _, s := range []string{``, `[]`, `{}`, `{"paths":{}}`} {
		if _, _, err := Strict([]byte(s)); err == nil {
			t.Errorf("%q passes", s)
		}
	}
}
