package intake

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"aman/geo"
	"aman/geo/tracker"
)

// Oracle: the place that each text says, read by hand.
func TestPlaceInReadsWhatPeopleWrite(t *testing.T) {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	dubai := orb.Point{55.36, 25.25}
	exact := orb.Point{55.363889, 25.252917} // 25°15'10.5"N 55°21'50"E
	for _, c := range []struct {
		text string
		want orb.Point
		rest string
	}{
		{"25.25, 55.36", dubai, ""},
		{"25.25,55.36", dubai, ""},
		{"25.25 55.36", dubai, ""},
		{"25.25; 55.36", dubai, ""},
		{"(25.25, 55.36)", dubai, ""},
		{"25,25 55,36", dubai, ""},
		{"25,25; 55,36", dubai, ""},
		{"25,25, 55,36", dubai, ""},
		{"25,25,55,36", dubai, ""},
		{"Координаты: 25.25, 55.36", dubai, "Координаты"},
		{"мы живы\n25.25, 55.36\nнужна вода", dubai, "мы живы нужна вода"},
		{"we are at 25.252917, 55.363889 with two children", exact, "we are at with two children"},
		{"25.252917,55.363889,12.5", exact, "12.5"},
		{"+25.252917, +55.363889", exact, ""},
		{"101.6869, 3.1390", orb.Point{101.6869, 3.139}, ""},
		{"-33.8688, 151.2093", orb.Point{151.2093, -33.8688}, ""},
		{"−33.8688, 151.2093", orb.Point{151.2093, -33.8688}, ""},
		{"151.2093, -33.8688", orb.Point{151.2093, -33.8688}, ""},
		{"25.25N 55.36E", dubai, ""},
		{"55.36E 25.25N", dubai, ""},
		{"N25.25 E55.36", dubai, ""},
		{"E 55.36, N 25.25", dubai, ""},
		{"25.25° N, 55.36° E", dubai, ""},
		{"25.25°, 55.36°", dubai, ""},
		{"33.87S 151.21E", orb.Point{151.21, -33.87}, ""},
		{"S33.87 W70.65", orb.Point{-70.65, -33.87}, ""},
		{"25.25 с.ш. 55.36 в.д.", dubai, ""},
		{"25,25 С.Ш., 55,36 В.Д.", dubai, ""},
		{"25.25 сш 55.36 вд", dubai, ""},
		{"55.36 в.д. 25.25 с.ш.", dubai, ""},
		{"25.25 с. ш. 55.36 в. д.", dubai, ""},
		{"25,25 северной широты, 55,36 восточной долготы", dubai, ""},
		{"25,25 с.е. 55,36 ш.б.", dubai, ""},
		{"широта 25.25 долгота 55.36", dubai, ""},
		{"долгота: 55.36, широта: 25.25", dubai, ""},
		{"lat 25.25 lon 55.36", dubai, ""},
		{"lat=25.25&lon=55.36", dubai, ""},
		{"Latitude: 25.25\nLongitude: 55.36", dubai, ""},
		{"lon 55.36 lat 25.25", dubai, ""},
		{"ендік 25,25 бойлық 55,36", dubai, ""},
		{`25°15'10.5"N 55°21'50"E`, exact, ""},
		{`25°15′10.5″N 55°21′50″E`, exact, ""},
		{`25º 15’ 10.5” N, 55º 21’ 50” E`, exact, ""},
		{`25°15'10,5''N 55°21'50''E`, exact, ""},
		{`N 25°15'10.5" E 55°21'50"`, exact, ""},
		{`N25 15 10.5 E55 21 50`, exact, ""},
		{`25 15 10.5 N 55 21 50 E`, exact, ""},
		{`25°15'10.5" 55°21'50"`, exact, ""},
		{`25°15'10.5"С 55°21'50"В`, exact, ""},
		{`25°15'10.5" с.ш., 55°21'50" в.д.`, exact, ""},
		{`С 25°15'10,5" В 55°21'50"`, exact, ""},
		{`25°15.175'N 55°21.8333'E`, exact, ""},
		{`N25°15.175 E055°21.8333`, exact, ""},
		{`N 25° 15.175' E 55° 21.8333'`, exact, ""},
		{`25 deg 15 min 10.5 sec N 55 deg 21 min 50 sec E`, exact, ""},
		{`25 град. 15 мин. 10,5 сек. с.ш. 55 град. 21 мин. 50 сек. в.д.`, exact, ""},
		{"٢٥٫٢٥٢٩١٧، ٥٥٫٣٦٣٨٨٩", exact, ""},
		{"۲۵٫۲۵۲۹۱۷, ۵۵٫۳۶۳۸۸۹", exact, ""},
		{"25.25 شمال 55.36 شرق", dubai, ""},
		{"25.252917 N / 55.363889 E", exact, ""},
		{"0.0000, 51.5000", orb.Point{51.5, 0}, ""},

		{"https://www.google.com/maps?q=25.252917,55.363889", exact, ""},
		{"https://maps.google.com/maps?q=25.252917%2C55.363889&z=17&hl=en", exact, ""},
		{"http://maps.google.com/?q=loc:25.252917,55.363889", exact, ""},
		{"https://www.google.com/maps/search/?api=1&query=25.252917,55.363889", exact, ""},
		{"https://www.google.com/maps/@25.252917,55.363889,17z", exact, ""},
		{"https://www.google.com/maps/place/Dubai+Airport/@25.1,55.1,14z/data=!3m1!4b1!4m5!3m4!1s0x0:0x0!8m2!3d25.252917!4d55.363889", exact, ""},
		{`https://www.google.com/maps/place/25%C2%B015'10.5%22N+55%C2%B021'50.0%22E/@25.3,55.4,10z`, exact, ""},
		{"https://www.google.kz/maps/dir/?api=1&destination=25.252917,55.363889", exact, ""},
		{"мы тут https://maps.google.com/?ll=25.252917,55.363889, ждём", exact, "мы тут ждём"},
		{"https://maps.apple.com/?ll=25.252917,55.363889&q=Dropped%20Pin", exact, ""},
		{"https://maps.apple.com/place?coordinate=25.252917,55.363889&name=x", exact, ""},
		{"https://yandex.ru/maps/?ll=55.1,25.1&pt=55.363889,25.252917,pm2rdm&z=16", exact, ""},
		{"https://yandex.kz/maps/11499/dubai/?ll=55.363889%2C25.252917&z=17", exact, ""},
		{"https://yandex.com/maps/?whatshere%5Bpoint%5D=55.363889%2C25.252917&whatshere%5Bzoom%5D=17", exact, ""},
		{"https://yandex.ru/maps/?rtext=25.1,55.1~25.252917,55.363889&rtt=auto", exact, ""},
		{"https://2gis.ae/dubai?m=55.363889%2C25.252917%2F17", exact, ""},
		{"https://2gis.kz/almaty/geo/55.363889,25.252917", exact, ""},
		{"https://2gis.ae/dubai/geo/13933647002601472/55.363889%2C25.252917?m=55.1,25.1%2F10", exact, ""},
		{"https://www.openstreetmap.org/?mlat=25.252917&mlon=55.363889#map=5/25/55", exact, ""},
		{"https://www.openstreetmap.org/#map=17/25.252917/55.363889", exact, ""},
		{"https://waze.com/ul?ll=25.252917,55.363889&navigate=yes", exact, ""},
		{"https://www.waze.com/live-map/directions?to=ll.25.252917%2C55.363889", exact, ""},
		{"https://share.here.com/l/25.252917,55.363889,Hotel", exact, ""},
		{"https://wego.here.com/?map=25.252917,55.363889,17,normal", exact, ""},
		{"geo:25.252917,55.363889", exact, ""},
		{"geo:25.252917,55.363889,8;crs=wgs84;u=35", exact, ""},
		{"geo:0,0?q=25.252917,55.363889(Hotel)", exact, ""},
		{"geo:25.252917,55.363889?z=17", exact, ""},
		{"maps.google.com/?q=25.252917,55.363889", exact, ""},

		{"7HQQ7937+5HG", orb.Point{55.36389, 25.25294}, ""},
		{"I am at 7hqq7937+5h, hurry", orb.Point{55.36394, 25.25294}, "I am at hurry"},
		{"8FVC0000+", orb.Point{8.5, 47.5}, ""},
	} {
		p, rest, ok := PlaceIn(c.text, []string{"AE", "QA"}, w)
		if !ok {
			t.Errorf("%q: no place", c.text)
			continue
		}
		if d := geo.Distance(p.Point, c.want); d > 10 || p.Method != tracker.Pin || p.RadiusM < pinRadiusM {
			t.Errorf("%q: %v ± %v %v, want %v (%.0f m off)", c.text, p.Point, p.RadiusM, p.Method, c.want, d)
		}
		if rest != c.rest {
			t.Errorf("%q leaves %q, want %q", c.text, rest, c.rest)
		}
	}
}

