package invoice

import "testing"

func TestParsePart(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Part{
		"42": {"", 42}, " 000042 ": {"", 42}, "2026-42": {"2026", 42}, "FA 2026 42": {"FA2026", 42}, "fa-2026-000042": {"FA2026", 42},
		"FA2026000042": {"FA2026", 42}, "2026000042": {"2026", 42}, "FA-2026-1234567": {"FA2026", 1234567}, "123456789": {"", 123456789},
		"FA-CASA/2026/7": {"FACASA2026", 7}, "Atelier 42": {"ATELIER", 42},
		"": {}, "   ": {}, "Câblages": {}, "FA-2026-0000": {}, "FA-": {}, "٤٢": {}, "9999999999999999999999": {"9999999999999999", 999999},
	} {
		if got, ok := ParsePart(typed); ok != (want.Seq > 0) || (ok && got != want) {
			t.Errorf("%q: %+v %v, want %+v", typed, got, ok, want)
		}
	}
}
