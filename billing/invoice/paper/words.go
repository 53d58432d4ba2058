package paper

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// words is what a document says in one language.
type words struct {
	rtl                                                bool
	invoice, credit, draft                             string
	issued, due, month, po, terms, corrects            string
	billedTo, payBy, toPay, credited, reason           string
	date, description, person, quantity, tax, amount   string
	centre, lines, noCentre, subtotal, ofCentre        string
	rate, base, taxed, gross, net, total               string
	netPrices, grossPrices                             string
	bank, reference, annex, annexNote, page, continued string
	units                                              map[string]string
	treatments                                         map[invoice.Treatment]string
	how                                                map[string]string // of terms, with the days
	months                                             [12]string
	group, decimal, percent, colon, day                string
}

var languages = map[string]*words{
	"fr": {
		invoice: "FACTURE", credit: "AVOIR", draft: "PROJET",
		issued: "Date d'émission", due: "Échéance", month: "Période", po: "Bon de commande", terms: "Conditions", corrects: "Rectifie la facture",
		billedTo: "Facturé à", payBy: "À payer au plus tard le", toPay: "Net à payer", credited: "À votre crédit", reason: "Motif",
		date: "Date", description: "Désignation", person: "Bénéficiaire", quantity: "Qté", tax: "TVA", amount: "Montant",
		centre: "Centre de coût", lines: "Lignes", noCentre: "Sans centre de coût", subtotal: "Sous-total", ofCentre: "Centre de coût",
		rate: "Taux", base: "Base HT", taxed: "TVA", gross: "TTC", net: "Total HT", total: "Total TTC",
		netPrices: "Montants hors taxes", grossPrices: "Montants toutes taxes comprises",
		bank: "Coordonnées bancaires", reference: "Référence à rappeler", annex: "Annexe : détail des lignes", annexNote: "Le détail de chaque ligne figure en annexe.",
		page: "Page %d sur %d", continued: "suite",
		units:      map[string]string{"ride": "trajet", "minute": "min", "second": "s", "session": "séance", "seat": "place"},
		treatments: map[invoice.Treatment]string{invoice.Exempt: "Exonéré", invoice.ZeroRated: "Taux zéro", invoice.ReverseCharge: "Autoliquidation"},
		how:        map[string]string{"net": "%d jours nets", "eom": "fin de mois + %d jours", "net_eom": "%d jours fin de mois"},
		months:     [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		group:      "\u00a0", decimal: ",", percent: "\u00a0%", colon: "\u00a0: ", day: "dmy",
	},
	"en": {
		invoice: "TAX INVOICE", credit: "TAX CREDIT NOTE", draft: "DRAFT",
		issued: "Issue date", due: "Due date", month: "Period", po: "Purchase order", terms: "Terms", corrects: "Corrects invoice",
		billedTo: "Billed to", payBy: "Please pay by", toPay: "Amount due", credited: "Credited to you", reason: "Reason",
		date: "Date", description: "Description", person: "Person", quantity: "Qty", tax: "VAT", amount: "Amount",
		centre: "Cost centre", lines: "Lines", noCentre: "No cost centre", subtotal: "Subtotal", ofCentre: "Cost centre",
		rate: "Rate", base: "Net", taxed: "VAT", gross: "Gross", net: "Total excl. VAT", total: "Total incl. VAT",
		netPrices: "Amounts exclude VAT", grossPrices: "Amounts include VAT",
		bank: "Bank details", reference: "Payment reference", annex: "Annex: line detail", annexNote: "Every line is listed in the annex.",
		page: "Page %d of %d", continued: "continued",
		units:      map[string]string{"ride": "ride", "minute": "min", "second": "s", "session": "session", "seat": "seat"},
		treatments: map[invoice.Treatment]string{invoice.Exempt: "Exempt", invoice.ZeroRated: "Zero-rated", invoice.ReverseCharge: "Reverse charge"},
		how:        map[string]string{"net": "Net %d days", "eom": "End of month + %d days", "net_eom": "%d days, end of month"},
		months:     [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		group:      ",", decimal: ".", percent: "%", colon: ": ", day: "d Mon y",
	},
	"ar": {
		rtl:     true,
		invoice: "فاتورة ضريبية", credit: "إشعار دائن", draft: "مسودة",
		issued: "تاريخ الإصدار", due: "تاريخ الاستحقاق", month: "الفترة", po: "أمر الشراء", terms: "شروط الدفع", corrects: "تصحيح للفاتورة",
		billedTo: "العميل", payBy: "يرجى الدفع قبل نهاية", toPay: "المبلغ المستحق", credited: "مبلغ لصالحكم", reason: "السبب",
		date: "التاريخ", description: "البيان", person: "المستفيد", quantity: "الكمية", tax: "الضريبة", amount: "المبلغ",
		centre: "مركز التكلفة", lines: "البنود", noCentre: "بدون مركز تكلفة", subtotal: "المجموع الفرعي", ofCentre: "مركز التكلفة",
		rate: "النسبة", base: "قبل الضريبة", taxed: "الضريبة", gross: "شامل الضريبة", net: "المجموع قبل الضريبة", total: "المجموع شامل الضريبة",
		netPrices: "المبالغ لا تشمل الضريبة", grossPrices: "المبالغ تشمل الضريبة",
		bank: "البيانات المصرفية", reference: "مرجع الدفع", annex: "ملحق: تفاصيل البنود", annexNote: "تفاصيل جميع البنود في الملحق.",
		page: "صفحة %d من %d", continued: "تابع",
		units:      map[string]string{"ride": "رحلة", "minute": "دقيقة", "second": "ثانية", "session": "جلسة", "seat": "مقعد"},
		treatments: map[invoice.Treatment]string{invoice.Exempt: "معفى", invoice.ZeroRated: "نسبة صفر", invoice.ReverseCharge: "احتساب عكسي"},
		how:        map[string]string{"net": "صافي %d يومًا", "eom": "نهاية الشهر + %d يومًا", "net_eom": "%d يومًا حتى نهاية الشهر"},
		months:     [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
		group:      ",", decimal: ".", percent: "%", colon: ": ", day: "dmy",
	},
}

// money writes an amount as the language groups digits. Digits are Latin in all of them, as companies of both
// countries print them.
func (w *words) money(amount int64, currency string) string {
	whole, cents, has := strings.Cut(invoice.Decimal(amount, currency), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(w.group)
		}
		b.WriteRune(d)
	}
	if has {
		b.WriteString(w.decimal + cents)
	}
	return b.String()
}

func (w *words) dayOf(d servicedate.Date) string {
	if d.IsZero() {
		return ""
	}
	y, m, day := d.Civil()
	if w.day == "d Mon y" {
		return fmt.Sprintf("%d %.3s %d", day, w.months[m-1], y)
	}
	return fmt.Sprintf("%02d/%02d/%d", day, int(m), y)
}

func (w *words) monthOf(m invoice.Month) string {
	if m == 0 {
		return ""
	}
	y, month, _ := m.First().Civil()
	return w.months[month-1] + " " + strconv.Itoa(y)
}

func (w *words) termsOf(t invoice.Terms) string {
	days, how, err := t.Parts()
	if err != nil {
		return string(t)
	}
	return fmt.Sprintf(w.how[how], days)
}

func (w *words) taxOf(t invoice.Tax) string {
	if name, ok := w.treatments[t.Treatment]; ok {
		return name
	}
	return strings.Replace(invoice.Percent(t.Rate), ".", w.decimal, 1) + w.percent
}

func (w *words) quantityOf(l invoice.Line) string {
	if l.Quantity == 0 {
		return ""
	}
	unit := l.Unit
	if u, ok := w.units[unit]; ok {
		unit = u
	}
	return strings.TrimSpace(strconv.FormatInt(l.Quantity, 10) + " " + unit)
}

func (w *words) centreOf(name string) string {
	if name == "" {
		return w.noCentre
	}
	return name
}
