package organisation

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestReadRoster(t *testing.T) {
	t.Parallel()
	want := Roster{
		{Line: 2, Number: "001", Name: "Nadia El Fassi", Email: "nadia@atlas.ma", Phone: "+212661234567", CostCentre: "CC-410", Since: servicedate.Of(2026, 12, 1)},
		{Line: 3, Number: "002", Name: "Benali, Youssef", Email: "y.benali@atlas.ma", CostCentre: "Été"},
	}
	for label, file := range map[string]string{
		"English, commas": "Employee No.,Full name,E-Mail,Mobile,Cost Center,Effective date\n001,Nadia  El Fassi,NADIA@atlas.ma,0661 23 45 67,CC-410,2026-12-01\n002,\"Benali, Youssef\",y.benali@atlas.ma,,Été,\n",
		"French, BOM":     "\ufeffN° matricule;Nom et prénom;Adresse e-mail;Téléphone;Centre de coût;Date d'effet\r\n001;Nadia El Fassi;nadia@atlas.ma;+212 661-23-45-67;CC-410;1/12/2026\r\n002;Benali, Youssef;y.benali@atlas.ma;;E\u0301te\u0301;\r\n;;;;;\r\n",
		"Arabic, tabs":    "رقم الموظف\tالإسم الكامل\tالبريد الالكتروني\tرقم الهاتف\tمركز التكلفة\tتاريخ السريان\n001\tNadia El Fassi\tnadia@atlas.ma\t٠٦٦١٢٣٤٥٦٧\tCC-410\t01/12/2026\n002\tBenali, Youssef\ty.benali@atlas.ma\t\tÉté\n",
	} {
		got, report, err := ReadRoster(strings.NewReader(file), Options{CountryCode: "+212"})
		if err != nil || report.Failed() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %+v %v", label, got, report, err)
		}
	}
}

