package intake

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// earthM is the length of the equator, metres: a map at zoom z shows about as much
// of it as 2^-z of that in one tile.
const earthM = 40_075_017

// linkStart finds where a link of a map may begin; people and phones leave the
// scheme out.
var linkStart = regexp.MustCompile(`(?i)\b(?:https?://|geo:|(?:www\.|maps\.|wego\.|share\.|m\.|ul\.)?(?:google|apple|yandex|2gis|openstreetmap|osm|waze|here)\.[a-z.]{2,6}/)[^\s<>]*`)

// findLink finds the first link of a map in a text that says where it points.
// Nothing is fetched: a shortened link says nothing.
func findLink(text string) (foundPoint, bool) {
	for _, at := range linkStart.FindAllStringIndex(text, 8) {
		start, end := at[0], at[1]
		link := text[start:end]
		// A full stop or a bracket at the end belongs to the sentence, but for a label
		// in brackets and seconds of an angle.
		trimmed := strings.TrimRight(link, ".,;!?…»'")
		if strings.HasSuffix(trimmed, ")") && !strings.Contains(trimmed, "(") {
			trimmed = strings.TrimRight(trimmed, ")")
		}
		if f, ok := linkPoint(trimmed); ok {
			f.start, f.end = start, start+len(trimmed)
			return f, true
		}
	}
	return foundPoint{}, false
}

func linkPoint(link string) (foundPoint, bool) {
	if len(link) > 2000 {
		return foundPoint{}, false
	}
	if len(link) > 4 && strings.EqualFold(link[:4], "geo:") {
		return geoPoint(link[4:])
	}
	if !strings.Contains(link, "://") {
		link = "https://" + link
	}
	u, err := url.Parse(link)
	if err != nil {
		return foundPoint{}, false
	}
	m := mapLink{u: u, q: lenientQuery(u.RawQuery), path: u.Path, fragment: u.Fragment}
	host := strings.ToLower(u.Hostname())
	labels := strings.Split(host, ".")
	for _, l := range labels[:max(len(labels)-1, 0)] {
		if read, ok := mapServices[l]; ok {
			return read(&m)
		}
	}
	return foundPoint{}, false
}

// mapServices read the links of each service, by a label of its host's name.
var mapServices = map[string]func(*mapLink) (foundPoint, bool){
	"google": (*mapLink).google, "apple": (*mapLink).apple, "yandex": (*mapLink).yandex, "2gis": (*mapLink).twoGIS,
	"openstreetmap": (*mapLink).osm, "osm": (*mapLink).osm, "waze": (*mapLink).waze, "here": (*mapLink).here,
}

// mapLink is a link, taken apart.
type mapLink struct {
	u              *url.URL
	q              url.Values
	path, fragment string
}

// lenientQuery reads a query as far as it can be read.
func lenientQuery(raw string) url.Values {
	q, _ := url.ParseQuery(raw) // what it could read is what there is
	return q
}

var (
	plainPair  = regexp.MustCompile(`^\s*(?:loc:|ll\.)?\s*([-+]?\d{1,3}(?:\.\d{0,20})?)\s*[,/;]\s*([-+]?\d{1,3}(?:\.\d{0,20})?)(?:[^\d.]|$)`)
	googleData = regexp.MustCompile(`!3d(-?\d{1,3}(?:\.\d{1,20})?)!4d(-?\d{1,3}(?:\.\d{1,20})?)`)
	googleView = regexp.MustCompile(`@(-?\d{1,3}\.\d{1,20}),(-?\d{1,3}\.\d{1,20})(?:,(\d{1,2}(?:\.\d{1,4})?)([zm]))?`)
	hereView   = regexp.MustCompile(`^(-?\d{1,3}\.\d{1,20}),(-?\d{1,3}\.\d{1,20})(?:,(\d{1,2}(?:\.\d{1,4})?))?`)
	osmView    = regexp.MustCompile(`^map=(\d{1,2})/(-?\d{1,3}(?:\.\d{1,20})?)/(-?\d{1,3}(?:\.\d{1,20})?)`)
	gisPoint   = regexp.MustCompile(`(?:/geo/(?:\d+/)?|/center/|/point/|\|)(-?\d{1,3}\.\d{1,20}),(-?\d{1,3}\.\d{1,20})`)
)

// pair reads two decimal numbers, the latitude first unless lonFirst.
func pair(text string, lonFirst bool) (foundPoint, bool) {
	m := plainPair.FindStringSubmatch(text)
	if m == nil {
		return foundPoint{}, false
	}
	if lonFirst {
		return exactly(m[2], m[1])
	}
	return exactly(m[1], m[2])
}

// exactly is the point of two decimals that a program wrote.
func exactly(lat, lon string) (foundPoint, bool) {
	y, err1 := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(lon, 64)
	if err1 != nil || err2 != nil || math.Abs(y) > 90 || math.Abs(x) > 180 || x == 0 && y == 0 {
		return foundPoint{}, false
	}
	unit := math.Pow(10, -float64(max(decimals(lat), decimals(lon))))
	return foundPoint{point: orb.Point{x + 0, y + 0}, quantumM: quantumOf(unit)}, true
}

// viewed is a point that is only the middle of the map that was looked at: it is
// good for what the map showed.
func viewed(lat, lon, zoom string) (foundPoint, bool) {
	f, ok := exactly(lat, lon)
	z, err := strconv.ParseFloat(zoom, 64)
	if err != nil {
		z = 12 // a town
	}
	f.quantumM = math.Max(f.quantumM, earthM/math.Exp2(math.Min(z, 22)))
	return f, ok && f.quantumM <= maxRadiusM
}