func TestPlaceInReadsNames(t *testing.T) {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, airport string
		near          orb.Point
		rest          string
	}{
		{"DXB", "DXB", orb.Point{55.36, 25.25}, ""},
		{"dxb", "DXB", orb.Point{55.36, 25.25}, ""},
		{"OMDB", "DXB", orb.Point{55.36, 25.25}, ""},
		{"we wait at DXB terminal 3", "DXB", orb.Point{55.36, 25.25}, "we wait at terminal 3"},
		{"Dubai", "", orb.Point{55.3, 25.2}, ""},
		{"Дубай", "", orb.Point{55.3, 25.2}, ""},
		{"DUBAI", "", orb.Point{55.3, 25.2}, ""},
		{"in Dubai", "", orb.Point{55.3, 25.2}, ""},
		{"Дубай, отель у моря", "", orb.Point{55.3, 25.2}, "отель у моря"},
		{"все здоровы, Доха", "", orb.Point{51.5, 25.3}, "все здоровы"},
		{"Istanbul, TR", "", orb.Point{29, 41}, ""},
		{"Тегеран", "", orb.Point{51.4, 35.7}, ""},
	} {
		p, rest, ok := PlaceIn(c.text, []string{"AE", "QA", "IR"}, w)
		if !ok || p.Airport != c.airport || geo.Distance(p.Point, c.near) > 40_000 || rest != c.rest {
			t.Errorf("%q: %+v, rest %q, %v", c.text, p, rest, ok)
		}
	}
}

