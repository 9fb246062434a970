package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aman/data/seed"
	"aman/geo/tracker"
)

var listWorld = sync.OnceValues(seed.World)

var listNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func listDefaults(t testing.TB) Defaults {
	t.Helper()
	w, err := listWorld()
	if err != nil {
		t.Fatal(err)
	}
	return Defaults{Crisis: tracker.NewID(), Channel: tracker.ChannelStaff, Now: listNow, World: w}
}

func listFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "lists", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// said writes down what was understood of a row, for people to compare.
func saidOf(r ListRow) string {
	p, x := r.Filing.Person, r.Filing.Report
	d := p.Details
	var out []string
	add := func(name, s string) {
		if s != "" {
			out = append(out, name+"="+s)
		}
	}
	add("name", d.Name)
	if d.Latin != d.Name {
		add("latin", d.Latin)
	}
	add("born", d.BirthDate)
	if d.Sex != 0 {
		add("sex", d.Sex.String())
	}
	add("iin", d.IIN)
	add("passport", d.Passport)
	add("expiry", d.PassportExpiry)
	add("phones", strings.Join(d.Phones, " "))
	add("tour", d.TourCode)
	if p.Category != tracker.CategoryUnknown {
		add("category", p.Category.String())
	}
	if p.Persons != 1 {
		add("persons", fmt.Sprint(p.Persons))
	}
	if x.Wellbeing != 0 {
		add("wellbeing", x.Wellbeing.String())
	}
	if x.Intention != 0 {
		add("intention", x.Intention.String())
	}
	if x.Position != nil {
		w, _ := listWorld()
		where := x.Position.Airport
		for _, c := range w.Countries(x.Position.Point, 100) {
			where += " " + c.Code
		}
		add("at", strings.TrimSpace(where))
	}
	add("country", x.Country)
	add("address", x.Address)
	if !x.OnwardUntil.IsZero() {
		add("onward", x.OnwardUntil.Format(time.RFC3339))
	}
	if !x.FixedAt.IsZero() {
		add("stated", x.FixedAt.Format(time.RFC3339))
	}
	add("note", x.Note)
	return strings.Join(out, " | ")
}

