package intake

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readCSV reads text whose cells are parted by commas, semicolons or tabs (RFC
// 4180, and what spreadsheets make of it: "sep=;" first, quotes within a cell).
func readCSV(b []byte) (*table, error) {
	text, err := decodeText(b)
	if err != nil {
		return nil, err
	}
	t := &table{format: "csv"}
	lines := 0
	separator := byte(0)
	if head, rest, ok := strings.Cut(text, "\n"); ok {
		if head = strings.ToLower(strings.TrimRight(head, "\r")); len(head) == 5 && strings.HasPrefix(head, "sep=") {
			separator, text, lines = head[4], rest, 1
		}
	}
	if separator == 0 {
		separator = separatorOf(text)
	}
	for len(text) > 0 {
		lines++
		cells, rest, more := csvRecord(text, separator)
		if err := t.add(lines, false, cells); err != nil {
			return nil, err
		}
		lines += more
		text = rest
	}
	return t, nil
}

// csvRecord reads one record and returns the rest of the text, and how many line
// ends lie within its quotes. A quote that is never closed ends with its line: one
// slip of the keyboard must not swallow everybody below.
func csvRecord(text string, separator byte) (cells []string, rest string, more int) {
	i := 0
	for {
		var cell string
		if i < len(text) && text[i] == '"' {
			if end, closed := quotedEnd(text, i+1, separator); closed {
				inside := text[i+1 : end]
				more += strings.Count(inside, "\n")
				cell = strings.ReplaceAll(inside, `""`, `"`)
				i = end + 1
			}
		}
		end := i
		for end < len(text) && text[end] != separator && text[end] != '\n' && text[end] != '\r' {
			end++
		}
		cells = append(cells, cell+text[i:end])
		i = end
		switch {
		case i == len(text):
			return cells, "", more
		case text[i] == separator:
			i++
			if i == len(text) {
				return append(cells, ""), "", more
			}
		case text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n':
			return cells, text[i+2:], more
		default:
			return cells, text[i+1:], more
		}
		if len(cells) > 4*MaxListColumns { // it is refused anyway
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return cells, "", more
			}
			return cells, text[i+end+1:], more
		}
	}
}

// longestCell bounds how far a closing quote is looked for, bytes.
const longestCell = 32 << 10

// quotedEnd finds the quote that closes a cell: one before a separator, a line end
// or the end of the text.
func quotedEnd(text string, i int, separator byte) (end int, closed bool) {
	for limit := min(len(text), i+longestCell); i < limit; i++ {
		if text[i] != '"' {
			continue
		}
		switch {
		case i+1 == len(text) || text[i+1] == separator || text[i+1] == '\n' || text[i+1] == '\r':
			return i, true
		case text[i+1] == '"':
			i++
		}
	}
	return 0, false
}

// separatorOf is the one that parts the first lines into the most cells, outside
// quotes; a line counts once for each.
func separatorOf(text string) byte {
	best, most := byte(','), 0
	for _, s := range []byte{';', '\t', ','} {
		n, rest := 0, text
		for line := 0; line < 2*headingRows && len(rest) > 0; line++ {
			var cells []string
			cells, rest, _ = csvRecord(rest, s)
			if len(cells) > 1 {
				n += min(len(cells), 50)
			}
		}
		if n > most {
			best, most = s, n
		}
	}
	return best
}

// decodeText finds out in which encoding a text is written: by its byte order
// mark, by the zeros that UTF-16 has at every other place, as UTF-8 if it is, and
// else as Windows Cyrillic.
func decodeText(b []byte) (string, error) {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return utf16Text(b[2:], 0)
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return utf16Text(b[2:], 1)
	default:
		if low, ok := bareUTF16(b); ok {
			return utf16Text(b, low)
		}
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", under("file", broken("not_a_list", "is neither CSV nor XLSX"))
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	return windowsCyrillic(b)
}

// bareUTF16 recognises UTF-16 without its mark: of the first letters, most have a
// zero or a 4 (Cyrillic) as their high byte. low is where the low byte stands.
func bareUTF16(b []byte) (low int, ok bool) {
	n := min(len(b), 2000) / 2 * 2
	if n < 4 || len(b)%2 != 0 || bytes.IndexByte(b[:n], 0) < 0 {
		return 0, false
	}
	var high [2]int
	for i := range n {
		if b[i] == 0 || b[i] == 4 {
			high[i%2]++
		}
	}
	switch {
	case high[1]*10 >= n/2*9 && high[0] < high[1]/4:
		return 0, true
	case high[0]*10 >= n/2*9 && high[1] < high[0]/4:
		return 1, true
	}
	return 0, false
}

// utf16Text decodes UTF-16; low is 0 for little-endian, 1 for big-endian.
func utf16Text(b []byte, low int) (string, error) {
	if len(b)%2 != 0 {
		return "", under("file", broken("not_a_list", "ends in the midst of a character"))
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i+low]) | uint16(b[2*i+1-low])<<8
	}
	text := string(utf16.Decode(units))
	if strings.ContainsRune(text, 0) {
		return "", under("file", broken("not_a_list", "is neither CSV nor XLSX"))
	}
	return text, nil
}

// kazakh1048 is where KZ-1048 (STRK1048-2002, the Kazakh variant of windows-1251)
// differs from it. Lists come from Kazakhstan: the Serbian and Ukrainian letters
// that windows-1251 has there are in none.
var kazakh1048 = map[byte]rune{
	0x8D: 'Қ', 0x8E: 'Һ', 0x9D: 'қ', 0x9E: 'һ', 0xA1: 'Ұ', 0xA2: 'ұ', 0xA3: 'Ә', 0xA5: 'Ө', 0xAA: 'Ғ', 0xAF: 'Ү',
	0xB4: 'ө', 0xBA: 'ғ', 0xBC: 'ә', 0xBD: 'Ң', 0xBE: 'ң', 0xBF: 'ү',
}

func windowsCyrillic(b []byte) (string, error) {
	var out strings.Builder
	out.Grow(len(b) * 2)
	for _, c := range b {
		r, kazakh := kazakh1048[c]
		if !kazakh {
			r = charmap.Windows1251.DecodeByte(c)
		}
		if r == utf8.RuneError || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return "", under("file", broken("not_a_list", "is neither CSV nor XLSX"))
		}
		out.WriteRune(r)
	}
	return out.String(), nil
}
