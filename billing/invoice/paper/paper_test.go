package paper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// sample is an invoice of n lines as an operator of Casablanca or Dubai sends it.
func sample(t testing.TB, language string, n int) Document {
	t.Helper()
	texts := map[string][]string{
		"fr": {"Ligne L12 Sidi Maârouf – Aïn Sebaâ, aller 07:10", "Navette de nuit Bouskoura – Tanger Automotive City, départ 25:10, arrêt «\u00a0Porte n°\u00a04\u00a0»", "Consultation : droit du travail"},
		"en": {"Line L12 Sidi Maarouf – Ain Sebaa, 07:10", "Night shuttle Jebel Ali – Dubai Investment Park 2, 25:10, gate 4 (east)", "Advice session: employment law"},
		"ar": {"الخط L12 سيدي معروف – عين السبع، 07:10", "حافلة ليلية من جبل علي إلى مجمع دبي للاستثمار 2، البوابة رقم 4 (شرق)", "جلسة استشارة: قانون العمل"},
	}[language]
	people := map[string][]string{"fr": {"Nadia El Fassi", "Youssef Benali", "Marie-Hélène Dubois"}, "en": {"Nadia El Fassi", "Omar Haddad", "Priya Raman"}, "ar": {"نادية الفاسي", "يوسف بنعلي", "عبد الرحمن المنصوري"}}[language]
	country := map[string]string{"fr": "MA", "en": "AE", "ar": "AE"}[language]
	d := invoice.Draft{Month: invoice.MonthOf(servicedate.Of(2026, 11, 1)), Currency: map[string]string{"MA": "MAD", "AE": "AED"}[country],
		Prices: invoice.GrossPrices, Terms: "eom_30", PO: "4500018872"}
	centres := []string{"CC-410 Production", "CC-220 Logistique", ""}
	if language == "ar" {
		centres = []string{"CC-410 الإنتاج", "الخدمات اللوجستية", ""}
	}
	for i := range n {
		l := invoice.Line{ID: fmt.Sprint(i), Date: servicedate.Of(2026, 11, 1+i%30), Supply: invoice.UrbanTransport, Country: country, Text: texts[i%2], Person: people[i%3],
			CostCentre: centres[i*7%3], Quantity: 1, Unit: "ride", Amount: int64(1200 + i%5*350)}
		if i%6 == 5 {
			l.Supply, l.Text, l.Quantity, l.Unit, l.Amount = invoice.Advice, texts[2], 25, "minute", 43750
		}
		d.Lines = append(d.Lines, l)
	}
	d, err := d.Price(invoice.Starting())
	if err != nil {
		t.Fatal(err)
	}
	inv, err := d.Finalise(invoice.Number{Series: "FA", Year: 2026, Seq: 42}, servicedate.Of(2026, 12, 1))
	if err != nil {
		t.Fatal(err)
	}
	doc := Document{Invoice: inv, Language: language, Printed: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)}
	switch language {
	case "fr":
		doc.Seller = Party{"Atlas Mobilité SARL", []string{"12, rue Ibn Batouta", "20250 Casablanca, Maroc"}, []Label{{"ICE", "001525713000083"}, {"IF", "18790042"}, {"RC", "Casablanca 341220"}}}
		doc.Buyer = Party{"Câblages du Détroit SA", []string{"Direction des achats", "Zone franche d'exportation, lot 84", "90100 Tanger, Maroc"}, []Label{{"ICE", "000230117000045"}, {"IF", "04507781"}}}
		doc.Bank = []Label{{"Banque", "Attijariwafa bank, Casablanca Maârif"}, {"RIB", "007 780 0001234567890123 45"}, {"SWIFT", "BCMAMAMC"}}
		doc.Notes = []string{"Tout retard de paiement entraîne des pénalités au taux légal (loi 69-21) ainsi qu'une indemnité forfaitaire pour frais de recouvrement."}
	case "en":
		doc.Seller = Party{"Dune Advisory FZ-LLC", []string{"Office 1204, Building 3, Dubai Internet City", "Dubai, United Arab Emirates"}, []Label{{"TRN", "100345678900003"}, {"Licence", "94821"}}}
		doc.Buyer = Party{"Gulf Components Trading LLC", []string{"PO Box 48213", "Jebel Ali Free Zone, Dubai"}, []Label{{"TRN", "100998877600003"}}}
		doc.Bank = []Label{{"Bank", "Emirates NBD, Dubai Main Branch"}, {"IBAN", "AE07 0331 2345 6789 0123 456"}, {"SWIFT", "EBILAEAD"}}
	case "ar":
		doc.Seller = Party{"شركة الكثبان للاستشارات ذ.م.م", []string{"مكتب 1204، مبنى 3، مدينة دبي للإنترنت", "دبي، الإمارات العربية المتحدة"}, []Label{{"رقم التسجيل الضريبي", "100345678900003"}, {"الرخصة", "94821"}}}
		doc.Buyer = Party{"شركة مكونات الخليج للتجارة (ش.م.م) Gulf Components", []string{"ص.ب. 48213", "المنطقة الحرة بجبل علي، دبي"}, []Label{{"رقم التسجيل الضريبي", "100998877600003"}}}
		doc.Bank = []Label{{"البنك", "بنك الإمارات دبي الوطني"}, {"IBAN", "AE07 0331 2345 6789 0123 456"}, {"SWIFT", "EBILAEAD"}}
		doc.Notes = []string{"توريد نقل الركاب المحلي معفى من ضريبة القيمة المضافة وفق المادة 46 من المرسوم بقانون اتحادي رقم 8 لسنة 2017."}
	}
	return doc
}

func render(t testing.TB, d Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := PDF(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// keep writes a document to be looked at: PAPER_OUT=/tmp/paper go test ./billing/invoice/paper
func keep(t testing.TB, name string, pdf []byte) {
	t.Helper()
	if dir := os.Getenv("PAPER_OUT"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSameBytes: the same document gives the same bytes, of one page and of many; another date gives others.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"fr", "en", "ar"} {
		for _, n := range []int{6, 140} {
			d := sample(t, language, n)
			first := render(t, d)
			for range 3 {
				if !bytes.Equal(first, render(t, d)) {
					t.Fatalf("%s, %d lines: other bytes", language, n)
				}
			}
			d.Printed = d.Printed.Add(time.Second)
			if bytes.Equal(first, render(t, d)) {
				t.Errorf("%s, %d lines: the date is not in it", language, n)
			}
			keep(t, fmt.Sprintf("%s-%d", language, n), first)
		}
	}
}

// TestThousands: an invoice of thousands of lines is typeset in seconds, and one line too many is refused.
func TestThousands(t *testing.T) {
	t.Parallel()
	d := sample(t, "fr", 3000)
	if b := render(t, d); bytes.Count(b, []byte("/Type /Page\n")) < 60 {
		t.Errorf("3000 lines on %d pages", bytes.Count(b, []byte("/Type /Page\n")))
	}
	d.Invoice.Lines = make([]invoice.Line, MaxLines+1)
	if err := PDF(&bytes.Buffer{}, d); err == nil {
		t.Error("too many lines were accepted")
	}
	d.Language = "de"
	if err := PDF(&bytes.Buffer{}, d); err == nil {
		t.Error("typeset in a language that nobody wrote")
	}
}