// TestLists reads the lists that senders make. The oracle is what a person reads in
// each file, written down by hand.
func TestLists(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		file    string
		o       ListOptions
		heading int
		counts  string // total refused doubled hidden sums
		// untaken are the headings that mean nothing here.
		untaken string
		rows    map[int]string
		// problems: row code, refused ones with a mark of exclamation.
		problems string
	}{
		{
			file: "embassy-ru.xlsx", o: ListOptions{AsOf: day("2026-02-28"), Country: "AE", Source: "Embassy"}, heading: 4,
			counts: "4 0 0 1 1", untaken: "№ п/п,Ответственный",
			rows: map[int]string{
				5: "name=Үсенов Шыңғыс Әлиұлы | born=1985-01-01 | sex=male | iin=850101300015 | passport=N12345678 | phones=+77012345678 | wellbeing=safe | at=AE | stated=2026-02-28T00:00:00Z",
				6: "name=Қасымова Әйгерім Нұрланқызы | born=2004-03-15 | sex=female | iin=040315600019 | passport=N23456789 | phones=+77017654321 | persons=3 | wellbeing=needs_help | at=AE | stated=2026-02-28T00:00:00Z | note=инсулин",
				7: "name=Петров Иван | born=1990-05-07 | passport=N34567890 | phones=+971501234567 | intention=left | at=AE | stated=2026-02-28T00:00:00Z | note=Контактный телефон: рабочий",
				8: "name=Ким Виктория | born=1990-05-05 | country=AE | address=Село Неизвестное | stated=2026-02-28T00:00:00Z | note=Статус: ждёт",
			},
			problems: "7 not_a_phone, 8 unknown_city, 8 unknown_status",
		},
		{
			file: "airline-manifest.csv", heading: 1, counts: "3 0 0 0 0", untaken: "SEQ,SEAT",
			rows: map[int]string{
				2: "name=USSENOV SHYNGYS | born=1985-01-01 | sex=male | passport=N12345678 | expiry=2030-12-31 | tour=KC898 | category=citizen | at=DXB AE",
				3: "name=USSENOVA, JR AIGUL | born=1987-03-12 | sex=female | passport=N22222222 | expiry=2030-12-31 | tour=KC898 | category=citizen | at=DXB AE",
				4: "name=IVANOV PETR | born=1970-02-02 | sex=male | passport=651234567 | expiry=2027-06-15 | tour=KC898 | at=DXB AE | note=NATIONALITY: RUS",
			},
		},
		{
			// The second row of the first booking lost nothing of its phone: all digits are
			// there. The last one's are gone, and it hasn't arrived.
			file: "tour-1251.csv", heading: 1, counts: "4 0 1 0 0",
			rows: map[int]string{
				2: "name=Сериков Нурлан Ахметович | born=1979-06-05 | passport=N55555555 | expiry=2029-01-01 | phones=+77771112233 | tour=T-100 | country=AE | address=Отель \"Звезда\" Дубай | onward=2026-03-05T23:59:59Z",
				4: "name=Серикова Гульнара | born=1981-08-07 | passport=N55555556 | expiry=2029-01-01 | phones=+77771112233 | tour=T-100 | country=AE | address=Отель | onward=2026-03-05T23:59:59Z",
				6: "name=Тлеуова Дана | born=1999-12-31 | passport=N66666666 | tour=T-102 | onward=2026-04-10T23:59:59Z | note=Телефон: 7.777E+10\nДата заезда: 2026-04-01",
			},
			problems: "6 not_a_phone, 6 not_there_yet",
		},
		{
			file: "border-closing.xlsx", o: ListOptions{Closes: true, Source: "Border service"}, heading: 1, counts: "3 0 0 0 0",
			rows: map[int]string{
				2: "name=ҮСЕНОВ ШЫҢҒЫС | born=1985-01-01 | sex=male | iin=850101300015 | passport=N12345678 | intention=left | stated=2026-02-28T12:00:00Z",
				3: "name=ПЕТРОВ ИВАН | born=1990-05-07 | passport=N34567890 | intention=left | stated=2026-02-28T23:59:59Z",
				4: "name=НИКТО НЕЗНАЕТ | born=1970-01-01 | passport=N99999999 | intention=left | stated=2026-02-28T23:59:59Z",
			},
		},
		{
			file: "kazakh-utf16.csv", heading: 1, counts: "1 0 0 0 0",
			rows: map[int]string{
				2: "name=Әбілқасым Ғалым | born=1985-01-01 | sex=male | iin=850101300015 | phones=+77012345678 | category=citizen | wellbeing=safe | at=AE | note=ҢҺҰҮІ",
			},
		},
	} {
		t.Run(c.file, func(t *testing.T) {
			l, err := ReadList(listFile(t, c.file), c.o, listDefaults(t))
			if err != nil {
				t.Fatal(err)
			}
			if l.HeadingRow != c.heading {
				t.Errorf("headings in row %d, want %d", l.HeadingRow, c.heading)
			}
			if got := fmt.Sprint(l.Total, l.Refused, l.Doubled, l.Hidden, l.Sums); got != c.counts {
				t.Errorf("counts %s, want %s", got, c.counts)
			}
			var untaken, problems []string
			for _, col := range l.Columns {
				if col.Field == "" {
					untaken = append(untaken, col.Heading)
				}
			}
			if got := strings.Join(untaken, ","); got != c.untaken {
				t.Errorf("columns not taken: %q, want %q", got, c.untaken)
			}
			for _, r := range l.Rows {
				if got := saidOf(r); got != c.rows[r.Row] {
					t.Errorf("row %d:\n got %s\nwant %s", r.Row, got, c.rows[r.Row])
				}
			}
			if len(l.Rows) != len(c.rows) {
				t.Errorf("%d rows, want %d", len(l.Rows), len(c.rows))
			}
			for _, p := range l.Problems {
				mark := ""
				if p.Refused {
					mark = "!"
				}
				problems = append(problems, fmt.Sprintf("%d %s%s", p.Row, p.Code, mark))
			}
			if got := strings.Join(problems, ", "); got != c.problems {
				t.Errorf("problems %q, want %q", got, c.problems)
			}
		})
	}
}

// TestListParties: rows of one booking travel together, others don't.
func TestListParties(t *testing.T) {
	l, err := ReadList(listFile(t, "airline-manifest.csv"), ListOptions{}, listDefaults(t))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := l.Rows[0].Filing.Person.Party, l.Rows[1].Filing.Person.Party, l.Rows[2].Filing.Person.Party
	if a.IsZero() || a != b || c.IsZero() || c == a {
		t.Errorf("parties %s, %s and %s", a, b, c)
	}
}
