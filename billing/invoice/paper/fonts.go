package paper

import (
	_ "embed" // the fonts

	"golang.org/x/image/font/sfnt"
)

// The families, each regular and bold.
const (
	latin  = "latin"
	arabic = "arabic"
)

var (
	//go:embed fonts/NotoSans-Regular.ttf
	latinRegular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	latinBold []byte
	//go:embed fonts/NotoSansArabic-Regular.ttf
	arabicRegular []byte
	//go:embed fonts/NotoSansArabic-Bold.ttf
	arabicBold []byte
)

type family struct {
	regular, bold []byte
	have          map[rune]bool
}

func (f family) has(r rune) bool { return f.have[r] }

var fonts = map[string]family{
	latin:  {latinRegular, latinBold, covered(latinRegular, 0x20, 0x24F, 0x370, 0x52F, 0x1E00, 0x1EFF, 0x2010, 0x2027, 0x202F, 0x203A, 0x20A0, 0x20BF, 0x2100, 0x214F, 0xFFFD, 0xFFFD)},
	arabic: {arabicRegular, arabicBold, covered(arabicRegular, 0x600, 0x6FF, 0xFB50, 0xFDFF, 0xFE80, 0xFEFC)},
}

// covered is which characters of some ranges a font has. Ranges keep to scripts that need no shaping but Arabic's.
func covered(ttf []byte, ranges ...rune) map[rune]bool {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		panic("paper: an embedded font: " + err.Error()) // it is in the binary: every test would fail
	}
	out := map[rune]bool{}
	var buf sfnt.Buffer
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if glyph, err := f.GlyphIndex(&buf, r); err == nil && glyph != 0 {
				out[r] = true
			}
		}
	}
	return out
}
