package intake

import (
	"strings"
	"unicode"
)

// Line checks a text that is shown in one line: a name, a label. Empty is fine;
// nothing but blanks, a control character, or one that turns the direction of
// what stands beside it is a FieldError of field.
func Line(field, t string) error {
	err := readable(t)
	if err == nil {
		err = oneLine(t)
	}
	if err == nil {
		return nil
	}
	return under(field, err)
}

// readable refuses what no text needs and what makes one look like another:
// control characters but for tab and line ends, and the overrides and isolates
// of direction. Joiners and marks stay: Persian and Arabic are written with them.
func readable(t string) error {
	for _, r := range t {
		switch {
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r':
			return broken("control_character", "holds a control character")
		case turns(r):
			return broken("control_character", "holds a character that changes the direction of text")
		}
	}
	return nil
}

func oneLine(t string) error {
	if strings.ContainsAny(t, "\t\n\r") {
		return broken("control_character", "holds a tab or a line end")
	}
	if t != "" && bare(t) == "" {
		return broken("too_short", "holds nothing but blanks")
	}
	return nil
}

// turns tells the characters that override or isolate the direction of text:
// U+202A to U+202E and U+2066 to U+2069.
func turns(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// bare is t without blanks and invisible characters around it.
func bare(t string) string {
	return strings.TrimFunc(t, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}