// Oracle: people. None of these says where somebody is; a guess would send help to
// the wrong place.
func TestPlaceInLeavesOtherNumbersAlone(t *testing.T) {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"", " ", "?", "OK", "SOS", "help", "yes", "YES", "Мама", "мама", "рахмет", "Помогите", "көмек керек",
		"+7 701 234 56 78", "+7(701)234-56-78", "8 701 234 5678", "87012345678", "+971 50 123 45 67", "050-123-45-67", "050.123.4567",
		"0501234567, 0507654321", "Tel 25.25.55.36", "call 971.50.123.4567",
		"22.11.2026", "22.11.2026 14:30", "22.11.26 23.11.26", "2026-11-22", "22/11/2026", "22.11, 23.11", "22.11 23.11", "22.11-23.11", "с 22.11 по 23.11", "22,11 23,11",
		"14:30", "14.30 15.45", "14:30:15 15:45:20", "в 10.30, 11.45", "с 10.30 в 11.45", "с 10.30 до 11.45",
		"EK 234", "EK123 FZ456", "KC 898 22.11", "flight 25.25", "рейс KC898", "gate 25N 12E please", "seat 12E", "ряд 25, место 36",
		"25", "25 55", "25, 55", "25,55", "25.25", "55.36 AED", "25.25 55.36 USD", "$25.25, 55.36", "25.25, 55.36 тенге", "25.25 and 55.36 dirhams", "10,000,20,000", "1,234.56 7,890.12", "25.250 55.360 kg",
		"12.5%, 13.5%", "цена 100.50 200.75", "100.50 200.75", "нас 5 человек, 2 детей", "room 2525 floor 55", "квартира 25, дом 55", "Sheikh Zayed Road 25, villa 55",
		"36.6 37.2", "38.5, 39.1", "120/80", "120/80 130/90", "АД 120.80 130.90", "+35° +40°", "25° 30°", "25°С 30°С", "днём 35°, ночью 25°", "5'10\" 6'2\"",
		"192.168.1.1", "10.0.0.1, 10.0.0.2", "v1.25 v2.36", "1.2345 2.3456 3.4567 kg", "91.123456, 191.123456", "200.123456, 25.123456", "95.12345 185.12345", "0.0000, 0.0000", "0,0",
		"25.25N 55.36S", "25.25N 55.36", "-25.25S 55.36E", "95N 55E", "25°75'N 55°10'E", `25°15'70"N 55°10'10"E`, "N25.25", "lat 25.25", "lat 25.25 lat 55.36",
		"A12345678 N25252525", "N12345678", "ИИН 900101300017", "900101300017", "карта 4400 4301 2345 6789", "PNR 25GH55", "код 2525-5536",
		"https://maps.app.goo.gl/AbCdEf123", "https://goo.gl/maps/25.2555.36", "https://example.org/?q=25.252917,55.363889", "https://www.google.com/search?q=hotel", "https://yandex.ru/maps", "geo:0,0", "geo:91,181",
		"https://evil.example/maps.google.com/x", "7HQQ+5H", "QQ7937+5H", "7HQQ7937+5", "1HQQ7937+5HG", "WWWWWWWW+WWW",
	} {
		if p, _, ok := PlaceIn(text, []string{"AE", "QA", "IR"}, w); ok {
			t.Errorf("%q is read as %v (%s)", text, p.Point, p.Airport)
		}
	}
}

