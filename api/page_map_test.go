package api

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/paulmach/orb"
	"golang.org/x/image/font"

	"aman/data/seed"
	"aman/geo"
	"aman/geo/tracker"
)

// FuzzMapView: whatever comes as a view is refused or can be drawn, and comes back
// as it was.
func FuzzMapView(f *testing.F) {
	for _, s := range []string{"55.3,25.2,5", "0,0,360", "NaN,0,1", "1e309,0,1", "180,75,0.02", "55.3,25.2,-1", ",,", "1,2,3,4"} {
		f.Add(s, 10.0, 200.0)
	}
	f.Fuzz(func(t *testing.T, text string, x, y float64) {
		v, ok := parseMapView(text)
		if !ok {
			return
		}
		again, ok := parseMapView(v.String())
		if !ok || math.Abs(again.Centre[0]-v.Centre[0]) > 1e-5 || math.Abs(again.Centre[1]-v.Centre[1]) > 1e-5 || math.Abs(again.Width-v.Width) > 1e-5 {
			t.Errorf("%v comes back as %v", v, again)
		}
		x, y, ok = tapped(url.Values{"pick.x": {strconv.FormatFloat(x, 'f', -1, 64)}, "pick.y": {strconv.FormatFloat(y, 'f', -1, 64)}})
		if !ok {
			return
		}
		p := v.at(x, y)
		if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
			t.Errorf("%v at %v, %v is %v", v, x, y, p)
		}
		if _, ok := parseMapView(v.into(p).String()); !ok {
			t.Errorf("%v: the next view of %v is refused", v, p)
		}
	})
}

// Somebody who taps where they are, as well as a finger can, ends with a point that
// is within its own radius of them, and after few taps.
func TestTapsFindPlace(t *testing.T) {
	w, err := seed.World()
	if err != nil {
		t.Fatal(err)
	}
	d := newMapDrawer(w)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, countries := range [][]string{{"AE"}, {"QA"}, {"SA"}, {"IR"}, {"AE", "OM", "QA", "SA"}, {"KZ"}, nil} {
		first, _ := parseMapView(d.viewOf(countries).String()) // as the page has it
		for range 200 {
			there := first.at(20+rng.Float64()*(mapSide-40), 20+rng.Float64()*(mapSide-40))
			there[1] = min(max(there[1], -70), 70)
			v, taps := first, 0
			for ; taps < 8; taps++ {
				// Oracle: the drawing's own formula, turned around.
				x := ((there[0]-v.Centre[0])/v.Width + 0.5) * mapSide
				y := (0.5 - (there[1]-v.Centre[1])/(v.Width*v.squeeze())) * mapSide
				x, y = min(max(x+rng.Float64()*8-4, 0.5), mapSide), min(max(y+rng.Float64()*8-4, 0.5), mapSide)
				p := v.at(x, y)
				if v.pixelM() <= finestM {
					if off, radius := geo.Distance(p, there), fingerPx*v.pixelM(); off > radius*1.05 {
						t.Errorf("%v: %v is %.0f m from %v, and should be within %.0f", countries, p, off, there, radius)
					}
					break
				}
				if v, _ = parseMapView(v.into(p).String()); !first.reaches(v) {
					t.Errorf("%v: taps lead to %v, which is refused", countries, v)
				}
			}
			if off := (mapView{orb.Point{v.Centre[0] + 0.0013, v.Centre[1]}, v.Width}); first.reaches(off) {
				t.Errorf("%v: %v is off the grid and drawn", countries, off)
			}
			if taps > 5 {
				t.Errorf("%v: %d taps", countries, taps)
			}
		}
	}
}

