package organisation

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is a column of a roster.
type field int

const (
	number field = iota
	name
	email
	phone
	centre
	since
	fields // how many there are
)

var fieldNames = [fields]string{"number", "name", "email", "phone", "cost_centre", "since"}

func (f field) String() string { return fieldNames[f] }

// headers are what companies call the columns, in three languages, as plainHeader leaves them.
var headers = index(map[field]string{
	number: "number, employee number, employee no, employee id, staff id, staff number, id, matricule, numero, n° matricule, no matricule, " +
		"الرقم الوظيفي, رقم الموظف, رقم التسجيل",
	name:  "name, full name, employee, employee name, nom, nom complet, nom et prenom, prenom et nom, salarie, collaborateur, الاسم, الاسم الكامل, اسم الموظف, الموظف",
	email: "email, e-mail, mail, email address, courriel, adresse e-mail, adresse mail, adresse electronique, البريد الإلكتروني, البريد, الإيميل",
	phone: "phone, phone number, mobile, mobile number, telephone, tel, gsm, portable, numero de telephone, الهاتف, رقم الهاتف, الجوال, رقم الجوال, المحمول",
	centre: "cost centre, cost center, costcentre, cc, department, centre de cout, centre de couts, centre cout, departement, service, section analytique, " +
		"مركز التكلفة, مركز الكلفة, القسم, الإدارة",
	since: "since, from, valid from, effective from, effective date, depuis, a partir du, date d'effet, date effet, منذ, ابتداء من, تاريخ السريان",
})

func index(names map[field]string) map[string]field {
	out := map[string]field{}
	for f, list := range names {
		for _, n := range strings.Split(list, ",") {
			out[plainHeader(n)] = f
		}
		out[plainHeader(f.String())] = f
	}
	return out
}

// plainHeader keeps the letters and digits of a header: no case, accents, vowel signs, spaces or punctuation.
func plainHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ـ' || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}
