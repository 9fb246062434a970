package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// people counts who is stored, by the export's rows.
func (s *site) people(t *testing.T) int {
	t.Helper()
	return len(csvColumn(t, []byte(s.must(t, "", "export", "people", "--account", "boss")), "id"))
}

func TestImport(t *testing.T) {
	for name, open := range sites {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.must(t, testMissions, "import", "missions", "-")
			s.must(t, "a password of some length\n", "user", "add", "boss", "--role", "analyst", "--password-stdin")
			file := func(name, text string) string {
				path := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			good := file("good.csv", syntheticPeople(t, 250, 3))

			// Nothing is nothing: the crisis that a first import would make neither.
			if _, errs, code := s.command(t, "name,country\nA,AE\nB,??\n", "import", "people", "-"); code != 1 {
				t.Errorf("a bad first file: exit %d\n%s", code, errs)
			}
			if _, errs, code := s.command(t, "", "export", "people", "--account", "boss"); code != 2 || !strings.Contains(errs, "there is no crisis") {
				t.Errorf("it left a crisis: exit %d\n%s", code, errs)
			}

			if out := s.must(t, "", "import", "people", good, "--dry-run"); !strings.Contains(out, "250 records") || !strings.Contains(out, "nothing was stored") {
				t.Errorf("dry run: %s", out)
			}
			if _, errs, code := s.command(t, "", "export", "people", "--account", "boss"); code != 2 || !strings.Contains(errs, "there is no crisis") {
				t.Errorf("a dry run left a crisis: exit %d\n%s", code, errs)
			}
			s.must(t, "", "import", "people", good)
			if n := s.people(t); n != 250 {
				t.Fatalf("%d of 250 are there", n)
			}

			// The same people again: every row with a number is held already.
			_, errs, code := s.command(t, "", "import", "people", good)
			if code != 1 || !strings.Contains(errs, ": iin: somebody with this number is held already") || s.people(t) != 250 {
				t.Errorf("again: exit %d, %d people\n%.500s", code, s.people(t), errs)
			}

			// Bad rows among good ones: all are named, nothing is stored.
			bad := "ref,name,iin,phones,lon,lat,radius_m,method,wellbeing,country,airport,persons,needs\n" +
				"1,Әсел,,+7 701 234 56 78,55.3,25.2,,,safe,AE,,,\n" +
				"2,Ғани,123456789012,,55.3,25.2,,,,,,,\n" +
				"3,Қуат,,,555,25.2,,,,,,,\n" +
				"4,Ұлан,,nonsense,,,,,,AE,,,\n" +
				"5,Үміт,,,,,,,fine,AE,,,\n" +
				"6,Іңкәр,,,55.3,25.2,,,,,DXB,,\n" +
				"7,short\n" +
				"8,Һамит,,,,,,,,XX,,,\n" +
				"9,Өмір,,,,,,,,AE,,0,\n" +
				"10,Серік,,,,,,gnss,,AE,,,\n" +
				"11,Дина,900101900009,,,,,,,AE,,,\n" +
				"12,Алма,,,,,,,,AE,,,flying\n" +
				"13,\"Two\nlines\",,,,,,,,AE,,many,\n"
			_, errs, code = s.command(t, "", "import", "people", file("bad.csv", bad))
			if code != 1 || s.people(t) != 250 {
				t.Errorf("bad rows: exit %d, %d people", code, s.people(t))
			}
			for _, want := range []string{
				"line 3: iin: ", "line 4: lon: ", "line 5: phones", "line 6: wellbeing: ", "line 7: ", "line 8: the row has 2 fields, the header 13",
				"line 9: country: ", "line 10: persons: ", "line 11: method: goes with lon and lat", "line 12: iin: ", "line 13: needs", "line 14: name: ",
				"12 rows are bad; nothing was stored",
			} {
				if !strings.Contains(errs, want) {
					t.Errorf("nothing says %q in\n%s", want, errs)
				}
			}
			if strings.Contains(errs, "line 2:") {
				t.Errorf("the good row is named:\n%s", errs)
			}

			// A number twice in one file, and too many bad rows to read.
			twice := "name,passport\nA,N1234567\nB,N7654321\nC,N1234567\n"
			if _, errs, code := s.command(t, twice, "import", "people", "-"); code != 1 || !strings.Contains(errs, "line 4: passport: line 2 has the same") {
				t.Errorf("twice: exit %d\n%s", code, errs)
			}
			many := "name,country\n" + strings.Repeat("A,??\n", 1500)
			if _, errs, code := s.command(t, many, "import", "people", "-"); code != 1 || strings.Count(errs, "country:") != 1000 || !strings.Contains(errs, "and 500 more bad rows") {
				t.Errorf("many: exit %d, %d named", code, strings.Count(errs, "country:"))
			}

			// NDJSON is the same rows.
			nd := `{"name":"Ақерке","phones":["+7 701 234 56 79"],"lon":51.5,"lat":25.28,"radius_m":50,"wellbeing":"needs_help","needs":["medicine","pregnant"],"persons":3}` + "\n\n" +
				`{"name":"Берік","city":"Doha","country":"QA","intention":"wants_out"}` + "\n"
			s.must(t, "", "import", "people", file("more.ndjson", nd))
			badLines := `{"name":"A","name":"B"}` + "\n" + `{"nom":"A"}` + "\n" + `[]` + "\n" + `{"name":{}}` + "\n" + `{"name":"A"} x` + "\n{\n"
			if _, errs, code := s.command(t, badLines, "import", "people", "-", "--format", "ndjson"); code != 1 || strings.Count(errs, "\nline ")+1 != 6 {
				t.Errorf("bad lines: exit %d\n%s", code, errs)
			}
			if n := s.people(t); n != 252 {
				t.Errorf("%d people, want 252", n)
			}

			// Reports about people who are there; a stranger's refuses all.
			ids := csvColumn(t, []byte(s.must(t, "", "export", "people", "--account", "boss", "--wellbeing", "needs_help", "--country", "QA")), "id")
			if len(ids) == 0 {
				t.Fatal("nobody in Qatar needs help")
			}
			report := `{"person_id":"` + ids[0] + `","wellbeing":"safe","airport":"DOH"}` + "\n"
			stranger := `{"person_id":"0191d1a0-0000-7000-8000-00000000ffff","wellbeing":"safe"}` + "\n"
			if _, errs, code := s.command(t, report+stranger, "import", "reports", "-"); code != 1 || !strings.Contains(errs, "line 2: person_id: ") {
				t.Errorf("a stranger: exit %d\n%s", code, errs)
			}
			if n := len(csvColumn(t, []byte(s.must(t, "", "export", "people", "--account", "boss", "--airport", "DOH", "--wellbeing", "safe")), "id")); n != 0 {
				t.Errorf("a refused file stored a report")
			}
			s.must(t, report, "import", "reports", "-")
			s.must(t, "person_id,contact,note\n"+ids[0]+",reached,\"rang, is well\"\n", "import", "reports", "-", "--format", "csv")
			if got := csvColumn(t, []byte(s.must(t, "", "export", "people", "--account", "boss", "--airport", "DOH", "--contact", "reached")), "id"); len(got) != 1 || got[0] != ids[0] {
				t.Errorf("at Doha's airport, reached: %v", got)
			}

			// Zones: all or nothing, each by its name.
			open := strings.Replace(testZones, "[51.4,25.2],[51.56,25.2],[51.56,25.3],[51.4,25.3],[51.4,25.2]", "[51.4,25.2],[51.56,25.3],[51.56,25.2],[51.4,25.3],[51.4,25.2]", 1)
			open = strings.Replace(open, `"level":1`, `"level":7`, 1)
			if _, errs, code := s.command(t, open, "import", "zones", "-"); code != 1 || !strings.Contains(errs, "features[1]: ") || !strings.Contains(errs, "self_intersection") || !strings.Contains(errs, "features[2]: level: ") {
				t.Errorf("bad zones: exit %d\n%s", code, errs)
			}
			if out := s.must(t, "", "export", "zones", "--account", "boss"); strings.Contains(out, "Dubai") {
				t.Errorf("a refused file stored zones:\n%s", out)
			}
			s.must(t, testZones, "import", "zones", "-")
			if _, errs, code := s.command(t, testZones, "import", "zones", "-"); code != 1 || !strings.Contains(errs, "features[0]: id: a zone with this id was imported before") {
				t.Errorf("zones again: exit %d\n%s", code, errs)
			}
			// A mission again is a new version of it.
			s.must(t, strings.Replace(testMissions, "Test mission QA", "Renamed mission QA", 1), "import", "missions", "-")

			for what, args := range map[string][]string{
				"no such file":   {"people", filepath.Join(s.dir, "nothing.csv")},
				"unknown format": {"people", file("people.xlsx", "")},
				"other kind":     {"zones", good},
				"unknown column": {"people", file("c.csv", "name,shoe_size\nA,43\n")},
				"no crisis":      {"people", good, "--crisis", "nowhere"},
				"empty":          {"people", file("e.csv", "")},
				"not GeoJSON":    {"zones", file("z.geojson", `{"type":"FeatureCollection"`)},
			} {
				if out, errs, code := s.command(t, "", append([]string{"import"}, args...)...); code != 2 {
					t.Errorf("%s: exit %d\n%s%s", what, code, out, errs)
				}
			}

			// The service that starts on all this shows it.
			c := s.start(t).as(s.key(t, "embassy", "QA-TEST"))
			if got := get[peopleJSON](t, c, "/api/v1/people", url.Values{"airport": {"DOH"}, "wellbeing": {"safe"}, "contact": {"reached"}}); got.Total.Records != 1 || got.Total.Persons != 3 {
				t.Errorf("the service shows %+v at Doha's airport", got.Total)
			}
		})
	}
}

func TestMatchCommand(t *testing.T) {
	s := &site{dir: t.TempDir()}
	zones, points := filepath.Join(s.dir, "z.geojson"), filepath.Join(s.dir, "p.csv")
	if err := os.WriteFile(zones, []byte(testZones), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(points, []byte("id,lon,lat,radius_m\na,51.5,25.25,10\nb,55.225,25.175,\nc,51.4,25.25,500\nd,x,1,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := s.command(t, "", "match", "--zones", zones, "--points", points)
	if want := "point_id,zone_id,verdict\na,doha,inside\nc,doha,possible\n"; out != want || code != 1 || !strings.Contains(errs, "line 5: lon") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if _, _, code := s.command(t, "", "match", "--zones", points, "--points", points); code != 2 {
		t.Errorf("bad zones: exit %d", code)
	}
	if _, _, code := s.command(t, "", "match"); code != 2 {
		t.Errorf("no zones: exit %d", code)
	}
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) != 2 {
		t.Errorf("match left something: %v, %v", entries, err)
	}
	if out := s.must(t, "", "version"); !strings.HasPrefix(out, "aman ") {
		t.Errorf("version: %q", out)
	}
}
