package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"aman/geo"
	"aman/geo/tracker"
)

var missionColumns = []string{"code", "name_kk", "name_ru", "name_en", "countries", "duty_phone", "area_wkt"}

var missionCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_-]{0,19}$`)

type missionRow struct {
	line    int
	mission tracker.Mission
	err     error
}

// missions imports missions: new ones, and new versions of those whose code is
// there already.
func (im *importing) missions(ctx context.Context, r io.Reader) (string, error) {
	t, err := newTable(r, "csv", missionColumns, []string{"code", "duty_phone"})
	if err != nil {
		return "", exitError{2, fmt.Errorf("read missions: %w", err)}
	}
	n := 0
	seen := map[string]int{}
	err = im.store(ctx, "missions", func(yield func(*tracker.Rows) error) error {
		return eachRow(ctx, t, im.mission, func(line int, reason string) missionRow {
			return missionRow{line: line, err: errors.New(reason)}
		}, func(rows []missionRow) error {
			out := &tracker.Rows{}
			for i := range rows {
				x := &rows[i]
				if first, ok := seen[x.mission.Code]; ok && x.err == nil {
					x.err = &tracker.FieldError{Field: "code", Code: "duplicate", Detail: fmt.Sprintf("line %d has the same", first)}
				}
				if x.err != nil {
					im.errs.addError("line "+strconv.Itoa(x.line), x.err)
					continue
				}
				seen[x.mission.Code] = x.line
				n++
				out.Missions = append(out.Missions, x.mission)
			}
			return yield(out)
		})
	})
	if err != nil {
		return "", fileError("missions", err)
	}
	return counted(n, "mission", "missions"), nil
}

func (im *importing) mission(c cells) missionRow {
	x := missionRow{line: c.line}
	x.mission, x.err = im.readMission(&c)
	return x
}

func (im *importing) readMission(c *cells) (tracker.Mission, error) {
	refuse := func(field, detail string) (tracker.Mission, error) {
		return tracker.Mission{}, &tracker.FieldError{Field: field, Code: "invalid", Detail: detail}
	}
	m := tracker.Mission{
		ID: tracker.NewID(), Code: c.of("code"), Version: 1, DutyPhone: c.of("duty_phone"),
		Names: tracker.Names{KK: c.of("name_kk"), RU: c.of("name_ru"), EN: c.of("name_en")},
	}
	switch {
	case !missionCode.MatchString(m.Code):
		return refuse("code", "is not 1 to 20 of A-Z 0-9 _ -")
	case m.Names == tracker.Names{}:
		return refuse("name_en", "a name is needed in at least one language")
	case m.DutyPhone == "" || len(m.DutyPhone) > 60:
		return refuse("duty_phone", "is needed, at most 60 bytes: it is what other posts are told")
	}
	for _, code := range strings.Split(c.of("countries"), ";") {
		if code = strings.TrimSpace(code); code == "" {
			continue
		}
		if _, ok := im.world.Country(code); !ok {
			return refuse("countries", fmt.Sprintf("%q is not the code of a country", code))
		}
		if !slices.Contains(m.Countries, code) {
			m.Countries = append(m.Countries, code)
		}
	}
	if text := c.of("area_wkt"); text != "" {
		area, err := areaOf(text)
		if err != nil {
			return refuse("area_wkt", err.Error())
		}
		m.Area = area
	}
	if len(m.Countries) == 0 && len(m.Area) == 0 {
		return refuse("countries", "countries or an area are needed")
	}
	for i := range im.ref.missions {
		if old := &im.ref.missions[i]; old.Code == m.Code {
			m.ID, m.Version = old.ID, old.Version+1
		}
	}
	return m, nil
}

// areaOf reads a POLYGON or MULTIPOLYGON under the rules that hold for zones.
func areaOf(text string) (orb.MultiPolygon, error) {
	g, err := wkt.Unmarshal(text)
	if err != nil {
		return nil, errors.New("is not WKT")
	}
	var mp orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		mp = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		mp = g
	default:
		return nil, fmt.Errorf("is a %s, not a polygon", g.GeoJSONType())
	}
	if len(mp) == 0 {
		return nil, errors.New("is empty")
	}
	if mp, err = geo.Normalize(mp); err != nil {
		return nil, err
	}
	return mp, geo.Validate(mp)
}
