package organisation

// Code is a stable code of a finding; clients have sentences for each.
type Code string

// What can be wrong with a file as a whole, its header, and a row.
const (
	EmptyFile        Code = "empty_file"
	TooLarge         Code = "file_too_large"
	TooManyRows      Code = "too_many_rows"
	NotUTF8          Code = "not_utf8"
	Malformed        Code = "csv_malformed"
	ColumnMissing    Code = "column_missing"
	ColumnDuplicated Code = "column_duplicated"
	ColumnUnknown    Code = "column_unknown" // a warning: it is not read
	RowTooLong       Code = "row_too_long"
	Required         Code = "required"
	NoIdentity       Code = "no_identity" // neither number nor e-mail nor phone
	BadEmail         Code = "bad_email"
	BadPhone         Code = "bad_phone"
	BadDate          Code = "bad_date"
	TooLong          Code = "too_long"
	BadCharacter     Code = "bad_character"
)

// Finding is one thing that is wrong with a roster, and where: lines and columns count from 1, the header is line 1,
// and 0 is the file as a whole.
type Finding struct {
	Code    Code   `json:"code"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// Report is what was found. The first findings are kept and all are counted: a file with one wrong separator would
// otherwise say so fifty thousand times.
type Report struct {
	Findings []Finding `json:"findings"`
	Errors   int       `json:"errors"`
	Rows     int       `json:"rows"`
}

// Failed says whether the roster may not be used.
func (r *Report) Failed() bool { return r.Errors > 0 }

func (r *Report) add(f Finding) {
	if !f.Warning {
		r.Errors++
	}
	if len(r.Findings) < maxFindings {
		if runes := []rune(f.Value); len(runes) > maxShown {
			f.Value = string(runes[:maxShown]) + "…"
		}
		r.Findings = append(r.Findings, f)
	}
}

// Bounds on what a file may make us do: the largest employers of the field have some ten thousand people.
const (
	MaxBytes    = 8 << 20
	MaxRows     = 50_000
	maxText     = 200 // characters of a name or a cost centre
	maxFindings = 500
	maxShown    = 60
)
