// Package paper typesets invoices and credit notes as PDF, in French, English and Arabic. It alone speaks to the PDF
// library, and decides nothing about money: it prints what package invoice says.
//
//	Document ─ words (language) ─┐
//	         ─ lines by centre ──┼─ sheet (mirrored for Arabic) ─ fpdf ─ bytes
//	part ─ joined ─ reordered ───┘
//
// An invoice of a few lines shows them on its first page. One of many shows a row per cost centre there, and every
// line in an annex whose pages repeat the table's head. Each page says which of how many it is.
//
// The library places characters one after another from left to right and knows no script. Arabic is therefore joined
// into the presentation forms of Unicode and put into visual order before it is handed over (arabic.go, text.go). Each value is a part
// that is laid out by itself, in the direction of its first letter that has one, also where it is wrapped; parts stand one after
// the other in the page's direction, and lines begin where the page does.
//
// The same document gives the same bytes: dates are arguments, and nothing is drawn in the order of a map. The fonts
// are Noto (SIL Open Font License, fonts/OFL.txt); only the glyphs that are used go into a file.
package paper