// TestFindings: each defect is told with its code, line and column, and no roster comes out.
func TestFindings(t *testing.T) {
	t.Parallel()
	const head = "name,email,phone,since\n"
	for label, c := range map[string]struct {
		file string
		want []Finding
	}{
		"nothing":            {"", []Finding{{Code: EmptyFile}}},
		"only a mark":        {"\ufeff", []Finding{{Code: EmptyFile}}},
		"Latin-1":            {head + "A,a@x.ma\nRen\xe9,r@x.ma\n", []Finding{{Code: NotUTF8, Line: 3}}},
		"UTF-16":             {"n\x00a\x00m\x00", []Finding{{Code: NotUTF8, Line: 1}}},
		"no name":            {"email\na@x.ma\n", []Finding{{Code: ColumnMissing, Line: 1, Field: "name"}}},
		"nobody is known":    {"name,cc\nA,B\n", []Finding{{Code: ColumnMissing, Line: 1, Field: "email"}}},
		"e-mail twice":       {"name,email,mail\n", []Finding{{Code: ColumnDuplicated, Line: 1, Column: 3, Field: "email", Value: "mail"}}},
		"open quote":         {head + "A,\"a@x.ma\n", []Finding{{Code: Malformed, Line: 2, Column: 11}}},
		"no name in a row":   {head + ",a@x.ma\n", []Finding{{Code: Required, Line: 2, Column: 1, Field: "name"}}},
		"bad values":         {head + "A,a@x,12,31/02/2026\n", []Finding{{Code: BadEmail, Line: 2, Column: 2, Field: "email", Value: "a@x"}, {Code: BadPhone, Line: 2, Column: 3, Field: "phone", Value: "12"}, {Code: BadDate, Line: 2, Column: 4, Field: "since", Value: "31/02/2026"}, {Code: NoIdentity, Line: 2}}},
		"Excel ate a phone":  {head + "A,a@x.ma,2.12661E+11\n", []Finding{{Code: BadPhone, Line: 2, Column: 3, Field: "phone", Value: "2.12661E+11"}}},
		"a row too long":     {head + "A,a@x.ma,,,more\n", []Finding{{Code: RowTooLong, Line: 2, Column: 5}}},
		"turned letters":     {head + "A\u202eB,a@x.ma\n", []Finding{{Code: BadCharacter, Line: 2, Column: 1, Field: "name", Value: "A\u202eB"}, {Code: Required, Line: 2, Column: 1, Field: "name"}}},
		"after two lines":    {head + "\"A\nB\",a@x.ma\nC,bad\n", []Finding{{Code: BadEmail, Line: 4, Column: 2, Field: "email", Value: "bad"}, {Code: NoIdentity, Line: 4}}},
		"an address in name": {head + "A,A <a@x.ma>\n", []Finding{{Code: BadEmail, Line: 2, Column: 2, Field: "email", Value: "A <a@x.ma>"}, {Code: NoIdentity, Line: 2}}},
	} {
		got, report, err := ReadRoster(strings.NewReader(c.file), Options{})
		if err != nil || got != nil || !reflect.DeepEqual(report.Findings, c.want) {
			t.Errorf("%s: %+v %+v %v", label, got, report.Findings, err)
		}
	}
	got, report, err := ReadRoster(strings.NewReader("name,email,shoe size\nA,a@x.ma,43\n"), Options{})
	if err != nil || len(got) != 1 || !reflect.DeepEqual(report.Findings, []Finding{{Code: ColumnUnknown, Line: 1, Column: 3, Value: "shoe size", Warning: true}}) {
		t.Errorf("an unknown column: %+v %+v %v", got, report, err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	rows.WriteString("name,email\n")
	for i := range MaxRows + 1 {
		fmt.Fprintf(&rows, "A,a%d@x.ma\n", i)
	}
	for label, c := range map[string]struct {
		file string
		want map[Code]int
	}{
		"rows":  {rows.String(), map[Code]int{TooManyRows: 1}},
		"bytes": {"name,email\n" + strings.Repeat("x", MaxBytes), map[Code]int{TooLarge: 1}},
		"text":  {"name,email\n" + strings.Repeat("x", maxText+1) + ",a@x.ma\n", map[Code]int{TooLong: 1, Required: 1}},
		"kept":  {"name,email\n" + strings.Repeat("A,bad\n", 400), map[Code]int{BadEmail: 250, NoIdentity: 250}},
	} {
		got, report, err := ReadRoster(strings.NewReader(c.file), Options{})
		codes := map[Code]int{}
		for _, f := range report.Findings {
			codes[f.Code]++
		}
		if err != nil || got != nil || !maps.Equal(codes, c.want) {
			t.Errorf("%s: %v %v", label, codes, err)
		}
		if label == "kept" && report.Errors != 800 {
			t.Errorf("%d errors are counted", report.Errors)
		}
	}
}

// FuzzReadRoster: any bytes give a report, and what comes out as a roster is in one spelling, within its bounds and
// applies as it stands.
func FuzzReadRoster(f *testing.F) {
	f.Add([]byte("\ufeffN° matricule;Nom;Courriel;Tél.;Centre de coût\n1;Nadia;n@x.ma;0661234567;CC\n"))
	f.Add([]byte("name,email\n\"a\"\"b\",a@x.ma\n"))
	f.Add([]byte("الاسم\tالهاتف\nنادية\t+212661234567\n"))
	f.Add([]byte("name,phone,since\nA,00212661234567,1/2/2026\nA,00212661234567,1/2/2026\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		roster, report, err := ReadRoster(strings.NewReader(string(raw)), Options{CountryCode: "+212"})
		if err != nil || report.Failed() && roster != nil {
			t.Fatal(err, roster)
		}
		lines := strings.Count(string(raw), "\n") + 1
		for _, x := range report.Findings {
			if x.Line < 0 || x.Line > lines+1 || x.Code == "" {
				t.Fatalf("%+v of %d lines", x, lines)
			}
		}
		for _, p := range roster {
			if p.Name == "" || p.Email != strings.ToLower(p.Email) || len([]rune(p.Name)) > maxText || p.Number+p.Email+p.Phone == "" || strings.ContainsFunc(p.Name, odd) {
				t.Fatalf("%+v", p)
			}
		}
		preview := Compare(nil, roster, today, nil)
		if again := Compare(Apply(nil, preview), roster, today, nil); len(preview.Conflicts) == 0 && !again.Empty() {
			t.Fatalf("%+v is still to do", again)
		}
	})
}
