package tracker_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

func box(w, s, e, n float64) orb.Polygon {
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

// Two lands that share a border at lon 0, an island cut by the antimeridian and a cap on the South Pole:
//
//	  +----+----+           +--|--+
//	  | AA | BB |    sea    | CC  |
//	  +----+----+           +--|--+
//	-10    0   10          178   -178
//	======== DD, south of -80 ========
func smallWorld(t *testing.T, as ...tracker.Airport) *tracker.World {
	t.Helper()
	w, err := tracker.NewWorld([]tracker.Country{
		{Code: "BB", Shape: orb.MultiPolygon{box(0, -10, 10, 10)}},
		{Code: "AA", Shape: orb.MultiPolygon{box(-10, -10, 0, 10)}},
		{Code: "CC", Shape: orb.MultiPolygon{box(178, -2, 180, 2), box(-180, -2, -178, 2)}},
		{Code: "DD", Shape: orb.MultiPolygon{box(-180, -90, 180, -80)}},
	}, as, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func hitsText(hits []tracker.CountryHit) string {
	var words []string
	for _, h := range hits {
		word := h.Code
		if h.Near {
			word += "~"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestCountries(t *testing.T) {
	// Oracle: plane geometry by hand; a degree is about 111.3 km at the equator, so 0.39 degrees are within 24 nautical miles and 0.41 are not.
	w := smallWorld(t,
		tracker.Airport{IATA: "AAA", Country: "AA", Point: orb.Point{-0.01, 0}, FenceRadiusM: 3000},
		tracker.Airport{IATA: "SEA", Country: "BB", Point: orb.Point{10.1, 5}, FenceRadiusM: 3000},
		tracker.Airport{IATA: "FAR", Country: "CC", Point: orb.Point{100, 50}, FenceRadiusM: 3000},
		tracker.Airport{IATA: "DIS", Country: "AA", Point: orb.Point{5, 5}, FenceRadiusM: 3000},
	)
	for _, c := range []struct {
		name   string
		p      orb.Point
		radius float64
		want   string
	}{
		{"inside", orb.Point{-5, 3}, 0, "AA"},
		{"inside, a disc", orb.Point{-5, 3}, 20_000, "AA"},
		{"on the border", orb.Point{0, 3}, 0, "AA BB"},
		{"disc over the border, centre west", orb.Point{-0.1, 3}, 20_000, "AA BB"},
		{"disc over the border, centre east", orb.Point{0.1, 3}, 20_000, "BB AA"},
		{"disc short of the border", orb.Point{0.1, 3}, 11_000, "BB"},
		{"off the coast", orb.Point{10.39, 3}, 0, "BB~"},
		{"off the coast, a disc at sea", orb.Point{10.39, 3}, 1000, "BB~"},
		{"off the coast, a disc that touches it", orb.Point{10.39, 3}, 44_000, "BB"},
		{"farther than 24 miles", orb.Point{10.41, 3}, 0, ""},
		{"farther than 24 miles, a wide disc", orb.Point{10.5, 3}, 60_000, "BB"},
		{"mid-ocean", orb.Point{60, 3}, 0, ""},
		{"mid-ocean, a wide disc", orb.Point{60, 3}, 500_000, ""},
		{"a disc as wide as the ocean", orb.Point{60, 3}, 7_000_000, "BB AA"},
		{"NaN radius is a point", orb.Point{0.1, 3}, math.NaN(), "BB"},
		{"negative radius is a point", orb.Point{0.1, 3}, -5, "BB"},
		{"island, east of the antimeridian", orb.Point{-179.5, 0}, 0, "CC"},
		{"island, on the antimeridian", orb.Point{180, 0}, 0, "CC"},
		{"island, the same, written west", orb.Point{-180, 0}, 0, "CC"},
		{"off the island", orb.Point{-177.8, 0}, 0, "CC~"},
		{"disc over the antimeridian", orb.Point{179.99, 0}, 5000, "CC"},
		{"disc at sea over the antimeridian", orb.Point{179.99, 30}, 5000, ""},
		{"disc over the antimeridian touches the island's north", orb.Point{180, 2.1}, 20_000, "CC"},
		{"South Pole", orb.Point{0, -90}, 0, "DD"},
		{"South Pole, a disc", orb.Point{123, -90}, 50_000, "DD"},
		{"North Pole", orb.Point{0, 90}, 0, ""},
		{"North Pole, a disc", orb.Point{77, 90}, 50_000, ""},
		{"off the cap", orb.Point{50, -79.7}, 0, "DD~"},
		{"airport", orb.Point{-0.015, 0}, 0, "AA"},
		{"airport, its disc over the border", orb.Point{-0.01, 0}, 3000, "AA"},
		{"airport's circle ends at the border", orb.Point{0.01, 0}, 0, "BB"},
		{"airport, a disc wider than its fence", orb.Point{-0.01, 0}, 5000, "AA BB"},
		{"airport at sea", orb.Point{10.1, 5}, 1000, "BB"},
		{"airport at sea, wide disc short of land", orb.Point{10.11, 5}, 5000, "BB"},
		{"airport far from any land", orb.Point{100, 50}, 0, "CC"},
		{"airport drawn abroad", orb.Point{5.01, 5}, 0, "AA"},
		{"airport drawn abroad, wide disc", orb.Point{5.01, 5}, 30_000, "AA BB"},
		{"off the earth", orb.Point{0, 91}, 0, ""},
		{"not a number", orb.Point{math.NaN(), 0}, 0, ""},
	} {
		if got := hitsText(w.Countries(c.p, c.radius)); got != c.want {
			t.Errorf("%s: Countries(%v, %g) = %q, want %q", c.name, c.p, c.radius, got, c.want)
		}
	}
}

func TestWorldWithoutPlaces(t *testing.T) {
	w, err := tracker.NewWorld(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if hits := w.Countries(orb.Point{0, 0}, 1000); hits != nil {
		t.Errorf("Countries = %v in an empty world", hits)
	}
	if _, ok := w.AirportAt(orb.Point{0, 0}); ok || len(w.AirportsNear(orb.Point{0, 0}, 1e6, 5)) > 0 || len(w.Airports()) > 0 {
		t.Error("an empty world has airports")
	}
	if _, ok := w.FindCity("Almaty", "KZ"); ok || len(w.SearchPlaces("a", 5)) > 0 || len(w.CountryCodes()) > 0 {
		t.Error("an empty world has cities")
	}
}

func TestNewWorldRefuses(t *testing.T) {
	land := func(code string, p orb.Polygon) []tracker.Country {
		return []tracker.Country{{Code: code, Shape: orb.MultiPolygon{p}}}
	}
	airport := tracker.Airport{IATA: "AAA", Country: "AA", FenceRadiusM: 1000}
	at := func(p orb.Point) tracker.Airport { a := airport; a.Point = p; return a }
	for _, c := range []struct {
		name      string
		countries []tracker.Country
		airports  []tracker.Airport
		cities    []tracker.City
		want      string
	}{
		{"bad code", land("Kz", box(0, 0, 1, 1)), nil, nil, "two capital letters"},
		{"code twice", append(land("AA", box(0, 0, 1, 1)), land("AA", box(2, 2, 3, 3))...), nil, nil, "given twice"},
		{"off the earth", land("AA", box(0, 0, 181, 1)), nil, nil, "not on earth"},
		{"airport without code", nil, []tracker.Airport{{Name: "X", FenceRadiusM: 1}}, nil, "no code"},
		{"airport code twice", nil, []tracker.Airport{airport, airport}, nil, "given twice"},
		{"airport off the earth", nil, []tracker.Airport{at(orb.Point{0, math.Inf(1)})}, nil, "not on earth"},
		{"airport without a fence", nil, []tracker.Airport{{IATA: "AAA"}}, nil, "no fence"},
		{"city without a radius", nil, nil, []tracker.City{{Name: "X", Country: "AA"}}, "radius"},
	} {
		_, err := tracker.NewWorld(c.countries, c.airports, c.cities)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func TestAirportAt(t *testing.T) {
	fence := orb.MultiPolygon{box(1, 1, 1.2, 1.1)}
	w := smallWorld(t,
		tracker.Airport{IATA: "ONE", ICAO: "XONE", Country: "BB", Point: orb.Point{1.1, 1.05}, Fence: fence},
		tracker.Airport{ICAO: "XTWO", Country: "BB", Point: orb.Point{1.21, 1.05}, FenceRadiusM: 5000},
		tracker.Airport{IATA: "ANT", Country: "CC", Point: orb.Point{180, 1}, FenceRadiusM: 5000},
		tracker.Airport{IATA: "POL", Country: "DD", Point: orb.Point{0, -90}, FenceRadiusM: 5000},
	)
	for _, c := range []struct {
		name string
		p    orb.Point
		want string
	}{
		{"in the polygon", orb.Point{1.05, 1.02}, "ONE"},
		{"on its edge", orb.Point{1, 1.05}, "ONE"},
		{"outside it", orb.Point{0.99, 1.05}, ""},
		{"in both, nearer to the second", orb.Point{1.19, 1.05}, "XTWO"},
		{"in both, nearer to the first", orb.Point{1.166, 1.05}, "XTWO"},
		{"only in the first", orb.Point{1.15, 1.05}, "ONE"},
		{"on the antimeridian", orb.Point{-180, 1}, "ANT"},
		{"across the antimeridian", orb.Point{-179.97, 1}, "ANT"},
		{"before the antimeridian", orb.Point{179.97, 1}, "ANT"},
		{"at the pole, other meridian", orb.Point{99, -89.99}, "POL"},
		{"nowhere", orb.Point{50, 50}, ""},
		{"not a number", orb.Point{0, math.NaN()}, ""},
	} {
		got := ""
		if i, ok := w.AirportAt(c.p); ok {
			a := w.Airports()[i]
			got = a.Code()
		}
		if got != c.want {
			t.Errorf("%s: AirportAt(%v) = %q, want %q", c.name, c.p, got, c.want)
		}
	}
	for code, want := range map[string]int{"ONE": 0, "XONE": 0, "XTWO": 1, "ANT": 2} {
		if i, ok := w.Airport(code); !ok || i != want {
			t.Errorf("Airport(%q) = %d, %v", code, i, ok)
		}
	}
	for _, code := range []string{"", "one", "ZZZ"} {
		if _, ok := w.Airport(code); ok {
			t.Errorf("Airport(%q) found something", code)
		}
	}
}

func TestAirportsNearIsBruteForce(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	place := func() orb.Point {
		p := orb.Point{rnd.Float64()*360 - 180, math.Asin(2*rnd.Float64()-1) * 180 / math.Pi}
		if rnd.IntN(4) == 0 {
			p[0] = 180 - rnd.Float64()/2
		}
		return p
	}
	var as []tracker.Airport
	for i := range 500 {
		as = append(as, tracker.Airport{ICAO: "X" + string(rune('A'+i/26)) + string(rune('A'+i%26)), Country: "AA", Point: place(), FenceRadiusM: 100})
	}
	w := smallWorld(t, as...)
	for range 300 {
		p, within, n := place(), rnd.Float64()*3e6, 1+rnd.IntN(20)
		var want []tracker.NearAirport
		for i, a := range as {
			if d := geo.Distance(p, a.Point); d <= within {
				want = append(want, tracker.NearAirport{Index: i, DistanceM: d})
			}
		}
		slices.SortFunc(want, func(a, b tracker.NearAirport) int {
			if a.DistanceM < b.DistanceM {
				return -1
			}
			return 1
		})
		want = want[:min(n, len(want))]
		if got := w.AirportsNear(p, within, n); !slices.Equal(got, want) {
			t.Fatalf("AirportsNear(%v, %g, %d) = %v, want %v", p, within, n, got, want)
		}
	}
}

func TestFindCityAndSearchPlaces(t *testing.T) {
	city := func(name, country string, population int) tracker.City {
		return tracker.City{Name: name, Country: country, Population: population, RadiusM: 2000}
	}
	w, err := tracker.NewWorld(nil, nil, []tracker.City{
		city("Sharm el-Sheikh", "EG", 70_000), city("Almaty", "KZ", 2_000_900), city("Öskemen", "KZ", 319_067), city("Sana’a", "YE", 1_900_000),
		city("Paris", "US", 25_000), city("Paris", "FR", 2_100_000), city("San José", "CR", 335_000), city("San Jose", "US", 1_000_000), city("El Paris", "PA", 500),
		city("Łódź", "PL", 700_000), city("Qızılağac", "AZ", 10_000), city("Santa Ana", "US", 300_000), city("Santa Ana", "US", 400),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, country, want string }{
		{"Sharm el-Sheikh", "EG", "Sharm el-Sheikh"},
		{"SHARM EL SHEIKH", "", "Sharm el-Sheikh"},
		{"oskemen", "KZ", "Öskemen"},
		{"O\u0308skemen", "KZ", "Öskemen"},
		{"Алматы", "KZ", "Almaty"},
		{"sanaa", "YE", "Sana’a"},
		{"lodz", "PL", "Łódź"},
		{"qizilagac", "AZ", "Qızılağac"},
		{"el-Sheikh", "EG", ""}, // only the whole name
		{"Paris", "US", "Paris"},
		{"Paris", "KZ", ""},
		{"", "KZ", ""},
		{" - ", "", ""},
	} {
		got, ok := w.FindCity(c.name, c.country)
		if got.Name != c.want || ok != (c.want != "") || ok && c.country != "" && got.Country != c.country {
			t.Errorf("FindCity(%q, %q) = %+v, %v; want %q", c.name, c.country, got, ok, c.want)
		}
	}
	if got, _ := w.FindCity("Paris", ""); got.Country != "FR" {
		t.Errorf("Paris is in %s", got.Country)
	}
	if got, _ := w.FindCity("santa ana", "US"); got.Population != 300_000 {
		t.Errorf("the smaller Santa Ana was found: %+v", got)
	}
	for _, c := range []struct {
		q    string
		n    int
		want string
	}{
		{"paris", 10, "Paris FR, Paris US, El Paris PA"},
		{"PAR", 2, "Paris FR, Paris US"},
		{"san jo", 10, "San Jose US, San José CR"},
		{"sheik", 10, "Sharm el-Sheikh EG"},
		{"ana", 10, "Santa Ana US, Santa Ana US"},
		{"", 10, ""},
		{"paris", 0, ""},
		{"zz", 10, ""},
	} {
		var got []string
		for _, p := range w.SearchPlaces(c.q, c.n) {
			got = append(got, p.Name+" "+p.Country)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("SearchPlaces(%q, %d) = %v, want %s", c.q, c.n, got, c.want)
		}
	}
}

func TestWorldIsSafeForConcurrentUse(t *testing.T) {
	w := smallWorld(t, tracker.Airport{IATA: "ONE", Country: "BB", Point: orb.Point{1, 1}, FenceRadiusM: 5000})
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range 200 {
				p := orb.Point{float64(i)/10 - 10, float64(k)}
				w.Countries(p, float64(i)*100)
				w.AirportAt(p)
				w.AirportsNear(p, 1e5, 3)
				w.FindCity("x", "")
			}
		})
	}
	wg.Wait()
}

func TestAirportSize(t *testing.T) {
	for _, s := range []tracker.AirportSize{tracker.SmallAirport, tracker.MediumAirport, tracker.LargeAirport} {
		if back, err := tracker.ParseAirportSize(s.String()); err != nil || back != s {
			t.Errorf("%d is %q, and that is %d, %v", s, s.String(), back, err)
		}
	}
	for _, word := range []string{"", "Large", "huge"} {
		if _, err := tracker.ParseAirportSize(word); err == nil {
			t.Errorf("%q is an airport size", word)
		}
	}
	if s := tracker.AirportSize(200).String(); s != "" {
		t.Errorf("size 200 is %q", s)
	}
}