// Oracle: the point itself. What somebody copies from their phone in any form comes
// back within what its digits can say, and its radius says as much.
func TestPlaceInReadsBackEveryForm(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	hemi := func(x float64, pos, neg string) string {
		if x < 0 {
			return neg
		}
		return pos
	}
	// split writes an angle with the last of n parts rounded to k digits.
	split := func(x float64, n, k int) []string {
		x = math.Abs(x)
		scale := math.Pow(60, float64(n-1)) * math.Pow(10, float64(k))
		total := math.Round(x * scale)
		last := math.Mod(total, 60*math.Pow(10, float64(k)))
		if n == 1 {
			return []string{fmt.Sprintf("%.*f", k, x)}
		}
		whole := math.Round((total - last) / math.Pow(10, float64(k)) / 60)
		parts := []string{fmt.Sprintf("%.*f", k, last/math.Pow(10, float64(k)))}
		if n == 3 {
			parts = append([]string{fmt.Sprint(math.Mod(whole, 60))}, parts...)
			whole = math.Floor(whole / 60)
		}
		return append([]string{fmt.Sprint(whole)}, parts...)
	}
	for i := range 20_000 {
		p := orb.Point{r.Float64()*358 - 179, r.Float64()*178 - 89}
		k := 3 + r.IntN(5)
		var text string
		unit := math.Pow(10, -float64(k))
		ns, ew := hemi(p[1], "N", "S"), hemi(p[0], "E", "W")
		cns, cew := hemi(p[1], "с.ш.", "ю.ш."), hemi(p[0], "в.д.", "з.д.")
		d1, d2 := fmt.Sprintf("%.*f", k, p[1]), fmt.Sprintf("%.*f", k, p[0])
		a1, a2 := fmt.Sprintf("%.*f", k, math.Abs(p[1])), fmt.Sprintf("%.*f", k, math.Abs(p[0]))
		switch i % 20 {
		case 0:
			text = d1 + ", " + d2
		case 1:
			text = d1 + " " + d2
		case 2:
			text = strings.ReplaceAll(d1+" "+d2, ".", ",")
		case 3:
			text = a1 + ns + " " + a2 + ew
		case 4:
			text = a2 + "° " + ew + ", " + a1 + "° " + ns
		case 5:
			text = a1 + " " + cns + " " + a2 + " " + cew
		case 6:
			text = "lat: " + d1 + "\nlon: " + d2
		case 7, 8, 9, 10, 11:
			n := 2 + i%2
			k = r.IntN(4)
			unit = math.Pow(10, -float64(k)) / math.Pow(60, float64(n-1))
			x, y := split(p[1], n, k), split(p[0], n, k)
			mark := func(parts []string, m [3]string) string {
				s := ""
				for j, q := range parts {
					s += q + m[j]
				}
				return s
			}
			switch i % 20 {
			case 7:
				m := [3]string{"°", "'", `"`}
				text = mark(x, m) + ns + " " + mark(y, m) + ew
			case 8:
				m := [3]string{"° ", "′ ", "″ "}
				text = ns + " " + mark(x, m) + ew + " " + mark(y, m)
			case 9:
				m := [3]string{"º", "’", "”"}
				text = strings.ReplaceAll(mark(x, m)+cns+" "+mark(y, m)+cew, ".", ",")
				text = strings.NewReplacer("с,ш,", "с.ш.", "ю,ш,", "ю.ш.", "в,д,", "в.д.", "з,д,", "з.д.").Replace(text)
			case 10:
				m := [3]string{" ", " ", " "}
				text = mark(x, m) + ns + ", " + mark(y, m) + ew
			case 11:
				m := [3]string{"°", "'", "''"}
				text = mark(y, m) + ew + "; " + mark(x, m) + ns
			}
		case 12:
			text = "https://www.google.com/maps/place/x/@1.0,1.0,3z/data=!4m2!3m1!3d" + d1 + "!4d" + d2
		case 13:
			text = "https://yandex.ru/maps/?pt=" + d2 + "," + d1
		case 14:
			text = "https://2gis.kz/geo/" + d2 + "," + d1
		case 15:
			text = "https://www.openstreetmap.org/?mlat=" + d1 + "&mlon=" + d2 + "#map=15/" + d1 + "/" + d2
		case 16:
			text = "geo:" + d1 + "," + d2 + ";u=10"
		case 17:
			text = "https://maps.apple.com/?ll=" + d1 + "," + d2
		case 18:
			text = arabic(d1) + "، " + arabic(d2)
		case 19:
			text, unit = plusCode(p), 1.0/8000
		}
		got, _, ok := PlaceIn(text, nil, w)
		if !ok {
			t.Fatalf("%q (%v): no place", text, p)
		}
		// A metre for the ellipsoid that the quantum leaves out.
		if dist, bound := geo.Distance(got.Point, p), quantumOf(unit)*1.01+1; dist > bound || got.RadiusM < dist || got.RadiusM < pinRadiusM {
			t.Fatalf("%q (%v) is read as %v ± %v, %.1f m off", text, p, got.Point, got.RadiusM, dist)
		}
	}
}

