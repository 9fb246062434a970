package intake

import (
	"strings"
	"testing"
)

// TestSynonyms: every field is known by at least fifteen names, and no name stands
// for two fields. The oracle is the table itself, read a second way.
func TestSynonyms(t *testing.T) {
	of := map[string]ListField{}
	for _, f := range ListFields {
		forms := map[string]bool{}
		for s := range strings.SplitSeq(synonyms[f], ",") {
			form := headingForm(foldHeading(s))
			if form == "" {
				t.Errorf("%s: %q folds to nothing", f, s)
			}
			if other, ok := of[form]; ok && other != f {
				t.Errorf("%q stands for %s and for %s", strings.TrimSpace(s), other, f)
			}
			of[form] = f
			forms[form] = true
			if got := FieldOf(s); got != f {
				t.Errorf("FieldOf(%q) = %q, want %q", s, got, f)
			}
		}
		if len(forms) < 15 {
			t.Errorf("%s is known by %d names", f, len(forms))
		}
	}
	if len(synonyms) != len(ListFields) {
		t.Errorf("%d fields have names, of %d", len(synonyms), len(ListFields))
	}
}