// param reads the first of some parameters that holds a pair.
func (m *mapLink) param(lonFirst bool, names ...string) (foundPoint, bool) {
	for _, n := range names {
		if f, ok := pair(m.q.Get(n), lonFirst); ok {
			return f, true
		}
	}
	return foundPoint{}, false
}

// google reads maps.google.com and google.com/maps. A place's own point is before
// the middle of the map.
func (m *mapLink) google() (foundPoint, bool) {
	whole := m.path + "?" + m.q.Get("data") + "#" + m.fragment
	if all := googleData.FindAllStringSubmatch(whole, -1); len(all) > 0 {
		last := all[len(all)-1]
		return exactly(last[1], last[2])
	}
	if f, ok := m.param(false, "q", "query", "destination", "daddr", "ll", "center", "viewpoint", "sll", "saddr"); ok {
		return f, true
	}
	for _, n := range []string{"q", "query", "destination", "daddr"} {
		if f, ok := findPoint(m.q.Get(n)); ok {
			return f, true
		}
		if f, ok := findPlusCode(strings.ReplaceAll(m.q.Get(n), " ", "+")); ok {
			return f, true
		}
	}
	segments := strings.Split(m.path, "/")
	for i, s := range segments {
		if i == 0 || segments[i-1] != "search" && segments[i-1] != "place" && segments[i-1] != "dir" {
			continue
		}
		s = strings.ReplaceAll(s, "+", " ")
		if f, ok := pair(s, false); ok {
			return f, true
		}
		if f, ok := findPoint(s); ok {
			return f, true
		}
	}
	if v := googleView.FindStringSubmatch(m.path); v != nil {
		zoom := v[3]
		if v[4] == "m" { // metres of height: a picture from above
			zoom = "15"
		}
		return viewed(v[1], v[2], zoom)
	}
	return foundPoint{}, false
}

func (m *mapLink) apple() (foundPoint, bool) {
	return m.param(false, "coordinate", "ll", "q", "daddr", "address", "near", "sll", "center")
}

// yandex writes the longitude first, but for routes.
func (m *mapLink) yandex() (foundPoint, bool) {
	if f, ok := m.param(true, "whatshere[point]", "poi[point]", "pt"); ok {
		return f, true
	}
	if stops := strings.Split(m.q.Get("rtext"), "~"); len(stops) > 1 {
		if f, ok := pair(stops[len(stops)-1], false); ok {
			return f, true
		}
	}
	if v := plainPair.FindStringSubmatch(m.q.Get("ll")); v != nil {
		if f, ok := pair(m.q.Get("text"), false); ok {
			return f, true
		}
		return viewed(v[2], v[1], m.q.Get("z"))
	}
	return m.param(false, "text")
}

// twoGIS writes the longitude first.
func (m *mapLink) twoGIS() (foundPoint, bool) {
	if v := gisPoint.FindStringSubmatch(m.path + " " + m.q.Get("queryState")); v != nil {
		return exactly(v[2], v[1])
	}
	view := m.q.Get("m")
	if v := plainPair.FindStringSubmatch(view); v != nil {
		_, zoom, _ := strings.Cut(view, "/")
		return viewed(v[2], v[1], zoom)
	}
	return foundPoint{}, false
}

func (m *mapLink) osm() (foundPoint, bool) {
	if f, ok := exactly(m.q.Get("mlat"), m.q.Get("mlon")); ok {
		return f, true
	}
	if v := osmView.FindStringSubmatch(m.fragment); v != nil {
		return viewed(v[2], v[3], v[1])
	}
	if f, ok := pair(m.q.Get("query"), false); ok {
		return f, true
	}
	if m.q.Get("lat") != "" {
		return viewed(m.q.Get("lat"), m.q.Get("lon"), m.q.Get("zoom"))
	}
	return foundPoint{}, false
}

func (m *mapLink) waze() (foundPoint, bool) {
	return m.param(false, "ll", "latlng", "to", "q")
}

func (m *mapLink) here() (foundPoint, bool) {
	for _, s := range strings.Split(m.path, "/") {
		if f, ok := pair(s, false); ok {
			return f, true
		}
	}
	if v := hereView.FindStringSubmatch(m.q.Get("map")); v != nil {
		return viewed(v[1], v[2], v[3])
	}
	return foundPoint{}, false
}

// geoPoint reads what follows "geo:" (RFC 5870, with Android's ?q=lat,lon(label),
// where geo:0,0 says that the query alone counts). u is an uncertainty in metres
// without a level: it is taken as Android's.
func geoPoint(rest string) (foundPoint, bool) {
	rest, query, _ := strings.Cut(rest, "?")
	if f, ok := pair(lenientQuery(query).Get("q"), false); ok {
		return f, true
	}
	parts := strings.Split(rest, ";")
	f, ok := pair(parts[0], false)
	if !ok {
		return f, false
	}
	for _, p := range parts[1:] {
		name, value, _ := strings.Cut(p, "=")
		switch strings.ToLower(name) {
		case "crs":
			if !strings.EqualFold(value, "wgs84") {
				return f, false
			}
		case "u":
			if u, err := strconv.ParseFloat(value, 64); err == nil && u > 0 {
				f.quantumM = math.Max(f.quantumM, u*to95)
			}
		}
	}
	return f, f.quantumM <= maxRadiusM
}