// arabic writes digits as Arabic does.
func arabic(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isDigit(r):
			return '٠' + r - '0'
		case r == '.':
			return '٫'
		}
		return r
	}, s)
}

// plusCode writes a full code of ten digits, by the specification's first section.
func plusCode(p orb.Point) string {
	lat, lon := int(math.Floor((p[1]+90)*8000)), int(math.Floor((p[0]+180)*8000))
	var b [10]byte
	for i := 8; i >= 0; i -= 2 {
		b[i], b[i+1] = plusDigits[lat%20], plusDigits[lon%20]
		lat, lon = lat/20, lon/20
	}
	return string(b[:8]) + "+" + string(b[8:])
}

func FuzzPlaceIn(f *testing.F) {
	w, err := earth()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		"25.25, 55.36", `25°15'10.5"N 55°21'50"E`, "25,25 с.ш. 55,36 в.д.", "https://www.google.com/maps/@25.252917,55.363889,17z", "geo:25.2,55.3;u=5",
		"7HQQ7937+5HG", "Дубай, отель", "٢٥٫٢٥٢٩١٧، ٥٥٫٣٦٣٨٨٩", "+7 701 234 56 78", "DXB", "lat 25.25 lon 55.36",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4000 {
			return
		}
		p, rest, ok := PlaceIn(s, []string{"AE"}, w)
		if !ok {
			if rest != s {
				t.Fatalf("%q without a place is left as %q", s, rest)
			}
			return
		}
		if !(math.Abs(p.Point[0]) <= 180 && math.Abs(p.Point[1]) <= 90) || !(p.RadiusM > 0 && p.RadiusM <= maxRadiusM) || p.Method == 0 {
			t.Fatalf("%q: %+v", s, p)
		}
		if utf8.ValidString(s) && !utf8.ValidString(rest) || len(rest) > len(s) {
			t.Fatalf("%q leaves %q", s, rest)
		}
	})
}

func TestExonymsAreInTheGazetteer(t *testing.T) {
	w, err := earth()
	if err != nil {
		t.Fatal(err)
	}
	for word, c := range exonyms {
		if _, err := CityPosition(c.name, c.country, w); err != nil {
			t.Errorf("%s: %s, %s is not known", word, c.name, c.country)
		}
	}
}
