package api_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"aman/api/auth"
	"aman/geo/tracker"
)

// anyList is a list of somebody out of a small world of people, so that rows meet
// those who are held, and each other: with numbers or without, mistyped ones, another
// birth date for the same passport, rows that name nobody, sums and blank lines. It
// returns how many rows are about somebody or meant to be.
func anyList(r *rand.Rand) (text string, rows int) {
	var b strings.Builder
	b.WriteString("ФИО;Дата рождения;Паспорт;ИИН;Телефон;Город;Статус\n")
	for range 1 + r.IntN(30) {
		who := r.IntN(25)
		cells := []string{fmt.Sprintf("Человек %c", 'А'+rune(who)), fmt.Sprintf("%02d.03.1980", who+1), fmt.Sprintf("N5000%04d", who), "", "", "Дубай", "safe"}
		switch r.IntN(12) {
		case 0:
			cells[2] = "" // by name alone
		case 1:
			cells[1] = "31.12.1999" // somebody else has this passport
		case 2:
			cells[3] = "850101300014"
		case 3:
			cells = []string{"", "", "", "", "", "Дубай", "safe"}
		case 4:
			cells[6], cells[4] = "что-то", "спросить"
		case 5:
			cells[1] = "32.13.1980"
		case 6:
			cells[4] = fmt.Sprintf("8701555%04d", who)
		case 7:
			b.WriteString("Итого:;;;;;;\n\n")
		}
		b.WriteString(strings.Join(cells, ";") + "\n")
		rows++
	}
	return b.String(), rows
}

// TestListsAsPreviewed: for any list, at any time, the preview's numbers are what
// taking does; each row is counted once; a bad row refuses all or is left out by
// name; taking it again changes nothing.
func TestListsAsPreviewed(t *testing.T) {
	h := newHarness(t)
	const seed = 20260301
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	analyst := h.key(auth.RoleAnalyst, tracker.ID{})
	for i := range 30 {
		text, rows := anyList(r)
		file := []byte(text)
		options := object{"source": fmt.Sprintf("list %d", i)}
		p := analyst.preview(file, options)
		if p.Totals.Rows != rows || p.Totals.Rows != p.Totals.Refused+p.Totals.Doubled+*p.Totals.New+*p.Totals.Known {
			t.Fatalf("list %d of %d rows: %+v %d %d\n%s", i, rows, p.Totals, *p.Totals.New, *p.Totals.Known, text)
		}
		before := analyst.picture()
		if p.Totals.Refused > 0 {
			analyst.refusedList(422, file, options)
			if analyst.picture() != before {
				t.Fatalf("list %d was refused and changed something", i)
			}
			options["skip_bad"] = true
		}
		if *p.Totals.New+*p.Totals.Known == 0 {
			continue
		}
		got, _ := analyst.takeList(file, options, key())
		if !reflect.DeepEqual(got.Totals, p.Totals) || len(got.Skipped) != p.Totals.Refused {
			t.Fatalf("list %d: previewed %+v, taken %+v, skipped %v\n%s", i, p.Totals, got.Totals, got.Skipped, text)
		}
		after := analyst.picture()
		if n, m := strings.Count(before, `"verdict"`), strings.Count(after, `"verdict"`); m != n+*p.Totals.New {
			t.Errorf("list %d made %d people, not %d", i, m-n, *p.Totals.New)
		}
		if _, a := analyst.takeList(file, options, key()); a.Header.Get("Idempotency-Replayed") != "true" || analyst.picture() != after {
			t.Errorf("list %d again changed something", i)
		}
	}
}