func TestMapPicture(t *testing.T) {
	w, err := seed.World()
	if err != nil {
		t.Fatal(err)
	}
	d := newMapDrawer(w)
	for name, c := range map[string]struct {
		view mapView
		own  []string
	}{
		"region":   {d.viewOf([]string{"AE", "BH", "IL", "IQ", "IR", "JO", "KW", "LB", "OM", "QA", "SA", "SY", "YE"}), []string{"AE"}},
		"emirates": {d.viewOf([]string{"AE"}), []string{"AE"}},
		"dubai":    {d.viewOf([]string{"AE"}).into(orb.Point{55.3, 25.25}), []string{"AE"}},
		"sea":      {mapView{orb.Point{-150, 0}, 1}, nil},
		"earth":    {d.viewOf(nil), nil},
		"fiji":     {d.viewOf([]string{"FJ"}), []string{"FJ"}},
	} {
		start := time.Now()
		text, err := d.picture(c.view, c.own)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil || img.Bounds().Dx() != mapSide*density || img.Bounds().Dy() != mapSide*density {
			t.Fatalf("%s: %v %v", name, err, img.Bounds())
		}
		t.Logf("%s: %d bytes, %v", name, len(raw), time.Since(start))
		if len(raw) > 12<<10 {
			t.Errorf("%s: %d bytes", name, len(raw))
		}
		if dir := os.Getenv("AMAN_TEST_SHOTS"); dir != "" {
			if err := os.WriteFile(dir+"/map-"+name+".png", raw, 0o600); err != nil {
				t.Error(err)
			}
		}
		if again, _ := d.picture(c.view, c.own); again != text {
			t.Errorf("%s: another picture of the same", name)
		}
	}
	// Land is land and sea is sea, by the same shapes that place people: but for a
	// pixel's breadth along the lines.
	v := d.viewOf([]string{"AE"})
	img := d.draw(<-d.faces, v, []string{"AE"})
	rng := rand.New(rand.NewPCG(1, 2))
	checked := 0
	for range 3000 {
		x, y := rng.IntN(mapSide*density), rng.IntN(mapSide*density)
		ink := img.ColorIndexAt(x, y)
		p := v.at((float64(x)+0.5)/density, (float64(y)+0.5)/density)
		near := w.Countries(p, 2*v.pixelM())
		if ink > inkAbroad || len(near) != 1 || near[0].Near != (ink == inkSea) && len(w.Countries(p, 0)) == 0 {
			continue // a letter, a line, or beside one
		}
		hits := w.Countries(p, 0)
		want := inkSea
		if len(hits) > 0 && !hits[0].Near {
			if want = inkAbroad; hits[0].Code == "AE" {
				want = inkLand
			}
		}
		if len(hits) == len(near) && hits[0] == near[0] {
			checked++
			if ink != want && len(w.AirportsNear(p, 10_000, 1)) == 0 {
				t.Errorf("%v is drawn as %d, not %d", p, ink, want)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d pixels could be judged", checked)
	}
	for i := range keptMaps + 20 {
		if _, err := d.picture(mapView{orb.Point{float64(i) - 90, -60}, 1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.kept) != keptMaps || len(d.order) != keptMaps {
		t.Errorf("%d pictures are kept", len(d.kept))
	}
}

// Many who ask for one picture get one drawing, and no more are drawn at once than may
// be: who would wait too long is told to come again.
func TestMapsAtOnce(t *testing.T) {
	w, err := seed.World()
	if err != nil {
		t.Fatal(err)
	}
	d := newMapDrawer(w)
	var wg sync.WaitGroup
	same := make([]string, 8)
	for i := range same {
		wg.Go(func() { same[i], _ = d.picture(d.viewOf([]string{"AE"}), []string{"AE"}) })
	}
	wg.Wait()
	if same[0] == "" || len(slices.Compact(same)) != 1 || len(d.order) != 1 || len(d.drawing) != 0 {
		t.Errorf("%d pictures, %d being drawn", len(d.order), len(d.drawing))
	}
	busy := []font.Face{<-d.faces, <-d.faces}
	if _, err := d.picture(d.viewOf([]string{"QA"}), nil); !errors.Is(err, tracker.ErrUnavailable) {
		t.Errorf("while others are drawn: %v", err)
	}
	for _, f := range busy {
		d.faces <- f
	}
	if _, err := d.picture(d.viewOf([]string{"QA"}), nil); err != nil {
		t.Error(err)
	}
}

// What is drawn is the code, module by module, within a margin of four.
func TestQRCode(t *testing.T) {
	for _, text := range []string{"https://aman.example/s/EPJVK88GKC", "http://127.0.0.1:1/s/0123456789", strings.Repeat("x", 300)} {
		svg, err := qrSVG(text)
		if err != nil {
			t.Fatal(err)
		}
		code, err := qr.Encode(text, qr.Q, qr.Auto)
		if err != nil {
			t.Fatal(err)
		}
		drawn := map[[2]int]bool{}
		for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(string(svg), -1) {
			var n [4]int
			for i := range n {
				n[i], _ = strconv.Atoi(m[i+1])
			}
			if n[2] != n[3] {
				t.Errorf("%v is no bar", m)
			}
			for x := range n[2] {
				drawn[[2]int{n[0] + x - 4, n[1] - 4}] = true
			}
		}
		side := code.Bounds().Dx()
		for y := range side {
			for x := range side {
				if dark(code, x, y) != drawn[[2]int{x, y}] {
					t.Fatalf("%q: the module at %d, %d", text, x, y)
				}
			}
		}
		if !strings.Contains(string(svg), fmt.Sprintf(`viewBox="0 0 %d %d"`, side+8, side+8)) {
			t.Errorf("no margin: %.120s", svg)
		}
	}
}
