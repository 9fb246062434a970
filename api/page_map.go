package api

import (
	"errors"
	"fmt"
	"html/template"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb"

	"aman/api/auth"
	"aman/api/intake"
)

const (
	// mapSide is how wide and high the map of the citizen's page is, in pixels of
	// the page: it fits the narrowest phone.
	mapSide = 288
	// mapZoom is by how much a tap zooms in.
	mapZoom = 5
	// finestM is how many metres a pixel may have for a tap to be the place, not a
	// step towards it.
	finestM = 300
	// fingerPx is how far off a tap may be, pixels.
	fingerPx = 14
	// widest and narrowest are how much of the earth a map may show, degrees of
	// longitude from side to side.
	widest, narrowest = 360, 0.02
	degreeM           = 111_320 // of latitude, metres
)

// mapView is what a map shows: a square around a centre, lon and lat in degrees,
// Width degrees of longitude wide. A degree of latitude is drawn as long as it is
// at the centre.
type mapView struct {
	Centre orb.Point
	Width  float64
}

func (v mapView) String() string {
	return fmt.Sprintf("%.5f,%.5f,%.5f", v.Centre[0], v.Centre[1], v.Width)
}

// parseMapView reads what String wrote; ok is false for anything else.
func parseMapView(text string) (v mapView, ok bool) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 || len(text) > 60 {
		return v, false
	}
	var x [3]float64
	for i, part := range parts {
		var err error
		if x[i], err = strconv.ParseFloat(part, 64); err != nil || math.IsNaN(x[i]) {
			return v, false
		}
	}
	v = mapView{orb.Point{x[0], x[1]}, x[2]}
	return v, math.Abs(x[0]) <= 180 && math.Abs(x[1]) <= maxMapLat && x[2] >= narrowest && x[2] <= widest
}

// maxMapLat is how far from the equator a map's centre may be: degrees of longitude
// vanish towards the poles.
const maxMapLat = 75

// squeeze is how much shorter a degree of longitude is than one of latitude.
func (v mapView) squeeze() float64 { return math.Cos(v.Centre[1] * math.Pi / 180) }

// pixelM is how many metres a pixel of the page has.
func (v mapView) pixelM() float64 { return v.Width * degreeM * v.squeeze() / mapSide }

// at is where a pixel lies, from the upper left corner; kept to the earth.
func (v mapView) at(x, y float64) orb.Point {
	lon := v.Centre[0] + (x/mapSide-0.5)*v.Width
	lat := v.Centre[1] - (y/mapSide-0.5)*v.Width*v.squeeze()
	return orb.Point{min(max(lon, -180), 180), min(max(lat, -90), 90)}
}

// into is the closer view of a place that was tapped. It stands on a coarse grid,
// so that taps side by side get the same picture.
func (v mapView) into(p orb.Point) mapView {
	w := v.Width / mapZoom
	grid := w / 4
	lat := min(max(math.Round(p[1]/grid)*grid, -maxMapLat), maxMapLat)
	lon := min(max(math.Round(p[0]/grid)*grid, -180), 180)
	return mapView{orb.Point{lon, lat}, max(w, narrowest)}
}

// reaches tells whether taps lead from a view to another one: it stands on the grid
// of into, within the first. No other is drawn, so that a public code can't have the
// whole earth drawn bit by bit.
func (v mapView) reaches(to mapView) bool {
	half := v.Width/2 + v.Width/mapZoom
	if math.Abs(to.Centre[0]-v.Centre[0]) > half || math.Abs(to.Centre[1]-v.Centre[1]) > half {
		return false
	}
	for at, ok := parseMapView(v.String()); ok; {
		if at.String() == to.String() {
			return true
		}
		if at.Width <= narrowest || at.Width < to.Width {
			return false
		}
		at, ok = parseMapView(at.into(to.Centre).String())
	}
	return false
}

// viewOf is the first view of some countries; of the whole earth for none.
func (d *mapDrawer) viewOf(countries []string) mapView {
	b := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, code := range countries {
		if c, ok := d.world.Country(code); ok && len(c.Shape) > 0 {
			b = b.Union(c.Shape.Bound())
		}
	}
	if b.Min[0] > b.Max[0] {
		return mapView{orb.Point{0, 20}, widest}
	}
	v := mapView{Centre: orb.Point{b.Center()[0], min(max(b.Center()[1], -maxMapLat), maxMapLat)}}
	span := max(b.Max[0]-b.Min[0], (b.Max[1]-b.Min[1])/v.squeeze())
	v.Width = min(max(span*1.1, 1), widest)
	return v
}

// chart is the map to tap on, which works without a script: each tap zooms in, and
// one on a map that is fine enough chooses the place and leads back to the form. It
// stores nothing; what was typed travels along, in bodies, never in an address.
func (p *linkPages) chart(c echo.Context) error {
	l, err := p.link(c)
	v := p.blank(c, l)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	req := c.Request()
	req.Body = http.MaxBytesReader(c.Response(), req.Body, intake.MaxLinkBody)
	body, err := readBody(req)
	if err != nil {
		return p.refused(c, l, v, err)
	}
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	typed, err := intake.ReadForm(body)
	if media != "application/x-www-form-urlencoded" || err != nil {
		if err == nil {
			err = refuse(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send a form.")
		}
		return p.refused(c, l, v, err)
	}
	v.keep(c, typed)
	if err := p.admitLink(&l, toChart, typed.Get("secret")); err != nil {
		return p.refused(c, l, v, err)
	}
	if typed.Get("back") != "" {
		return p.write(c, http.StatusOK, l, v)
	}
	first := p.maps.viewOf(p.countries(l))
	at, ok := parseMapView(typed.Get("view"))
	if !ok || typed.Get("out") != "" || !first.reaches(at) {
		return p.showMap(c, l, v, first)
	}
	x, y, ok := tapped(typed)
	switch {
	case !ok:
		return p.showMap(c, l, v, at)
	case at.pixelM() > finestM:
		return p.showMap(c, l, v, at.into(at.at(x, y)))
	}
	place := at.at(x, y)
	typed.Set("lon", strconv.FormatFloat(place[0], 'f', 5, 64))
	typed.Set("lat", strconv.FormatFloat(place[1], 'f', 5, 64))
	typed.Set("pin_m", strconv.Itoa(int(math.Ceil(fingerPx*at.pixelM()))))
	return p.write(c, http.StatusOK, l, v)
}

// tapped is where the picture was tapped, in its pixels. A keyboard presses it at
// its corner, which is no place that anybody chose.
func tapped(typed url.Values) (x, y float64, ok bool) {
	x, errX := strconv.ParseFloat(typed.Get("pick.x"), 64)
	y, errY := strconv.ParseFloat(typed.Get("pick.y"), 64)
	inside := x >= 0 && y >= 0 && x <= mapSide && y <= mapSide
	return x, y, errors.Join(errX, errY) == nil && inside && x+y > 0
}

func (p *linkPages) showMap(c echo.Context, l auth.Link, v *linkView, at mapView) error {
	picture, err := p.maps.picture(at, p.countries(l))
	if err != nil {
		return p.refused(c, l, v, err)
	}
	v.Sheet, v.View = sheetMap, at.String()
	v.Map = template.URL(picture) // a data: address made here
	return p.write(c, http.StatusOK, l, v)
}
