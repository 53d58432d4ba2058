package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/waymeet/waymeet/internal/fault"
)

// huma reports what it rejects as an English sentence and the value. Its sentences are variables: here they become
// marked codes, so that what reaches a person is our sentence in their language, and never the value.
const mark = "\x01"

func marked(code string) string { return mark + code + mark }

func init() {
	huma.ValidateStrictCasing = true
	for code, messages := range map[string][]*string{
		"unknown_field": {&validation.MsgUnexpectedProperty},
		"bad_uuid":      {&validation.MsgExpectedRFC4122UUID},
		"bad_date":      {&validation.MsgExpectedRFC3339Date, &validation.MsgExpectedRFC3339DateTime},
		"too_short":     {&validation.MsgExpectedMinLength, &validation.MsgExpectedMinItems},
		"too_long":      {&validation.MsgExpectedMaxLength, &validation.MsgExpectedMaxItems},
		"out_of_range": {&validation.MsgExpectedMinimumNumber, &validation.MsgExpectedMaximumNumber,
			&validation.MsgExpectedExclusiveMinimumNumber, &validation.MsgExpectedExclusiveMaximumNumber},
	} {
		for _, m := range messages {
			*m = marked(code)
		}
	}
	validation.MsgExpectedRequiredProperty = marked("required") + "%s"
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} } // for the document's schema only
	huma.NewErrorWithContext = func(c huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return NewProblem(c.Context(), rejected(c.Operation(), status, msg, errs))
	}
}

// rejected is the fault in what huma reports.
func rejected(op *huma.Operation, status int, msg string, errs []error) error {
	if status >= http.StatusInternalServerError {
		return errors.Join(append(errs, errors.New(msg))...)
	}
	if len(errs) == 0 {
		if msg == "request body is required" {
			return fault.New("bad_json")
		}
		return fault.New("bad_request")
	}
	var f *fault.Error
	var fields []fault.Field
	for _, err := range errs {
		var d *huma.ErrorDetail
		if !errors.As(err, &d) {
			if as := fault.As(err); as.Kind != fault.Internal { // a resolver's own
				return as
			}
			return err
		}
		fields = append(fields, field(op, d))
		if len(fields) == maxDetails {
			break
		}
	}
	// One fault speaks for itself; several are "invalid" with a list.
	if f = fault.New("invalid"); len(fields) == 1 {
		f = fault.New(fields[0].Code)
	}
	f.Fields = fields
	return f
}

const maxDetails = 20

func field(op *huma.Operation, d *huma.ErrorDetail) fault.Field {
	where, rest, _ := strings.Cut(d.Location, ".")
	code, extra := "bad_value", ""
	if m, ok := strings.CutPrefix(d.Message, mark); ok {
		code, extra, _ = strings.Cut(m, mark)
	}
	if where != "body" {
		switch {
		case strings.HasPrefix(d.Message, "required "):
			code = "required"
		case d.Message == "unknown query parameter":
			code = "unknown_field"
		case code == "bad_value":
			code = paramCode(op, where, rest)
		}
		return fault.Field{Pointer: where + "/" + cutPointer(rest), Code: code}
	}
	at := bodyPointer(rest)
	switch code {
	case "required":
		at += "/" + escape(extra)
	case "bad_value":
		at += extra // a decoder's own pointer
	}
	return fault.Field{Pointer: cutPointer(at), Code: code}
}

// paramCode is the code of a parameter that does not parse: its schema tells what it should have been.
func paramCode(op *huma.Operation, in, name string) string {
	for _, p := range op.Parameters {
		if p.In == in && p.Name == name && p.Schema != nil {
			switch p.Schema.Format {
			case "uuid":
				return "bad_uuid"
			case "date", "date-time":
				return "bad_date"
			}
		}
	}
	return "bad_value"
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// bodyPointer turns huma's items[3].tags into /items/3/tags.
func bodyPointer(location string) string {
	if location == "" {
		return ""
	}
	location = strings.TrimPrefix(index.ReplaceAllString(location, ".$1"), ".")
	parts := strings.Split(location, ".")
	for i := range parts {
		parts[i] = escape(parts[i])
	}
	return "/" + strings.Join(parts, "/")
}

func escape(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

// unmarshal decodes a body that checkJSON has passed; where a type does not fit it says which field, not which value.
func unmarshal(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return errors.New(marked("bad_value") + bodyPointer(wrong.Field))
	}
	if err != nil {
		return errors.New(marked("bad_value"))
	}
	return nil
}
